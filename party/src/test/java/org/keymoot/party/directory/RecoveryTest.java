package org.keymoot.party.directory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.Outcome;
import org.keymoot.api.directory.v1.PrepareAnswer;
import org.keymoot.api.directory.v1.PrepareRequest;
import org.keymoot.api.directory.v1.RecoverRequest;
import org.keymoot.party.directory.ReplicatedDirectory.Commit;

/// Parties whose databases are put back from a copy, or lost.
@Timeout(60)
class RecoveryTest {
    private static final RegisterName KEY = RegisterName.key("123456789012", "us-east-1", "k1");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAForgottenVoteDecidedStandsAlthoughTheOthersLag(boolean empty) throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 1)) {
            cluster.commit(1, KEY, "{\"enabled\":true}");
            Path copy = cluster.copy(2);
            cluster.down.add(3);
            assertThat(cluster.commit(1, KEY, "{\"enabled\":false}")).isEqualTo(new Commit.Done());
            cluster.down.add(1);
            cluster.down.remove(3);
            cluster.restore(2, empty ? null : copy);

            Recovery recovery = cluster.at(2).recovery();
            assertThat(recovery.isUnderWay()).isTrue();
            assertThat(recovery.awaited()).containsExactly(1, 3);
            recovery.hear(1);
            recovery.hear(3);
            assertThat(recovery.awaited()).containsExactly(1);
            assertThat(recovery.trouble()).contains("[1]");
            for (int party = 2; party <= 3; party++) {
                assertThat(cluster.commit(party, KEY, "{\"other\":%d}".formatted(party)))
                        .isInstanceOf(Commit.NotEnoughParties.class);
            }

            cluster.down.remove(1);
            recovery.hear(1);
            assertThat(recovery.isUnderWay()).isFalse();
            assertThat(recovery.trouble()).isEmpty();
            assertThat(cluster.read(2, KEY)).isEqualTo(new RegisterValue(2, "{\"enabled\":false}"));
            cluster.down.add(1);
            assertThat(cluster.commit(3, KEY, "{\"other\":3}")).isEqualTo(new Commit.Overtaken());
            assertThat(cluster.read(3, KEY)).isEqualTo(new RegisterValue(2, "{\"enabled\":false}"));
            assertThat(cluster.commit(3, KEY, "{\"other\":3}")).isEqualTo(new Commit.Done());
        }
    }

    @Test
    void anEntryThatMayHaveBeenChosenWithAForgottenAcceptanceIsFinished() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 1)) {
            Path copy = cluster.copy(2);
            Entry chosen = entry("{\"chosen\":true}");
            long ballot = Ballot.above(Ballot.NONE, 1);
            for (int party = 1; party <= 2; party++) {
                cluster.storeOf(party).promise(KEY.text(), 1, ballot, 1);
                assertThat(cluster.storeOf(party).accept(chosen, ballot, 1).getOutcome())
                        .isEqualTo(Outcome.OUTCOME_OK);
            }
            cluster.restore(2, copy);
            cluster.at(2).recovery().hear(3);
            cluster.at(2).recovery().hear(1);
            assertThat(cluster.at(2).recovery().isUnderWay()).isFalse();
            assertThat(cluster.storeOf(2).hasAccepted(chosen))
                    .as("it gives no word of its own")
                    .isFalse();
            PrepareAnswer answer = cluster.outsider(2)
                    .prepare(
                            PrepareRequest.newBuilder()
                                    .setName(KEY.text())
                                    .setVersion(1)
                                    .setBallot(Ballot.above(ballot, 3))
                                    .build(),
                            3);
            assertThat(answer.getAccepted()).isEqualTo(chosen);
            assertThat(answer.getAcceptedReceipt().getParty()).isEqualTo(1);

            cluster.down.add(1);
            assertThat(cluster.commit(3, KEY, "{\"chosen\":false}")).isEqualTo(new Commit.Overtaken());
            assertThat(cluster.read(2, KEY)).isEqualTo(new RegisterValue(1, "{\"chosen\":true}"));
        }
    }

    @Test
    void aForgottenPromiseIsKept() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 1)) {
            Path copy = cluster.copy(2);
            long high = Ballot.above(1000 * 256, 3);
            cluster.storeOf(2).promise(KEY.text(), 1, high, 3);
            cluster.storeOf(3).promise(KEY.text(), 1, high, 3);
            cluster.restore(2, copy);
            cluster.at(2).recovery().hear(1);
            cluster.at(2).recovery().hear(3);
            assertThat(cluster.at(2).recovery().isUnderWay()).isFalse();
            assertThat(cluster.storeOf(2).accept(entry("{}"), high - 1, 2).getOutcome())
                    .isEqualTo(Outcome.OUTCOME_OUTBID);
        }
    }

    @Test
    void aProposerAnswersOnlyWhenItCollectsNoVotesThatAreForgotten() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 5, 3, 1);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            cluster.frozen.addAll(List.of(3, 4, 5));
            Future<Commit> commit = threads.submit(() -> cluster.commit(1, KEY, "{}"));
            while (cluster.waiting.get() < 3) {
                Thread.sleep(5);
            }
            Future<Boolean> answered = threads.submit(() -> {
                cluster.at(1).recovery().answer(RecoverRequest.getDefaultInstance());
                return commit.isDone() || cluster.read(1, KEY) != null;
            });
            Thread.sleep(100);
            assertThat(answered.isDone()).isFalse();
            cluster.frozen.clear();
            assertThat(answered.get()).isTrue();
            assertThat(commit.get()).isEqualTo(new Commit.Done());
        }
    }

    @Test
    void openVotesOfManyRegistersAreTakenOverPageByPage() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 1)) {
            int registers = 120;
            for (int i = 0; i < registers; i++) {
                cluster.storeOf(1).promise(KEY.text() + i, 1, Ballot.above(Ballot.NONE, 1), 1);
            }
            cluster.restore(3, null);
            cluster.at(3).recovery().hear(2);
            cluster.at(3).recovery().hear(1);
            assertThat(cluster.at(3).recovery().isUnderWay()).isFalse();
            assertThat(cluster.storeOf(3).openVotes("", registers + 1)).hasSize(registers);
        }
    }

    @Test
    void aCopyThatWasPutBackUnnoticedIsFoundByAReceiptThatItDoesNotKnow() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 1)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            Path copy = cluster.copy(2);
            cluster.down.add(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
            cluster.putBack(2, copy);
            assertThat(cluster.at(2).recovery().isUnderWay()).isFalse();
            assertThat(cluster.at(2).followNow(1)).isTrue();
            assertThat(cluster.at(2).recovery().trouble()).contains(KEY.text()).contains("[1, 3]");

            cluster.down.remove(3);
            cluster.at(2).recovery().hear(1);
            cluster.at(2).recovery().hear(3);
            assertThat(cluster.at(2).recovery().isUnderWay()).isFalse();
            assertThat(cluster.commit(3, KEY, "{\"a\":3}")).isIn(new Commit.Done(), new Commit.Overtaken());
            assertThat(cluster.at(2).recovery().isUnderWay()).isFalse();
        }
    }

    @Test
    void aPartyThatIsGoneForGoodIsGivenUp() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 1)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            cluster.restore(2, null);
            cluster.down.add(1);
            cluster.at(2).recovery().hear(3);
            // A restart on the same store forgets neither the recovery nor who was heard.
            cluster.stop(2);
            cluster.start(2);
            cluster.down.remove(2);
            assertThat(cluster.at(2).recovery().awaited()).containsExactly(1);
            cluster.at(2).recovery().endWithout(1);
            assertThat(cluster.at(2).recovery().isUnderWay()).isFalse();
            assertThat(cluster.commit(3, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
        }
    }

    private static Entry entry(String json) {
        return Entry.newBuilder()
                .setName(KEY.text())
                .setVersion(1)
                .setValue(ByteString.copyFromUtf8(json))
                .setCommand(TestCluster.reason())
                .build();
    }
}
