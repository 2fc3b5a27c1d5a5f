package org.keymoot.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.testkit.cluster.RunningCluster;
import org.keymoot.testkit.cluster.Shell;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;

/// SIGKILL at any moment of making a key and of signing, chosen by the clock and by the victim's own writes to disk.
class KillTest {
    private static final long SEED = 20_260_117;
    private static final Duration LONGEST_LOAD = Duration.ofSeconds(40);
    private static final KeySpec ECDSA = KeySpec.ECC_SECG_P256_K1;

    @TempDir
    Path folder = Path.of("");

    /// What clients do meanwhile.
    private enum Load {
        MAKING_KEYS(0),
        SIGNING_AND_MAKING_KEYS(2);

        private final int signers;

        Load(int signers) {
            this.signers = signers;
        }
    }

    /// A key that a client was given.
    private record Given(String keyId, KeySpec spec) {}

    /// A signature that a client was given.
    private record Made(String keyId, KeySpec spec, byte[] message, byte[] signature) {}

    @Test
    void killsByTheClockAndAtSomeWritesLeaveOnlyUsableKeysAndNoNonceTwice() throws Exception {
        try (Run run = new Run()) {
            run.killAfterMillis(1, 700);
            run.killAtSync(2, 14, Load.SIGNING_AND_MAKING_KEYS);
            run.killAtSync(3, 7, Load.MAKING_KEYS);
            run.check();
        }
    }

    @Test
    @Tag("slow")
    void killsAtEveryWriteLeaveOnlyUsableKeysAndNoNonceTwice() throws Exception {
        try (Run run = new Run()) {
            Random random = new Random(SEED);
            for (int nth = 1; nth <= 40; nth++) {
                run.killAtSync(1 + nth % 3, nth, nth % 2 == 0 ? Load.MAKING_KEYS : Load.SIGNING_AND_MAKING_KEYS);
                run.killAfterMillis(1 + (nth + 1) % 3, random.nextInt(4000));
            }
            run.check();
        }
    }

    /// One cluster, its load, and all that its clients were told.
    private final class Run implements AutoCloseable {
        private final Victims victims;
        private final KmsClient kms;
        private final Stores stores;
        private final Queue<Given> given = new ConcurrentLinkedQueue<>();
        private final Queue<Made> made = new ConcurrentLinkedQueue<>();
        private final AtomicInteger failures = new AtomicInteger();
        private final AtomicInteger kills = new AtomicInteger();

        Run() throws Exception {
            victims = Victims.start(folder.resolve("cluster"));
            kms = victims.cluster().client();
            stores = new Stores(victims);
            given.add(new Given(Client.createKey(kms, ECDSA), ECDSA));
            // Signatures that set the pairs up and start the stock.
            for (int i = 0; i < 3; i++) {
                signOnce(given.element(), "before " + i);
            }
        }

        /// Kills a party so long after the load began.
        void killAfterMillis(int party, long millis) throws Exception {
            String name = Victims.name(party);
            under(Load.SIGNING_AND_MAKING_KEYS, () -> {
                Thread.sleep(millis);
                victims.kill(name);
                kills.incrementAndGet();
                Thread.sleep(500);
            });
            recover(name);
        }

        /// Kills a party at the n-th write to disk by any one of its threads, under load.
        void killAtSync(int party, int nth, Load load) throws Exception {
            String name = Victims.name(party);
            victims.dieAtSync(name, nth);
            under(load, () -> {
                ProcessHandle victim = victims.process(name);
                victim.onExit().get(LONGEST_LOAD.toSeconds(), TimeUnit.SECONDS);
                System.out.printf("%s died at its %d-th, after %d by all threads%n", name, nth, victims.syncs(name));
                kills.incrementAndGet();
                Thread.sleep(300);
            });
            victims.endTracing();
            recover(name);
        }

        private void recover(String name) throws Exception {
            victims.start(name);
            victims.awaitWhole();
            assertThat(stores.presignaturesUsedTwice()).isEmpty();
        }

        private interface Act {
            void run() throws Exception;
        }

        private void under(Load load, Act act) throws Exception {
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < load.signers; i++) {
                int signer = i;
                threads.add(Thread.ofVirtual().start(() -> {
                    for (int n = 0; !stop.get(); n++) {
                        attempt(() -> signOnce(given.element(), "load %d %d".formatted(signer, n(made))));
                    }
                }));
            }
            threads.add(Thread.ofVirtual().start(() -> {
                for (int n = 0; !stop.get(); n++) {
                    KeySpec spec = n % 2 == 0 ? ECDSA : KeySpec.ECC_NIST_EDWARDS25519;
                    attempt(() -> given.add(new Given(Client.createKey(kms, spec), spec)));
                }
            }));
            try {
                act.run();
            } finally {
                stop.set(true);
                for (Thread thread : threads) {
                    thread.join();
                }
            }
        }

        private static int n(Queue<Made> made) {
            return made.size();
        }

        private void attempt(Runnable call) {
            try {
                call.run();
            } catch (SdkException e) {
                failures.incrementAndGet();
            }
        }

        private void signOnce(Given key, String text) {
            byte[] message = Client.message(text + " " + System.nanoTime());
            byte[] signature = Client.sign(kms, key.keyId(), key.spec(), message);
            made.add(new Made(key.keyId(), key.spec(), message, signature));
        }

        /// Every promise, once all is well again.
        void check() throws Exception {
            System.out.printf(
                    "kills %d, keys given %d, signatures %d, failed calls %d, spent presignatures seen %d%n",
                    kills.get(), given.size(), made.size(), failures.get(), stores.spentSeen());
            assertThat(kills.get()).isPositive();
            everyGivenKeyIsUsableByEveryPair();
            everyKeyOfTheDirectoryIsUsable();
            everySignatureVerifiesAndNoNonceOccursTwice();
            assertThat(stores.presignaturesUsedTwice()).isEmpty();
            assertThat(stores.spentSeen()).isPositive();
            Shell.Result audit =
                    Shell.keymoot("audit", "verify", "--data", victims.data().toString());
            assertThat(audit.exitCode()).as(audit.out()).isZero();
        }

        private void everyGivenKeyIsUsableByEveryPair() throws Exception {
            for (int absent : IntStream.rangeClosed(1, 3).toArray()) {
                victims.kill(Victims.name(absent));
                for (Given key : given) {
                    byte[] message = Client.message("without %d".formatted(absent));
                    byte[] signature = Client.signPatiently(kms, key.keyId(), key.spec(), message);
                    made.add(new Made(key.keyId(), key.spec(), message, signature));
                }
                victims.start(Victims.name(absent));
                victims.awaitWhole();
            }
        }

        /// A key of which the client never heard is either not there or a whole one.
        private void everyKeyOfTheDirectoryIsUsable() throws Exception {
            for (var entry : kms.listKeysPaginator().keys()) {
                KeySpec spec = kms.describeKey(r -> r.keyId(entry.keyId()))
                        .keyMetadata()
                        .keySpec();
                byte[] message = Client.message("listed");
                byte[] signature = Client.signPatiently(kms, entry.keyId(), spec, message);
                made.add(new Made(entry.keyId(), spec, message, signature));
            }
            RunningCluster.await("no share is left pending", Duration.ofSeconds(5), () -> {
                try {
                    return IntStream.rangeClosed(1, 3)
                            .mapToLong(party -> activeShares(party))
                            .allMatch(count -> count >= given.size());
                } catch (IllegalStateException e) {
                    return false;
                }
            });
        }

        private long activeShares(int party) {
            try {
                return stores.count(party, "key_share where state = 'ACTIVE'");
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        private void everySignatureVerifiesAndNoNonceOccursTwice() throws Exception {
            Map<String, PublicKey> publicKeys = new HashMap<>();
            Set<String> nonces = new TreeSet<>();
            for (Made one : made) {
                PublicKey key = publicKeys.get(one.keyId());
                if (key == null) {
                    key = Client.publicKey(kms, one.keyId());
                    publicKeys.put(one.keyId(), key);
                }
                assertThat(Client.verifies(key, one.spec(), one.message(), one.signature()))
                        .isTrue();
                if (one.spec() == ECDSA) {
                    assertThat(nonces.add(one.keyId() + Client.nonceOf(one.signature())))
                            .as("nonce of a signature under %s", one.keyId())
                            .isTrue();
                }
            }
        }

        @Override
        public void close() throws Exception {
            kms.close();
            victims.close();
        }
    }
}
