package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;

/// The universal hash of the extension's consistency check: a row, cut into elements `r₁ … r₄` of GF(2^128) and
/// the mask `m`, becomes `χ₁·r₁ + … + χ₄·r₄ + m` for public random `χ`.
///
/// It keeps true: rows are secret, so products are made of integer multiplications of bits spread four apart,
/// without tables, branches or secret indices. The field is GF(2)[X] modulo X^128 + X^7 + X^2 + X + 1, bit `i`
/// of the little-endian words being the coefficient of X^i.
final class RowCombiner {
    /// Elements of a row beside the mask; the last has only one word.
    static final int ELEMENTS = (OtParameters.COLUMNS + 127) / 128;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long EVERY_FOURTH = 0x1111111111111111L;

    private final byte[] challenges;
    private final long[] challenge = new long[2 * ELEMENTS];
    private final long[] reversed = new long[2 * ELEMENTS];

    /// @param challenges 16 bytes for each element
    RowCombiner(byte[] challenges) {
        this.challenges = challenges;
        MemorySegment bytes = MemorySegment.ofArray(challenges);
        for (int i = 0; i < challenge.length; i++) {
            challenge[i] = bytes.get(WORD, (long) i * Long.BYTES);
            reversed[i] = Long.reverse(challenge[i]);
        }
    }

    /// Writes the 16 bytes that stand for the row at `offset`.
    void combine(MemorySegment rows, long offset, MemorySegment target, long targetOffset) {
        // Karatsuba's three products, each of two words, summed over the elements before they are put together.
        long low0 = 0;
        long low1 = 0;
        long high0 = 0;
        long high1 = 0;
        long both0 = 0;
        long both1 = 0;
        for (int i = 0; i < ELEMENTS - 1; i++) {
            long a = rows.get(WORD, offset + 16L * i);
            long b = rows.get(WORD, offset + 16L * i + 8);
            long ra = Long.reverse(a);
            long rb = Long.reverse(b);
            long c = challenge[2 * i];
            long d = challenge[2 * i + 1];
            long rc = reversed[2 * i];
            long rd = reversed[2 * i + 1];
            low0 ^= multiplyLow(a, c);
            low1 ^= multiplyLow(ra, rc);
            high0 ^= multiplyLow(b, d);
            high1 ^= multiplyLow(rb, rd);
            both0 ^= multiplyLow(a ^ b, c ^ d);
            both1 ^= multiplyLow(ra ^ rb, rc ^ rd);
        }
        int last = ELEMENTS - 1;
        long a = rows.get(WORD, offset + 16L * last);
        long ra = Long.reverse(a);
        low0 ^= multiplyLow(a, challenge[2 * last]);
        low1 ^= multiplyLow(ra, reversed[2 * last]);
        both0 ^= multiplyLow(a, challenge[2 * last] ^ challenge[2 * last + 1]);
        both1 ^= multiplyLow(ra, reversed[2 * last] ^ reversed[2 * last + 1]);

        low1 = Long.reverse(low1) >>> 1;
        high1 = Long.reverse(high1) >>> 1;
        both1 = Long.reverse(both1) >>> 1;
        long p0 = low0;
        long p1 = low1 ^ both0 ^ low0 ^ high0;
        long p2 = high0 ^ both1 ^ low1 ^ high1;
        long p3 = high1;
        p1 ^= p3 ^ p3 << 1 ^ p3 << 2 ^ p3 << 7;
        p2 ^= p3 >>> 63 ^ p3 >>> 62 ^ p3 >>> 57;
        p0 ^= p2 ^ p2 << 1 ^ p2 << 2 ^ p2 << 7;
        p1 ^= p2 >>> 63 ^ p2 >>> 62 ^ p2 >>> 57;
        long mask = offset + OtParameters.COLUMNS / Byte.SIZE;
        target.set(WORD, targetOffset, p0 ^ rows.get(WORD, mask));
        target.set(WORD, targetOffset + 8, p1 ^ rows.get(WORD, mask + 8));
    }

    /// The hash of all combined rows. It is bound to the extension by the challenges, which follow from its
    /// context.
    SecretBytes hash(MemorySegment combined, SecretScope scope) {
        return SecretTranscript.start(Tag.COTE_COMBINED)
                .bytes(challenges)
                .secret(combined)
                .hash(scope);
    }

    /// The lower 64 bits of the carry-less product. The upper ones are those of the bit-reversed factors,
    /// reversed.
    static long multiplyLow(long x, long y) {
        long x0 = x & EVERY_FOURTH;
        long x1 = x & EVERY_FOURTH << 1;
        long x2 = x & EVERY_FOURTH << 2;
        long x3 = x & EVERY_FOURTH << 3;
        long y0 = y & EVERY_FOURTH;
        long y1 = y & EVERY_FOURTH << 1;
        long y2 = y & EVERY_FOURTH << 2;
        long y3 = y & EVERY_FOURTH << 3;
        // At most 16 ones meet in a place, so their sum stays within the four bits to the next place that is kept, and
        // only in the uppermost place does it overflow, off the word.
        long z0 = x0 * y0 ^ x1 * y3 ^ x2 * y2 ^ x3 * y1;
        long z1 = x0 * y1 ^ x1 * y0 ^ x2 * y3 ^ x3 * y2;
        long z2 = x0 * y2 ^ x1 * y1 ^ x2 * y0 ^ x3 * y3;
        long z3 = x0 * y3 ^ x1 * y2 ^ x2 * y1 ^ x3 * y0;
        return (z0 & EVERY_FOURTH) | (z1 & EVERY_FOURTH << 1) | (z2 & EVERY_FOURTH << 2) | (z3 & EVERY_FOURTH << 3);
    }
}
