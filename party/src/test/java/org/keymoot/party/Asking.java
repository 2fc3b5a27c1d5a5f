package org.keymoot.party;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.keymoot.api.gateway.v1.AuditRequest;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.StatusAnswer;
import org.keymoot.api.gateway.v1.StatusRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a client and an operator of a cluster ask in tests.
final class Asking {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final byte[] MESSAGE = "a message to be signed".getBytes(UTF_8);

    private Asking() {}

    static ClientAnswer onKey(NodeCluster cluster, int leader, String action, String key) {
        return cluster.call(leader, action, "{\"KeyId\":\"%s\"}".formatted(key));
    }

    /// The audit records of one event at a party.
    static List<JsonNode> audit(NodeCluster cluster, int party, String event) {
        return audit(cluster, party).stream()
                .filter(record -> record.path("event").asString().equals(event))
                .toList();
    }

    static String keyRequest(String spec) {
        return "{\"KeySpec\":\"%s\",\"KeyUsage\":\"SIGN_VERIFY\"}".formatted(spec);
    }

    static String createKey(NodeCluster cluster, int leader, String spec) {
        ClientAnswer answer = cluster.call(leader, "CreateKey", keyRequest(spec));
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        return json(answer).path("KeyMetadata").path("KeyId").asString();
    }

    static ClientAnswer sign(NodeCluster cluster, int leader, String key, String algorithm) {
        return cluster.call(
                leader,
                "Sign",
                "{\"KeyId\":\"%s\",\"Message\":\"%s\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"%s\"}"
                        .formatted(key, Base64.getEncoder().encodeToString(MESSAGE), algorithm));
    }

    static void signAndVerify(NodeCluster cluster, int leader, String key, String algorithm) throws Exception {
        ClientAnswer[] last = new ClientAnswer[1];
        // A party that has just come back may still be catching up; an endpoint tries again then.
        NodeCluster.await("a signature of " + key + " led by party " + leader, () -> {
            last[0] = sign(cluster, leader, key, algorithm);
            return !last[0].getTryAnother();
        });
        ClientAnswer answer = last[0];
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        String signature = json(answer).path("Signature").asString();
        ClientAnswer verified = cluster.call(
                leader,
                "Verify",
                "{\"KeyId\":\"%s\",\"Message\":\"%s\",\"MessageType\":\"RAW\",\"Signature\":\"%s\",\"SigningAlgorithm\":\"%s\"}"
                        .formatted(key, Base64.getEncoder().encodeToString(MESSAGE), signature, algorithm));
        assertThat(json(verified).path("SignatureValid").asBoolean())
                .as(verified.getBody().toStringUtf8())
                .isTrue();
        JsonNode publicKey = json(cluster.call(leader, "GetPublicKey", "{\"KeyId\":\"%s\"}".formatted(key)));
        String spec = publicKey.path("KeySpec").asString();
        if (!spec.equals("ECC_SECG_P256K1")) {
            boolean ed = spec.equals("ECC_NIST_EDWARDS25519");
            Signature verifier = Signature.getInstance(ed ? "Ed25519" : "SHA256withECDSA");
            verifier.initVerify(KeyFactory.getInstance(ed ? "Ed25519" : "EC")
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder()
                            .decode(publicKey.path("PublicKey").asString()))));
            verifier.update(MESSAGE);
            assertThat(verifier.verify(Base64.getDecoder().decode(signature))).isTrue();
        }
    }

    static StatusAnswer status(NodeCluster cluster, int party) {
        return cluster.operator(party).status(StatusRequest.getDefaultInstance());
    }

    static List<JsonNode> audit(NodeCluster cluster, int party) {
        List<JsonNode> records = new ArrayList<>();
        cluster.operator(party)
                .audit(AuditRequest.newBuilder().setFirstSequence(1).build())
                .forEachRemaining(
                        record -> records.add(JSON.readTree(record.getJson().toByteArray())));
        return records;
    }

    static JsonNode json(ClientAnswer answer) {
        return JSON.readTree(answer.getBody().toByteArray());
    }
}
