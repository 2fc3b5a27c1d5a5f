package org.keymoot.protocol.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.GroupId;

/// Runs one scenario, and draws from a seed what to run.
public final class Simulation {
    private static final int[][] SIZES = {{2, 2}, {2, 3}, {3, 3}, {3, 5}};
    private static final int MOST_FRAMES_BEFORE_ATTACK = 60;
    private static final int MOST_OPERATIONS_BEFORE_CRASH = 80;

    private Simulation() {}

    /// Runs what the seed draws.
    public static Report run(long seed) {
        return run(seed, draw(seed));
    }

    public static Report run(long seed, Options options) {
        Options.Attack attack = options.attack();
        return run(seed, options, attack == null ? null : Adversaries.named(attack.adversary(), attack.atFrame()));
    }

    /// Runs with an adversary that knows the protocol; the options' attack says which party is its own.
    public static Report run(long seed, Options options, @Nullable Adversary adversary) {
        return run(seed, options, adversary, Scenarios.named(options.scenario()));
    }

    /// Runs a scenario that is not among [Scenarios#all()], whatever the options call it.
    public static Report run(long seed, Options options, @Nullable Adversary adversary, Scenario scenario) {
        List<Invariant> invariants = new ArrayList<>(Invariants.general());
        invariants.addAll(scenario.invariants());
        return new World(seed, options, scenario, invariants, adversary).run(seed);
    }

    /// What the seed draws: in about a third of all runs nothing goes wrong, in the others one or several things do.
    public static Options draw(long seed) {
        // Not the generator of the run itself, whose draws must not depend on how many are made here.
        SplittableRandom random = new SplittableRandom(seed ^ 0x6f7074696f6e73L);
        Scenario scenario = Scenarios.drawn(random);
        GroupId group = scenario.groups().get(random.nextInt(scenario.groups().size()));
        int[] size = SIZES[random.nextInt(SIZES.length)];
        int parties = size[1];
        Options options = Options.healthy(scenario.name(), group, parties, size[0]);
        long slowest = 1L << random.nextInt(7, 20);
        options = options.with(new Options.Network(slowest / 4, slowest, 0, random.nextInt(4) == 0 ? 0.05 : 0));
        if (random.nextInt(3) == 0) {
            return options;
        }
        if (random.nextInt(3) == 0) {
            Options.Network network = options.network();
            options = options.with(new Options.Network(
                    network.minLatencyMicros(), network.maxLatencyMicros(), 0.01, network.duplicateChance()));
        }
        if (random.nextInt(3) == 0) {
            options = options.with(new Options.Crash(
                    random.nextInt(1, parties + 1),
                    random.nextInt(MOST_OPERATIONS_BEFORE_CRASH),
                    random.nextBoolean()));
        }
        if (random.nextInt(4) == 0) {
            Set<Integer> side = new TreeSet<>();
            side.add(random.nextInt(1, parties + 1));
            side.add(random.nextInt(1, parties + 1));
            long from = random.nextLong(1_000_000);
            options = options.with(new Options.Partition(side, from, from + random.nextLong(20_000_000)));
        }
        if (random.nextInt(2) == 0) {
            List<String> adversaries = Adversaries.names();
            options = options.with(new Options.Attack(
                    random.nextInt(1, parties + 1),
                    adversaries.get(random.nextInt(adversaries.size())),
                    random.nextInt(MOST_FRAMES_BEFORE_ATTACK)));
        }
        return options;
    }
}
