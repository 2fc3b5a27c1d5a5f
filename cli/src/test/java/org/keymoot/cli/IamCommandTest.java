package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.Service;
import org.keymoot.access.TestIssuer;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.aws.AwsSettings;
import org.keymoot.cli.aws.IamClient;
import org.keymoot.cli.aws.KmsClient;

class IamCommandTest {
    @TempDir
    Path folder = Path.of("");

    private WholeKeyKms kms;
    private IamClient iam;

    @BeforeEach
    void start() throws IOException {
        kms = new WholeKeyKms(folder);
        AwsSettings settings = new AwsSettings(Map.of(), "test");
        iam = new IamClient(
                settings.endpoint(null),
                settings.region(null),
                settings.credentials(true),
                null,
                java.time.InstantSource.system());
    }

    @AfterEach
    void stop() {
        iam.close();
        kms.close();
    }

    private void user(String name) {
        iam.call(Service.IAM, "CreateUser", Map.of("UserName", name));
        iam.call(
                Service.IAM,
                "PutUserPolicy",
                Map.of(
                        "UserName",
                        name,
                        "PolicyName",
                        "p",
                        "PolicyDocument",
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"kms:List*\","
                                + "\"Resource\":\"*\"}]}"));
    }

    private static CommandRun create(String... more) {
        String[] line = new String[more.length + 5];
        System.arraycopy(new String[] {"iam", "create-access-key", "--asymmetric", "--profile", "test"}, 0, line, 0, 5);
        System.arraycopy(more, 0, line, 5, more.length);
        return CommandRun.of(line);
    }

    @Test
    void makesAKeyWhoseSecretNoPartyIsTold() throws IOException {
        user("agent");
        Path file = folder.resolve("agent.credentials");
        CommandRun run = create("--user-name", "agent", "--save", file.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String secret =
                Files.readString(file).lines().toList().getLast().substring("aws_secret_access_key = ".length());
        assertThat(secret).hasSize(40);
        assertThat(run.out()).doesNotContain(secret);
        kms.directory
                .registers()
                .values()
                .forEach(value -> assertThat(value.json()).doesNotContain(secret));

        // The profile signs with the key pair.
        AwsSettings settings = new AwsSettings(Map.of("AWS_SHARED_CREDENTIALS_FILE", file.toString()), "agent");
        try (KmsClient client = new KmsClient(
                settings.endpoint(null),
                settings.region(null),
                settings.credentials(true),
                null,
                java.time.InstantSource.system())) {
            assertThat(client.list("ListKeys", Map.of(), "Keys")).isEmpty();
        }
        // With a MAC the same secret is worth nothing.
        AwsSettings byMac = new AwsSettings(
                Map.of("AWS_SHARED_CREDENTIALS_FILE", file.toString(), "AWS_AUTH_SCHEME_PREFERENCE", "sigv4"), "agent");
        try (KmsClient client = new KmsClient(
                byMac.endpoint(null),
                byMac.region(null),
                byMac.credentials(true),
                null,
                java.time.InstantSource.system())) {
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> client.call("ListKeys", Map.of()))
                    .isInstanceOfSatisfying(
                            AwsCallFailure.class, e -> assertThat(e.type()).isEqualTo("InvalidSignatureException"));
        }
    }

    @Test
    void showsTheSecretOnceWithoutAFile() {
        user("agent");
        CommandRun run = create("--user-name", "agent", "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().path("accessKeyId").stringValue()).startsWith("AKIA");
        assertThat(run.json().path("secretAccessKey").stringValue()).hasSize(40);
    }

    @Test
    void leavesNoFileWhenTheKeyIsRefusedAndOverwritesNone() throws IOException {
        Path file = folder.resolve("nobody.credentials");
        CommandRun refused = create("--user-name", "nobody", "--save", file.toString());
        assertThat(refused.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(refused.err()).contains("NoSuchEntity");
        assertThat(file).doesNotExist();
        Files.writeString(file, "mine");
        assertThat(create("--user-name", "nobody", "--save", file.toString()).exitCode())
                .isEqualTo(ExitCode.CONFLICT.code());
        assertThat(file).hasContent("mine");
    }

    private static CommandRun keys(String... more) {
        String[] line = new String[more.length + 4];
        System.arraycopy(new String[] {"iam", "oidc-keys", "--profile", "test"}, 0, line, 0, 4);
        System.arraycopy(more, 0, line, 4, more.length);
        return CommandRun.of(line);
    }

    @Test
    void fetchesTheKeysThatAnIssuerPublishesAndHandsThemOver() throws Exception {
        TestIssuer keys = new TestIssuer("ES256", "k1");
        try (Issuer issuer = new Issuer(folder, keys.keySet())) {
            CommandRun missing = keys("--issuer", issuer.url(), "--ca", issuer.certificate.toString());
            assertThat(missing.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
            assertThat(missing.err()).contains("aws iam create-open-id-connect-provider");
            iam.call(
                    Service.IAM,
                    "CreateOpenIDConnectProvider",
                    Map.of("Url", issuer.url(), "ClientIDList.member.1", "sts.amazonaws.com"));
            CommandRun run = keys("--issuer", issuer.url(), "--ca", issuer.certificate.toString(), "--json");
            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.json().path("keys").intValue()).isOne();
            // A server that the system does not trust, and a document of somebody else.
            assertThat(keys("--issuer", issuer.url()).exitCode()).isEqualTo(ExitCode.RETRY_LATER.code());
            issuer.named = "https://elsewhere.example.org";
            assertThat(keys("--issuer", issuer.url(), "--ca", issuer.certificate.toString())
                            .exitCode())
                    .isEqualTo(ExitCode.INTEGRITY.code());
        }
        Path file = folder.resolve("keys.json");
        Files.writeString(file, "{\"keys\":[]}");
        assertThat(keys("--issuer", "https://x.example.org", "--jwks", file.toString())
                        .exitCode())
                .isEqualTo(ExitCode.USAGE.code());
        assertThat(keys("--issuer", "http://x.example.org").exitCode()).isEqualTo(ExitCode.USAGE.code());
    }

    /// A provider on this machine, with a certificate of its own.
    private static final class Issuer implements AutoCloseable {
        final Path certificate;
        volatile String named = "";
        private final HttpsServer server;

        Issuer(Path folder, String keySet) throws Exception {
            Path store = folder.resolve("issuer.p12");
            keytool(List.of(
                    "-genkeypair",
                    "-alias",
                    "issuer",
                    "-keyalg",
                    "EC",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    "changeit",
                    "-dname",
                    "CN=localhost",
                    "-ext",
                    "SAN=dns:localhost",
                    "-validity",
                    "2"));
            certificate = folder.resolve("issuer.pem");
            keytool(List.of(
                    "-exportcert",
                    "-alias",
                    "issuer",
                    "-rfc",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    "changeit",
                    "-file",
                    certificate.toString()));
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, "changeit".toCharArray());
            }
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, "changeit".toCharArray());
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(managers.getKeyManagers(), null, null);
            server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(tls));
            named = url();
            server.createContext("/", exchange -> {
                String path = exchange.getRequestURI().getPath();
                String body = path.equals("/id/.well-known/openid-configuration")
                        ? "{\"issuer\":\"" + named + "\",\"jwks_uri\":\"" + url() + "/keys\"}"
                        : path.equals("/id/keys") ? keySet : "";
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(bytes.length == 0 ? 404 : 200, bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes);
                exchange.close();
            });
            server.start();
        }

        private static void keytool(List<String> arguments) throws Exception {
            List<String> line = new java.util.ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
            line.addAll(arguments);
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        }

        String url() {
            return "https://localhost:" + server.getAddress().getPort() + "/id";
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
