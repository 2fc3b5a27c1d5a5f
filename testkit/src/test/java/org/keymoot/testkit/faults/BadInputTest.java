package org.keymoot.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.testkit.cluster.RunningCluster;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Requests that no AWS client sends, each with a true signature where that gets it further in.
///
/// It keeps true of every one: an AWS error type, a 4xx, soon, no word of our insides, and memory that stays bounded.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
    private static final long SEED = 20_260_118;
    private static final long SLOWEST_MILLIS = 2000;
    private static final long MEMORY_GROWTH_KB = 120 * 1024;
    private static final List<String> PROCESSES = List.of("endpoint", "party-1", "party-2", "party-3");
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static KmsClient kms;
    private static Wire wire;
    private static Signer4 signer;
    private static String key = "";
    private static final List<Long> millis = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"));
        kms = cluster.client();
        wire = new Wire(cluster.endpoint());
        JsonNode environment = cluster.environment();
        signer = new Signer4(
                environment.path("AWS_ACCESS_KEY_ID").stringValue(), cluster.secretAccessKey(), wire.authority());
        key = Client.createKey(kms, KeySpec.ECC_SECG_P256_K1);
        for (int i = 0; i < 5; i++) {
            Client.signPatiently(kms, key, KeySpec.ECC_SECG_P256_K1, Client.message("warm " + i));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        millis.sort(null);
        System.out.printf(
                "bad requests %d, median %d ms, 95th percentile %d ms, slowest %d ms%n",
                millis.size(), millis.get(millis.size() / 2), millis.get(millis.size() * 95 / 100), millis.getLast());
        kms.close();
        cluster.close();
    }

    @Test
    void aSignedRequestOfThisTestIsAccepted() throws Exception {
        byte[] body = signBody("hello");
        assertThat(wire.post("/", signer.headers("Sign", body, Instant.now()), body)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void jsonThatIsNoneOrNotWhatTheActionTakes() throws Exception {
        String k = "\"KeyId\":\"" + key + "\"";
        String alg = "\"SigningAlgorithm\":\"ECDSA_SHA_256\"";
        for (String body : List.of(
                "",
                "{",
                "[]",
                "null",
                "1",
                "\"x\"",
                "{" + k,
                "{" + k + "," + k + ",\"Message\":\"aGk=\"," + alg + "}",
                "{" + k + ",\"Message\":\"aGk=\"," + alg + "}{}",
                "{" + k + ",\"Message\":7," + alg + "}",
                "{" + k + ",\"Message\":{}," + alg + "}",
                "{\"KeyId\":[]," + alg + ",\"Message\":\"aGk=\"}",
                "{\"KeyId\":true," + alg + ",\"Message\":\"aGk=\"}",
                "{" + k + ",\"Message\":\"not base64!\"," + alg + "}",
                "{" + k + ",\"Message\":NaN," + alg + "}",
                "{" + k + ",\"Message\":1e999999999," + alg + "}",
                "{" + k + ",\"Message\":" + "9".repeat(100_000) + "," + alg + "}",
                "{" + k + ",\"Message\":\"\\ud800\"," + alg + "}",
                "[".repeat(100_000),
                "{\"a\":".repeat(100_000),
                "{" + k + ",\"Message\":" + "[".repeat(100_000) + "]".repeat(100_000) + "," + alg + "}")) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            refusedWith(
                    post("Sign", bytes),
                    "SerializationException|ValidationException",
                    body.substring(0, Math.min(60, body.length())));
        }
        byte[] invalidUtf8 =
                ("{" + k + ",\"Message\":\"aGk=\"," + alg + ",\"x\":\"~\"}").getBytes(StandardCharsets.UTF_8);
        invalidUtf8[invalidUtf8.length - 3] = (byte) 0xff;
        refusedWith(post("Sign", invalidUtf8), "SerializationException|ValidationException", "invalid UTF-8");
        refusedWith(post("Nonsense", signBody("x")), "UnknownOperationException", "unknown action");
        refusedWith(
                post("ConnectCustomKeyStore", "{\"CustomKeyStoreId\":\"cks-1\"}".getBytes(StandardCharsets.UTF_8)),
                "UnsupportedOperationException",
                "an action of AWS's own hardware");
    }

    @Test
    void clocksThatAreWrongAndSignaturesThatHaveExpired() throws Exception {
        byte[] body = signBody("late");
        for (long minutes : new long[] {-16, 16}) {
            Instant at = Instant.now().plus(Duration.ofMinutes(minutes));
            refusedWith(
                    wire.post("/", signer.headers("Sign", body, at), body),
                    "InvalidSignatureException",
                    "clock off by " + minutes);
        }
        Map<String, String> headers = presignedHeaders();
        String expired = signer.presigned("Sign", body, Instant.now().minusSeconds(120), 60);
        refusedWith(wire.post(expired, headers, body), "InvalidSignatureException", "presigned, expired");
        String current = signer.presigned("Sign", body, Instant.now(), 60);
        assertThat(wire.post(current, headers, body).status()).isEqualTo(200);
        refusedWith(
                wire.post(current, headers, signBody("other")), "InvalidSignatureException", "presigned, other body");
    }

    @Test
    void coverageThatLeavesSomethingOutAndSessionTokens() throws Exception {
        byte[] body = signBody("uncovered");
        Map<String, String> covered = new LinkedHashMap<>();
        covered.put("Host", wire.authority());
        covered.put("Content-Type", "application/x-amz-json-1.1");
        Map<String, String> target = Map.of("X-Amz-Target", "TrentService.Sign");
        refusedWith(
                wire.post("/", signer.signed(covered, target, body, Instant.now()), body),
                "InvalidSignatureException",
                "unsigned target");
        covered.putAll(target);
        refusedWith(
                wire.post("/", signer.signed(covered, Map.of("X-Amz-Security-Token", "t"), body, Instant.now()), body),
                "UnrecognizedClientException|InvalidSignatureException",
                "unsigned session token");
        covered.put("X-Amz-Security-Token", "session");
        refusedWith(
                wire.post("/", signer.signed(covered, Map.of(), body, Instant.now()), body),
                "UnrecognizedClientException",
                "session token");
        covered.remove("X-Amz-Security-Token");
        covered.put("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD");
        refusedWith(
                wire.post("/", signer.signed(covered, Map.of(), body, Instant.now()), body),
                "InvalidSignatureException",
                "unsigned payload");
        covered.remove("X-Amz-Content-SHA256");
        covered.remove("Host");
        refusedWith(
                wire.post("/", signer.signed(covered, Map.of("Host", wire.authority()), body, Instant.now()), body),
                "InvalidSignatureException",
                "unsigned host");
        Signer4 stranger = new Signer4("AKIAAAAAAAAAAAAAAAAA", "no such secret", wire.authority());
        refusedWith(
                wire.post("/", stranger.headers("Sign", body, Instant.now()), body),
                "UnrecognizedClientException",
                "unknown access key");
    }

    @Test
    void aFlippedByteAnywhereInASignedRequest() throws Exception {
        Random random = new Random(SEED);
        byte[] body = signBody("flip");
        Map<String, String> headers = signer.headers("Sign", body, Instant.now());
        String head = Wire.head("/", headers, "Content-Length: " + body.length);
        // A longer length would only wait for a body that does not come.
        int length = head.indexOf("Content-Length:");
        int covered = head.indexOf("Connection:");
        for (int i = 0; i < 120; i++) {
            byte[] flippedHead = head.getBytes(StandardCharsets.ISO_8859_1);
            byte[] flippedBody = body.clone();
            int at = random.nextInt(covered + body.length);
            int bit = 1 << random.nextInt(7);
            if (at < covered) {
                flippedHead[at] ^= (byte) bit;
            } else {
                flippedBody[at - covered] ^= (byte) bit;
            }
            String sent = new String(flippedHead, StandardCharsets.ISO_8859_1);
            if (at < covered && (at >= length || meaning(head).equals(meaning(sent)))) {
                continue;
            }
            Wire.Answer answer = wire.send(sent, out -> out.write(flippedBody));
            refusedWith(answer, ".*", "flipped bit %d of byte %d: %s".formatted(bit, at, near(sent, at)));
        }
    }

    /// What a head says, without what carries no meaning: the minor version, the case of a header's name, the space
    /// around its value.
    private static List<String> meaning(String head) {
        String[] lines = head.split("\r\n");
        List<String> meaning = new ArrayList<>();
        meaning.add(lines[0].replace("HTTP/1.0", "HTTP/1.1"));
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            meaning.add(
                    colon < 0
                            ? lines[i]
                            : lines[i].substring(0, colon).toLowerCase(java.util.Locale.ROOT) + ":"
                                    + lines[i].substring(colon + 1).strip());
        }
        return meaning;
    }

    private static String near(String text, int at) {
        return at >= text.length() ? "body" : text.substring(Math.max(0, at - 10), Math.min(text.length(), at + 10));
    }

    @Test
    void aReplayedCreateKeyNamesTheSameKeyAndMakesNoSecond() throws Exception {
        byte[] body = "{\"KeySpec\":\"ECC_SECG_P256K1\",\"KeyUsage\":\"SIGN_VERIFY\"}".getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = signer.headers("CreateKey", body, Instant.now());
        Wire.Answer first = wire.post("/", headers, body);
        int keys = kms.listKeys().keys().size();
        for (int i = 0; i < 4; i++) {
            Wire.Answer again = wire.post("/", headers, body);
            assertThat(again.status()).isEqualTo(200);
            assertThat(keyIdOf(again)).isEqualTo(keyIdOf(first));
        }
        assertThat(kms.listKeys().keys()).hasSize(keys);
    }

    @Test
    void aReplayedSignGivesAValidSignatureOfTheSameMessageAndNothingElse() throws Exception {
        byte[] body = signBody("again");
        Map<String, String> headers = signer.headers("Sign", body, Instant.now());
        List<String> nonces = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Wire.Answer answer = wire.post("/", headers, body);
            assertThat(answer.status()).isEqualTo(200);
            byte[] signature = java.util.Base64.getDecoder()
                    .decode(JSON.readTree(answer.body()).path("Signature").stringValue());
            assertThat(Client.verifies(
                            Client.publicKey(kms, key), KeySpec.ECC_SECG_P256_K1, Client.message("again"), signature))
                    .isTrue();
            nonces.add(Client.nonceOf(signature));
        }
        assertThat(nonces).doesNotHaveDuplicates();
    }

    @Test
    void bodiesThatLieAboutTheirSizeLeaveMemoryBounded() throws Exception {
        List<Long> before = memory();
        byte[] body = signBody("size");
        Map<String, String> headers = signer.headers("Sign", body, Instant.now());
        for (int i = 0; i < 20; i++) {
            refusedWith(
                    wire.send(Wire.head("/", headers, "Content-Length: 1000000000000"), out -> out.write(body)),
                    "RequestEntityTooLargeException",
                    "a length of a terabyte");
            refusedWith(
                    wire.send(Wire.head("/", headers, "Transfer-Encoding: chunked"), out -> {
                        out.write("40000000\r\n".getBytes(StandardCharsets.ISO_8859_1));
                        byte[] piece = new byte[1 << 16];
                        for (int n = 0; n < 64; n++) {
                            out.write(piece);
                        }
                    }),
                    "RequestEntityTooLargeException",
                    "a chunk of a gigabyte");
            byte[] zipped = gzip(new byte[8 << 20]);
            Map<String, String> zippedHeaders = new LinkedHashMap<>(signer.headers("Sign", zipped, Instant.now()));
            zippedHeaders.put("Content-Encoding", "gzip");
            refusedWith(wire.post("/", zippedHeaders, zipped), ".*", "gzip");
            byte[] large = ("{\"KeyId\":\"" + "x".repeat(900_000) + "\"}").getBytes(StandardCharsets.UTF_8);
            refusedWith(post("Sign", large), ".*", "nearly a megabyte");
        }
        Wire.Answer cut = wire.send(Wire.head("/", headers, "Transfer-Encoding: chunked"), out -> {
            out.write("10\r\nabc\r\n0\r\n\r\nxxxxxxxxxxxxxxxx\r\n".getBytes(StandardCharsets.ISO_8859_1));
        });
        refusedWith(cut, ".*", "a broken chunk");
        List<Long> after = memory();
        System.out.printf("resident kB of %s before %s, after %s%n", PROCESSES, before, after);
        for (int i = 0; i < before.size(); i++) {
            assertThat(after.get(i) - before.get(i)).as(PROCESSES.get(i)).isLessThan(MEMORY_GROWTH_KB);
        }
    }

    @Test
    void whatIsHardlyHttp() throws Exception {
        byte[] body = signBody("http");
        Map<String, String> headers = signer.headers("Sign", body, Instant.now());
        String good = Wire.head("/", headers, "Content-Length: " + body.length);
        refusedWith(wire.send(good.replace("HTTP/1.1", "HTTP/9.9"), out -> out.write(body)), ".*", "HTTP/9.9");
        refusedWith(wire.send(good.replace("POST /", "POST //"), out -> out.write(body)), ".*", "another path");
        refusedWith(wire.send(good.replace("POST", "PUT"), out -> out.write(body)), ".*", "another method");
        refusedWith(
                wire.send(
                        Wire.head("/", headers, "Content-Length: 3", "Transfer-Encoding: chunked"),
                        out -> out.write(body)),
                ".*",
                "two lengths");
        refusedWith(
                wire.send(Wire.head("/", headers, "Transfer-Encoding: pigeon"), out -> out.write(body)),
                ".*",
                "an unknown transfer encoding");
        for (String name : List.of("X-Amz-Date", "Authorization", "X-Amz-Target", "Host")) {
            refusedWith(
                    wire.send(
                            good.replace("Connection:", name + ": " + headers.get(name) + "\r\nConnection:"),
                            out -> out.write(body)),
                    ".*",
                    "twice " + name);
        }
    }

    private static byte[] signBody(String message) {
        String encoded = java.util.Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.UTF_8));
        return "{\"KeyId\":\"%s\",\"Message\":\"%s\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"}"
                .formatted(key, encoded)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, String> presignedHeaders() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Host", wire.authority());
        headers.put("Content-Type", "application/x-amz-json-1.1");
        headers.put("X-Amz-Target", "TrentService.Sign");
        return headers;
    }

    private static Wire.Answer post(String action, byte[] body) throws IOException {
        return wire.post("/", signer.headers(action, body, Instant.now()), body);
    }

    private static void refusedWith(Wire.Answer answer, String types, String what) {
        millis.add(answer.millis());
        assertThat(answer.status()).as("%s: %s", what, answer).isBetween(400, 499);
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.path("__type").stringValue()).as(what).isNotEmpty().matches(types);
        assertThat(answer.head() + answer.body())
                .as(what)
                .doesNotContain("\tat ", "at org.", "java.", "jetty", "Exception:", "Caused by");
        assertThat(answer.millis()).as(what).isLessThan(SLOWEST_MILLIS);
    }

    private static String keyIdOf(Wire.Answer answer) {
        return JSON.readTree(answer.body()).path("KeyMetadata").path("KeyId").stringValue();
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(content);
        }
        return out.toByteArray();
    }

    private static List<Long> memory() throws IOException {
        List<Long> resident = new ArrayList<>();
        for (String process : PROCESSES) {
            resident.add(Files.readAllLines(Path.of("/proc", Long.toString(cluster.pid(process)), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElseThrow());
        }
        return resident;
    }
}
