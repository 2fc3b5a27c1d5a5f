package org.keymoot.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keymoot.control.ca.CertificateAuthority;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.SpiffeId;

/// Makes and brings up to date what a development cluster needs on disk: authority, certificates, credentials and the
/// configuration of each process.
///
/// It keeps true: nothing that exists is replaced, except configuration and certificates that end soon; secrets are in
/// files that their owner alone may read.
final class DevSetup {
    static final String PROFILE = "keymoot";

    private static final Duration RENEW_BEFORE_END = Duration.ofDays(30);
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private final Path data;
    private final @Nullable Integer stock;
    private final SecureRandom random = new SecureRandom();

    /// @param stock of presignatures; null for what parties keep by themselves
    DevSetup(Path data, @Nullable Integer stock) {
        this.data = data;
        this.stock = stock;
    }

    /// The settings of a cluster that was never started.
    static DevCluster fresh(int parties, int threshold) {
        SecureRandom random = new SecureRandom();
        byte[] name = new byte[4];
        random.nextBytes(name);
        StringBuilder accessKeyId = new StringBuilder("AKIA");
        random.ints(16, 0, BASE32.length()).forEach(i -> accessKeyId.append(BASE32.charAt(i)));
        return new DevCluster(
                DevCluster.FORMAT,
                "dev-" + HexFormat.of().formatHex(name),
                "123456789012",
                "us-east-1",
                "127.0.0.1",
                DevCommand.DEFAULT_PORT_BASE,
                parties,
                threshold,
                accessKeyId.toString(),
                "");
    }

    DevCluster prepare(DevCluster wanted) throws IOException {
        privateDirectory(data);
        privateDirectory(DevCluster.logs(data));
        Path authorityFolder = data.resolve("ca");
        CertificateAuthority authority = Files.exists(authorityFolder.resolve(CertificateAuthority.ROOT_FILE))
                ? CertificateAuthority.open(authorityFolder, null, InstantSource.system(), random)
                : CertificateAuthority.init(
                        authorityFolder, wanted.clusterId(), null, null, InstantSource.system(), random);
        DevCluster cluster = wanted.withCaFingerprint(authority.fingerprint().text());
        List<String> hosts = List.of("localhost", cluster.bind());
        for (int party : cluster.partyIndices()) {
            Path folder = DevCluster.party(data, party);
            identity(authority, SpiffeId.party(cluster.clusterId(), party), hosts, folder);
        }
        identity(authority, SpiffeId.endpoint(cluster.clusterId(), "dev"), hosts, endpoint());
        identity(authority, SpiffeId.operator(cluster.clusterId(), "dev"), List.of(), DevCluster.operator(data));
        credentials(cluster);
        for (int party : cluster.partyIndices()) {
            writePrivate(DevCluster.party(data, party).resolve("party.yaml"), partyConfig(cluster, party));
        }
        writePrivate(endpoint().resolve("kms.yaml"), endpointConfig(cluster));
        cluster.write(data);
        return cluster;
    }

    private Path endpoint() {
        return data.resolve("endpoint");
    }

    private void identity(CertificateAuthority authority, SpiffeId id, List<String> hosts, Path folder)
            throws IOException {
        privateDirectory(folder);
        Path chain = folder.resolve("chain.pem");
        Path key = folder.resolve("key.pem");
        if (Files.exists(chain) && endsSoon(chain, key)) {
            Files.delete(chain);
            Files.deleteIfExists(key);
        }
        if (!Files.exists(chain)) {
            Files.deleteIfExists(key);
            authority.issueToFiles(id, hosts, chain, key);
        }
        Files.copy(
                data.resolve("ca").resolve(CertificateAuthority.ROOT_FILE),
                folder.resolve("ca.pem"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean endsSoon(Path chain, Path key) throws IOException {
        return NodeIdentity.load(chain, key).notAfter().isBefore(Instant.now().plus(RENEW_BEFORE_END));
    }

    /// The root credential of the account: for AWS clients as their own kind of file, for each party as a file that it
    /// takes into its sealed store.
    private void credentials(DevCluster cluster) throws IOException {
        Path file = DevCluster.credentialsFile(data);
        if (!Files.exists(file)) {
            byte[] secret = new byte[30];
            random.nextBytes(secret);
            writePrivate(file, """
                    [%s]
                    aws_access_key_id = %s
                    aws_secret_access_key = %s
                    """.formatted(
                            PROFILE, cluster.accessKeyId(), Base64.getEncoder().encodeToString(secret)));
        }
        String line = "%s %s arn:aws:iam::%s:root active%n"
                .formatted(cluster.accessKeyId(), secretAccessKey(file), cluster.account());
        for (int party : cluster.partyIndices()) {
            writePrivate(DevCluster.party(data, party).resolve("access-keys"), line);
        }
        writePrivate(DevCluster.awsConfigFile(data), """
                [profile %s]
                region = %s
                endpoint_url = %s
                """.formatted(PROFILE, cluster.region(), cluster.endpointUrl()));
    }

    private String partyConfig(DevCluster cluster, int party) {
        Path folder = DevCluster.party(data, party);
        return """
                cluster: %s
                party: %d
                parties:
                %sreconstructionThreshold: %d
                listen: %s:%d
                metrics: %s:%d
                data: %s
                tls:
                  certificate: %s
                  key: %s
                  roots: %s
                sealKey: %s
                accessKeys: %s
                mode: development
                %s""".formatted(
                        cluster.clusterId(),
                        party,
                        partyList(cluster, "party", "address"),
                        cluster.reconstructionThreshold(),
                        cluster.bind(),
                        cluster.partyPort(party),
                        cluster.bind(),
                        cluster.metricsPort(party),
                        quoted(folder.resolve("data")),
                        quoted(folder.resolve("chain.pem")),
                        quoted(folder.resolve("key.pem")),
                        quoted(folder.resolve("ca.pem")),
                        quoted(folder.resolve("seal.key")),
                        quoted(folder.resolve("access-keys")),
                        stock == null ? "" : "stock: %d%n".formatted(stock));
    }

    private String endpointConfig(DevCluster cluster) {
        return """
                cluster: %s
                listen: %s:%d
                telemetry: %s:%d
                identity:
                  certificate: %s
                  key: %s
                  roots: %s
                parties:
                %s""".formatted(
                        cluster.clusterId(),
                        cluster.bind(),
                        cluster.portBase(),
                        cluster.bind(),
                        cluster.portBase() + 1,
                        quoted(endpoint().resolve("chain.pem")),
                        quoted(endpoint().resolve("key.pem")),
                        quoted(endpoint().resolve("ca.pem")),
                        partyList(cluster, "index", "gateway"));
    }

    private static String partyList(DevCluster cluster, String indexName, String addressName) {
        return cluster.partyIndices().stream()
                .map(index -> "  - %s: %d%n    %s: %s:%d%n"
                        .formatted(indexName, index, addressName, cluster.bind(), cluster.partyPort(index)))
                .collect(Collectors.joining());
    }

    /// A path as a double-quoted YAML scalar.
    private static String quoted(Path path) {
        return '"' + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    /// The secret in a credentials file of AWS's form.
    static String secretAccessKey(Path credentials) throws IOException {
        return Files.readAllLines(credentials).stream()
                .filter(line -> line.startsWith("aws_secret_access_key"))
                .map(line -> line.substring(line.indexOf('=') + 1).strip())
                .findFirst()
                .orElseThrow(() -> new CliFailure(
                        ExitCode.INTEGRITY,
                        "%s holds no aws_secret_access_key".formatted(credentials),
                        "restore the file, or start with a new --data directory"));
    }

    private static void privateDirectory(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    private static void writePrivate(Path file, String text) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text, StandardCharsets.UTF_8, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
