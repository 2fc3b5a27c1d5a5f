package org.keymoot.party.directory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.Credential;
import org.keymoot.access.Decision;
import org.keymoot.access.Kms;
import org.keymoot.access.Principal;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.platform.store.Store;
import org.keymoot.platform.store.StoreOptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Lists at a party that holds as many keys as an account may have.
@Tag("slow")
@Timeout(300)
class ManyKeysTest {
    private static final int KEYS = 100_000;
    private static final Duration LIMIT = Duration.ofMillis(50);
    private static final String ACCOUNT = "123456789012";
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final byte[] SIGNATURE = new byte[32];

    @TempDir
    Path folder;

    @Test
    void listsAHundredThousandKeysWithAliasesInPagesOfAtMostFiftyMilliseconds() throws Exception {
        try (Store store =
                Store.open(StoreOptions.of(folder.resolve("party.db"), "db/migration/party"), (what, failure) -> {})) {
            fill(store);
            ReplicatedDirectory directory = directory(store);
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            for (String request : List.of("ListKeys {\"Limit\":1000", "ListAliases {\"Limit\":100")) {
                String[] parts = request.split(" ");
                String list = parts[0].equals("ListKeys") ? "Keys" : "Aliases";
                List<Long> times = new ArrayList<>();
                int seen = 0;
                String marker = "";
                do {
                    SignedRequest signed =
                            signed(parts[0], parts[1] + (marker.isEmpty() ? "}" : ",\"Marker\":\"" + marker + "\"}"));
                    // The time of this thread on a processor: other work of the machine does not count.
                    long begun = threads.getCurrentThreadCpuTime();
                    Decision decision = directory.read(view -> Kms.decide(signed, view, NOW));
                    times.add(threads.getCurrentThreadCpuTime() - begun);
                    JsonNode page = JsonMapper.shared().readTree(((Decision.Answer) decision).json());
                    seen += page.path(list).size();
                    marker = page.path("NextMarker").asString("");
                } while (!marker.isEmpty());
                assertThat(seen).isEqualTo(KEYS);
                times.sort(Long::compare);
                long median = times.get(times.size() / 2);
                long slow = times.get(times.size() * 99 / 100);
                System.out.printf(
                        "%s: %d pages, median %.1f ms, 99th percentile %.1f ms%n",
                        parts[0], times.size(), median / 1e6, slow / 1e6);
                assertThat(Duration.ofNanos(median)).as(parts[0]).isLessThan(LIMIT);
            }
            long begun = threads.getCurrentThreadCpuTime();
            String one = key(KEYS / 2);
            Decision decision =
                    directory.read(view -> Kms.decide(signed("ListAliases", "{\"KeyId\":\"" + one + "\"}"), view, NOW));
            assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - begun))
                    .isLessThan(LIMIT);
            assertThat(((Decision.Answer) decision).json()).contains("alias/a%06d".formatted(KEYS / 2));
        }
    }

    private static String key(int i) {
        return "%08x-0000-4000-8000-000000000000".formatted(i * 40_503L & 0xffff_ffffL);
    }

    private static void fill(Store store) {
        String policy = "{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\","
                + "\\\"Principal\\\":{\\\"AWS\\\":\\\"arn:aws:iam::123456789012:root\\\"},\\\"Action\\\":\\\"kms:*\\\","
                + "\\\"Resource\\\":\\\"*\\\"}]}";
        String record = "{\"created\":1,\"description\":\"\",\"parties\":3,\"policy\":\"" + policy
                + "\",\"publicKey\":\"MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY=\","
                + "\"request\":\"r\",\"spec\":\"ECC_NIST_P256\",\"state\":\"Enabled\",\"tags\":{},\"threshold\":2}";
        store.write(sql -> {
            for (int i = 0; i < KEYS; i++) {
                insert(sql, "key/" + ACCOUNT + "/us-east-1/" + key(i), record);
                insert(
                        sql,
                        "alias/" + ACCOUNT + "/us-east-1/a%06d".formatted(i),
                        "{\"created\":1,\"request\":\"r\",\"target\":\"" + key(i) + "\",\"updated\":1}");
            }
            return 0;
        });
    }

    private static void insert(org.jooq.DSLContext sql, String name, String json) {
        sql.execute(
                "insert into register (name, version, value, live) values (?, 1, ?, 1)", name, json.getBytes(UTF_8));
    }

    private static ReplicatedDirectory directory(Store store) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        Credential root = new Credential() {
            @Override
            public Principal principal() {
                return Principal.root(ACCOUNT);
            }

            @Override
            public boolean active() {
                return true;
            }

            @Override
            public byte[] sign(CredentialScope scope, byte[] stringToSign) {
                return SIGNATURE.clone();
            }
        };
        return new ReplicatedDirectory(
                1,
                3,
                2,
                store,
                new Runs(store),
                id -> root,
                TestCluster.NO_SECRETS,
                new OwnCertificate(TestCluster.certificate(generator.generateKeyPair(), "party-1")),
                (entry, freshness) -> {},
                new Alone());
    }

    private static SignedRequest signed(String action, String body) {
        String signed = "content-type;host;x-amz-date;x-amz-target";
        return new SignedRequest(
                "POST",
                "/",
                Arrays.asList(
                        new SignedRequest.Header("content-type", "application/x-amz-json-1.1"),
                        new SignedRequest.Header("host", "localhost"),
                        new SignedRequest.Header("x-amz-date", "20261122T120000Z"),
                        new SignedRequest.Header("x-amz-target", "TrentService." + action),
                        new SignedRequest.Header(
                                "authorization",
                                "AWS4-HMAC-SHA256 Credential=AKIAROOT/20261122/us-east-1/kms/aws4_request, SignedHeaders="
                                        + signed + ", Signature="
                                        + HexFormat.of().formatHex(SIGNATURE))),
                body.getBytes(UTF_8),
                "127.0.0.1");
    }

    /// Reads need a certificate of this party's, and nothing is signed with it.
    record OwnCertificate(X509Certificate own) implements PartyCertificates {
        @Override
        public byte[] sign(byte[] statement) {
            throw new AssertionError("nothing is signed here");
        }

        @Override
        public int party(X509Certificate certificate) {
            throw new AssertionError("nothing is checked here");
        }
    }

    static final class Alone implements Voters.Peers {
        @Override
        public List<Integer> others() {
            return List.of();
        }

        @Override
        public byte[] call(int party, String method, byte[] body, Duration timeout) throws Voters.Unreachable {
            throw new Voters.Unreachable(party, "there is nobody else", null);
        }
    }
}
