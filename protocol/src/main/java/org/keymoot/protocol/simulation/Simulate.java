package org.keymoot.protocol.simulation;

import java.io.PrintStream;
import java.util.Map;
import java.util.TreeMap;

/// The command `keymoot simulate`: many seeds in a row.
public final class Simulate {
    private static final int OK = 0;
    private static final int BROKEN = 1;
    private static final int MOST_FAILURES_SHOWN = 3;

    private Simulate() {}

    /// Runs `runs` seeds from `seed` on, prints each failing one with its expanded options and how to repeat it, and
    /// closes with a count.
    ///
    /// @return 0 when every invariant held in every run, 1 otherwise
    public static int run(long seed, int runs, PrintStream out) {
        if (runs < 1) {
            throw new IllegalArgumentException("at least one run is needed, not " + runs);
        }
        Map<String, Integer> endings = new TreeMap<>();
        int broken = 0;
        for (long next = seed; next < seed + runs; next++) {
            Report report = Simulation.run(next);
            if (!report.passed()) {
                broken++;
                if (broken <= MOST_FAILURES_SHOWN) {
                    out.print(report.text());
                    out.println("repeat      keymoot simulate --seed " + next + " --runs 1");
                    out.println();
                }
            } else if (runs == 1) {
                out.print(report.text());
            }
            endings.merge(report.options().scenario() + " " + ending(report), 1, Integer::sum);
        }
        endings.forEach((ending, count) -> out.println(ending + ": " + count));
        out.println("runs=" + runs + " broken=" + broken + " seeds=" + seed + ".." + (seed + runs - 1));
        return broken == 0 ? OK : BROKEN;
    }

    private static String ending(Report report) {
        if (!report.passed()) {
            return "broken";
        }
        if (report.allReturned()) {
            return report.options().healthy() ? "healthy, returned" : "with faults, returned";
        }
        boolean blamed = report.outcomes().stream()
                .anyMatch(outcome -> outcome.result() instanceof Outcome.Result.FoundCheating(var cheated)
                        && !cheated.culprits().isEmpty());
        return blamed ? "with faults, a culprit named" : "with faults, nobody named";
    }
}
