package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.audit;
import static org.keymoot.party.Asking.createKey;
import static org.keymoot.party.Asking.json;
import static org.keymoot.party.Asking.onKey;
import static org.keymoot.party.Asking.sign;
import static org.keymoot.party.Asking.signAndVerify;
import static org.keymoot.party.Asking.status;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.party.store.NodeStore;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class PartyStockTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    /// Shared by the tests, since a cluster takes long to start; each finds it whole.
    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, 3, 2, 4);
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
    void everyPairOfThreePartiesSignsAndEveryLeaderAnswers() throws Exception {
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

    @Test
    void stockIsMadeInTheBackgroundAndUsedOnce() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_P256");
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
        NodeCluster.await("stock", () -> status(cluster, 1).getPresignatures() >= 4);
        for (int i = 0; i < 6; i++) {
            signAndVerify(cluster, 1 + i % 2, key, "ECDSA_SHA_256");
        }
        NodeCluster.await(
                "the stock to be filled again", () -> status(cluster, 1).getPresignatures() >= 4);
    }

    @Test
    void leadersThatShareAStockAtTheSameTimeNeverUseAPresignatureTwice() throws Exception {
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

    @Test
    void whatIsLeftOfADeletedKeyIsErasedAtEveryPartyOnceTheDirectoryHasTheDeletion() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_P256");
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
        NodeCluster.await("stock", () -> status(cluster, 1).getPresignatures() >= 4);
        ClientAnswer scheduled =
                cluster.call(1, "ScheduleKeyDeletion", "{\"KeyId\":\"%s\",\"PendingWindowInDays\":7}".formatted(key));
        assertThat(scheduled.getStatus()).as(scheduled.getBody().toStringUtf8()).isEqualTo(200);
        assertThat(sign(cluster, 2, key, "ECDSA_SHA_256").getErrorType()).isEqualTo("KMSInvalidStateException");
        cluster.stop(2);
        cluster.stop(3);

        cluster.ahead = cluster.ahead.plus(Duration.ofDays(8));
        cluster.node(1).operations().tidy();
        // Alone, a party cannot know whether the deletion was cancelled.
        assertThat(erased(1, key)).isEmpty();
        assertThat(onKey(cluster, 1, "DescribeKey", key).getErrorType()).isEqualTo("NotFoundException");
        cluster.start(2);
        cluster.awaitLinks();
        NodeCluster.await("the deletion", () -> {
            tidy(1);
            return !erased(1, key).isEmpty() && !erased(2, key).isEmpty();
        });
        for (int party = 1; party <= 2; party++) {
            assertThat(onKey(cluster, party, "DescribeKey", key).getErrorType()).isEqualTo("NotFoundException");
            assertThat(sign(cluster, party, key, "ECDSA_SHA_256").getErrorType())
                    .isEqualTo("NotFoundException");
        }
        cluster.start(3);
        cluster.awaitLinks();
        NodeCluster.await("the party that was away", () -> !erased(3, key).isEmpty());
        tidy(1);
        tidy(3);
        for (int party = 1; party <= 3; party++) {
            assertThat(erased(party, key)).hasSize(1);
            assertNothingLeft(party, key);
        }
    }

    private static List<JsonNode> erased(int party, String key) {
        return audit(cluster, party, "share.erased").stream()
                .filter(record -> record.toString().contains("\"key\":\"%s\"".formatted(key)))
                .toList();
    }

    private static void tidy(int party) {
        try {
            cluster.node(party).operations().tidy();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Stops the party to look into its store.
    private static void assertNothingLeft(int party, String key) throws Exception {
        cluster.stop(party);
        try (NodeStore store = cluster.store(party)) {
            assertThat(store.database()
                            .read(sql -> sql.fetch("select state, sealed from key_share where key_id = ?", key))
                            .map(row -> row.get(0, String.class) + row.get(1)))
                    .containsExactly("ERASEDnull");
            assertThat(store.database()
                            .read(sql -> sql.fetch("select 1 from presignature where key_id = ?", key))
                            .size())
                    .isZero();
            assertThat(store.database()
                            .read(sql -> sql.fetch("select live from register where name like ?", "%" + key))
                            .getValues(0, Integer.class))
                    .containsExactly(0);
        }
        cluster.start(party);
    }
}
