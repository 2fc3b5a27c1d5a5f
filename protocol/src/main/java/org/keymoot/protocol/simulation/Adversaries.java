package org.keymoot.protocol.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Frame;

/// The adversaries that know no protocol, by name. Each does its harm at one frame of its party, or from it on.
public final class Adversaries {
    /// Harm done to one frame.
    private interface Harm {
        List<byte[]> to(Adversary.Outgoing outgoing, List<byte[]> earlier, RandomGenerator random);
    }

    private static final Map<String, Supplier<Harm>> NAMED = new LinkedHashMap<>();

    static {
        NAMED.put("flips-a-bit-of-the-body", () -> (out, earlier, random) -> List.of(flipBody(out.frame(), random)));
        NAMED.put("flips-a-bit-of-the-frame", () -> (out, earlier, random) -> List.of(flip(out.frame(), random)));
        NAMED.put(
                "truncates",
                () -> (out, earlier, random) ->
                        List.of(Arrays.copyOf(out.frame(), random.nextInt(out.frame().length))));
        NAMED.put(
                "appends-bytes",
                () -> (out, earlier, random) ->
                        List.of(Arrays.copyOf(out.frame(), out.frame().length + 1 + random.nextInt(64))));
        NAMED.put("repeats", () -> (out, earlier, random) -> List.of(out.frame(), out.frame()));
        NAMED.put("drops", () -> (out, earlier, random) -> List.of());
        NAMED.put("replays-an-earlier-frame", () -> Adversaries::replay);
        NAMED.put(
                "claims-another-sender",
                () -> (out, earlier, random) -> List.of(edit(
                        out.frame(), frame -> addressed(frame, 1 + frame.sender() % 255, frame.receiver()))));
        NAMED.put(
                "addresses-another-receiver",
                () -> (out, earlier, random) -> List.of(edit(
                        out.frame(), frame -> addressed(frame, frame.sender(), 1 + frame.receiver() % 255))));
        NAMED.put(
                "lies-about-broadcasts",
                () -> (out, earlier, random) ->
                        List.of(edit(out.frame(), frame -> with(frame, flip(frame.echo(), random), frame.body()))));
        NAMED.put("sends-rubbish", () -> (out, earlier, random) -> {
            byte[] rubbish = new byte[random.nextInt(512)];
            random.nextBytes(rubbish);
            return List.of(rubbish);
        });
    }

    private static final String SILENT = "falls-silent";

    private Adversaries() {}

    public static List<String> names() {
        List<String> names = new ArrayList<>(NAMED.keySet());
        names.add(SILENT);
        return List.copyOf(names);
    }

    /// A fresh adversary that strikes at the party's `atFrame`-th frame; `falls-silent` sends none from there on.
    ///
    /// @throws IllegalArgumentException for a name that is not among [#names()]
    public static Adversary named(String name, int atFrame) {
        if (name.equals(SILENT)) {
            return (outgoing, random) -> outgoing.number() < atFrame ? List.of(outgoing.frame()) : List.of();
        }
        Supplier<Harm> harm = NAMED.get(name);
        if (harm == null) {
            throw new IllegalArgumentException("no adversary is called '" + name + "'; there are " + names());
        }
        Harm fresh = harm.get();
        List<byte[]> earlier = new ArrayList<>();
        return (outgoing, random) -> {
            List<byte[]> sent =
                    outgoing.number() == atFrame ? fresh.to(outgoing, earlier, random) : List.of(outgoing.frame());
            earlier.add(outgoing.frame());
            return sent;
        };
    }

    /// An adversary that edits the frames of one step on the channels whose name begins so, and leaves the rest alone.
    public static Adversary editing(String channel, String step, Edit edit) {
        return (outgoing, random) -> {
            if (!outgoing.channel().startsWith(channel)) {
                return List.of(outgoing.frame());
            }
            return List.of(edit(outgoing.frame(), frame -> frame.step().equals(step) ? edit.of(frame) : frame));
        };
    }

    /// Makes one frame of another.
    @FunctionalInterface
    public interface Edit {
        Frame of(Frame frame);
    }

    /// The frame with another body.
    public static Frame withBody(Frame frame, byte[] body) {
        return with(frame, frame.echo(), body);
    }

    private static byte[] edit(byte[] encoded, Edit edit) {
        try {
            return edit.of(Frame.decode(encoded)).encode();
        } catch (Malformed e) {
            throw new IllegalStateException("honest code sends well-formed frames", e);
        }
    }

    /// The frame with another sender and receiver.
    public static Frame addressed(Frame frame, int sender, int receiver) {
        return new Frame(
                frame.kind(),
                frame.root(),
                frame.child(),
                sender,
                receiver,
                frame.sequence(),
                frame.echo(),
                frame.step(),
                frame.body());
    }

    /// The frame with another echo and body.
    public static Frame with(Frame frame, byte[] echo, byte[] body) {
        return new Frame(
                frame.kind(),
                frame.root(),
                frame.child(),
                frame.sender(),
                frame.receiver(),
                frame.sequence(),
                echo,
                frame.step(),
                body);
    }

    private static byte[] flipBody(byte[] encoded, RandomGenerator random) {
        return edit(
                encoded,
                frame -> frame.body().length == 0 ? frame : with(frame, frame.echo(), flip(frame.body(), random)));
    }

    private static byte[] flip(byte[] bytes, RandomGenerator random) {
        byte[] flipped = bytes.clone();
        int bit = random.nextInt(8 * flipped.length);
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    private static List<byte[]> replay(Adversary.Outgoing outgoing, List<byte[]> earlier, RandomGenerator random) {
        return List.of(earlier.isEmpty() ? outgoing.frame() : earlier.get(random.nextInt(earlier.size())));
    }
}
