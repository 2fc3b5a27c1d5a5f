package org.keymoot.cli;

import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Runs the protocols among simulated parties under seeded faults and adversaries.
@Command(
        name = "simulate",
        description = "Run every protocol among simulated parties, with seeded faults and adversaries.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot simulate --seed 42              one run; the same seed gives the same run",
            "  keymoot simulate --seed 1 --runs 500    seeds 1 to 500; a failing seed is printed with its options",
            "",
        })
final class SimulateCommand extends BaseCommand {
    @Option(names = "--seed", required = true, description = "The first seed.")
    long seed;

    @Option(
            names = "--runs",
            defaultValue = "1",
            description = "How many seeds to run, counting up (default ${DEFAULT-VALUE}).")
    int runs;

    @Override
    public Integer call() throws Exception {
        if (runs < 1) {
            throw new CliFailure(ExitCode.USAGE, "--runs must be at least 1, is " + runs, "give a positive number");
        }
        int failures = Program.simulate(seed, runs, System.err);
        output.result(
                out(),
                Map.of("firstSeed", seed, "runs", runs, "held", failures == 0),
                () -> failures == 0
                        ? "all invariants held in %d %s".formatted(runs, runs == 1 ? "run" : "runs")
                        : "an invariant was broken; the seeds above reproduce it");
        return (failures == 0 ? ExitCode.OK : ExitCode.INTEGRITY).code();
    }
}
