package org.keymoot.cli;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.ethereum.EthereumSigner;
import org.keymoot.cli.web3signer.Web3Signer;
import org.keymoot.cli.web3signer.Web3SignerConfig;
import org.keymoot.platform.config.ConfigException;
import org.keymoot.platform.config.ConfigLoader;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.http.HttpOptions;
import org.keymoot.platform.http.HttpServer;
import org.keymoot.platform.http.HttpTls;
import org.keymoot.platform.tls.Pem;
import org.keymoot.platform.tls.PublicTls;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Groups the commands of the web3signer listener.
@Command(
        name = "web3signer",
        description = "Offer web3signer's eth1 signing API with keys of a KMS endpoint.",
        subcommands = Web3SignerCommand.Run.class,
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot web3signer run --config /etc/keymoot/web3signer.yaml",
            "",
        })
final class Web3SignerCommand extends BaseCommand {
    /// Listens in this process.
    @Command(
            name = "run",
            description = "Run the listener until it is told to stop.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot web3signer run --config /etc/keymoot/web3signer.yaml",
                "",
            })
    static final class Run extends BaseCommand {
        @Mixin
        EndpointOption endpoint = new EndpointOption();

        @Option(names = "--config", required = true, paramLabel = "FILE", description = "The settings, YAML.")
        Path config = Path.of("");

        @Override
        public Integer call() throws IOException, InterruptedException {
            Web3SignerConfig settings = settings();
            try (KmsClient kms = endpoint.connect();
                    HttpServer server = start(settings, kms)) {
                CountDownLatch end = new CountDownLatch(1);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    server.close();
                    end.countDown();
                }));
                output.result(
                        out(),
                        Map.of("address", server.address().toString()),
                        () -> "web3signer ready at " + server.address());
                end.await();
            }
            return ExitCode.OK.code();
        }

        private Web3SignerConfig settings() throws IOException {
            try {
                return new ConfigLoader(Map.of(), Set.of())
                        .load(Web3SignerConfig.class, config)
                        .value();
            } catch (ConfigException e) {
                throw new CliFailure(ExitCode.USAGE, String.join("; ", e.problems()), "correct " + config, e);
            }
        }
    }

    /// Begins to listen with the keys that the settings name.
    static HttpServer start(Web3SignerConfig settings, KmsClient kms) throws IOException {
        List<EthereumSigner> signers = new ArrayList<>();
        for (String key : settings.keys()) {
            signers.add(EthereumSigner.open(kms, key));
        }
        byte[] token =
                settings.tokenFile().isPresent() ? token(settings.tokenFile().get()) : null;
        HttpOptions options = HttpOptions.plain("web3signer", settings.listen().resolve());
        if (settings.tls().isPresent()) {
            options = options.withTls(tls(settings.tls().get()));
        }
        BigInteger chain = settings.chainId() == 0 ? null : BigInteger.valueOf(settings.chainId());
        return HttpServer.start(
                options,
                new Web3Signer(signers, chain, token, settings.leaseHolder().orElse(null), InstantSource.system()));
    }

    private static byte @Nullable [] token(Path file) throws IOException {
        String text = new String(PrivateFiles.read(file), StandardCharsets.UTF_8).strip();
        if (text.length() < 32) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "the token in %s has fewer than 32 characters".formatted(file),
                    "make one with: openssl rand -hex 32");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static HttpTls tls(Web3SignerConfig.Tls files) throws IOException {
        if (files.clientRoots().isEmpty()) {
            return HttpTls.server(PublicTls.server(files.certificate(), files.key()));
        }
        try {
            char[] none = new char[0];
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, none);
            own.setKeyEntry(
                    "server",
                    Pem.privateKey(files.key()),
                    none,
                    Pem.certificates(files.certificate()).toArray(Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, none);
            KeyStore roots = KeyStore.getInstance("PKCS12");
            roots.load(null, none);
            int count = 0;
            for (X509Certificate root : Pem.certificates(files.clientRoots().get())) {
                roots.setCertificateEntry("root-" + count++, root);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(roots);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
            return HttpTls.mutual(context);
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificates make no TLS listener: " + e.getMessage(), e);
        }
    }
}
