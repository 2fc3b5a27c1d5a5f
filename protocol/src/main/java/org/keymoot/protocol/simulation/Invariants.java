package org.keymoot.protocol.simulation;

import java.util.List;
import java.util.Optional;

/// The invariants of every scenario.
public final class Invariants {
    private Invariants() {}

    /// A fresh set for one run.
    public static List<Invariant> general() {
        return List.of(new NoInnocentIsBlamed(), new HealthyRunsSucceed());
    }

    /// Whoever an honest party calls a culprit did send something that the protocol does not.
    public static final class NoInnocentIsBlamed implements Invariant {
        @Override
        public String name() {
            return "no innocent is blamed";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (happening instanceof Happening.Ended(Outcome outcome)
                    && outcome.result() instanceof Outcome.Result.FoundCheating(var cheated)
                    && !world.tamperers().contains(outcome.party())
                    && !world.tamperers().containsAll(cheated.culprits())) {
                return Optional.of(outcome.text() + ", but only " + world.tamperers() + " tampered");
            }
            return Optional.empty();
        }
    }

    /// Without fault or adversary every attempt returns.
    public static final class HealthyRunsSucceed implements Invariant {
        @Override
        public String name() {
            return "healthy runs succeed";
        }

        @Override
        public Optional<String> atEnd(World world) {
            if (!world.options().healthy()) {
                return Optional.empty();
            }
            if (world.outcomes().isEmpty()) {
                return Optional.of("nothing was attempted");
            }
            return world.outcomes().stream()
                    .filter(outcome -> !(outcome.result() instanceof Outcome.Result.Returned))
                    .findFirst()
                    .map(Outcome::text);
        }
    }

    /// No frame of channels whose name begins with `channel` goes to any party but the leader, which their names end
    /// with.
    record OnlyTheLeaderIsTold(String channel) implements Invariant {
        @Override
        public String name() {
            return "only the leader is told";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            return happening instanceof Happening.Sent sent
                            && sent.channel().startsWith(channel)
                            && !sent.channel().endsWith("for P" + sent.to())
                    ? Optional.of("P" + sent.from() + " told P" + sent.to() + " in " + sent.channel())
                    : Optional.empty();
        }
    }
}
