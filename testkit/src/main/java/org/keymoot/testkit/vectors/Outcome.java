package org.keymoot.testkit.vectors;

import java.util.List;

/// What became of one file, or one folder that is a case of its own.
sealed interface Outcome {
    /// It was run.
    record Ran(int passed, List<String> failures) implements Outcome {
        public Ran {
            failures = List.copyOf(failures);
        }
    }

    /// It tests what Keymoot has no code for.
    record NotApplicable(String reason) implements Outcome {}

    /// Nothing here knows what it tests; this counts as a failure, so that no vectors pass by being ignored.
    record Unknown(String found) implements Outcome {}
}
