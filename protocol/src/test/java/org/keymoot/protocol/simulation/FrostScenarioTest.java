package org.keymoot.protocol.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.protocol.simulation.Outcome.Result;

class FrostScenarioTest {
    private static Options of(int threshold, int parties) {
        return Options.healthy("dkg-frost", GroupId.SECP256K1, parties, threshold);
    }

    @Test
    void keysOfEverySizeAreMadeAndSignInEveryQuorum() {
        for (int[] size : new int[][] {{2, 2}, {2, 3}, {3, 5}, {5, 13}}) {
            Report report = Simulation.run(1, of(size[0], size[1]));
            assertThat(report.violations()).as(report.text()).isEmpty();
            assertThat(report.allReturned()).isTrue();
        }
    }

    @Test
    void manySeedsBreakNothing() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code = Simulate.run(1, 150, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(code).as(out.toString(StandardCharsets.UTF_8)).isZero();
    }

    @Test
    void aCrashAtAnyOperationLeavesAKeyThatIsWholeOrNotGivenOut() {
        for (int operation = 0; operation < 30; operation++) {
            Report report = Simulation.run(operation, of(2, 3).with(new Options.Crash(2, operation, true)));
            assertThat(report.violations()).as(report.text()).isEmpty();
        }
    }

    @Test
    void theLossOfAnyFrameAccusesNobody() {
        Options options = of(2, 2);
        int frames = (int) Simulation.run(1, options).framesSent() / 2;
        for (int frame = 0; frame < frames; frame++) {
            Report report = Simulation.run(1, options.with(new Options.Attack(1, "drops", frame)));
            assertThat(report.violations()).as(report.text()).isEmpty();
            assertThat(report.outcomes())
                    .anyMatch(o -> o.result() instanceof Result.MetSilence)
                    .noneMatch(o -> o.result() instanceof Result.FoundCheating(var cheated)
                            && !cheated.culprits().isEmpty());
        }
    }
}
