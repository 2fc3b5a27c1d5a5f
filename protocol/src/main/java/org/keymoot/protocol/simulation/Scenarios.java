package org.keymoot.protocol.simulation;

import java.util.List;

/// The scenarios that a seed chooses from. A new protocol adds its own here.
public final class Scenarios {
    private Scenarios() {}

    public static List<Scenario> all() {
        return List.of(new ContributionsScenario(), new FrostScenario());
    }

    /// @throws IllegalArgumentException when no scenario has the name
    public static Scenario named(String name) {
        return all().stream()
                .filter(scenario -> scenario.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no scenario is called '" + name + "'; there are "
                        + all().stream().map(Scenario::name).toList()));
    }
}
