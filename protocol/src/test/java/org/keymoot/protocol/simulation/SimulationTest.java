package org.keymoot.protocol.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.protocol.simulation.Outcome.Result;

class SimulationTest {
    private static final Options THREE = Options.healthy("contributions", GroupId.SECP256K1, 3, 2);

    @Test
    void aSeedRepeatsItsRunToTheLastBit() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(Simulation.run(seed).historyHash())
                    .isEqualTo(Simulation.run(seed).historyHash());
        }
        assertThat(Simulation.run(1, THREE).historyHash())
                .isNotEqualTo(Simulation.run(2, THREE).historyHash());
    }

    @Test
    void everyPartyReturnsWhenNothingGoesWrong() {
        Report report = Simulation.run(7, THREE);
        assertThat(report.violations()).isEmpty();
        assertThat(report.outcomes()).hasSize(6).allMatch(o -> o.result() instanceof Result.Returned);
    }

    @Test
    void manySeedsBreakNothing() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int code = Simulate.run(1, 300, new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(code).as(out.toString(StandardCharsets.UTF_8)).isZero();
    }

    @Test
    void aBrokenInvariantIsPrintedWithTheOptionsThatBreakItAgain() {
        Scenario broken = new BrokenScenario();
        Report report = Simulation.run(9, Options.healthy("broken", GroupId.SECP256K1, 2, 2), null, broken);
        assertThat(report.passed()).isFalse();
        assertThat(report.text()).contains("seed        9", "BROKEN      two is never reached", "scenario    broken");
    }

    @Test
    void theLossOfAnyFrameAccusesNobody() {
        int frames = (int) Simulation.run(3, THREE).framesSent();
        for (int party = 1; party <= 3; party++) {
            for (int frame = 0; frame < frames / 3; frame++) {
                Report report = Simulation.run(3, THREE.with(new Options.Attack(party, "drops", frame)));
                assertThat(report.violations()).isEmpty();
                assertThat(report.outcomes())
                        .anyMatch(o -> o.result() instanceof Result.MetSilence)
                        .noneMatch(o -> o.result() instanceof Result.FoundCheating(var cheated)
                                && !cheated.culprits().isEmpty());
            }
        }
    }

    @Test
    void repeatedFramesChangeNothing() {
        Options doubled = THREE.with(new Options.Network(10, 500, 0, 1.0));
        Report report = Simulation.run(5, doubled);
        assertThat(report.violations()).isEmpty();
        assertThat(report.allReturned()).isTrue();
    }

    @Test
    void aPartitionThatHealsInTimeOnlyDelays() {
        Options split = THREE.with(new Options.Partition(java.util.Set.of(2), 0, 5_000_000));
        assertThat(Simulation.run(5, split).allReturned()).isTrue();
        Options forEver = THREE.with(new Options.Partition(java.util.Set.of(2), 0, 50_000_000));
        assertThat(Simulation.run(5, forEver).outcomes())
                .allMatch(outcome -> outcome.result() instanceof Result.MetSilence);
    }

    @Test
    void aCrashedPartyIsRestartedWithWhatItKept() {
        List<String> recovered = new ArrayList<>();
        Scenario scenario = new BrokenScenario() {
            @Override
            public void run(Seat seat) {
                seat.keep("number", 5);
                seat.keep("number", 6);
            }

            @Override
            public void recover(Seat seat) {
                recovered.add(seat.party() + " kept " + seat.kept("number", Integer.class));
            }
        };
        Options options = Options.healthy("broken", GroupId.SECP256K1, 2, 2).with(new Options.Crash(2, 1, true));
        assertThat(Simulation.run(1, options, null, scenario).violations()).isEmpty();
        assertThat(recovered).containsExactly("2 kept Optional[5]");
    }

    @Test
    void everyNamedAdversaryIsSurvivedAtEveryFrame() {
        int frames = (int) Simulation.run(3, THREE).framesSent() / 3;
        for (String adversary : Adversaries.names()) {
            for (int frame = 0; frame < frames; frame++) {
                Report report = Simulation.run(frame, THREE.with(new Options.Attack(2, adversary, frame)));
                assertThat(report.violations()).as(report.text()).isEmpty();
            }
        }
    }

    /// Its invariant breaks as soon as two parties have kept something.
    private static class BrokenScenario implements Scenario {
        @Override
        public String name() {
            return "broken";
        }

        @Override
        public List<GroupId> groups() {
            return List.of(GroupId.SECP256K1);
        }

        @Override
        public void run(Seat seat) {
            seat.keep("something", seat.party());
        }

        @Override
        public List<Invariant> invariants() {
            return List.of(new Invariant() {
                @Override
                public String name() {
                    return "two is never reached";
                }

                @Override
                public Optional<String> after(Happening happening, World world) {
                    return happening instanceof Happening.Kept(int party, String name, Object value)
                                    && name.equals("something")
                                    && value.equals(2)
                            ? Optional.of("P" + party + " kept " + value)
                            : Optional.empty();
                }
            });
        }
    }
}
