package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.createKey;
import static org.keymoot.party.Asking.sign;
import static org.keymoot.party.Asking.signAndVerify;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.party.store.NodeStore;

/// Two parties that have a key and no set-up yet.
@Timeout(120)
class PairsUnderWayTest {
    /// The questions by which two parties begin a set-up.
    private static final Wiretap.Tap HELD_BACK = (from, to, frame) ->
            frame.hasRequest() && frame.getRequest().getMethod().startsWith("pair.") ? null : frame;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, 2, 2, 0);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void aSignatureWaitsForASetUpThatIsUnderWayAndNotForOneInQuarantine() throws Exception {
        String key = createKey(cluster, 1, "ECC_SECG_P256K1");
        signAndVerify(cluster, 1, key, "ECDSA_SHA_256");
        cluster.tap = HELD_BACK;
        for (int party = 1; party <= 2; party++) {
            cluster.stop(party);
            try (NodeStore store = cluster.store(party)) {
                assertThat(store.database().<Integer>write(sql -> sql.execute("delete from pair_setup")))
                        .isLessThanOrEqualTo(1);
            }
        }
        cluster.start(1);
        cluster.start(2);
        cluster.awaitLinks();
        CompletableFuture<ClientAnswer> first =
                CompletableFuture.supplyAsync(() -> sign(cluster, 1, key, "ECDSA_SHA_256"));
        CompletableFuture<ClientAnswer> second =
                CompletableFuture.supplyAsync(() -> sign(cluster, 2, key, "ECDSA_SHA_256"));
        Thread.sleep(1500);
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        cluster.tap = Wiretap.Tap.NONE;
        assertThat(first.join().getStatus())
                .as(first.join().getBody().toStringUtf8())
                .isEqualTo(200);
        assertThat(second.join().getStatus())
                .as(second.join().getBody().toStringUtf8())
                .isEqualTo(200);
        signAndVerify(cluster, 2, key, "ECDSA_SHA_256");

        cluster.node(1).operations().pairs().burn(2, "ecdsa-sign 2.1");
        for (int leader = 1; leader <= 2; leader++) {
            long start = System.nanoTime();
            assertThat(sign(cluster, leader, key, "ECDSA_SHA_256").getStatus()).isBetween(500, 503);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        }
    }
}
