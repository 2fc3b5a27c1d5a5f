package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;

/// Recodes secret scalars into `bits` digits of ±1: digit j is `2eⱼ - 1` for the bits of
/// `e = (k + 2^bits - 1) / 2 mod q`.
final class SignedDigits {
    /// Room for the recoded bits and for reading a whole word at the last of them.
    static final int BYTES = 64;

    private final PrimeOrderField scalars;
    private final MemorySegment offset;
    private final MemorySegment half;

    SignedDigits(PrimeOrderField scalars, int bits) {
        this(scalars, BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE));
    }

    /// With `e = (k + offset) / 2 mod q`.
    SignedDigits(PrimeOrderField scalars, BigInteger offset) {
        this.scalars = scalars;
        this.offset = scalars.of(offset.mod(scalars.order())).slot();
        this.half = scalars.of(BigInteger.TWO.modInverse(scalars.order())).slot();
    }

    /// Writes `e` to the first 32 bytes of `digits`.
    void recode(MemorySegment digits, MemorySegment k) {
        scalars.add(digits, k, offset);
        scalars.multiply(digits, digits, half);
    }

    /// The `width` (at most 8) bits of `e` at `position`.
    static int window(MemorySegment digits, int position, int width) {
        long word = digits.get(ScalarKernel.WORD, position >> 3);
        return (int) (word >>> (position & 7)) & ((1 << width) - 1);
    }

    /// Where the window's odd number `2·window - 2^width + 1` stands, up to sign, among 1, 3, 5, …
    static int index(int window, int width) {
        return (window ^ (int) negativeMask(window, width)) & ((1 << (width - 1)) - 1);
    }

    /// -1 if the window's number is negative, else 0.
    static long negativeMask(int window, int width) {
        return (window >>> (width - 1)) - 1L;
    }
}
