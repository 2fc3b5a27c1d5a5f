package org.keymoot.protocol.simulation;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Frame;
import org.keymoot.protocol.simulation.Outcome.Result;

/// Runs for tests, and what to ask of them.
public final class Runs {
    private Runs() {}

    /// A run in which the adversary owns one party.
    public static Report attacked(Options healthy, int party, Adversary adversary) {
        return Simulation.run(1, healthy.with(new Options.Attack(party, "test", 0)), adversary);
    }

    public static Options options(String scenario, int threshold, int parties) {
        return Options.healthy(scenario, GroupId.SECP256K1, parties, threshold);
    }

    /// What the party found in the first attempt of this name that failed for cheating.
    public static Cheated cheated(Report report, int party, String attempt) {
        return report.outcomes().stream()
                .filter(outcome -> outcome.party() == party && outcome.attempt().startsWith(attempt))
                .flatMap(outcome -> outcome.result() instanceof Result.FoundCheating(var found)
                        ? Optional.of(found).stream()
                        : Optional.<Cheated>empty().stream())
                .findFirst()
                .orElseThrow(() ->
                        new AssertionError("P" + party + " found no cheating in " + attempt + ":\n" + report.text()));
    }

    /// Every frame that a healthy run sends, as one line of its header and a digest of its body.
    public static List<String> transcript(long seed, Options options) {
        List<String> lines = new ArrayList<>();
        Scenario recorded = new Recorded(Scenarios.named(options.scenario()), lines);
        Report report = Simulation.run(seed, options, null, recorded);
        if (!report.passed() || !report.allReturned()) {
            throw new AssertionError(report.text());
        }
        return lines;
    }

    private record Recorded(Scenario inner, List<String> lines) implements Scenario {
        @Override
        public String name() {
            return inner.name();
        }

        @Override
        public List<GroupId> groups() {
            return inner.groups();
        }

        @Override
        public void run(Seat seat) {
            inner.run(seat);
        }

        @Override
        public List<Invariant> invariants() {
            List<Invariant> all = new ArrayList<>(inner.invariants());
            all.add(new Invariant() {
                @Override
                public String name() {
                    return "recording";
                }

                @Override
                public Optional<String> after(Happening happening, World world) {
                    if (happening instanceof Happening.Sent sent) {
                        lines.add(line(sent));
                    }
                    return Optional.empty();
                }
            });
            return all;
        }
    }

    private static String line(Happening.Sent sent) {
        try {
            Frame frame = Frame.decode(sent.frame());
            byte[] digest =
                    Transcript.start(Tag.SIMULATION_HISTORY).bytes(sent.frame()).hash();
            return "%s %s %s %d->%d %d bytes %s"
                    .formatted(
                            sent.channel(),
                            frame.step(),
                            frame.kind(),
                            sent.from(),
                            sent.to(),
                            sent.frame().length,
                            HexFormat.of().formatHex(digest, 0, 8));
        } catch (Malformed e) {
            throw new AssertionError(e);
        }
    }
}
