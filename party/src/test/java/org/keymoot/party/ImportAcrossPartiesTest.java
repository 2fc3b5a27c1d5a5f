package org.keymoot.party;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.audit;
import static org.keymoot.party.Asking.json;
import static org.keymoot.party.Asking.onKey;
import static org.keymoot.party.Asking.signAndVerify;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.KeySpec;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.party.store.NodeStore;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Frame;

/// Keys that were made elsewhere, brought to three parties.
@Timeout(120)
class ImportAcrossPartiesTest {
    private static final String PLAINTEXT = Base64.getEncoder().encodeToString("a secret".getBytes(UTF_8));
    private static final byte[] MATERIAL = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
    private static final String FOR_GOOD = ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\"";
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
    void aKeyThatWasMadeElsewhereSignsAsBeforeWhicheverPartiesAreUp() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String key = external(",\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\"");
        String request = wrapped(2, key, pair.getPrivate().getEncoded()) + FOR_GOOD;
        // Only the party that made the wrapping key can take it; the endpoint asks on.
        ClientAnswer elsewhere = onKeyWith(1, "ImportKeyMaterial", key, request);
        assertThat(elsewhere.getTryAnother()).isTrue();
        assertThat(state(1, key)).isEqualTo("PendingImport");
        assertOk(onKeyWith(2, "ImportKeyMaterial", key, request));
        for (int leader = 1; leader <= 3; leader++) {
            int at = leader;
            NodeCluster.await(
                    "party " + at + " to have the key", () -> state(at, key).equals("Enabled"));
            assertThat(publicKey(at, key)).isEqualTo(pair.getPublic().getEncoded());
            cluster.stop(at % 3 + 1);
            cluster.awaitLinks();
            signAndVerify(cluster, at, key, "ED25519_SHA_512");
            cluster.start(at % 3 + 1);
            cluster.awaitLinks();
        }
        assertThat(audit(cluster, 2, "key.whole").getLast().toString()).contains(key);
        assertThat(audit(cluster, 1, "key.whole").toString()).doesNotContain(key);
        assertThat(json(onKey(cluster, 1, "DescribeKey", key))
                        .at("/KeyMetadata/KeymootDealing")
                        .asString())
                .contains("party 2");
    }

    @Test
    void everyPartyErasesExpiredMaterialAndTheSameMaterialOpensOldCiphertexts() throws Exception {
        String key = external("");
        long end = cluster.clock.instant().plus(Duration.ofHours(2)).getEpochSecond();
        assertOk(onKeyWith(
                1,
                "ImportKeyMaterial",
                key,
                wrapped(1, key, MATERIAL) + ",\"ExpirationModel\":\"KEY_MATERIAL_EXPIRES\",\"ValidTo\":" + end));
        String blob = encrypt(1, key);
        for (int party = 1; party <= 3; party++) {
            int at = party;
            NodeCluster.await(
                    "party " + at + " to have the key", () -> state(at, key).equals("Enabled"));
            assertThat(audit(cluster, at)).isNotEmpty();
        }
        cluster.ahead = Duration.ofHours(3);
        try {
            assertThat(cluster.call(3, "Decrypt", "{\"CiphertextBlob\":\"%s\"}".formatted(blob))
                            .getErrorType())
                    .isEqualTo("KMSInvalidStateException");
            cluster.node(2).operations().tidy();
            for (int party = 1; party <= 3; party++) {
                int at = party;
                NodeCluster.await(
                        "party " + at + " to erase its share",
                        () -> audit(cluster, at, "share.erased").stream()
                                .anyMatch(record -> record.toString().contains(key)));
            }
        } finally {
            cluster.ahead = Duration.ZERO;
        }
        assertThat(rows(3, key)).containsExactly("ERASED");
        // A restart, as any crash between the commit and the erasure, changes nothing.
        cluster.heal();
        ClientAnswer other = onKeyWith(2, "ImportKeyMaterial", key, wrapped(2, key, new byte[32]) + FOR_GOOD);
        assertThat(other.getErrorType()).isEqualTo("IncorrectKeyMaterialException");
        assertOk(onKeyWith(3, "ImportKeyMaterial", key, wrapped(3, key, MATERIAL) + FOR_GOOD));
        for (int party = 1; party <= 3; party++) {
            assertThat(decrypt(party, blob)).isEqualTo(PLAINTEXT);
        }
        // Importing once more shares anew; the sharing before is erased.
        assertOk(onKeyWith(1, "ImportKeyMaterial", key, wrapped(1, key, MATERIAL) + FOR_GOOD));
        for (int party = 1; party <= 3; party++) {
            assertThat(decrypt(party, blob)).isEqualTo(PLAINTEXT);
        }
        assertThat(rows(2, key)).containsExactly("ERASED", "ERASED", "ACTIVE");
        cluster.heal();
        assertOk(onKey(cluster, 2, "DeleteImportedKeyMaterial", key));
        assertThat(rows(1, key)).containsExactly("ERASED", "ERASED", "ERASED");
    }

    /// Party 3 is given a bad share by party 1, while the tap is in place.
    private static AtomicInteger dealBadly() {
        AtomicInteger cheated = new AtomicInteger();
        cluster.tap = (from, to, frame) -> {
            if (from != 1 || to != 3 || !frame.hasSessionFrame()) {
                return frame;
            }
            try {
                Frame inner = Frame.decode(frame.getSessionFrame().getPayload().toByteArray());
                if (!inner.step().equals("1.3")) {
                    return frame;
                }
                cheated.incrementAndGet();
                byte[] body = inner.body().clone();
                body[body.length - 1] ^= 1;
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
        return cheated;
    }

    @Test
    void whatAFailedImportLeftIsErasedInTime() throws Exception {
        String key = external("");
        dealBadly();
        assertThat(onKeyWith(1, "ImportKeyMaterial", key, wrapped(1, key, MATERIAL) + FOR_GOOD)
                        .getStatus())
                .isEqualTo(500);
        cluster.tap = Wiretap.Tap.NONE;
        assertThat(rows(2, key)).containsExactly("PENDING");
        cluster.heal();
        for (int party = 1; party <= 3; party++) {
            assertThat(audit(cluster, party)).isNotEmpty();
        }
        cluster.ahead = Duration.ofMinutes(10);
        try {
            cluster.node(1).operations().tidy();
            cluster.ahead = Duration.ofMinutes(31);
            cluster.node(2).operations().tidy();
        } finally {
            cluster.ahead = Duration.ZERO;
        }
        for (int party = 1; party <= 3; party++) {
            assertThat(rows(party, key)).isEmpty();
            cluster.heal();
        }
        assertOk(onKeyWith(1, "ImportKeyMaterial", key, wrapped(1, key, MATERIAL) + FOR_GOOD));
    }

    @Test
    void aDealerThatGivesOnePartyABadShareMakesNoKey() throws Exception {
        String key = external("");
        AtomicInteger cheated = dealBadly();
        String request = wrapped(1, key, MATERIAL) + FOR_GOOD;
        ClientAnswer answer = onKeyWith(1, "ImportKeyMaterial", key, request);
        assertThat(cheated.get()).isPositive();
        assertThat(answer.getStatus()).isEqualTo(500);
        assertThat(answer.getBody().toStringUtf8()).contains("party 3", "1.6");
        assertThat(audit(cluster, 3, "session.cheated").getLast().toString())
                .contains("\"step\":\"1.6\"")
                .contains("\"culprits\":[1]");
        cluster.tap = Wiretap.Tap.NONE;
        assertThat(state(1, key)).isEqualTo("PendingImport");
        // The same request again, and nothing of the first attempt is left.
        assertOk(onKeyWith(1, "ImportKeyMaterial", key, request));
        String blob = encrypt(2, key);
        for (int party = 1; party <= 3; party++) {
            assertThat(decrypt(party, blob)).isEqualTo(PLAINTEXT);
        }
        assertThat(rows(2, key)).containsExactly("ACTIVE");
    }

    @Test
    void aKeyThatItsOwnerSplitIsWholeNowhereAndWorks() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        String key = external(",\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\"");
        String request =
                split(key, KeySpec.ECC_NIST_EDWARDS25519, pair.getPrivate().getEncoded(), 0);
        assertOk(ownAction(3, "ImportKeyShares", key, request + FOR_GOOD));
        for (int leader = 1; leader <= 3; leader++) {
            int at = leader;
            NodeCluster.await(
                    "party " + at + " to have the key", () -> state(at, key).equals("Enabled"));
            assertThat(publicKey(at, key)).isEqualTo(pair.getPublic().getEncoded());
            signAndVerify(cluster, at, key, "ED25519_SHA_512");
            assertThat(audit(cluster, at, "key.whole").toString()).doesNotContain(key);
        }
        assertThat(json(onKey(cluster, 1, "DescribeKey", key))
                        .at("/KeyMetadata/KeymootDealing")
                        .asString())
                .contains("whole at no party");
    }

    @Test
    void aSplitKeyWithOneWrongShareIsRefusedNamingThePartyAndLeavesNothing() throws Exception {
        String key = external("");
        for (int bad = 1; bad <= 3; bad++) {
            ClientAnswer answer = ownAction(
                    1, "ImportKeyShares", key, split(key, KeySpec.SYMMETRIC_DEFAULT, MATERIAL, bad) + FOR_GOOD);
            assertThat(answer.getErrorType()).isEqualTo("IncorrectKeyMaterialException");
            assertThat(answer.getBody().toStringUtf8()).contains("party " + bad);
            assertThat(state(2, key)).isEqualTo("PendingImport");
        }
        assertThat(rows(2, key)).isEmpty();
        cluster.heal();
        // The owner may change its mind about the way: the same bytes are the same key.
        assertOk(ownAction(2, "ImportKeyShares", key, split(key, KeySpec.SYMMETRIC_DEFAULT, MATERIAL, 0) + FOR_GOOD));
        String blob = encrypt(1, key);
        assertOk(onKeyWith(1, "ImportKeyMaterial", key, wrapped(1, key, MATERIAL) + FOR_GOOD));
        assertThat(decrypt(3, blob)).isEqualTo(PLAINTEXT);
    }

    @Test
    void anImportThatLosesAPartyOnItsWayLeavesNothingHalfDoneAndCanBeDoneAgain() throws Exception {
        for (String step : List.of("1.3", "2.2")) {
            String key = external("");
            String request = wrapped(1, key, MATERIAL) + FOR_GOOD;
            CountDownLatch end = new CountDownLatch(1);
            cluster.tap = (from, to, frame) -> {
                boolean lost = from == 2 || to == 2;
                if (lost && Wiretap.step(frame).equals(step)) {
                    end.countDown();
                }
                return lost && end.getCount() == 0 ? null : frame;
            };
            Thread stopping = Thread.ofVirtual().start(() -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                cluster.stop(2);
            });
            ClientAnswer answer = onKeyWith(1, "ImportKeyMaterial", key, request);
            stopping.join();
            cluster.heal();
            assertThat(answer.getStatus()).isEqualTo(500);
            assertThat(state(3, key)).isEqualTo("PendingImport");
            assertOk(onKeyWith(1, "ImportKeyMaterial", key, request));
            String blob = encrypt(1, key);
            for (int party = 1; party <= 3; party++) {
                assertThat(decrypt(party, blob)).isEqualTo(PLAINTEXT);
            }
            assertThat(rows(2, key)).containsExactly("ACTIVE");
            assertThat(rows(3, key)).containsExactly("ACTIVE");
            cluster.heal();
        }
    }

    private static String external(String members) {
        ClientAnswer answer = cluster.call(
                1,
                "CreateKey",
                "{\"Origin\":\"EXTERNAL\",\"Description\":\"%d\"%s}".formatted(KEYS.incrementAndGet(), members));
        assertOk(answer);
        String key = json(answer).path("KeyMetadata").path("KeyId").asString();
        for (int party = 2; party <= 3; party++) {
            int at = party;
            NodeCluster.await(
                    "party " + at + " to know the key",
                    () -> onKey(cluster, at, "DescribeKey", key).getStatus() == 200);
        }
        return key;
    }

    private static ClientAnswer onKeyWith(int party, String action, String key, String members) {
        return cluster.call(party, action, "{\"KeyId\":\"" + key + "\"" + members + "}");
    }

    private static ClientAnswer ownAction(int party, String action, String key, String members) {
        return cluster.call(party, "Keymoot." + action, "{\"KeyId\":\"" + key + "\"" + members + "}");
    }

    private static String wrapped(int party, String key, byte[] material) throws Exception {
        return Bringing.wrapped(cluster, party, key, material);
    }

    private static String split(String key, KeySpec spec, byte[] material, int bad) throws Exception {
        return Bringing.split(cluster, key, spec, material, bad);
    }

    private static String state(int party, String key) {
        return json(onKey(cluster, party, "DescribeKey", key))
                .at("/KeyMetadata/KeyState")
                .asString();
    }

    private static byte[] publicKey(int party, String key) {
        return Base64.getDecoder()
                .decode(json(onKey(cluster, party, "GetPublicKey", key))
                        .path("PublicKey")
                        .asString());
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

    /// The states of a key's rows at a party, oldest sharing first; the party is restarted for it.
    private static List<String> rows(int party, String key) throws Exception {
        cluster.stop(party);
        try (NodeStore store = cluster.store(party)) {
            return store.database()
                    .<List<String>>read(sql -> sql.fetch(
                                    "select state from key_share where key_id like ? order by key_id, epoch", key + "%")
                            .map(row -> row.get(0, String.class)));
        }
    }

    private static void assertOk(ClientAnswer answer) {
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
    }
}
