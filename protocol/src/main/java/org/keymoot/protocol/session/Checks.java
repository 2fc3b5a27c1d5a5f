package org.keymoot.protocol.session;

import java.util.ArrayList;
import java.util.List;

/// Gathers what is wrong with one round, so that it is aborted once and with all of its culprits.
///
/// Ask [#require] for every check of the round, then [#settle()] once. A check whose failure would make a later one
/// meaningless is asked through the returned boolean.
public final class Checks {
    private record Failure(String step, List<Integer> culprits, String what) {}

    private final Session session;
    private final List<Failure> failures = new ArrayList<>();

    Checks(Session session) {
        this.session = session;
    }

    /// Notes the failure of one party's contribution to the round.
    ///
    /// @param step the number of the assert in the protocol's specification
    /// @return `condition`
    public boolean require(String step, boolean condition, int culprit, String what) {
        if (!condition) {
            failures.add(new Failure(step, List.of(culprit), what));
        }
        return condition;
    }

    /// Notes a failure of which nobody can be accused.
    public boolean require(String step, boolean condition, String what) {
        if (!condition) {
            failures.add(new Failure(step, List.of(), what));
        }
        return condition;
    }

    public boolean clean() {
        return failures.isEmpty();
    }

    /// @throws Cheated when any check of the round failed, with every culprit and the first failed step
    public void settle() throws Cheated {
        if (!failures.isEmpty()) {
            throw session.cheated(
                    failures.getFirst().step(),
                    failures.stream().flatMap(f -> f.culprits().stream()).toList(),
                    String.join("; ", failures.stream().map(Failure::what).toList()));
        }
    }
}
