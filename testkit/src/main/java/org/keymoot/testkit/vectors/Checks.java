package org.keymoot.testkit.vectors;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/// Counts the checks of one file.
final class Checks {
    private final List<String> failures = new ArrayList<>();
    private int passed;

    /// Passes when `check` returns true; an exception is a failure like any other.
    void check(String name, Callable<Boolean> check) {
        try {
            if (check.call()) {
                passed++;
            } else {
                failures.add(name);
            }
        } catch (Exception e) {
            failures.add(name + ": " + e);
        }
    }

    Outcome outcome() {
        return new Outcome.Ran(passed, failures);
    }
}
