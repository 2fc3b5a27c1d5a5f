package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.keymoot.party.Asking.audit;
import static org.keymoot.party.Asking.createKey;
import static org.keymoot.party.Asking.signAndVerify;

import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.party.store.ForeignStore;
import org.keymoot.platform.seal.SealBroken;

@Timeout(120)
class TwoPartiesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    /// Shared by the tests, since a cluster takes long to start; each finds it whole.
    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, 2, 2, 0);
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
    void everyPartyOfAQuorumHasTheSignatureInItsAuditLog() throws Exception {
        String key = createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        assertThat(audit(cluster, 2)).anySatisfy(record -> {
            assertThat(record.path("event").asString()).isEqualTo("change.accepted");
            assertThat(record.path("fields").path("proposer").asInt()).isEqualTo(1);
            assertThat(record.path("fields").path("version").asLong()).isEqualTo(1);
            assertThat(record.path("fields").path("register").asString()).endsWith("/" + key);
            assertThat(record.path("fields").path("operation").asString()).isEqualTo("CreateKey");
        });
        assertThat(audit(cluster, 1))
                .as("the party that leads has its record of the request")
                .noneSatisfy(
                        record -> assertThat(record.path("event").asString()).isEqualTo("change.accepted"));
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

    @Test
    void aDataDirectoryOfAnotherPartyOrModeOrWithoutItsSealKeyIsRefused() throws Exception {
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
        Path missing = one.data().resolveSibling("not-mounted.key");
        PartyConfig unsealed = new PartyConfig(
                one.cluster(),
                1,
                one.parties(),
                2,
                1,
                one.listen(),
                one.metrics(),
                one.data(),
                one.tls(),
                missing,
                one.accessKeys(),
                0,
                one.mode());
        assertThatThrownBy(() -> PartyNode.start(unsealed, Clock.systemUTC(), (what, cause) -> {}))
                .isInstanceOf(SealBroken.class)
                .hasMessageContaining(missing.toString());
        assertThat(missing).doesNotExist();
        cluster.start(1);
        cluster.start(2);
        cluster.awaitLinks();
    }
}
