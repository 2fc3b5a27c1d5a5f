package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.RecoverWithoutRequest;
import org.keymoot.api.gateway.v1.StatusAnswer;
import org.keymoot.api.gateway.v1.StatusRequest;

/// A party that is put back from a backup, while the one that knows better is away.
@Timeout(120)
class RestoredPartyTest {
    private static final String ALGORITHM = "ED25519_SHA_512";

    @TempDir
    Path folder;

    @Test
    void aKeyThatWasDisabledSinceTheBackupSignsNothingWhateverPartiesAreUp() throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder.resolve("cluster"), 3, 2, 0)) {
            String key = Asking.createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
            Asking.signAndVerify(cluster, 2, key, ALGORITHM);
            cluster.stop(2);
            Path backup = copyWithoutMarker(cluster.config(2).data(), folder.resolve("backup"));
            cluster.start(2);
            cluster.stop(3);
            cluster.awaitLinks();
            assertThat(Asking.onKey(cluster, 1, "DisableKey", key).getStatus()).isEqualTo(200);

            cluster.stop(2);
            putBack(backup, cluster.config(2).data());
            cluster.stop(1);
            cluster.start(2);
            cluster.start(3);
            cluster.awaitLinks();
            for (int leader = 2; leader <= 3; leader++) {
                ClientAnswer refused = Asking.sign(cluster, leader, key, ALGORITHM);
                assertThat(refused.getStatus())
                        .as(refused.getBody().toStringUtf8())
                        .isGreaterThanOrEqualTo(500);
                assertThat(Asking.onKey(cluster, leader, "EnableKey", key).getStatus())
                        .isGreaterThanOrEqualTo(500);
            }
            NodeCluster.await(
                    "party 3 to be heard",
                    () -> status(cluster).getAwaitedList().equals(List.of(1)));
            assertThat(status(cluster).getRecovering()).contains("put back");

            cluster.start(1);
            cluster.awaitLinks();
            NodeCluster.await(
                    "the recovery", () -> status(cluster).getRecovering().isEmpty());
            // The first time was when the cluster was new.
            assertThat(Asking.audit(cluster, 2, "party.recovered")).hasSize(2);
            cluster.stop(1);
            cluster.awaitLinks();
            for (int leader = 2; leader <= 3; leader++) {
                assertThat(Asking.sign(cluster, leader, key, ALGORITHM).getErrorType())
                        .isEqualTo("DisabledException");
            }
            assertThat(Asking.onKey(cluster, 3, "EnableKey", key).getStatus()).isEqualTo(200);
            Asking.signAndVerify(cluster, 3, key, ALGORITHM);

            // The next time, party 1 is never coming back.
            cluster.stop(2);
            putBack(backup, cluster.config(2).data());
            cluster.start(2);
            cluster.awaitLinks();
            NodeCluster.await(
                    "party 3 to be heard again",
                    () -> status(cluster).getAwaitedList().equals(List.of(1)));
            RecoverWithoutRequest without = RecoverWithoutRequest.newBuilder()
                    .setPeer(1)
                    .setReason("machine lost")
                    .build();
            assertThat(cluster.operator(2).recoverWithout(without).getGivenUp()).isTrue();
            assertThat(cluster.operator(2).recoverWithout(without).getGivenUp()).isFalse();
            assertThat(status(cluster).getRecovering()).isEmpty();
            assertThat(Asking.audit(cluster, 2, "party.recovery.without"))
                    .singleElement()
                    .satisfies(record -> assertThat(record.toString())
                            .contains("machine lost")
                            .contains("operator/alice"));
            Asking.signAndVerify(cluster, 2, key, ALGORITHM);
        }
    }

    private static StatusAnswer status(NodeCluster cluster) {
        return cluster.operator(2).status(StatusRequest.getDefaultInstance());
    }

    private static Path copyWithoutMarker(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                if (!file.endsWith("boot-epoch") && !file.endsWith("lock")) {
                    Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
        return to;
    }

    private static void putBack(Path backup, Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        copyWithoutMarker(backup, data);
    }
}
