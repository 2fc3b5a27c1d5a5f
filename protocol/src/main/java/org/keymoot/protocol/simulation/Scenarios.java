package org.keymoot.protocol.simulation;

import java.util.List;
import java.util.random.RandomGenerator;

/// The scenarios that a seed chooses from. A new protocol adds its own here.
public final class Scenarios {
    private Scenarios() {}

    public static List<Scenario> all() {
        return List.of(
                new ContributionsScenario(),
                new FrostScenario(),
                new EcdsaScenario(),
                new EvaluationScenario(),
                new RsaScenario());
    }

    /// One of all, by their weights.
    static Scenario drawn(RandomGenerator random) {
        int place = random.nextInt(all().stream().mapToInt(Scenario::weight).sum());
        for (Scenario scenario : all()) {
            place -= scenario.weight();
            if (place < 0) {
                return scenario;
            }
        }
        throw new IllegalStateException("the weights do not add up");
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
