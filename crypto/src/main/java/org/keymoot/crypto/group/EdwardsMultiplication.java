package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import org.keymoot.crypto.secret.Disclosure;

/// Scalar multiplication on the Edwards curve: a comb for the base point and a fixed window for any point, both
/// in constant time, and interleaved sliding windows for public scalars.
///
/// It keeps true: the methods that take a [SecretScalar] read the scalar's words from its own memory into
/// locals, look tables up by reading every entry, and overwrite their scratch space before they return.
final class EdwardsMultiplication {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Digits of 4 bits from −8 to 7 in a scalar below 2^255.
    private static final int DIGITS = 64;

    /// Entries for one digit: `1·P … 8·P`.
    private static final int ENTRIES = 8;

    /// Adding this to every word adds 8 to every 4-bit digit, so that afterwards `digit − 8` is the signed
    /// digit.
    private static final long EIGHTS = 0x8888888888888888L;

    private static final int WINDOW = 5;
    private static final int BASE_WINDOW = 8;

    private EdwardsMultiplication() {}

    /// Tables of the base point, built on first use: `COMB` holds `j·256^i·B` at `8·i + j − 1`, and `ODD` holds
    /// `(2·i + 1)·B` at `i`.
    private static final class Base {
        static final long[] COMB = comb();
        static final long[] ODD = odd();

        private static long[] comb() {
            long[] table = new long[DIGITS / 2 * ENTRIES * EdwardsAffineCached.TABLE_STRIDE];
            EdwardsCoordinates unit = EdwardsCoordinates.BASE;
            for (int i = 0; i < DIGITS / 2; i++) {
                EdwardsCoordinates multiple = unit;
                for (int j = 0; j < ENTRIES; j++) {
                    new EdwardsAffineCached(multiple).store(table, i * ENTRIES + j);
                    multiple = multiple.plus(unit);
                }
                EdwardsAccumulator next = new EdwardsAccumulator(unit);
                next.doubleTimes(8);
                unit = next.toCoordinates();
            }
            return table;
        }

        private static long[] odd() {
            int count = 1 << (BASE_WINDOW - 2);
            long[] table = new long[count * EdwardsAffineCached.TABLE_STRIDE];
            EdwardsCoordinates two = EdwardsCoordinates.BASE.plus(EdwardsCoordinates.BASE);
            EdwardsCoordinates multiple = EdwardsCoordinates.BASE;
            for (int i = 0; i < count; i++) {
                new EdwardsAffineCached(multiple).store(table, i);
                multiple = multiple.plus(two);
            }
            return table;
        }
    }

    /// `k·B` in constant time.
    static EdwardsCoordinates multiplyBase(SecretScalar k) {
        MemorySegment words = k.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        return multiplyBase(
                words.get(WORD, 0),
                words.get(WORD, Long.BYTES),
                words.get(WORD, 2L * Long.BYTES),
                words.get(WORD, 3L * Long.BYTES));
    }

    /// `k·B` for public `k`; the comb of the secret case is the fastest way here as well.
    static EdwardsCoordinates multiplyBase(Scalar k) {
        long[] words = words(k);
        return multiplyBase(words[0], words[1], words[2], words[3]);
    }

    private static EdwardsCoordinates multiplyBase(long k0, long k1, long k2, long k3) {
        long w0 = k0 + EIGHTS;
        long carry = carryOfSum(k0, EIGHTS, w0);
        long w1 = k1 + EIGHTS + carry;
        carry = carryOfSum(k1, EIGHTS, w1);
        long w2 = k2 + EIGHTS + carry;
        carry = carryOfSum(k2, EIGHTS, w2);
        long w3 = k3 + EIGHTS + carry;

        EdwardsAffineCached entry = new EdwardsAffineCached();
        try (EdwardsAccumulator sum = new EdwardsAccumulator()) {
            for (int i = 1; i < DIGITS; i += 2) {
                entry.select(Base.COMB, i / 2 * ENTRIES, ENTRIES, digit(w0, w1, w2, w3, i));
                sum.add(entry);
            }
            sum.doubleTimes(4);
            for (int i = 0; i < DIGITS; i += 2) {
                entry.select(Base.COMB, i / 2 * ENTRIES, ENTRIES, digit(w0, w1, w2, w3, i));
                sum.add(entry);
            }
            return sum.toCoordinates();
        } finally {
            entry.setIdentity();
        }
    }

    /// `k·P` in constant time in `k`.
    static EdwardsCoordinates multiply(EdwardsCoordinates point, SecretScalar k) {
        MemorySegment words = k.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        long k0 = words.get(WORD, 0);
        long k1 = words.get(WORD, Long.BYTES);
        long k2 = words.get(WORD, 2L * Long.BYTES);
        long w0 = k0 + EIGHTS;
        long carry = carryOfSum(k0, EIGHTS, w0);
        long w1 = k1 + EIGHTS + carry;
        carry = carryOfSum(k1, EIGHTS, w1);
        long w2 = k2 + EIGHTS + carry;
        carry = carryOfSum(k2, EIGHTS, w2);
        long w3 = words.get(WORD, 3L * Long.BYTES) + EIGHTS + carry;

        long[] table = new long[ENTRIES * EdwardsCached.TABLE_STRIDE];
        EdwardsCached entry = new EdwardsCached(point);
        EdwardsAccumulator multiple = new EdwardsAccumulator(point);
        entry.store(table, 0);
        for (int i = 1; i < ENTRIES; i++) {
            multiple.add(entry);
            new EdwardsCached(multiple.toCoordinates()).store(table, i);
        }
        try (EdwardsAccumulator sum = new EdwardsAccumulator()) {
            for (int i = DIGITS - 1; i > 0; i--) {
                entry.select(table, ENTRIES, digit(w0, w1, w2, w3, i));
                sum.add(entry);
                sum.doubleTimes(4);
            }
            entry.select(table, ENTRIES, digit(w0, w1, w2, w3, 0));
            sum.add(entry);
            return sum.toCoordinates();
        } finally {
            entry.setIdentity();
        }
    }

    /// `Σ kᵢ·Pᵢ` for public scalars, all windows sharing one row of doublings.
    static EdwardsCoordinates sumOfProducts(List<Scalar> scalars, List<EdwardsCoordinates> points) {
        if (scalars.size() != points.size()) {
            throw new IllegalArgumentException("expected as many scalars as points, found %d scalars and %d points"
                    .formatted(scalars.size(), points.size()));
        }
        int count = scalars.size();
        byte[][] digits = new byte[count][];
        EdwardsCached[][] odd = new EdwardsCached[count][];
        int top = -1;
        for (int i = 0; i < count; i++) {
            boolean base = points.get(i) == EdwardsCoordinates.BASE;
            digits[i] = slidingDigits(words(scalars.get(i)), base ? BASE_WINDOW : WINDOW);
            odd[i] = base ? new EdwardsCached[0] : oddMultiples(points.get(i));
            top = Math.max(top, highestDigit(digits[i]));
        }
        EdwardsAccumulator sum = new EdwardsAccumulator();
        EdwardsAffineCached entry = new EdwardsAffineCached();
        for (int position = top; position >= 0; position--) {
            for (int i = 0; i < count; i++) {
                int digit = digits[i][position];
                if (digit == 0) {
                    continue;
                }
                int sign = digit >> 31;
                int index = ((digit ^ sign) - sign) / 2;
                if (odd[i].length == 0) {
                    entry.load(Base.ODD, index);
                    entry.negateIf(sign);
                    sum.add(entry);
                } else {
                    EdwardsCached multiple = odd[i][index];
                    multiple.negateIf(sign);
                    sum.add(multiple);
                    multiple.negateIf(sign);
                }
            }
            if (position > 0) {
                sum.doubleTimes(1);
            }
        }
        return sum.toCoordinates();
    }

    /// Signed digits of a public number below 2^255, least significant first: each is zero or odd and below
    /// `2^(window − 1)` in size, and a non-zero one is followed by at least `window − 1` zeros.
    static byte[] slidingDigits(long[] words, int window) {
        byte[] digits = new byte[256];
        int size = 1 << window;
        int carry = 0;
        int position = 0;
        while (position < digits.length) {
            int bits = (int) (bitsAt(words, position) & (size - 1)) + carry;
            if ((bits & 1) == 0) {
                position++;
                continue;
            }
            if (bits >= size / 2) {
                digits[position] = (byte) (bits - size);
                carry = 1;
            } else {
                digits[position] = (byte) bits;
                carry = 0;
            }
            position += window;
        }
        return digits;
    }

    private static long bitsAt(long[] words, int position) {
        int word = position / Long.SIZE;
        int shift = position % Long.SIZE;
        long bits = words[word] >>> shift;
        if (shift > 0 && word + 1 < words.length) {
            bits |= words[word + 1] << (Long.SIZE - shift);
        }
        return bits;
    }

    private static int highestDigit(byte[] digits) {
        int top = digits.length - 1;
        while (top >= 0 && digits[top] == 0) {
            top--;
        }
        return top;
    }

    private static EdwardsCached[] oddMultiples(EdwardsCoordinates point) {
        EdwardsCached[] odd = new EdwardsCached[1 << (WINDOW - 2)];
        EdwardsAccumulator doubled = new EdwardsAccumulator(point);
        doubled.doubleTimes(1);
        EdwardsCached two = new EdwardsCached(doubled.toCoordinates());
        EdwardsAccumulator multiple = new EdwardsAccumulator(point);
        odd[0] = new EdwardsCached(point);
        for (int i = 1; i < odd.length; i++) {
            multiple.add(two);
            odd[i] = new EdwardsCached(multiple.toCoordinates());
        }
        return odd;
    }

    /// `k·P` for a public `k` given by its sliding digits.
    static EdwardsCoordinates multiply(EdwardsCoordinates point, byte[] digits) {
        EdwardsCached[] odd = oddMultiples(point);
        EdwardsAccumulator sum = new EdwardsAccumulator();
        for (int position = highestDigit(digits); position >= 0; position--) {
            int digit = digits[position];
            if (digit != 0) {
                int sign = digit >> 31;
                EdwardsCached multiple = odd[((digit ^ sign) - sign) / 2];
                multiple.negateIf(sign);
                sum.add(multiple);
                multiple.negateIf(sign);
            }
            if (position > 0) {
                sum.doubleTimes(1);
            }
        }
        return sum.toCoordinates();
    }

    /// The digits that [#multiply(EdwardsCoordinates, byte\[\])] takes.
    static byte[] slidingDigits(long[] words) {
        return slidingDigits(words, WINDOW);
    }

    /// Signed digit `index` (public) of the sum of the scalar and [#EIGHTS].
    private static long digit(long w0, long w1, long w2, long w3, int index) {
        long word = switch (index >> 4) {
            case 0 -> w0;
            case 1 -> w1;
            case 2 -> w2;
            default -> w3;
        };
        return ((word >>> (4 * (index & 15))) & 15) - 8;
    }

    /// The carry of `sum = a + b` or of `sum = a + b + 1`, without a comparison that could become a branch.
    private static long carryOfSum(long a, long b, long sum) {
        return ((a & b) | ((a | b) & ~sum)) >>> 63;
    }

    private static long[] words(Scalar k) {
        MemorySegment bytes = MemorySegment.ofArray(k.encode());
        ValueLayout.OfLong layout = WORD.withByteAlignment(1);
        long[] words = new long[4];
        for (int i = 0; i < words.length; i++) {
            words[i] = bytes.get(layout, (long) i * Long.BYTES);
        }
        return words;
    }
}
