package org.keymoot.party.directory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.api.directory.v1.AcceptAnswer;
import org.keymoot.api.directory.v1.CommittedEntry;
import org.keymoot.api.directory.v1.Entry;
import org.keymoot.api.directory.v1.LearnAnswer;
import org.keymoot.api.directory.v1.Outcome;
import org.keymoot.api.directory.v1.Position;
import org.keymoot.api.directory.v1.PrepareAnswer;
import org.keymoot.api.directory.v1.PullAnswer;
import org.keymoot.api.directory.v1.PullRequest;
import org.keymoot.api.directory.v1.Receipt;
import org.keymoot.api.directory.v1.VersionsAnswer;
import org.keymoot.party.directory.ReplicatedDirectory.Commit;
import org.keymoot.party.directory.ReplicatedDirectory.Freshness;

/// One party answers with lies, and faster than the honest ones.
class LyingPeersTest {
    private static final RegisterName KEY = RegisterName.key("123456789012", "us-east-1", "k1");
    private static final int LIAR = 3;
    private static final int HONEST_DELAY_MILLIS = 40;

    @TempDir
    Path folder;

    enum Told {
        A_RECEIPT_THAT_IS_NO_SIGNATURE,
        A_RECEIPT_OF_ANOTHER_BALLOT,
        AN_ACCEPTED_ENTRY_WITHOUT_A_RECEIPT,
        AN_ACCEPTED_ENTRY_THAT_NOBODY_JUSTIFIES,
        AN_ACCEPTED_ENTRY_OF_ANOTHER_REGISTER,
        A_DECISION_WITHOUT_RECEIPTS,
        THAT_IT_LACKS_A_NEGATIVE_VERSION,
        THAT_IT_LACKS_NOTHING,
        THAT_ALL_BALLOTS_ARE_PROMISED,
        NOTHING_THAT_HAS_A_MEANING
    }

    @ParameterizedTest
    @EnumSource
    void noAnswerOfOnePartyKeepsTheOthersFromAChange(Told told) throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 41)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            cluster.lying.put(2, (method, question, answer) -> afterAMoment(answer));
            cluster.lying.put(LIAR, (method, question, answer) -> {
                if (method.equals(Proposer.PREPARE)) {
                    return prepared(cluster, told, PrepareAnswer.parseFrom(answer))
                            .toByteArray();
                }
                return method.equals(Proposer.ACCEPT)
                        ? accepted(told, AcceptAnswer.parseFrom(answer)).toByteArray()
                        : answer;
            });
            assertThat(cluster.commit(1, KEY, "{\"a\":2}")).isEqualTo(new Commit.Done());
            assertThat(cluster.read(1, KEY)).isEqualTo(new RegisterValue(2, "{\"a\":2}"));
        }
    }

    private static PrepareAnswer prepared(TestCluster cluster, Told told, PrepareAnswer answer) {
        Entry forged = Entry.newBuilder()
                .setName(KEY.text())
                .setVersion(2)
                .setValue(ByteString.copyFromUtf8("{\"a\":\"" + TestCluster.FORGED + "\"}"))
                .setCommand(TestCluster.reason())
                .build();
        PrepareAnswer.Builder lie = answer.toBuilder();
        return switch (told) {
            case A_RECEIPT_THAT_IS_NO_SIGNATURE, A_RECEIPT_OF_ANOTHER_BALLOT -> answer;
            case AN_ACCEPTED_ENTRY_WITHOUT_A_RECEIPT ->
                lie.setAccepted(forged).setAcceptedBallot(256 + LIAR).build();
            case AN_ACCEPTED_ENTRY_THAT_NOBODY_JUSTIFIES -> withReceipt(cluster, lie, forged);
            case AN_ACCEPTED_ENTRY_OF_ANOTHER_REGISTER ->
                withReceipt(
                        cluster,
                        lie,
                        forged.toBuilder()
                                .setName(KEY.text() + "x")
                                .setValue(ByteString.copyFromUtf8("{}"))
                                .build());
            case A_DECISION_WITHOUT_RECEIPTS ->
                lie.setOutcome(Outcome.OUTCOME_DECIDED)
                        .setCommitted(CommittedEntry.newBuilder().setEntry(forged))
                        .build();
            case THAT_IT_LACKS_A_NEGATIVE_VERSION ->
                lie.setOutcome(Outcome.OUTCOME_BEHIND).setVersion(-5).build();
            case THAT_IT_LACKS_NOTHING ->
                lie.setOutcome(Outcome.OUTCOME_BEHIND)
                        .setVersion(Long.MAX_VALUE)
                        .build();
            case THAT_ALL_BALLOTS_ARE_PROMISED ->
                lie.setOutcome(Outcome.OUTCOME_OUTBID).setBallot(Long.MAX_VALUE).build();
            case NOTHING_THAT_HAS_A_MEANING -> PrepareAnswer.getDefaultInstance();
        };
    }

    private static PrepareAnswer withReceipt(TestCluster cluster, PrepareAnswer.Builder lie, Entry entry) {
        long ballot = 256 + LIAR;
        return lie.setAccepted(entry)
                .setAcceptedBallot(ballot)
                .setAcceptedReceipt(cluster.receipt(LIAR, entry, ballot))
                .setCertificate(cluster.certificateOf(LIAR))
                .build();
    }

    private static AcceptAnswer accepted(Told told, AcceptAnswer answer) {
        AcceptAnswer.Builder lie = answer.toBuilder();
        return switch (told) {
            case A_RECEIPT_THAT_IS_NO_SIGNATURE ->
                lie.setReceipt(answer.getReceipt().toBuilder().setSignature(ByteString.copyFromUtf8("signed")))
                        .build();
            case A_RECEIPT_OF_ANOTHER_BALLOT ->
                lie.setReceipt(Receipt.newBuilder(answer.getReceipt()).setBallot(7))
                        .build();
            case THAT_ALL_BALLOTS_ARE_PROMISED ->
                lie.setOutcome(Outcome.OUTCOME_OUTBID).setBallot(Long.MIN_VALUE).build();
            case NOTHING_THAT_HAS_A_MEANING -> AcceptAnswer.getDefaultInstance();
            case AN_ACCEPTED_ENTRY_WITHOUT_A_RECEIPT,
                    AN_ACCEPTED_ENTRY_THAT_NOBODY_JUSTIFIES,
                    AN_ACCEPTED_ENTRY_OF_ANOTHER_REGISTER,
                    A_DECISION_WITHOUT_RECEIPTS,
                    THAT_IT_LACKS_A_NEGATIVE_VERSION,
                    THAT_IT_LACKS_NOTHING -> answer;
        };
    }

    private static byte[] afterAMoment(byte[] answer) {
        try {
            Thread.sleep(HONEST_DELAY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return answer;
    }

    @Test
    void aPartyThatLagsAndIsSlowHoldsUpNoChange() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 42)) {
            for (int i = 1; i <= 5; i++) {
                cluster.commit(1, KEY, "{\"a\":" + i + "}");
            }
            cluster.lying.put(2, (method, question, answer) -> afterAMoment(answer));
            cluster.lying.put(LIAR, (method, question, answer) -> {
                if (method.equals(Proposer.LEARN)) {
                    for (int i = 0; i < 30; i++) {
                        afterAMoment(answer);
                    }
                    return behind();
                }
                return method.equals(Proposer.PREPARE)
                        ? PrepareAnswer.newBuilder()
                                .setOutcome(Outcome.OUTCOME_BEHIND)
                                .build()
                                .toByteArray()
                        : answer;
            });
            long begun = System.nanoTime();
            assertThat(cluster.commit(1, KEY, "{\"a\":6}")).isEqualTo(new Commit.Done());
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
        }
    }

    private static byte[] behind() {
        return LearnAnswer.newBuilder()
                .setOutcome(Outcome.OUTCOME_BEHIND)
                .build()
                .toByteArray();
    }

    @Test
    void aNewerVersionThatAPartyCannotShowIsNoReasonNotToAnswer() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 43)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            cluster.lying.put(2, (method, question, answer) -> afterAMoment(answer));
            cluster.lying.put(
                    LIAR,
                    (method, question, answer) -> method.equals("directory/versions")
                            ? VersionsAnswer.newBuilder()
                                    .addVersions(Long.MAX_VALUE)
                                    .build()
                                    .toByteArray()
                            : answer);
            assertThat(cluster.at(1).freshness(Map.of(KEY, 1L))).isEqualTo(Freshness.NEWEST);
        }
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPeerWhoseOrderOfCommitsNeverEndsIsFollowedForAWhileOnly() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 44)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            cluster.lying.put(LIAR, (method, question, answer) -> {
                if (!method.equals(CatchUp.PULL)) {
                    return answer;
                }
                long after = PullRequest.parseFrom(question).getAfter();
                return page(Long.MAX_VALUE, after + 1, after + 2);
            });
            assertThat(cluster.at(1).followNow(LIAR)).isTrue();
            Thread endless = Thread.ofVirtual().start(() -> cluster.at(1).followNow(LIAR));
            cluster.at(1).catchUpNow();
            endless.join();
        }
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPeerWhosePositionsDoNotRiseToTheNewestIsNotFollowed() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 45)) {
            cluster.commit(1, KEY, "{\"a\":1}");
            for (byte[] page : List.of(
                    page(Long.MAX_VALUE, 1, 1),
                    page(Long.MAX_VALUE, 2, 1),
                    page(Long.MAX_VALUE, 0),
                    page(1, 1, 2),
                    page(-1, 1),
                    page(-1))) {
                cluster.lying.put(LIAR, (method, question, answer) -> method.equals(CatchUp.PULL) ? page : answer);
                assertThat(cluster.at(1).followNow(LIAR)).isFalse();
            }
        }
    }

    private static byte[] page(long newest, long... positions) {
        PullAnswer.Builder answer = PullAnswer.newBuilder().setNewest(newest);
        for (long position : positions) {
            answer.addPositions(Position.newBuilder()
                    .setPosition(position)
                    .setName(KEY.text())
                    .setVersion(1));
        }
        return answer.build().toByteArray();
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void nobodyWaitsForLongBehindAnotherWhoFollowsAPeerThatHangs() throws Exception {
        try (TestCluster cluster = new TestCluster(folder, 3, 2, 46)) {
            cluster.frozen.add(LIAR);
            Thread stuck = Thread.ofVirtual().start(() -> cluster.at(1).followNow(LIAR));
            while (cluster.waiting.get() == 0) {
                Thread.sleep(5);
            }
            assertThat(cluster.at(1).followNow(LIAR)).isFalse();
            assertThat(stuck.isAlive()).isTrue();
            cluster.frozen.clear();
            stuck.join();
        }
    }
}
