package org.keymoot.party.directory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.Outcome;
import org.keymoot.api.directory.v1.PrepareAnswer;
import org.keymoot.api.directory.v1.PrepareRequest;
import org.keymoot.party.directory.ReplicatedDirectory.Commit;

/// What a party may do to a register by ballots alone: get in the way for a while, and nothing that lasts.
class BallotsTest {
    private static final RegisterName KEY = RegisterName.key("123456789012", "us-east-1", "k1");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 252, Long.MIN_VALUE + 3, (1L << 52) + 3, (1L << 51) + 3})
    void noBallotUsesUpTheRoundsOfARegister(long ballot) throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 31)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            for (int party = 1; party <= 2; party++) {
                for (int i = 0; i < 5; i++) {
                    prepare(cluster, 3, party, KEY.text(), 2, ballot);
                }
            }
            cluster.stop(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
            assertThat(cluster.commit(2, KEY, "{\"a\":3}")).isEqualTo(new Commit.Done());
        }
    }

    @Test
    void aPartyProposesUnderItsOwnBallotsOnly() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 32)) {
            assertThat(prepare(cluster, 3, 1, KEY.text(), 1, 256 + 2).getOutcome())
                    .isEqualTo(Outcome.OUTCOME_REFUSED);
            assertThat(prepare(cluster, 3, 1, KEY.text(), 1, 3).getOutcome()).isEqualTo(Outcome.OUTCOME_REFUSED);
            assertThat(prepare(cluster, 3, 1, KEY.text(), 1, 256 + 3).getOutcome())
                    .isEqualTo(Outcome.OUTCOME_OK);
        }
    }

    @Test
    void noPromiseIsGivenForWhatIsNoVersionOfARegister() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 33)) {
            for (long version : new long[] {0, -1, Long.MIN_VALUE}) {
                assertThat(prepare(cluster, 3, 1, KEY.text(), version, 256 + 3).getOutcome())
                        .isEqualTo(Outcome.OUTCOME_REFUSED);
            }
            for (String name : new String[] {"", "key", "nonsense/123456789012/us-east-1/a", KEY.text() + "\n"}) {
                assertThat(prepare(cluster, 3, 1, name, 1, 256 + 3).getOutcome())
                        .isEqualTo(Outcome.OUTCOME_REFUSED);
            }
        }
    }

    /// Stores of earlier releases may hold such promises.
    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE + 1, 1L << 60})
    void aRegisterThatWasPromisedToABeyondChangesAgain(long promised) throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 34)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            for (int party = 1; party <= 2; party++) {
                cluster.at(party).followNow(3 - party);
                cluster.sql(
                        party,
                        "insert into register_vote (name, version, promised) values (?, 2, ?)",
                        KEY.text(),
                        promised);
            }
            cluster.stop(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
        }
    }

    @Test
    void whatWasAcceptedAtABallotBeyondIsFinishedFirst() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 35)) {
            Entry entry = Entry.newBuilder()
                    .setName(KEY.text())
                    .setVersion(1)
                    .setValue(ByteString.copyFromUtf8("{\"a\":1}"))
                    .setCommand(TestCluster.reason())
                    .build();
            cluster.sql(
                    2,
                    "insert into register_vote (name, version, promised, accepted_ballot, accepted) values (?, 1, ?, ?, ?)",
                    KEY.text(),
                    Long.MAX_VALUE,
                    Long.MAX_VALUE,
                    entry.toByteArray());
            cluster.stop(3);
            assertThat(cluster.commit(1, KEY, "{\"a\":2}")).isEqualTo(new Commit.Overtaken());
            assertThat(cluster.read(1, KEY)).isEqualTo(new RegisterValue(1, "{\"a\":1}"));
        }
    }

    @Test
    void aPartyThatMissedManyRoundsArrives() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 36)) {
            cluster.stop(3);
            cluster.sql(
                    1,
                    "insert into register_vote (name, version, promised) values (?, 1, ?)",
                    KEY.text(),
                    Ballot.above(256L * 20_000, 1));
            assertThat(cluster.commit(1, KEY, "{\"a\":1}")).isEqualTo(new Commit.Done());
            cluster.sql(
                    2,
                    "insert into register_vote (name, version, promised) values (?, 2, ?)",
                    KEY.text(),
                    Ballot.above(256L * 20_000, 2));
            assertThat(cluster.commit(1, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
        }
    }

    @Test
    void promisesForRegistersThatNeverComeToBeAreBoundedAndAcceptedEntriesStay() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 37)) {
            int rows = RegisterStore.KEPT_PROMISES + 2 * RegisterStore.VOTES_BETWEEN_TRIMS - 1;
            cluster.sql(1, """
                    with recursive number (n) as (select 1 union all select n + 1 from number where n < ?)
                    insert into register_vote (name, version, promised, accepted_ballot, accepted, written)
                    select 'key/123456789012/us-east-1/n' || n, 1, 259, 0, case when n = 5 then x'' end, n
                    from number""", rows);
            cluster.stop(1);
            cluster.down.clear();
            cluster.start(1);
            prepare(cluster, 2, 1, KEY.text(), 1, 256 + 2);
            assertThat(prepare(cluster, 3, 1, "key/123456789012/us-east-1/n1", 1, 256 + 3)
                            .getOutcome())
                    .as("forgotten")
                    .isEqualTo(Outcome.OUTCOME_OK);
            assertThat(prepare(cluster, 3, 1, "key/123456789012/us-east-1/n5", 1, 256 + 3)
                            .getOutcome())
                    .as("accepted")
                    .isEqualTo(Outcome.OUTCOME_OUTBID);
            assertThat(prepare(cluster, 3, 1, "key/123456789012/us-east-1/n" + rows, 1, 256 + 3)
                            .getOutcome())
                    .as("new")
                    .isEqualTo(Outcome.OUTCOME_OUTBID);
        }
    }

    private static PrepareAnswer prepare(
            TestCluster cluster, int from, int party, String name, long version, long ballot) throws Exception {
        return PrepareAnswer.parseFrom(cluster.ask(
                from,
                party,
                Proposer.PREPARE,
                PrepareRequest.newBuilder()
                        .setName(name)
                        .setVersion(version)
                        .setBallot(ballot)
                        .build()));
    }
}
