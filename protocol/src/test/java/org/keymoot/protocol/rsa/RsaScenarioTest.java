package org.keymoot.protocol.rsa;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Outcome.Result;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Runs;
import org.keymoot.protocol.simulation.Simulation;

/// The whole life of an RSA key in the simulator: P3 deals it, quorums use it.
class RsaScenarioTest {
    private static final Options OPTIONS = Runs.options("rsa-deal-root", 2, 3);

    @ParameterizedTest
    @CsvSource({"2,2", "2,3", "3,3", "3,5"})
    void everybodyReturnsWhenNothingGoesWrong(int threshold, int parties) {
        Report report = Simulation.run(7, Runs.options("rsa-deal-root", threshold, parties));
        assertThat(report.violations()).as(report.text()).isEmpty();
        assertThat(report.allReturned()).as(report.text()).isTrue();
    }

    @Test
    void everyNamedAdversaryIsSurvivedAtEveryFrameOfTheDealer() {
        int frames = (int) Simulation.run(3, OPTIONS).framesSent() / 3;
        for (String adversary : Adversaries.names()) {
            for (int frame = 0; frame < frames; frame++) {
                Report report = Simulation.run(frame, OPTIONS.with(new Options.Attack(3, adversary, frame)));
                assertThat(report.violations()).as(report.text()).isEmpty();
            }
        }
    }

    @Test
    void aPartyThatCrashesAtAnyPointLeavesAKeyForAllOrForNobody() {
        for (int party : new int[] {1, 3}) {
            for (int operation = 0; operation < 12; operation++) {
                Report report = Simulation.run(5, OPTIONS.with(new Options.Crash(party, operation, false)));
                assertThat(report.violations()).as(report.text()).isEmpty();
                assertThat(report.outcomes())
                        .noneMatch(one -> one.result() instanceof Result.FoundCheating(var cheated)
                                && !cheated.culprits().isEmpty());
            }
        }
    }

    @Test
    void aPartIsWorthNothingInAnotherSession() {
        byte[][] earlier = new byte[1][];
        Report report = Runs.attacked(OPTIONS, 2, Adversaries.editing("root", "1.5", frame -> {
            if (earlier[0] == null) {
                earlier[0] = frame.body().clone();
                return frame;
            }
            return Adversaries.withBody(frame, earlier[0]);
        }));
        assertThat(report.violations()).as(report.text()).isEmpty();
        Cheated cheated = Runs.cheated(report, 3, "root by [2, 3] for P3");
        assertThat(cheated.step()).isEqualTo("2.1");
        assertThat(cheated.culprits()).containsExactly(2);
    }
}
