package org.keymoot.party;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.AuditRequest;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ReleasePairRequest;
import org.keymoot.api.gateway.v1.StatusAnswer;
import org.keymoot.api.gateway.v1.StatusRequest;
import org.keymoot.party.store.ForeignStore;
import org.keymoot.party.store.NodeStore;
import org.keymoot.party.store.ShareStore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(120)
class PartyNodeTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final byte[] MESSAGE = "a message to be signed".getBytes(UTF_8);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void everyPairOfThreePartiesSignsAndEveryLeaderAnswers() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 3, 2, 2)) {
            String k1 = createKey(cluster, 1, "ECC_SECG_P256K1");
            String p256 = createKey(cluster, 2, "ECC_NIST_P256");
            String ed = createKey(cluster, 3, "ECC_NIST_EDWARDS25519");
            for (int leader = 1; leader <= 3; leader++) {
                signAndVerify(cluster, leader, p256, "ECDSA_SHA_256");
                signAndVerify(cluster, leader, ed, "ED25519_SHA_512");
            }
            for (int away = 1; away <= 3; away++) {
                cluster.stop(away);
                cluster.awaitLinks();
                int leader = away == 1 ? 2 : 1;
                signAndVerify(cluster, leader, p256, "ECDSA_SHA_256");
                signAndVerify(cluster, leader, k1, "ECDSA_SHA_256");
                signAndVerify(cluster, leader, ed, "ED25519_SHA_512");
                cluster.start(away);
                cluster.awaitLinks();
            }
        }
    }

    @Test
    void aKeyNeedsEveryPartyToBeMadeAndTheAnswerNamesWhoIsMissing() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 3, 2, 0)) {
            cluster.stop(3);
            cluster.awaitLinks();
            ClientAnswer answer = cluster.call(1, "CreateKey", keyRequest("ECC_NIST_P256"));
            assertThat(answer.getStatus()).isEqualTo(500);
            assertThat(answer.getBody().toStringUtf8()).contains("party 3");
            assertThat(answer.getTryAnother()).isTrue();
            cluster.start(3);
            cluster.awaitLinks();
            createKey(cluster, 1, "ECC_NIST_P256");
        }
    }

    @Test
    void aDisabledKeySignsAtNoPartyAndTheOneThatWasAwayLearnsOfIt() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 3, 2, 0)) {
            String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
            cluster.stop(3);
            cluster.awaitLinks();
            assertThat(cluster.call(1, "DisableKey", "{\"KeyId\":\"%s\"}".formatted(key))
                            .getStatus())
                    .isEqualTo(200);
            cluster.start(3);
            cluster.awaitLinks();
            for (int leader = 1; leader <= 3; leader++) {
                int at = leader;
                NodeCluster.await(
                        "party " + at + " to refuse",
                        () -> sign(cluster, at, key, "ED25519_SHA_512")
                                .getErrorType()
                                .equals("DisabledException"));
            }
        }
    }

    @Test
    void stockIsMadeInTheBackgroundAndUsedOnce() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 3, 2, 4)) {
            String key = createKey(cluster, 1, "ECC_NIST_P256");
            signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
            NodeCluster.await("stock", () -> status(cluster, 1).getPresignatures() >= 4);
            for (int i = 0; i < 6; i++) {
                signAndVerify(cluster, 1 + i % 2, key, "ECDSA_SHA_256");
            }
            NodeCluster.await(
                    "the stock to be filled again", () -> status(cluster, 1).getPresignatures() >= 4);
        }
    }

    @Test
    void aQuarantinedPairIsAvoidedAcrossRestartsAndHealsWhenReleased() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 3, 2, 0)) {
            String key = createKey(cluster, 1, "ECC_NIST_P256");
            signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
            cluster.node(1).operations().pairs().burn(2, "ecdsa-presign 2.1");
            signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
            cluster.stop(1);
            cluster.start(1);
            cluster.awaitLinks();
            assertThat(status(cluster, 1).getQuarantinedPairsList()).containsExactly("1-2 (ecdsa-presign 2.1)");
            signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
            cluster.stop(3);
            cluster.awaitLinks();
            assertThat(sign(cluster, 1, key, "ECDSA_SHA_256").getStatus()).isEqualTo(500);

            assertThat(cluster.operator(1)
                            .releasePair(ReleasePairRequest.newBuilder()
                                    .setPeer(2)
                                    .setReason("looked at the evidence")
                                    .build())
                            .getReleased())
                    .isTrue();
            NodeCluster.await(
                    "the pair to heal",
                    () -> sign(cluster, 1, key, "ECDSA_SHA_256").getStatus() == 200);
            assertThat(status(cluster, 1).getQuarantinedPairsList()).isEmpty();
        }
    }

    @Test
    void aShareWhoseKeyNeverCameToBeIsRemovedOnceThePartiesHaveSettledThat() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 3, 2, 0)) {
            String orphan = "key/123456789012/us-east-1/11111111-2222-3333-4444-555555555555";
            cluster.stop(1);
            try (NodeStore store = cluster.store(1)) {
                store.shares()
                        .pending(
                                orphan.substring(orphan.lastIndexOf('/') + 1),
                                0,
                                orphan,
                                new byte[] {1},
                                MemorySegment.ofArray(new byte[] {2}));
            }
            cluster.start(1);
            cluster.awaitLinks();
            cluster.node(1).operations().tidy();
            assertThat(pendingAt(cluster, 1)).containsExactly(orphan);

            cluster.ahead = Duration.ofMinutes(20);
            cluster.start(1);
            cluster.awaitLinks();
            cluster.node(1).operations().tidy();
            assertThat(pendingAt(cluster, 1)).isEmpty();
        }
    }

    @Test
    void aPartyThatMissedTheCommitUsesItsPendingShareOnceItHearsOfTheKey() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 3, 2, 0)) {
            String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
            cluster.stop(3);
            try (NodeStore store = cluster.store(3)) {
                store.database().write(sql -> {
                    // As if it had gone down between its confirmation and the commit.
                    sql.execute("update key_share set state = 'PENDING'");
                    sql.execute("delete from register");
                    sql.execute("delete from register_entry");
                    return sql.execute("delete from peer_position");
                });
            }
            cluster.start(3);
            cluster.awaitLinks();
            cluster.stop(2);
            cluster.awaitLinks();
            signAndVerify(cluster, 1, key, "ED25519_SHA_512");
        }
    }

    @Test
    void leadersThatShareAStockAtTheSameTimeNeverUseAPresignatureTwice() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 3, 2, 4)) {
            String key = createKey(cluster, 1, "ECC_SECG_P256K1");
            signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
            Queue<String> signatures = new ConcurrentLinkedQueue<>();
            Queue<String> failures = new ConcurrentLinkedQueue<>();
            List<Thread> clients = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                int leader = 1 + i % 3;
                clients.add(Thread.ofVirtual().start(() -> {
                    for (int round = 0; round < 3; round++) {
                        ClientAnswer answer = sign(cluster, leader, key, "ECDSA_SHA_256");
                        if (answer.getStatus() == 200) {
                            signatures.add(json(answer).path("Signature").asString());
                        } else {
                            failures.add(answer.getBody().toStringUtf8());
                        }
                    }
                }));
            }
            for (Thread client : clients) {
                client.join();
            }
            assertThat(failures).isEmpty();
            assertThat(signatures).hasSize(27).doesNotHaveDuplicates();
            for (int party = 1; party <= 3; party++) {
                cluster.stop(party);
                try (NodeStore store = cluster.store(party)) {
                    Integer leftover = store.database()
                            .read(sql -> sql.fetchSingle("select count(*) from presignature where state = 'TAKEN'")
                                    .get(0, Integer.class));
                    assertThat(leftover).isZero();
                }
            }
        }
    }

    @Test
    void servicesAreForTheirRoleOnly() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 2, 2, 0)) {
            assertThatThrownBy(() -> cluster.gatewayAsOperator(1).execute(cluster.signed("ListKeys", "{}")))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
            assertThatThrownBy(() -> cluster.operatorAsEndpoint(1).status(StatusRequest.getDefaultInstance()))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED));
            assertThat(status(cluster, 2).getPeersList())
                    .singleElement()
                    .satisfies(peer -> assertThat(peer.getLinked()).isTrue());
        }
    }

    @Test
    void everyPartyOfAQuorumHasTheSignatureInItsAuditLog() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 2, 2, 0)) {
            String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
            ClientAnswer forged =
                    cluster.call(1, "Sign", "{\"KeyId\":\"%s\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"}".formatted(key));
            assertThat(forged.getStatus()).isEqualTo(400);
            signAndVerify(cluster, 2, key, "ED25519_SHA_512");
            assertThat(audit(cluster, 2)).anySatisfy(record -> {
                assertThat(record.path("event").asString()).isEqualTo("request");
                assertThat(record.toString()).contains("\"outcome\":\"signed\"").contains("\"participants\":[1,2]");
            });
            for (int party = 1; party <= 2; party++) {
                assertThat(audit(cluster, party))
                        .anySatisfy(record -> assertThat(record.toString())
                                .contains("session.joined")
                                .contains("\"protocol\":\"frost\""));
            }
            assertThat(audit(cluster, 1))
                    .anySatisfy(record -> assertThat(record.toString()).contains("\"outcome\":\"refused\""));
        }
    }

    @Test
    void aDataDirectoryOfAnotherPartyOrModeIsRefused() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 2, 2, 0)) {
            PartyConfig one = cluster.config(1);
            PartyConfig two = cluster.config(2);
            cluster.stop(1);
            cluster.stop(2);
            PartyConfig mixed = new PartyConfig(
                    one.cluster(),
                    1,
                    one.parties(),
                    2,
                    1,
                    one.listen(),
                    one.metrics(),
                    two.data(),
                    one.tls(),
                    two.sealKey(),
                    one.accessKeys(),
                    0,
                    one.mode());
            assertThatThrownBy(() -> PartyNode.start(mixed, Clock.systemUTC(), (what, cause) -> {}))
                    .isInstanceOf(ForeignStore.class);
            PartyConfig development = new PartyConfig(
                    one.cluster(),
                    1,
                    one.parties(),
                    2,
                    1,
                    one.listen(),
                    one.metrics(),
                    one.data(),
                    one.tls(),
                    one.sealKey(),
                    one.accessKeys(),
                    0,
                    PartyConfig.Mode.DEVELOPMENT);
            assertThatThrownBy(() -> PartyNode.start(development, Clock.systemUTC(), (what, cause) -> {}))
                    .isInstanceOf(ForeignStore.class);
            cluster.start(1);
            cluster.start(2);
            cluster.awaitLinks();
        }
    }

    /// The registers of a party's pending shares; stops the party.
    private static List<String> pendingAt(NodeCluster cluster, int party) throws Exception {
        cluster.stop(party);
        try (NodeStore store = cluster.store(party)) {
            return store.shares().pendingOlderThan(Duration.ZERO, 10).stream()
                    .map(ShareStore.Row::register)
                    .toList();
        }
    }

    private static String keyRequest(String spec) {
        return "{\"KeySpec\":\"%s\",\"KeyUsage\":\"SIGN_VERIFY\"}".formatted(spec);
    }

    private static String createKey(NodeCluster cluster, int leader, String spec) {
        ClientAnswer answer = cluster.call(leader, "CreateKey", keyRequest(spec));
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        return json(answer).path("KeyMetadata").path("KeyId").asString();
    }

    private static ClientAnswer sign(NodeCluster cluster, int leader, String key, String algorithm) {
        return cluster.call(
                leader,
                "Sign",
                "{\"KeyId\":\"%s\",\"Message\":\"%s\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"%s\"}"
                        .formatted(key, Base64.getEncoder().encodeToString(MESSAGE), algorithm));
    }

    private static void signAndVerify(NodeCluster cluster, int leader, String key, String algorithm) throws Exception {
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

    private static StatusAnswer status(NodeCluster cluster, int party) {
        return cluster.operator(party).status(StatusRequest.getDefaultInstance());
    }

    private static List<JsonNode> audit(NodeCluster cluster, int party) {
        List<JsonNode> records = new ArrayList<>();
        cluster.operator(party)
                .audit(AuditRequest.newBuilder().setFirstSequence(1).build())
                .forEachRemaining(
                        record -> records.add(JSON.readTree(record.getJson().toByteArray())));
        return records;
    }

    private static JsonNode json(ClientAnswer answer) {
        return JSON.readTree(answer.getBody().toByteArray());
    }
}
