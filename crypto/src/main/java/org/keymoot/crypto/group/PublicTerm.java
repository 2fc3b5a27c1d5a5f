package org.keymoot.crypto.group;

import java.math.BigInteger;

/// One product of a sum with public factors: signed digits of the factor, and the odd multiples of the point that the
/// digits name.
final class PublicTerm {
    private static final int MAX_BITS = 257;
    private static final int WORDS = 5;

    private final byte[] digits = new byte[MAX_BITS];
    private final long[] multiples;
    private int length;

    /// @param magnitude below 2^256
    /// @param width of a window in bits; `multiples` holds P, 3P, … below `2^(width-1)·P`
    PublicTerm(BigInteger magnitude, boolean negative, long[] multiples, int width) {
        this.multiples = multiples;
        long[] words = new long[WORDS];
        for (int i = 0; i < WORDS - 1; i++) {
            words[i] = magnitude.shiftRight(Long.SIZE * i).longValue();
        }
        int carry = 0;
        for (int bit = 0; bit < MAX_BITS; ) {
            if (bits(words, bit, 1) == carry) {
                bit++;
                continue;
            }
            int window = bits(words, bit, width) + carry;
            carry = window >> (width - 1);
            int digit = window - (carry << width);
            digits[bit] = (byte) (negative ? -digit : digit);
            length = bit + 1;
            bit += width;
        }
    }

    private static int bits(long[] words, int position, int count) {
        int word = position >> 6;
        int shift = position & 63;
        long value = words[word] >>> shift;
        if (shift + count > Long.SIZE && word + 1 < WORDS) {
            value |= words[word + 1] << (Long.SIZE - shift);
        }
        return (int) value & ((1 << count) - 1);
    }

    /// One more than the position of the highest digit that is not zero.
    int length() {
        return length;
    }

    /// Reads the multiple for the digit at `position` into `r`; returns false, reading nothing, if the digit is zero.
    boolean load(ProjectivePoint r, int position) {
        int digit = digits[position];
        if (digit == 0) {
            return false;
        }
        r.load(multiples, Math.abs(digit) >> 1);
        r.y.negateIf(digit >> 31);
        return true;
    }
}
