package org.keymoot.protocol.simulation;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.GroupId;

/// Everything about a run that the seed does not decide afterwards: what runs, among whom, and what goes wrong.
///
/// @param scenario the name of one of [Scenarios#all()]
/// @param parties how many parties hold the key
/// @param reconstructionThreshold how many shares are needed
public record Options(
        String scenario,
        GroupId group,
        int parties,
        int reconstructionThreshold,
        Network network,
        List<Crash> crashes,
        @Nullable Partition partition,
        @Nullable Attack attack) {
    /// How frames travel. Latencies are drawn evenly; chances are for each frame.
    public record Network(long minLatencyMicros, long maxLatencyMicros, double lossChance, double duplicateChance) {
        public static final Network PERFECT = new Network(100, 100, 0, 0);

        public Network {
            if (minLatencyMicros < 0 || maxLatencyMicros < minLatencyMicros) {
                throw new IllegalArgumentException(
                        "latencies ascend from zero, not " + minLatencyMicros + " to " + maxLatencyMicros);
            }
        }
    }

    /// The party dies instead of doing its `atOperation`-th operation, counted from 0: a frame sent, a frame awaited or
    /// something kept durably. A restarted party has what it kept and runs [Scenario#recover].
    public record Crash(int party, int atOperation, boolean restarts) {}

    /// Frames between `side` and the rest wait until the partition heals.
    public record Partition(Set<Integer> side, long fromMicros, long untilMicros) {
        public Partition {
            side = java.util.Collections.unmodifiableSet(new TreeSet<>(side));
        }

        boolean separates(int from, int to, long atMicros) {
            return side.contains(from) != side.contains(to) && fromMicros <= atMicros && atMicros < untilMicros;
        }
    }

    /// The party's frames pass through an adversary, which strikes at the `atFrame`-th, counted from 0.
    public record Attack(int party, String adversary, int atFrame) {}

    public Options {
        crashes = List.copyOf(crashes);
    }

    /// A run in which nothing goes wrong.
    public static Options healthy(String scenario, GroupId group, int parties, int reconstructionThreshold) {
        return new Options(scenario, group, parties, reconstructionThreshold, Network.PERFECT, List.of(), null, null);
    }

    public Options with(Network changed) {
        return new Options(scenario, group, parties, reconstructionThreshold, changed, crashes, partition, attack);
    }

    public Options with(Crash crash) {
        return new Options(
                scenario, group, parties, reconstructionThreshold, network, List.of(crash), partition, attack);
    }

    public Options with(Attack changed) {
        return new Options(scenario, group, parties, reconstructionThreshold, network, crashes, partition, changed);
    }

    public Options with(Partition changed) {
        return new Options(scenario, group, parties, reconstructionThreshold, network, crashes, changed, attack);
    }

    /// Whether nothing is to go wrong, so that every party must reach the end.
    public boolean healthy() {
        return network.lossChance() == 0 && crashes.isEmpty() && partition == null && attack == null;
    }

    /// All options, one a line, as a failing run prints them.
    public String expanded() {
        return """
                scenario    %s
                group       %s
                parties     %d, of which %d are needed
                network     %d to %d µs, loss %.3f, duplicates %.3f
                crashes     %s
                partition   %s
                attack      %s
                """.formatted(
                        scenario,
                        group,
                        parties,
                        reconstructionThreshold,
                        network.minLatencyMicros(),
                        network.maxLatencyMicros(),
                        network.lossChance(),
                        network.duplicateChance(),
                        crashes.isEmpty() ? "none" : crashes,
                        partition == null ? "none" : partition,
                        attack == null ? "none" : attack);
    }
}
