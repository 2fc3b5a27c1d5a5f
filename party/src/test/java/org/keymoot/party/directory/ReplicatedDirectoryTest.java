package org.keymoot.party.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterTerm;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.api.directory.v1.CommittedEntry;
import org.keymoot.api.directory.v1.Outcome;
import org.keymoot.api.directory.v1.PrepareAnswer;
import org.keymoot.api.directory.v1.Receipt;
import org.keymoot.party.directory.ReplicatedDirectory.Commit;

class ReplicatedDirectoryTest {
    private static final RegisterName KEY = RegisterName.key("123456789012", "us-east-1", "k1");
    private static final RegisterName OTHER = RegisterName.key("123456789012", "us-east-1", "k2");

    @TempDir
    Path folder;

    @Test
    void aCommitIsSeenByEveryParty() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 1)) {
            assertThat(cluster.commit(1, KEY, "{\"a\":1}")).isEqualTo(new Commit.Done());
            assertThat(cluster.commit(2, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
            for (int party = 1; party <= 3; party++) {
                awaitVersion(cluster, party, KEY, 2);
                assertThat(cluster.read(party, KEY)).isEqualTo(new RegisterValue(2, "{\"a\":2}"));
            }
        }
    }

    @Test
    void aReadingThatHasBegunDoesNotSeeALaterCommit() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 21)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            cluster.commit(1, OTHER, "{\"b\":1}");
            for (boolean remembered : new boolean[] {false, true}) {
                long version = Objects.requireNonNull(cluster.read(1, KEY)).version();
                if (remembered) {
                    assertThat(cluster.read(1, OTHER)).isNotNull();
                }
                AtomicBoolean committed = new AtomicBoolean();
                List<Long> seen = cluster.at(1).read(view -> {
                    long first = Objects.requireNonNull(view.read(OTHER)).version();
                    if (committed.compareAndSet(false, true)) {
                        commitBoth(cluster, version);
                    }
                    return List.of(first, Objects.requireNonNull(view.read(KEY)).version());
                });
                assertThat(seen).containsExactly(version, version);
                assertThat(cluster.read(1, KEY)).isEqualTo(new RegisterValue(version + 1, "{\"a\":2}"));
                assertThat(cluster.read(1, OTHER)).isEqualTo(new RegisterValue(version + 1, "{\"b\":2}"));
            }
        }
    }

    private static void commitBoth(TestCluster cluster, long version) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.submit(() -> {
                        cluster.commit(1, KEY, "{\"a\":2}");
                        return cluster.commit(1, OTHER, "{\"b\":2}");
                    })
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("the commits after version " + version + " failed", e);
        }
    }

    @Test
    void versionsPositionsAndBallotsBeyond32BitsAreReadAsTheyWereWritten() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 1)) {
            assertThat(cluster.commit(1, OTHER, "{\"a\":0}")).isEqualTo(new Commit.Done());
            assertThat(cluster.commit(1, KEY, "{\"a\":1}")).isEqualTo(new Commit.Done());
            long large = (1L << 40) + 5;
            for (int party = 1; party <= 3; party++) {
                awaitVersion(cluster, party, KEY, 1);
                awaitVersion(cluster, party, OTHER, 1);
                // The first row of each answer stays small: a type guessed from it would not hold for the second.
                cluster.sql(party, "update register set version = ? where name = ?", large, KEY.text());
                cluster.sql(
                        party,
                        "update register_entry set version = ?, position = ? where name = ?",
                        large,
                        large,
                        KEY.text());
                // What it remembers is from before.
                cluster.stop(party);
                cluster.start(party);
                cluster.down.remove(party);
            }
            RegisterStore store = cluster.storeOf(1);
            assertThat(cluster.read(1, KEY)).isEqualTo(new RegisterValue(large, "{\"a\":1}"));
            assertThat(store.committedVersion(KEY.text())).isEqualTo(large);
            assertThat(store.newestPosition()).isEqualTo(large);
            assertThat(store.positions(0, 10))
                    .extracting(position -> position.getPosition())
                    .hasSize(2)
                    .endsWith(large);
            assertThat(store.positions(0, 10))
                    .extracting(position -> position.getVersion())
                    .containsExactly(1L, large);
            assertThat(cluster.at(1).<Object>read(view -> view.list(RegisterName.ALL_KEYS, "", 10)))
                    .asInstanceOf(InstanceOfAssertFactories.list(DirectoryView.Entry.class))
                    .extracting(entry -> entry.value().version())
                    .containsExactlyInAnyOrder(1L, large);
            RegisterStore.Followed followed = new RegisterStore.Followed(large, store.chain(large));
            store.follow(2, followed);
            assertThat(store.followed(2)).isEqualTo(followed);

            long ballot = Ballot.above(large, 1);
            assertThat(store.promise(KEY.text(), large + 1, 257, 1).getOutcome())
                    .isEqualTo(Outcome.OUTCOME_OK);
            cluster.sql(1, "update register_vote set promised = ?", ballot);
            PrepareAnswer outbid = store.promise(KEY.text(), large + 1, 513, 1);
            assertThat(outbid.getOutcome()).isEqualTo(Outcome.OUTCOME_OUTBID);
            assertThat(outbid.getBallot()).isEqualTo(ballot);
            assertThat(cluster.commit(2, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
            assertThat(cluster.read(2, KEY)).isEqualTo(new RegisterValue(large + 1, "{\"a\":2}"));
        }
    }

    @Test
    void whatIsRememberedOfAMissingRegisterEndsWithItsFirstCommit() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 22)) {
            assertThat(cluster.read(1, KEY)).isNull();
            assertThat(cluster.read(1, KEY)).isNull();
            cluster.commit(1, KEY, "{\"a\":1}");
            assertThat(cluster.read(1, KEY)).isEqualTo(new RegisterValue(1, "{\"a\":1}"));
        }
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPeerThatDoesNotAnswerHoldsUpNoOneWhoFollowsAnother() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 1)) {
            cluster.stop(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":1}")).isEqualTo(new Commit.Done());
            cluster.start(3);
            cluster.frozen.add(2);
            cluster.down.remove(3);
            Thread stuck = Thread.ofVirtual().start(() -> cluster.at(3).followNow(2));
            while (cluster.waiting.get() == 0) {
                Thread.sleep(5);
            }
            assertThat(cluster.at(3).followNow(1)).isTrue();
            assertThat(cluster.read(3, KEY)).isEqualTo(new RegisterValue(1, "{\"a\":1}"));
            assertThat(stuck.isAlive()).isTrue();
            cluster.frozen.clear();
            stuck.join();
        }
    }

    /// Commits of after the backup have the positions that were followed before it was put back.
    @Test
    void aPeerThatWasPutBackToABackupIsFollowedFromTheBeginning() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 23)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            cluster.stop(1);
            Path database = folder.resolve("party-1.db");
            Path backup = folder.resolve("backup");
            Files.copy(database, backup);
            cluster.start(1);
            cluster.down.remove(1);
            cluster.commit(1, OTHER, "{\"b\":1}");
            assertThat(cluster.at(3).followNow(1)).isTrue();

            cluster.stop(1);
            for (String file : List.of("party-1.db-wal", "party-1.db-shm")) {
                Files.deleteIfExists(folder.resolve(file));
            }
            Files.copy(backup, database, StandardCopyOption.REPLACE_EXISTING);
            cluster.start(1);
            cluster.down.remove(1);
            cluster.down.add(3);
            RegisterName missed = RegisterName.key("123456789012", "us-east-1", "k3");
            assertThat(cluster.commit(1, missed, "{\"c\":1}")).isEqualTo(new Commit.Done());
            assertThat(cluster.commit(1, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
            assertThat(cluster.commit(1, KEY, "{\"a\":3}")).isEqualTo(new Commit.Done());
            cluster.down.remove(3);
            cluster.down.add(2);
            assertThat(cluster.at(3).followNow(1)).isTrue();
            assertThat(cluster.read(3, missed)).isEqualTo(new RegisterValue(1, "{\"c\":1}"));
            assertThat(cluster.read(3, KEY)).isEqualTo(new RegisterValue(3, "{\"a\":3}"));
            assertThat(cluster.read(3, OTHER)).isEqualTo(new RegisterValue(1, "{\"b\":1}"));
        }
    }

    @Test
    void onePartyDownDoesNotStopCommitsAndItCatchesUpWhenItReturns() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 2)) {
            cluster.stop(3);
            for (int i = 1; i <= 5; i++) {
                assertThat(cluster.commit(1, KEY, "{\"a\":" + i + "}")).isEqualTo(new Commit.Done());
            }
            assertThat(cluster.commit(2, OTHER, "{\"b\":1}")).isEqualTo(new Commit.Done());
            cluster.start(3);
            cluster.down.remove(3);
            assertThat(cluster.at(3).followNow(1)).isTrue();
            assertThat(cluster.at(3).followNow(2)).isTrue();
            assertThat(cluster.read(3, KEY)).isEqualTo(new RegisterValue(5, "{\"a\":5}"));
            assertThat(cluster.read(3, OTHER)).isEqualTo(new RegisterValue(1, "{\"b\":1}"));
            assertThat(cluster.at(3).lag()).isZero();
        }
    }

    @Test
    void aPartyThatMissedVersionsIsBroughtUpToDateByTheNextCommit() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 3)) {
            cluster.down.add(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":1}")).isEqualTo(new Commit.Done());
            cluster.down.remove(3);
            cluster.down.add(2);
            assertThat(cluster.commit(1, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
            awaitVersion(cluster, 3, KEY, 2);
        }
    }

    @Test
    void aMinorityCommitsNothing() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 4)) {
            cluster.down.add(2);
            cluster.down.add(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":1}")).isInstanceOf(Commit.NotEnoughParties.class);
            assertThat(cluster.read(1, KEY)).isNull();
        }
    }

    @Test
    void anEntryThatMayHaveBeenChosenIsFinishedBeforeAnother() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 5)) {
            // Party 1 dies after its entry was accepted by all and before anyone heard that it was committed.
            cluster.lostMethods.add(Proposer.LEARN);
            assertThat(cluster.commit(1, KEY, "{\"a\":1}")).isInstanceOf(Commit.NotEnoughParties.class);
            cluster.stop(1);
            cluster.lostMethods.clear();
            assertThat(cluster.read(2, KEY)).isNull();
            assertThat(cluster.commit(2, KEY, "{\"a\":2}")).isEqualTo(new Commit.Overtaken());
            assertThat(cluster.read(2, KEY)).isEqualTo(new RegisterValue(1, "{\"a\":1}"));
        }
    }

    /// A party that accepted an entry but has not heard that it was chosen still decides by the version before.
    @Test
    void aCommitIsReportedOnlyOnceACommitQuorumDecidesByIt() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 15);
                ExecutorService client = Executors.newVirtualThreadPerTaskExecutor()) {
            cluster.lostMethods.add(Proposer.LEARN);
            Future<Commit> commit = client.submit(() -> cluster.commit(1, KEY, "{\"a\":1}"));
            while (cluster.read(1, KEY) == null) {
                Thread.sleep(5);
            }
            Thread.sleep(500);
            assertThat(cluster.read(2, KEY)).isNull();
            assertThat(cluster.read(3, KEY)).isNull();
            assertThat(commit.isDone()).isFalse();
            cluster.lostMethods.clear();
            assertThat(commit.get()).isEqualTo(new Commit.Done());
            assertThat(java.util.stream.IntStream.of(2, 3)
                            .filter(party -> cluster.read(party, KEY) != null)
                            .count())
                    .isPositive();
        }
    }

    @Test
    void aPartyThatMissedACommitLearnsOfItWhenItAsksForTheNewestVersion() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 16)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            awaitVersion(cluster, 3, KEY, 1);
            cluster.down.add(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
            assertThat(cluster.at(3).freshness(Map.of(KEY, 1L))).isEqualTo(ReplicatedDirectory.Freshness.UNKNOWN);
            cluster.down.remove(3);
            cluster.down.add(1);
            assertThat(cluster.at(3).freshness(Map.of(KEY, 1L))).isEqualTo(ReplicatedDirectory.Freshness.OUTDATED);
            assertThat(cluster.read(3, KEY)).isEqualTo(new RegisterValue(2, "{\"a\":2}"));
            assertThat(cluster.at(3).freshness(Map.of(KEY, 2L))).isEqualTo(ReplicatedDirectory.Freshness.NEWEST);
        }
    }

    @Test
    void aliasesAndGrantsAreFoundByTheirContentAlsoAfterTheIndexWasMadeAnew() throws Exception {
        String alias = "{\"created\":1,\"request\":\"r\",\"target\":\"%s\",\"updated\":1%s}";
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 17)) {
            for (int i = 0; i < 3; i++) {
                cluster.commit(
                        1, RegisterName.alias("123456789012", "us-east-1", "alias/a" + i), alias.formatted("k1", ""));
            }
            cluster.commit(1, RegisterName.alias("123456789012", "us-east-1", "alias/a0"), alias.formatted("k2", ""));
            cluster.commit(
                    1,
                    RegisterName.alias("123456789012", "us-east-1", "alias/a1"),
                    "{\"created\":1,\"deleted\":true,\"request\":\"r\",\"target\":\"k1\",\"updated\":1}");
            for (boolean again : new boolean[] {false, true}) {
                if (again) {
                    cluster.sql(1, "delete from register_term");
                    cluster.sql(1, "update register_term_format set format = 0");
                    cluster.stop(1);
                    cluster.down.remove(1);
                    cluster.start(1);
                }
                assertThat(aliases(cluster, KEY)).containsExactly("a2");
                assertThat(aliases(cluster, OTHER)).containsExactly("a0");
                assertThat(aliases(cluster, OTHER)).as("from memory").containsExactly("a0");
            }
        }
    }

    private static List<String> aliases(TestCluster cluster, RegisterName key) {
        return cluster
                .at(1)
                .read(view -> view.find(new RegisterTerm(RegisterName.Kind.ALIAS, key.text()), "", 100))
                .stream()
                .map(entry -> entry.name().last())
                .toList();
    }

    @Test
    void partiesRefuseWhatTheyDoNotFindJustified() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 6)) {
            cluster.refusing.add(2);
            cluster.refusing.add(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":1}"))
                    .isInstanceOfSatisfying(
                            Commit.Refused.class,
                            refused -> assertThat(refused.why()).contains("not justified"));
            assertThat(cluster.read(2, KEY)).isNull();
        }
    }

    @Test
    void oneRefusingPartyDoesNotStopTheOthers() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 7)) {
            cluster.refusing.add(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":1}")).isEqualTo(new Commit.Done());
        }
    }

    @Test
    void aRestartForgetsNothing() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 8)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            awaitVersion(cluster, 2, KEY, 1);
            cluster.stop(2);
            cluster.start(2);
            cluster.down.remove(2);
            assertThat(cluster.read(2, KEY)).isEqualTo(new RegisterValue(1, "{\"a\":1}"));
            assertThat(cluster.commit(2, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
        }
    }

    @Test
    void anEntryWithoutAQuorumOfReceiptsIsNotBelieved() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 9)) {
            cluster.down.add(3);
            cluster.commit(1, KEY, "{\"a\":1}");
            CommittedEntry real = Objects.requireNonNull(cluster.storeOf(1).committed(KEY.text(), 1));
            Acceptor third = cluster.outsider(3);

            CommittedEntry oneReceipt = real.toBuilder().removeReceipts(1).build();
            assertThatThrownBy(() -> third.learn(oneReceipt)).isInstanceOf(TransitionCheck.Refused.class);

            CommittedEntry sameTwice = oneReceipt.toBuilder()
                    .addReceipts(oneReceipt.getReceipts(0))
                    .build();
            assertThatThrownBy(() -> third.learn(sameTwice)).isInstanceOf(TransitionCheck.Refused.class);

            Receipt renamed = real.getReceipts(0).toBuilder().setParty(3).build();
            CommittedEntry wrongParty =
                    oneReceipt.toBuilder().addReceipts(renamed).build();
            assertThatThrownBy(() -> third.learn(wrongParty)).isInstanceOf(TransitionCheck.Refused.class);

            CommittedEntry otherValue = real.toBuilder()
                    .setEntry(real.getEntry().toBuilder()
                            .setValue(com.google.protobuf.ByteString.copyFromUtf8("{\"a\":9}")))
                    .build();
            assertThatThrownBy(() -> third.learn(otherValue)).isInstanceOf(TransitionCheck.Refused.class);

            CommittedEntry otherBallot =
                    real.toBuilder().setBallot(real.getBallot() + 256).build();
            assertThatThrownBy(() -> third.learn(otherBallot)).isInstanceOf(TransitionCheck.Refused.class);

            assertThat(cluster.read(3, KEY)).isNull();
            third.learn(real);
            assertThat(cluster.read(3, KEY)).isEqualTo(new RegisterValue(1, "{\"a\":1}"));
        }
    }

    @Test
    void theQuorumMeetsEverySetOfSigners() {
        assertThat(new CommitQuorum(3, 2).size()).isEqualTo(2);
        assertThat(new CommitQuorum(2, 2).size()).isEqualTo(2);
        assertThat(new CommitQuorum(5, 3).size()).isEqualTo(3);
        assertThat(new CommitQuorum(13, 5).size()).isEqualTo(9);
    }

    /// Several proposers at once on a network that loses a third of all messages: whatever version two parties both
    /// know, they know alike, and a commit that was reported is never lost.
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void competingProposersNeverDisagree(long seed) throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, seed);
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            cluster.lossRate = 0.15;
            List<Callable<List<RegisterValue>>> proposers = new ArrayList<>();
            for (int party = 1; party <= 3; party++) {
                int self = party;
                proposers.add(() -> {
                    List<RegisterValue> reported = new ArrayList<>();
                    Random random = new Random(seed * 31 + self);
                    for (int i = 0; i < 6; i++) {
                        RegisterValue now = cluster.read(self, KEY);
                        String json = "{\"by\":%d,\"n\":%d}".formatted(self, random.nextInt(1_000_000));
                        RegisterWrite write = new RegisterWrite(KEY, now == null ? 0 : now.version(), json);
                        if (cluster.at(self).commit(write, TestCluster.reason()) instanceof Commit.Done) {
                            reported.add(write.value());
                        }
                    }
                    return reported;
                });
            }
            List<RegisterValue> reported = new ArrayList<>();
            for (Future<List<RegisterValue>> done : threads.invokeAll(proposers)) {
                reported.addAll(done.get());
            }
            cluster.lossRate = 0;
            for (int party = 1; party <= 3; party++) {
                for (int other = 1; other <= 3; other++) {
                    if (other != party) {
                        assertThat(cluster.at(party).followNow(other)).isTrue();
                    }
                }
            }
            long newest = Objects.requireNonNull(cluster.read(1, KEY)).version();
            for (long version = 1; version <= newest; version++) {
                var first = Objects.requireNonNull(cluster.storeOf(1).committed(KEY.text(), version));
                for (int party = 2; party <= 3; party++) {
                    assertThat(Objects.requireNonNull(cluster.storeOf(party).committed(KEY.text(), version))
                                    .getEntry())
                            .isEqualTo(first.getEntry());
                }
                String value = first.getEntry().getValue().toStringUtf8();
                long at = version;
                assertThat(reported.stream().filter(done -> done.version() == at))
                        .allSatisfy(done -> assertThat(done.json()).isEqualTo(value));
            }
            assertThat(reported)
                    .isNotEmpty()
                    .allSatisfy(done -> assertThat(done.version()).isLessThanOrEqualTo(newest));
        }
    }

    private static void awaitVersion(TestCluster cluster, int party, RegisterName name, long version)
            throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            RegisterValue value = cluster.read(party, name);
            if (value != null && value.version() >= version) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("party %d did not reach version %d of %s".formatted(party, version, name));
    }
}
