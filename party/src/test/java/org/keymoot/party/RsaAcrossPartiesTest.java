package org.keymoot.party;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.audit;
import static org.keymoot.party.Asking.json;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.party.store.NodeStore;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Frame;
import tools.jackson.databind.JsonNode;

/// RSA keys that one of three parties deals and two of them use.
@Timeout(180)
@TestMethodOrder(MethodOrderer.MethodName.class)
class RsaAcrossPartiesTest {
    private static final byte[] MESSAGE = "attack at dawn".getBytes(UTF_8);
    private static final AtomicInteger KEYS = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    private static String signing = "";
    private static String decrypting = "";

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, 3, 2, 0);
        signing = createKey(2, "SIGN_VERIFY");
        decrypting = createKey(1, "ENCRYPT_DECRYPT");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static ClientAnswer create(int leader, String usage) {
        return cluster.call(
                leader,
                "CreateKey",
                "{\"KeySpec\":\"RSA_2048\",\"KeyUsage\":\"%s\",\"Description\":\"%d\"}"
                        .formatted(usage, KEYS.incrementAndGet()));
    }

    private static String createKey(int leader, String usage) {
        ClientAnswer answer = create(leader, usage);
        assertOk(answer);
        return json(answer).path("KeyMetadata").path("KeyId").asString();
    }

    private static void assertOk(ClientAnswer answer) {
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
    }

    private static PublicKey publicKey(int party, String key) throws GeneralSecurityException {
        JsonNode answer = json(cluster.call(party, "GetPublicKey", "{\"KeyId\":\"%s\"}".formatted(key)));
        return KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(
                        Base64.getDecoder().decode(answer.path("PublicKey").asString())));
    }

    private static byte[] sign(int leader, String algorithm) {
        ClientAnswer[] last = new ClientAnswer[1];
        NodeCluster.await("a signature led by party " + leader, () -> {
            last[0] = cluster.call(
                    leader,
                    "Sign",
                    "{\"KeyId\":\"%s\",\"Message\":\"%s\",\"SigningAlgorithm\":\"%s\"}"
                            .formatted(signing, Base64.getEncoder().encodeToString(MESSAGE), algorithm));
            return !last[0].getTryAnother();
        });
        assertOk(last[0]);
        return Base64.getDecoder().decode(json(last[0]).path("Signature").asString());
    }

    @Test
    void allPartiesSignWithAllAlgorithms() throws Exception {
        PublicKey key = publicKey(3, signing);
        int leader = 0;
        for (String padding : List.of("RSASSA_PKCS1_V1_5", "RSASSA_PSS")) {
            for (int bits : new int[] {256, 384, 512}) {
                leader = leader % 3 + 1;
                byte[] signature = sign(leader, padding + "_SHA_" + bits);
                Signature verifier = padding.endsWith("PSS")
                        ? Signature.getInstance("RSASSA-PSS")
                        : Signature.getInstance("SHA" + bits + "withRSA");
                if (padding.endsWith("PSS")) {
                    verifier.setParameter(new PSSParameterSpec(
                            "SHA-" + bits, "MGF1", new MGF1ParameterSpec("SHA-" + bits), bits / 8, 1));
                }
                verifier.initVerify(key);
                verifier.update(MESSAGE);
                assertThat(verifier.verify(signature)).isTrue();
            }
        }
        Set<String> salted = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            salted.add(Base64.getEncoder().encodeToString(sign(1, "RSASSA_PSS_SHA_256")));
        }
        assertThat(salted).hasSize(3);
        assertThat(sign(1, "RSASSA_PKCS1_V1_5_SHA_256")).isEqualTo(sign(2, "RSASSA_PKCS1_V1_5_SHA_256"));
    }

    @Test
    void eachPartysAuditSaysThatTheKeyWasDealtAndByWhom() {
        for (int party = 1; party <= 3; party++) {
            assertThat(audit(cluster, party, "key.dealt").stream()
                            .map(record -> record.path("fields"))
                            .filter(fields -> fields.path("resource").asString().endsWith(signing))
                            .map(fields -> fields.path("dealer").asInt()))
                    .containsExactly(2);
        }
        assertThat(audit(cluster, 2, "request").stream()
                        .map(record -> record.path("fields"))
                        .filter(fields -> fields.path("outcome").asString().equals("created"))
                        .map(fields -> fields.path("detail").asString()))
                .anyMatch(detail -> detail.endsWith(signing + " dealt"));
    }

    @Test
    void everyQuorumDecryptsWhatOutsidersEncrypted() throws Exception {
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                publicKey(2, decrypting),
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        String blob = Base64.getEncoder().encodeToString(cipher.doFinal(MESSAGE));
        for (int party = 1; party <= 3; party++) {
            assertThat(decrypt(party, blob)).isEqualTo(MESSAGE);
        }
        for (int gone = 1; gone <= 3; gone++) {
            cluster.stop(gone);
            cluster.awaitLinks();
            assertThat(decrypt(gone % 3 + 1, blob)).isEqualTo(MESSAGE);
            cluster.start(gone);
            cluster.awaitLinks();
        }
        ClientAnswer wrong = cluster.call(1, "Decrypt", decryptRequest(blob.replaceAll("^.{8}", "AAAAAAAA")));
        assertThat(wrong.getErrorType()).isEqualTo("InvalidCiphertextException");
        ClientAnswer sealed = cluster.call(
                2,
                "Encrypt",
                "{\"KeyId\":\"%s\",\"Plaintext\":\"%s\",\"EncryptionAlgorithm\":\"RSAES_OAEP_SHA_256\"}"
                        .formatted(decrypting, Base64.getEncoder().encodeToString(MESSAGE)));
        assertOk(sealed);
        assertThat(decrypt(3, json(sealed).path("CiphertextBlob").asString())).isEqualTo(MESSAGE);
    }

    private static String decryptRequest(String blob) {
        return "{\"KeyId\":\"%s\",\"CiphertextBlob\":\"%s\",\"EncryptionAlgorithm\":\"RSAES_OAEP_SHA_256\"}"
                .formatted(decrypting, blob);
    }

    private static byte[] decrypt(int leader, String blob) {
        ClientAnswer[] last = new ClientAnswer[1];
        NodeCluster.await("a decryption led by party " + leader, () -> {
            last[0] = cluster.call(leader, "Decrypt", decryptRequest(blob));
            return !last[0].getTryAnother();
        });
        assertOk(last[0]);
        return Base64.getDecoder().decode(json(last[0]).path("Plaintext").asString());
    }

    @Test
    void partsThatAreWrongNameTheirPartyAndAnotherQuorumSigns() {
        AtomicInteger cheat = new AtomicInteger();
        cluster.tap = (from, to, frame) ->
                to == 1 && stepOf(frame).equals("1.5") && (cheat.compareAndSet(0, from) || cheat.get() == from)
                        ? edited(frame, body -> {
                            body[body.length - 20] ^= 1;
                            return body;
                        })
                        : frame;
        try {
            assertThat(sign(1, "RSASSA_PSS_SHA_256")).hasSize(256);
        } finally {
            cluster.tap = Wiretap.Tap.NONE;
        }
        assertThat(cheat.get()).isNotZero();
        assertThat(audit(cluster, 1, "session.cheated").getLast().toString())
                .contains("\"step\":\"2.1\"")
                .contains("\"culprits\":[" + cheat.get() + "]");
    }

    /// The dealer dies, as far as others can see, after it dealt and before everybody confirmed; and a
    /// damaged share is refused by the party that it was for, which says so.
    @Test
    void whatIsNotDealtToAllIsNoKey() throws Exception {
        cluster.tap = (from, to, frame) -> from == 3 && to == 2 && stepOf(frame).equals("2.2") ? null : frame;
        try {
            assertThat(create(3, "SIGN_VERIFY").getStatus()).isBetween(500, 503);
        } finally {
            cluster.tap = Wiretap.Tap.NONE;
        }
        cluster.tap = (from, to, frame) -> from == 3 && to == 2 && stepOf(frame).equals("1.2")
                ? edited(frame, body -> {
                    body[body.length - 1] ^= 1;
                    return body;
                })
                : frame;
        try {
            assertThat(create(3, "SIGN_VERIFY").getStatus()).isBetween(500, 503);
        } finally {
            cluster.tap = Wiretap.Tap.NONE;
        }
        assertThat(audit(cluster, 2, "session.cheated").getLast().toString())
                .contains("\"step\":\"1.3\"")
                .contains("\"culprits\":[3]");
        JsonNode keys = json(cluster.call(1, "ListKeys", "{}")).path("Keys");
        assertThat(keys.findValuesAsString("KeyId")).containsExactlyInAnyOrder(signing, decrypting);
        cluster.stop(1);
        try (NodeStore store = cluster.store(1)) {
            assertThat(store.shares().countActive()).isEqualTo(2);
        }
        cluster.start(1);
        cluster.awaitLinks();
        assertThat(sign(1, "RSASSA_PKCS1_V1_5_SHA_512")).hasSize(256);
    }

    private static String stepOf(MeshFrame frame) {
        if (!frame.hasSessionFrame()) {
            return "";
        }
        try {
            return Frame.decode(frame.getSessionFrame().getPayload().toByteArray())
                    .step();
        } catch (Malformed e) {
            return "";
        }
    }

    private static @Nullable MeshFrame edited(MeshFrame frame, UnaryOperator<byte[]> edit) {
        try {
            Frame inner = Frame.decode(frame.getSessionFrame().getPayload().toByteArray());
            Frame changed = new Frame(
                    inner.kind(),
                    inner.root(),
                    inner.child(),
                    inner.sender(),
                    inner.receiver(),
                    inner.sequence(),
                    inner.echo(),
                    inner.step(),
                    Objects.requireNonNull(edit.apply(inner.body().clone())));
            return frame.toBuilder()
                    .setSessionFrame(
                            frame.getSessionFrame().toBuilder().setPayload(ByteString.copyFrom(changed.encode())))
                    .build();
        } catch (Malformed e) {
            return frame;
        }
    }
}
