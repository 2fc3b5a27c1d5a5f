package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.createKey;
import static org.keymoot.party.Asking.sign;
import static org.keymoot.party.Asking.signAndVerify;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;

@Timeout(120)
class FivePartiesTest {
    @Test
    void threeOfFivePartiesSignWithTwoDown(@TempDir Path folder) throws Exception {
        try (NodeCluster cluster = new NodeCluster(folder, 5, 3, 0)) {
            String p256 = createKey(cluster, 1, "ECC_NIST_P256");
            String ed = createKey(cluster, 4, "ECC_NIST_EDWARDS25519");
            cluster.stop(2);
            cluster.stop(5);
            cluster.awaitLinks();
            for (int leader : List.of(1, 3, 4)) {
                signAndVerify(cluster, leader, p256, "ECDSA_SHA_256");
                signAndVerify(cluster, leader, ed, "ED25519_SHA_512");
            }
            cluster.stop(4);
            cluster.awaitLinks();
            for (String key : List.of(p256, ed)) {
                ClientAnswer answer = sign(cluster, 1, key, key.equals(ed) ? "ED25519_SHA_512" : "ECDSA_SHA_256");
                assertThat(answer.getStatus()).isEqualTo(500);
                assertThat(answer.getBody().toStringUtf8()).contains("1 more must be reachable");
            }
        }
    }
}
