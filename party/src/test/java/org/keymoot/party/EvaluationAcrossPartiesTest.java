package org.keymoot.party;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.audit;
import static org.keymoot.party.Asking.json;
import static org.keymoot.party.Asking.onKey;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.party.store.NodeStore;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Frame;
import tools.jackson.databind.JsonNode;

/// Keys that three parties evaluate together.
@Timeout(120)
class EvaluationAcrossPartiesTest {
    private static final String PLAINTEXT = Base64.getEncoder().encodeToString("a secret".getBytes(UTF_8));

    private static final AtomicInteger KEYS = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    /// Shared by the tests, since a cluster takes long to start; each finds it whole.
    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, 3, 2, 0);
    }

    @BeforeEach
    void heal() throws Exception {
        cluster.heal();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void everyQuorumDecryptsWhatAnyEncrypted() throws Exception {
        String key = createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        String first = encrypt(1, key);
        cluster.stop(2);
        cluster.awaitLinks();
        assertThat(decrypt(1, first)).isEqualTo(PLAINTEXT);
        String second = encrypt(3, key);
        cluster.start(2);
        cluster.awaitLinks();
        cluster.stop(3);
        cluster.awaitLinks();
        assertThat(decrypt(2, first)).isEqualTo(PLAINTEXT);
        assertThat(decrypt(1, second)).isEqualTo(PLAINTEXT);
    }

    @Test
    void aQuorumDrawsRandomnessAndALostPartyDoesNotStopIt() throws Exception {
        ClientAnswer answer = cluster.call(2, "GenerateRandom", "{\"NumberOfBytes\":1024}");
        assertOk(answer);
        assertThat(Base64.getDecoder().decode(json(answer).path("Plaintext").asString()))
                .hasSize(1024);
        JsonNode drawn = audit(cluster, 2, "request").getLast().path("fields");
        assertThat(drawn.path("outcome").asString()).isEqualTo("drawn");
        assertThat(drawn.path("participants").size()).isEqualTo(2);
        for (JsonNode participant : drawn.path("participants")) {
            assertThat(audit(cluster, participant.intValue(), "session.joined")
                            .getLast()
                            .path("fields")
                            .path("session"))
                    .isEqualTo(drawn.path("session"));
        }
        // The party that is asked first does not answer.
        cluster.tap = (from, to, frame) ->
                to == 1 && frame.hasRequest() && frame.getRequest().getMethod().equals("random/contribute")
                        ? null
                        : frame;
        assertOk(cluster.call(2, "GenerateRandom", "{\"NumberOfBytes\":1}"));
        assertThat(audit(cluster, 2, "request")
                        .getLast()
                        .path("fields")
                        .path("participants")
                        .toString())
                .isEqualTo("[2,3]");
        cluster.tap = Wiretap.Tap.NONE;
        cluster.stop(1);
        cluster.stop(3);
        cluster.awaitLinks();
        ClientAnswer alone = cluster.call(2, "GenerateRandom", "{\"NumberOfBytes\":16}");
        assertThat(alone.getStatus()).isEqualTo(500);
        assertThat(alone.getTryAnother()).isTrue();
        assertThat(cluster.call(2, "GenerateRandom", "{\"NumberOfBytes\":1025}").getErrorType())
                .isEqualTo("ValidationException");
    }

    @Test
    void everyPartyRecordsTheSameOfARequestAndNothingThatItKeepsSecret() throws Exception {
        String key = createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        ClientAnswer answer = cluster.call(
                1,
                "Encrypt",
                "{\"KeyId\":\"%s\",\"Plaintext\":\"%s\",\"EncryptionContext\":{\"Purpose\":\"audit\"}}"
                        .formatted(key, PLAINTEXT));
        assertOk(answer);
        JsonNode asked = audit(cluster, 1, "request").getLast().path("fields");
        assertThat(asked.path("parameters").toString())
                .isEqualTo("{\"encryptionContext\":{\"Purpose\":\"audit\"},\"keyId\":\"%s\"}".formatted(key));
        assertThat(asked.path("caller").path("type").asString()).isEqualTo("Root");
        assertThat(asked.path("source").asString()).isEqualTo("127.0.0.1");
        assertThat(asked.path("participants").size()).isEqualTo(2);
        for (JsonNode participant : asked.path("participants")) {
            JsonNode joined = audit(cluster, participant.intValue(), "session.joined").stream()
                    .map(record -> record.path("fields"))
                    .filter(fields -> fields.path("session").equals(asked.path("session")))
                    .findFirst()
                    .orElseThrow();
            for (String field : List.of(
                    "principal",
                    "operation",
                    "service",
                    "region",
                    "resource",
                    "source",
                    "request_id",
                    "caller",
                    "parameters")) {
                assertThat(joined.path(field)).as(field).isEqualTo(asked.path(field));
            }
            assertThat(audit(cluster, participant.intValue()).toString())
                    .doesNotContain(PLAINTEXT)
                    .doesNotContain(json(answer).path("CiphertextBlob").asString());
        }
    }

    @Test
    void aRotatedKeyDecryptsWhatItsOldMaterialEncryptedAlsoAfterRestarts() throws Exception {
        String key = createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        String before = encrypt(1, key);
        assertOk(onKey(cluster, 2, "RotateKeyOnDemand", key));
        String after = encrypt(3, key);
        for (int party = 1; party <= 3; party++) {
            int at = party;
            NodeCluster.await("party " + at + " to have the rotation", () -> rotations(at, key) == 2);
            cluster.stop(at);
            cluster.start(at);
            cluster.awaitLinks();
        }
        for (int leader = 1; leader <= 3; leader++) {
            assertThat(decrypt(leader, before)).isEqualTo(PLAINTEXT);
            assertThat(decrypt(leader, after)).isEqualTo(PLAINTEXT);
        }
        // Each material has a row of its own at each party, and all are in use.
        cluster.stop(1);
        try (NodeStore store = cluster.store(1)) {
            assertThat(store.database()
                            .<List<String>>read(sql -> sql.fetch(
                                            "select state from key_share where key_id like ? order by key_id",
                                            key + "%")
                                    .map(row -> row.get(0, String.class))))
                    .containsExactly("ACTIVE", "ACTIVE");
        }
    }

    @Test
    void aKeyIsRotatedWhenItsScheduleSaysSoAndNotBefore() throws Exception {
        String key = createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        String before = encrypt(1, key);
        assertOk(cluster.call(1, "EnableKeyRotation", "{\"KeyId\":\"%s\",\"RotationPeriodInDays\":90}".formatted(key)));
        cluster.node(1).operations().tidy();
        // Connections are made now: in the test's future the certificates have expired.
        for (int party = 1; party <= 3; party++) {
            assertThat(rotations(party, key)).isEqualTo(1);
            assertThat(audit(cluster, party)).isNotEmpty();
        }
        cluster.ahead = Duration.ofDays(91);
        try {
            // The party of lowest index begins it, so that no two do.
            cluster.node(2).operations().tidy();
            assertThat(rotations(1, key)).isEqualTo(1);
            cluster.node(1).operations().tidy();
            for (int party = 1; party <= 3; party++) {
                int at = party;
                NodeCluster.await("party " + at + " to have the rotation", () -> rotations(at, key) == 2);
                assertThat(audit(cluster, at, "session.joined").stream()
                                .map(record -> record.path("fields"))
                                .filter(fields ->
                                        fields.path("resource").asString().endsWith(key))
                                .map(fields -> fields.path("action").asString()))
                        .contains("kms:RotateKey");
            }
            assertThat(decrypt(3, before)).isEqualTo(PLAINTEXT);
            assertThat(decrypt(2, encrypt(1, key))).isEqualTo(PLAINTEXT);
            cluster.node(1).operations().tidy();
            assertThat(rotations(1, key)).isEqualTo(2);
        } finally {
            cluster.ahead = Duration.ZERO;
        }
    }

    private static long rotations(int party, String key) {
        return json(cluster.call(
                        party,
                        "ListKeyRotations",
                        "{\"KeyId\":\"%s\",\"IncludeKeyMaterial\":\"ALL_KEY_MATERIAL\"}".formatted(key)))
                .path("Rotations")
                .size();
    }

    @Test
    void reEncryptingUsesTwoKeysAndIsOnRecordAtEveryPartyThatHelped() {
        String source = createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        String target = createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        ClientAnswer answer = cluster.call(
                1,
                "ReEncrypt",
                "{\"CiphertextBlob\":\"%s\",\"DestinationKeyId\":\"%s\"}".formatted(encrypt(1, source), target));
        assertOk(answer);
        assertThat(decrypt(2, json(answer).path("CiphertextBlob").asString())).isEqualTo(PLAINTEXT);
        var record = audit(cluster, 1, "request").stream()
                .filter(one -> one.path("fields").path("action").asString().equals("RE_ENCRYPT"))
                .toList()
                .getLast()
                .path("fields");
        assertThat(record.path("outcome").asString()).isEqualTo("evaluated");
        String[] sessions = record.path("session").asString().split(",");
        assertThat(sessions).as(record.toString()).hasSize(2);
        for (String session : sessions) {
            long joined = List.of(1, 2, 3).stream()
                    .filter(party -> audit(cluster, party, "session.joined").stream()
                            .anyMatch(one -> one.path("fields")
                                    .path("session")
                                    .asString()
                                    .equals(session)))
                    .count();
            assertThat(joined).isEqualTo(2);
        }
    }

    @Test
    void aSharedSecretIsTheOneThatTheOtherSideComputes() throws Exception {
        String key = createKey("ECC_NIST_P256", "KEY_AGREEMENT");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair own = generator.generateKeyPair();
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(own.getPrivate());
        agreement.doPhase(
                KeyFactory.getInstance("EC")
                        .generatePublic(new X509EncodedKeySpec(Base64.getDecoder()
                                .decode(json(onKey(cluster, 1, "GetPublicKey", key))
                                        .path("PublicKey")
                                        .asString()))),
                true);
        ClientAnswer answer = cluster.call(
                2,
                "DeriveSharedSecret",
                "{\"KeyId\":\"%s\",\"KeyAgreementAlgorithm\":\"ECDH\",\"PublicKey\":\"%s\"}"
                        .formatted(
                                key,
                                Base64.getEncoder()
                                        .encodeToString(own.getPublic().getEncoded())));
        assertOk(answer);
        assertThat(json(answer).path("SharedSecret").asString())
                .isEqualTo(Base64.getEncoder().encodeToString(agreement.generateSecret()));
    }

    @Test
    void aPeerWhosePartIsWrongIsNamedAndTheOthersEvaluate() {
        String key = createKey("HMAC_256", "GENERATE_VERIFY_MAC");
        String mac = mac(1, key);
        AtomicInteger cheat = new AtomicInteger();
        cluster.tap = (from, to, frame) -> {
            if (to != 1 || !frame.hasSessionFrame()) {
                return frame;
            }
            try {
                Frame inner = Frame.decode(frame.getSessionFrame().getPayload().toByteArray());
                if (!inner.step().equals("1.5") || !cheat.compareAndSet(0, from) && cheat.get() != from) {
                    return frame;
                }
                byte[] body = inner.body().clone();
                body[body.length - 20] ^= 1;
                return frame.toBuilder()
                        .setSessionFrame(frame.getSessionFrame().toBuilder()
                                .setPayload(ByteString.copyFrom(new Frame(
                                                inner.kind(),
                                                inner.root(),
                                                inner.child(),
                                                inner.sender(),
                                                inner.receiver(),
                                                inner.sequence(),
                                                inner.echo(),
                                                inner.step(),
                                                body)
                                        .encode())))
                        .build();
            } catch (Malformed e) {
                return frame;
            }
        };
        assertThat(mac(1, key)).isEqualTo(mac);
        assertThat(cheat.get()).isNotZero();
        assertThat(audit(cluster, 1, "session.cheated").getLast().toString())
                .contains("\"step\":\"2.1\"")
                .contains("\"culprits\":[" + cheat.get() + "]");
        cluster.tap = Wiretap.Tap.NONE;
    }

    @Test
    void aDisabledKeyIsEvaluatedForNobody() {
        String key = createKey("HMAC_512", "GENERATE_VERIFY_MAC");
        mac(1, key);
        assertOk(onKey(cluster, 1, "DisableKey", key));
        for (int leader = 1; leader <= 3; leader++) {
            int at = leader;
            NodeCluster.await(
                    "party " + at + " to refuse",
                    () -> cluster.call(at, "GenerateMac", macRequest(key, "HMAC_SHA_512"))
                            .getErrorType()
                            .equals("DisabledException"));
        }
    }

    private static String createKey(String spec, String usage) {
        // Two equal requests of one second are one request, and make one key.
        ClientAnswer answer = cluster.call(
                1,
                "CreateKey",
                "{\"KeySpec\":\"%s\",\"KeyUsage\":\"%s\",\"Description\":\"%d\"}"
                        .formatted(spec, usage, KEYS.incrementAndGet()));
        assertOk(answer);
        return json(answer).path("KeyMetadata").path("KeyId").asString();
    }

    private static String encrypt(int leader, String key) {
        ClientAnswer answer =
                cluster.call(leader, "Encrypt", "{\"KeyId\":\"%s\",\"Plaintext\":\"%s\"}".formatted(key, PLAINTEXT));
        assertOk(answer);
        return json(answer).path("CiphertextBlob").asString();
    }

    private static String decrypt(int leader, String ciphertext) {
        ClientAnswer[] last = new ClientAnswer[1];
        NodeCluster.await("a decryption led by party " + leader, () -> {
            last[0] = cluster.call(leader, "Decrypt", "{\"CiphertextBlob\":\"%s\"}".formatted(ciphertext));
            return !last[0].getTryAnother();
        });
        assertOk(last[0]);
        return json(last[0]).path("Plaintext").asString();
    }

    private static String mac(int leader, String key) {
        ClientAnswer answer = cluster.call(leader, "GenerateMac", macRequest(key, "HMAC_SHA_256"));
        if (answer.getErrorType().equals("InvalidKeyUsageException")) {
            answer = cluster.call(leader, "GenerateMac", macRequest(key, "HMAC_SHA_512"));
        }
        assertOk(answer);
        return json(answer).path("Mac").asString();
    }

    private static String macRequest(String key, String algorithm) {
        return "{\"KeyId\":\"%s\",\"Message\":\"%s\",\"MacAlgorithm\":\"%s\"}".formatted(key, PLAINTEXT, algorithm);
    }

    private static void assertOk(ClientAnswer answer) {
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
    }
}
