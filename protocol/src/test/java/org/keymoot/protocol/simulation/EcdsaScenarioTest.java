package org.keymoot.protocol.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.crypto.group.GroupId;

class EcdsaScenarioTest {
    @ParameterizedTest
    @CsvSource({"SECP256K1,2,2", "P256,2,3", "SECP256K1,3,5"})
    void aHealthyRunSignsAtOnceAndFromStock(GroupId group, int threshold, int parties) {
        Report report = Simulation.run(1, Options.healthy("ecdsa", group, parties, threshold));
        assertThat(report.violations()).as(report.text()).isEmpty();
        assertThat(report.allReturned()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"flips-a-bit-of-the-body", "repeats", "replays-an-earlier-frame", "falls-silent"})
    void adversariesBreakNothing(String adversary) {
        for (int frame = 9; frame < 24; frame += 4) {
            Options options = Options.healthy("ecdsa", GroupId.SECP256K1, 2, 2);
            Report report = Simulation.run(frame, options.with(new Options.Attack(2, adversary, frame)));
            assertThat(report.violations()).as(report.text()).isEmpty();
        }
    }

    @Test
    void aCrashAnywhereBreaksNothing() {
        for (int operation = 5; operation < 40; operation += 7) {
            Options options = Options.healthy("ecdsa", GroupId.P256, 2, 2);
            Report report = Simulation.run(operation, options.with(new Options.Crash(1, operation, true)));
            assertThat(report.violations()).as(report.text()).isEmpty();
        }
    }
}
