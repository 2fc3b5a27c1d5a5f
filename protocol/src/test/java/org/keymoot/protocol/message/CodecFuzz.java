package org.keymoot.protocol.message;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;

/// Holds a codec to its contract on damaged input: it either refuses with [Malformed] or reads what encodes to the very
/// same bytes.
public final class CodecFuzz {
    private CodecFuzz() {}

    /// Decoding as a test sees it: returns the encoding of what was read.
    @FunctionalInterface
    public interface Reencode {
        byte[] of(byte[] input) throws Malformed;
    }

    /// How often damage was still accepted, of `rounds` times for each valid encoding.
    public static int run(long seed, int rounds, Reencode reencode, byte[]... valid) {
        SplittableRandom random = new SplittableRandom(seed);
        int accepted = 0;
        for (byte[] encoding : valid) {
            check(reencode, encoding, true);
            for (int round = 0; round < rounds; round++) {
                accepted += check(reencode, damaged(encoding, valid, random), false) ? 1 : 0;
            }
        }
        return accepted;
    }

    private static boolean check(Reencode reencode, byte[] input, boolean mustRead) {
        try {
            byte[] again = reencode.of(input.clone());
            if (!Arrays.equals(again, input)) {
                throw new AssertionError("read as " + HexFormat.of().formatHex(again) + ": "
                        + HexFormat.of().formatHex(input));
            }
            return true;
        } catch (Malformed e) {
            if (mustRead) {
                throw new AssertionError("refused a valid encoding", e);
            }
            return false;
        } catch (RuntimeException e) {
            throw new AssertionError("fell over " + HexFormat.of().formatHex(input), e);
        }
    }

    private static byte[] damaged(byte[] encoding, byte[][] all, SplittableRandom random) {
        byte[] out = encoding.clone();
        switch (random.nextInt(6)) {
            case 0 -> out = Arrays.copyOf(out, random.nextInt(out.length + 1));
            case 1 -> out = Arrays.copyOf(out, out.length + 1 + random.nextInt(40));
            case 2 -> Arrays.fill(out, random.nextInt(out.length + 1), out.length, (byte) random.nextInt(256));
            case 3 -> {
                byte[] other = all[random.nextInt(all.length)];
                int from = random.nextInt(Math.min(out.length, other.length) + 1);
                out = Arrays.copyOf(out, from + other.length - Math.min(from, other.length));
                System.arraycopy(other, Math.min(from, other.length), out, from, out.length - from);
            }
            case 4 -> random.nextBytes(out);
            default -> {
                for (int flips = random.nextInt(1, 4); flips > 0 && out.length > 0; flips--) {
                    int bit = random.nextInt(8 * out.length);
                    out[bit / 8] ^= (byte) (1 << bit % 8);
                }
            }
        }
        return out;
    }
}
