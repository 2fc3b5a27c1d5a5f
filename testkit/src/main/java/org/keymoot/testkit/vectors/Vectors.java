package org.keymoot.testkit.vectors;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The command that runs a folder of published test vectors: `Vectors FOLDER`.
///
/// The folder has one folder for each source, unchanged: `wycheproof`, `rfc9380`, `frost`, `sigv4`, `sigv4a`.
/// It prints a line for each file and closes with the number of checks that passed and failed.
public final class Vectors {
    static final int ALL_PASSED = 0;
    static final int SOME_FAILED = 1;
    static final int MISUSED = 2;

    private static final int MAX_FAILURES_SHOWN = 10;

    /// Runs one entry of a source's folder.
    interface Suite {
        Outcome run(Path entry) throws IOException;
    }

    private static final Map<String, Suite> SUITES = new TreeMap<>(Map.of(
            "frost", FrostVectors::run,
            "rfc9380", HashToCurveVectors::run,
            "sigv4", SigV4Vectors::run,
            "sigv4a", SigV4Vectors::runAsymmetric,
            "wycheproof", WycheproofVectors::run));

    private final PrintStream out;
    private int passed;
    private int failed;

    private Vectors(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.exit(run(List.of(arguments), out, System.err));
    }

    static int run(List<String> arguments, PrintStream out, PrintStream err) {
        if (arguments.size() != 1) {
            err.println("expected one argument, the folder that holds " + String.join(", ", SUITES.keySet()));
            return MISUSED;
        }
        Path folder = Path.of(arguments.getFirst());
        if (!Files.isDirectory(folder)) {
            err.println("expected a folder of test vectors at " + folder + ", found none; name one that holds some of "
                    + String.join(", ", SUITES.keySet()));
            return MISUSED;
        }
        try {
            return new Vectors(out).runAll(folder);
        } catch (IOException e) {
            err.println("the test vectors cannot be read: " + e);
            return MISUSED;
        }
    }

    private int runAll(Path folder) throws IOException {
        for (Path source : entries(folder)) {
            if (!Files.isDirectory(source)) {
                continue;
            }
            Suite suite = SUITES.get(source.getFileName().toString());
            if (suite == null) {
                report(source.getFileName() + "/", new Outcome.Unknown("no such source is known"));
                continue;
            }
            for (Path entry : entries(source)) {
                report(source.getFileName() + "/" + entry.getFileName(), outcome(suite, entry));
            }
        }
        if (passed + failed == 0) {
            out.println("no vectors were found in " + folder);
            failed++;
        }
        out.println(passed + " passed, " + failed + " failed");
        return failed == 0 ? ALL_PASSED : SOME_FAILED;
    }

    private static Outcome outcome(Suite suite, Path entry) throws IOException {
        try {
            return suite.run(entry);
        } catch (RuntimeException e) {
            return new Outcome.Ran(0, List.of("the file is not laid out as expected: " + e));
        }
    }

    private void report(String name, Outcome outcome) {
        switch (outcome) {
            case Outcome.Ran(int good, List<String> failures) -> {
                passed += good;
                failed += failures.size();
                out.printf("%-64s %d passed, %d failed%n", name, good, failures.size());
                failures.stream().limit(MAX_FAILURES_SHOWN).forEach(failure -> out.println("    failed: " + failure));
                if (failures.size() > MAX_FAILURES_SHOWN) {
                    out.println("    and " + (failures.size() - MAX_FAILURES_SHOWN) + " more");
                }
            }
            case Outcome.NotApplicable(String reason) -> out.printf("%-64s not applicable: %s%n", name, reason);
            case Outcome.Unknown(String found) -> {
                failed++;
                out.printf("%-64s unknown: %s%n", name, found);
            }
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }
}
