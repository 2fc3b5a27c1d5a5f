package org.keymoot.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.party.store.NodeStore;
import org.keymoot.party.store.Owner;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.seal.KeyRing;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.testkit.cluster.RunningCluster;
import org.keymoot.testkit.cluster.Shell;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KmsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Known secrets are looked for wherever they must not be, while everything talks as much as it can.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CanaryTest {
    private static final List<String> PROCESSES = List.of("endpoint", "party-1", "party-2", "party-3");
    private static final int SHARE_BYTES = 32;

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static KmsClient kms;
    private static String secret = "";
    private static String key = "";

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"), Map.of("KEYMOOT_LOG_LEVEL", "TRACE"));
        kms = cluster.client();
        secret = cluster.secretAccessKey();
        key = Client.createKey(kms, KeySpec.ECC_SECG_P256_K1);
        String other = Client.createKey(kms, KeySpec.ECC_NIST_EDWARDS25519);
        for (int i = 0; i < 5; i++) {
            Client.signPatiently(kms, key, KeySpec.ECC_SECG_P256_K1, Client.message("message " + i));
            Client.signPatiently(kms, other, KeySpec.ECC_NIST_EDWARDS25519, Client.message("message " + i));
        }
        assertThatThrownBy(() -> Client.sign(kms, "no-such-key", KeySpec.ECC_SECG_P256_K1, new byte[1]))
                .isInstanceOf(KmsException.class);
        assertThatThrownBy(() -> Client.sign(kms, key, KeySpec.ECC_NIST_EDWARDS25519, new byte[1]))
                .isInstanceOf(KmsException.class);
        Wire wire = new Wire(cluster.endpoint());
        Signer4 wrong = new Signer4(accessKeyId(), secret + "x", wire.authority());
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        assertThat(wire.post("/", wrong.headers("ListKeys", body, java.time.Instant.now()), body)
                        .status())
                .isEqualTo(400);
        Shell.keymoot("status", "--data", cluster.data().toString());
        Shell.keymoot("audit", "verify", "--data", cluster.data().toString()).mustSucceed();
    }

    @AfterAll
    static void stop() throws Exception {
        kms.close();
        cluster.close();
    }

    @Test
    void theLogsAreAsTalkativeAsTheyGet() throws Exception {
        String log = Files.readString(cluster.data().resolve("logs/party-1.log"));
        assertThat(log).contains("\"level\":\"DEBUG\"");
    }

    @Test
    void theSecretAccessKeyLiesOnlyInTheDocumentedFiles() throws Exception {
        TreeSet<String> holders = new TreeSet<>();
        try (Stream<Path> files = Files.walk(cluster.data())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                if (content.contains(secret)) {
                    holders.add(cluster.data().relativize(file).toString());
                }
            }
        }
        assertThat(holders)
                .containsExactly(
                        "aws-credentials", "party-1/access-keys", "party-2/access-keys", "party-3/access-keys");
    }

    @Test
    void noProcessShowsTheSecretAccessKeyInItsArgumentsEnvironmentMetricsOrHealth() throws Exception {
        for (String process : PROCESSES) {
            Path proc = Path.of("/proc", Long.toString(cluster.pid(process)));
            for (String file : List.of("cmdline", "environ")) {
                assertThat(Files.readString(proc.resolve(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain(secret);
            }
        }
        JsonNode settings = settings();
        int portBase = settings.path("portBase").intValue();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int port : new int[] {portBase + 1, portBase + 11, portBase + 21, portBase + 31}) {
                for (String page : List.of("/metrics", "/health")) {
                    HttpResponse<String> answer = http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, page)))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
                    assertThat(answer.body()).isNotEmpty().doesNotContain(secret);
                }
            }
        }
    }

    @Test
    void theEndpointsMemoryHoldsNoSecretAccessKeyAndNoShare() throws Exception {
        Map<String, byte[]> needles = new TreeMap<>(ProcessMemory.textNeedles("secret access key", secret));
        for (int party = 1; party <= 3; party++) {
            needles.putAll(shareNeedles(party));
        }
        // What the endpoint does hold shows that the search finds what is there.
        needles.putAll(ProcessMemory.textNeedles("access key id", accessKeyId()));
        List<ProcessMemory.Hit> hits = ProcessMemory.find(cluster.pid("endpoint"), needles);
        assertThat(hits).anyMatch(hit -> hit.needle().startsWith("access key id"));
        assertThat(hits).allMatch(hit -> hit.needle().startsWith("access key id"));
    }

    @Test
    void aPartyHoldsItsOwnShareOutsideTheJavaHeapOnlyAndNoOtherPartysShare() throws Exception {
        for (int party = 1; party <= 3; party++) {
            Map<String, byte[]> needles = new TreeMap<>();
            for (int owner = 1; owner <= 3; owner++) {
                needles.putAll(shareNeedles(owner));
            }
            List<ProcessMemory.Hit> hits = ProcessMemory.find(cluster.pid("party-" + party), needles);
            System.out.printf("memory of party %d: %s%n", party, hits);
            int self = party;
            assertThat(hits).allMatch(hit -> hit.needle().startsWith("share of " + self));
            assertThat(hits).noneMatch(ProcessMemory.Hit::inJavaHeap);
        }
    }

    @Test
    void aPartysMemoryKeepsNoCopyOfTheSecretAccessKey() throws Exception {
        for (int party = 1; party <= 3; party++) {
            List<ProcessMemory.Hit> hits = ProcessMemory.find(
                    cluster.pid("party-" + party), ProcessMemory.textNeedles("secret access key", secret));
            System.out.printf("memory of party %d: %s%n", party, hits);
            assertThat(hits).isEmpty();
        }
    }

    private static String accessKeyId() throws IOException, InterruptedException {
        return cluster.environment().path("AWS_ACCESS_KEY_ID").stringValue();
    }

    private static JsonNode settings() throws IOException {
        return JsonMapper.shared().readTree(cluster.data().resolve("dev.json").toFile());
    }

    /// A party's share of the key in both byte orders, opened from a copy of its store with its sealing key.
    private static Map<String, byte[]> shareNeedles(int party) throws Exception {
        Path copy = Files.createTempDirectory(folder, "copy");
        Path home = cluster.data().resolve("party-" + party);
        try (Stream<Path> files = Files.list(home.resolve("data"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(
                        file,
                        copy.resolve(file.getFileName().toString()),
                        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        SecureRandom random = new SecureRandom();
        Owner owner = new Owner(settings().path("clusterId").stringValue(), party, false);
        try (NodeStore store = NodeStore.open(
                        copy,
                        owner,
                        new Sealer(KeyRing.load(home.resolve("seal.key")), random),
                        Clock.systemUTC(),
                        random,
                        FailStop.haltingProcess());
                SecretScope scope = new SecretScope()) {
            SecretBytes row =
                    store.shares().openActive(key, 0, compressed(), scope).orElseThrow();
            byte[] all = row.segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
            byte[] share = java.util.Arrays.copyOfRange(all, all.length - SHARE_BYTES, all.length);
            List<Byte> reversed = new ArrayList<>();
            for (byte b : share) {
                reversed.addFirst(b);
            }
            byte[] other = new byte[SHARE_BYTES];
            for (int i = 0; i < SHARE_BYTES; i++) {
                other[i] = reversed.get(i);
            }
            return Map.of(
                    "share of %d, as stored".formatted(party), share, "share of %d, reversed".formatted(party), other);
        }
    }

    /// The public key as SEC 1 compresses it.
    private static byte[] compressed() throws Exception {
        ECPublicKey point = (ECPublicKey) Client.publicKey(kms, key);
        byte[] x = point.getW().getAffineX().toByteArray();
        byte[] out = new byte[33];
        out[0] = (byte) (point.getW().getAffineY().testBit(0) ? 3 : 2);
        int from = Math.max(0, x.length - 32);
        System.arraycopy(x, from, out, 33 - (x.length - from), x.length - from);
        return out;
    }
}
