package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.audit;
import static org.keymoot.party.Asking.json;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.party.store.NodeStore;

/// One secret among the parties for a key in several Regions: used in each, erased when it is gone from all.
@Timeout(120)
class MultiRegionAcrossPartiesTest {
    private static final String HOME = NodeCluster.REGION;
    private static final String AWAY = "eu-west-1";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, 3, 2, 0);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static ClientAnswer ok(String region, int party, String action, String json) {
        ClientAnswer answer = cluster.callIn(region, party, action, json);
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        return answer;
    }

    private static String with(String key, String more) {
        return "{\"KeyId\":\"%s\",%s}".formatted(key, more);
    }

    private static void pass(Duration time) throws InterruptedException {
        cluster.ahead = cluster.ahead.plus(time);
        for (int party = 1; party <= 3; party++) {
            cluster.node(party).operations().tidy();
        }
    }

    @Test
    void aReplicaSignsWithThePrimarysSharesWhichAreErasedWithTheLastOfThem() throws Exception {
        // FROST needs no pair set-up, which a cluster that has just started may still be making.
        String sign = "\"Message\":\"AAAA\",\"SigningAlgorithm\":\"ED25519_SHA_512\"";
        String week = "\"PendingWindowInDays\":7";
        String key = json(ok(
                        HOME,
                        1,
                        "CreateKey",
                        "{\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\",\"MultiRegion\":true}"))
                .path("KeyMetadata")
                .path("KeyId")
                .asString();
        ok(HOME, 2, "ReplicateKey", with(key, "\"ReplicaRegion\":\"%s\"".formatted(AWAY)));
        for (int party = 1; party <= 3; party++) {
            assertThat(json(ok(AWAY, party, "Sign", with(key, sign)))
                            .path("KeyId")
                            .asString())
                    .contains(AWAY);
        }
        ok(HOME, 3, "UpdatePrimaryRegion", with(key, "\"PrimaryRegion\":\"%s\"".formatted(AWAY)));

        // The Region in which the key was made goes first; the shares stay for the other.
        ok(HOME, 1, "ScheduleKeyDeletion", with(key, week));
        pass(Duration.ofDays(7).plusMinutes(1));
        assertThat(cluster.callIn(HOME, 1, "Sign", with(key, sign)).getErrorType())
                .isEqualTo("NotFoundException");
        ok(AWAY, 1, "Sign", with(key, sign));
        pass(Duration.ofMinutes(2));
        ok(AWAY, 2, "Sign", with(key, sign));
        assertThat(audit(cluster, 1, "share.erased")).isEmpty();

        ok(AWAY, 2, "ScheduleKeyDeletion", with(key, week));
        pass(Duration.ofDays(7).plusMinutes(1));
        for (int party = 1; party <= 3; party++) {
            int at = party;
            NodeCluster.await(
                    "party " + at + " to erase its share",
                    () -> audit(cluster, at, "share.erased").stream()
                            .anyMatch(record -> record.toString().contains(key)));
        }
    }

    @Test
    void aPartyThatKnowsTheEndOfOneRegionOnlyKeepsItsShare() throws Exception {
        String key = json(ok(
                        HOME,
                        1,
                        "CreateKey",
                        "{\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\",\"MultiRegion\":true}"))
                .path("KeyMetadata")
                .path("KeyId")
                .asString();
        ok(HOME, 2, "ReplicateKey", with(key, "\"ReplicaRegion\":\"%s\"".formatted(AWAY)));
        ok(HOME, 3, "UpdatePrimaryRegion", with(key, "\"PrimaryRegion\":\"%s\"".formatted(AWAY)));
        ok(HOME, 1, "ScheduleKeyDeletion", with(key, "\"PendingWindowInDays\":7"));
        pass(Duration.ofDays(7).plusMinutes(1));

        // Party 3 is restored without all that is known of the other Region, and hears nobody.
        cluster.stop(3);
        cluster.awaitLinks();
        try (NodeStore store = cluster.store(3)) {
            store.database().write(sql -> {
                for (String table : List.of("register", "register_entry")) {
                    sql.execute(
                            "delete from " + table + " where name like ? and name not like ?",
                            "%" + key,
                            "%/" + HOME + "/" + key);
                }
                return sql.execute("delete from peer_position");
            });
        }
        cluster.tap = (from, to, frame) -> from == 3 || to == 3 ? null : frame;
        try {
            cluster.start(3);
            cluster.node(3).operations().tidy();
        } finally {
            cluster.tap = Wiretap.Tap.NONE;
        }
        assertThat(audit(cluster, 3, "share.erased").toString()).doesNotContain(key);
        cluster.stop(3);
        cluster.heal();
        cluster.node(3).operations().tidy();
        assertThat(audit(cluster, 3, "share.erased").toString()).doesNotContain(key);
        NodeCluster.await("party 3 to sign with others", () -> signsAwayFromHome(3, key));
        NodeCluster.await(
                "party 3 to have heard what its store forgot",
                () -> !cluster.node(3).operations().directory().recovery().isUnderWay());
        cluster.stop(1);
        cluster.awaitLinks();
        NodeCluster.await("parties 2 and 3 to sign", () -> signsAwayFromHome(3, key));
        cluster.heal();
    }

    private static boolean signsAwayFromHome(int party, String key) {
        String sign = with(key, "\"Message\":\"AAAA\",\"SigningAlgorithm\":\"ED25519_SHA_512\"");
        return cluster.callIn(AWAY, party, "Sign", sign).getStatus() == 200;
    }
}
