package org.keymoot.party.directory;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.RegisterName;
import org.keymoot.access.iam.AccessKeyRecord;
import org.keymoot.party.store.NodeStore;
import org.keymoot.party.store.Owner;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.seal.KeyRing;
import org.keymoot.platform.seal.Sealer;

/// As many readings as there are connections, each of which looks up a credential or a secret that memory does not
/// hold.
@Timeout(value = 5, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LookUpsWithinReadingsTest {
    private static final int CONNECTIONS = 4;
    private static final byte[] SECRET = "a secret that parties drew".getBytes(US_ASCII);

    @TempDir
    Path folder;

    @Test
    void unknownAccessKeysThatAreAskedForAtOnceTakeNoSecondConnection() throws Exception {
        assertThat(lookUp((view, i) -> view.credential("AKIA000000000000000" + i) == null))
                .containsOnly(true);
    }

    @Test
    void issuedSecretsThatAreFirstAskedForAtOnceTakeNoSecondConnection() throws Exception {
        assertThat(lookUp(
                        (view, i) -> view.issued(register(i), AccessKeyRecord.commitment(register(i), SECRET)) != null))
                .containsOnly(true);
        assertThat(lookUp((view, i) -> view.issued(register(i), "of nothing") == null))
                .containsOnly(true);
    }

    private List<Boolean> lookUp(BiFunction<DirectoryView, Integer, Boolean> lookUp) throws Exception {
        SecureRandom random = new SecureRandom();
        Path ring = folder.resolve(random.nextLong() + ".key");
        try (NodeStore store = NodeStore.open(
                PrivateFiles.createDirectory(folder.resolve("party-" + random.nextLong())),
                new Owner("test", 1, true),
                new Sealer(KeyRing.create(ring, random), random),
                Clock.systemUTC(),
                random,
                (what, cause) -> {})) {
            for (int i = 0; i < CONNECTIONS; i++) {
                store.secrets().put(register(i), AccessKeyRecord.commitment(register(i), SECRET), SECRET.clone());
            }
            ReplicatedDirectory directory = new ReplicatedDirectory(
                    1,
                    1,
                    1,
                    store.database(),
                    store.runs(),
                    store.credentials(),
                    store.secrets(),
                    new ManyKeysTest.OwnCertificate(TestCluster.certificate(
                            KeyPairGenerator.getInstance("EC").generateKeyPair(), "party-1")),
                    (entry, freshness) -> {},
                    new ManyKeysTest.Alone());
            CyclicBarrier allHoldAConnection = new CyclicBarrier(CONNECTIONS);
            List<Future<Boolean>> found = new ArrayList<>();
            try (var threads = Executors.newFixedThreadPool(CONNECTIONS)) {
                for (int i = 0; i < CONNECTIONS; i++) {
                    int mine = i;
                    found.add(threads.submit(() -> directory.read(view -> {
                        view.count("unremembered/" + mine, 1);
                        await(allHoldAConnection);
                        return lookUp.apply(view, mine);
                    })));
                }
                List<Boolean> all = new ArrayList<>();
                for (Future<Boolean> one : found) {
                    all.add(one.get());
                }
                return all;
            }
        }
    }

    private static RegisterName register(int i) {
        return RegisterName.key("123456789012", "us-east-1", "k" + i);
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException("a reading did not begin", e);
        }
    }
}
