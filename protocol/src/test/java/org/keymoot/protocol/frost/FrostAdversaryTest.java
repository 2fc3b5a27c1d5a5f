package org.keymoot.protocol.frost;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Adversary;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Runs;

/// Adversaries for the asserts of `docs/protocols/frost.md`; P2 is the corrupt party.
class FrostAdversaryTest {
    private static final Options TWO_OF_THREE = Runs.options("dkg-frost", 2, 3);
    private static final String PAIR = "sign 0 by [1, 2]";
    private static final String ALL = "sign 0 by [1, 2, 3]";

    @Test
    void namesTheSignerWhoseShareIsWrong() {
        Adversary adversary = Adversaries.editing("sign", "2.3", frame -> {
            byte[] body = frame.body().clone();
            body[31] ^= 1;
            return Adversaries.withBody(frame, body);
        });
        Report report = attack(adversary);
        assertCulprit(report, PAIR, "3.2", List.of(1));
        assertCulprit(report, ALL, "3.2", List.of(1, 3));
    }

    @Test
    void findsThatCommitmentsWereToldDifferentlyBeforeAnySignatureLeaves() {
        Adversary adversary = Adversaries.editing(
                ALL,
                "1.2",
                frame -> frame.receiver() == 3 ? Adversaries.withBody(frame, swapped(frame.body())) : frame);
        Report report = attack(adversary);
        for (int honest : List.of(1, 3)) {
            Cheated cheated = Runs.cheated(report, honest, ALL);
            assertThat(cheated.step()).isEqualTo("0.7");
            assertThat(cheated.culprits()).isEmpty();
        }
    }

    @Test
    void aCommitmentThatIsNoPointIsMalformed() {
        Report report = attack(Adversaries.editing(
                "sign", "1.2", frame -> Adversaries.withBody(frame, new byte[frame.body().length])));
        assertCulprit(report, PAIR, "0.8", List.of(1));
    }

    private static byte[] swapped(byte[] body) {
        byte[] out = new byte[body.length];
        System.arraycopy(body, body.length / 2, out, 0, body.length / 2);
        System.arraycopy(body, 0, out, body.length / 2, body.length / 2);
        return out;
    }

    private static Report attack(Adversary adversary) {
        Report report = Runs.attacked(TWO_OF_THREE, 2, adversary);
        assertThat(report.violations()).as(report.text()).isEmpty();
        return report;
    }

    private static void assertCulprit(Report report, String attempt, String step, List<Integer> honestParties) {
        for (int honest : honestParties) {
            Cheated cheated = Runs.cheated(report, honest, attempt);
            assertThat(cheated.step()).as(report.text()).isEqualTo(step);
            assertThat(cheated.culprits()).as(report.text()).containsExactly(2);
        }
    }
}
