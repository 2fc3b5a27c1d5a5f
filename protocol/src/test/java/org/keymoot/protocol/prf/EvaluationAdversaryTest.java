package org.keymoot.protocol.prf;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Frame;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Adversary;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Outcome.Result;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Runs;
import org.keymoot.protocol.simulation.Simulation;

/// Adversaries for the asserts of `docs/protocols/prf.md`; P2 is the corrupt party.
class EvaluationAdversaryTest {
    private static final String FOR_P1 = "evaluate 1 by [1, 2] for P1";
    private static final String BATCH_FOR_P1 = "evaluate 3 by [1, 2] for P1";

    private static Options options(GroupId id) {
        return Options.healthy("dkg-evaluate", id, 3, 2);
    }

    @ParameterizedTest
    @EnumSource(
            value = GroupId.class,
            names = {"RISTRETTO255", "P256", "SECP256K1"})
    void namesThePartyWhoseProductIsOfAnotherShare(GroupId id) {
        Group group = Group.of(id);
        Adversary adversary = Adversaries.editing("evaluate", "1.5", frame -> {
            byte[] body = frame.body().clone();
            byte[] other = group.multiplyBase(group.scalars().of(99)).encode();
            // The last product of the batch, which only the folded claim covers.
            System.arraycopy(other, 0, body, body.length - 64 - other.length, other.length);
            return Adversaries.withBody(frame, body);
        });
        Report report = attack(id, adversary);
        assertBlamed(report, FOR_P1, "2.1");
        assertBlamed(report, BATCH_FOR_P1, "2.1");
    }

    @Test
    void productsOfABatchCannotChangePlaces() {
        int length = Group.of(GroupId.P256).pointLength();
        Adversary adversary = Adversaries.editing("evaluate 3", "1.5", frame -> {
            byte[] body = frame.body().clone();
            System.arraycopy(frame.body(), 0, body, length, length);
            System.arraycopy(frame.body(), length, body, 0, length);
            return Adversaries.withBody(frame, body);
        });
        assertBlamed(attack(GroupId.P256, adversary), BATCH_FOR_P1, "2.1");
    }

    @Test
    void aProofIsWorthNothingInAnotherSession() {
        byte[][] earlier = new byte[1][];
        Adversary adversary = Adversaries.editing("evaluate 1", "1.5", frame -> {
            if (earlier[0] == null) {
                earlier[0] = frame.body().clone();
                return frame;
            }
            return Adversaries.withBody(frame, earlier[0]);
        });
        Report report = attack(GroupId.RISTRETTO255, adversary);
        Cheated cheated = Runs.cheated(report, 3, "evaluate 1 by [2, 3] for P3");
        assertThat(cheated.step()).isEqualTo("2.1");
        assertThat(cheated.culprits()).containsExactly(2);
    }

    @Test
    void namesThePartyWhoseProofIsDamaged() {
        for (int fromEnd : new int[] {1, 33}) {
            Adversary adversary = Adversaries.editing("evaluate", "1.5", frame -> {
                byte[] body = frame.body().clone();
                // A scalar of this group has its low byte last, so it stays below the order.
                body[body.length - fromEnd] ^= 1;
                return Adversaries.withBody(frame, body);
            });
            assertBlamed(attack(GroupId.SECP256K1, adversary), FOR_P1, "2.1");
        }
    }

    @Test
    void aProductThatIsNoPointOrTheIdentityIsMalformed() {
        for (GroupId id : List.of(GroupId.RISTRETTO255, GroupId.P256)) {
            Report report = attack(id, Adversaries.editing("evaluate", "1.5", EvaluationAdversaryTest::withoutPoints));
            assertBlamed(report, FOR_P1, "0.8");
        }
    }

    private static Frame withoutPoints(Frame frame) {
        byte[] body = new byte[frame.body().length];
        System.arraycopy(frame.body(), body.length - 64, body, body.length - 64, 64);
        return Adversaries.withBody(frame, body);
    }

    @Test
    void theLossOfAnyFrameAccusesNobody() {
        Options options = Options.healthy("dkg-evaluate", GroupId.RISTRETTO255, 2, 2);
        int frames = (int) Simulation.run(1, options).framesSent() / 2;
        for (int frame = 0; frame < frames; frame++) {
            Report report = Simulation.run(1, options.with(new Options.Attack(1, "drops", frame)));
            assertThat(report.violations()).as(report.text()).isEmpty();
            assertThat(report.outcomes())
                    .noneMatch(o -> o.result() instanceof Result.FoundCheating(var cheated)
                            && !cheated.culprits().isEmpty());
        }
    }

    private static Report attack(GroupId id, Adversary adversary) {
        Report report = Runs.attacked(options(id), 2, adversary);
        assertThat(report.violations()).as(report.text()).isEmpty();
        return report;
    }

    private static void assertBlamed(Report report, String attempt, String step) {
        Cheated cheated = Runs.cheated(report, 1, attempt);
        assertThat(cheated.step()).as(report.text()).isEqualTo(step);
        assertThat(cheated.culprits()).as(report.text()).containsExactly(2);
    }
}
