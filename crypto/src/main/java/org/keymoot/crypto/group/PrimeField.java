package org.keymoot.crypto.group;

import java.math.BigInteger;

/// Arithmetic in the coordinate field of a Weierstrass curve with a prime `p`, 2^255 < p < 2^256 and p ≡ 3 (mod 4).
///
/// It keeps true: every operation takes the same steps whatever the values; operands may be results of earlier
/// operations, or sums and differences of up to eight of them; a result register may be one of the operands.
abstract class PrimeField {
    static final int BYTES = 32;
    private static final int WORDS = 4;

    private final BigInteger modulus;
    private final long[] complement = new long[WORDS];

    PrimeField(BigInteger modulus) {
        this.modulus = modulus;
        BigInteger difference = BigInteger.ONE.shiftLeft(256).subtract(modulus);
        for (int i = 0; i < WORDS; i++) {
            complement[i] = difference.shiftRight(64 * i).longValue();
        }
    }

    final BigInteger modulus() {
        return modulus;
    }

    abstract void multiply(FieldElement r, FieldElement a, FieldElement b);

    abstract void square(FieldElement r, FieldElement a);

    /// Brings limbs below 2^63 in absolute value back to the size of a product.
    abstract void carry(FieldElement r);

    /// `r = a^(p-2)`: the inverse, or zero of zero.
    abstract void invert(FieldElement r, FieldElement a);

    /// `r = a^((p+1)/4)`: a square root if `a` is a square.
    abstract void squareRootCandidate(FieldElement r, FieldElement a);

    /// From plain limbs below `p` to the form that [#multiply] works on; and back, with any limbs.
    abstract void enter(FieldElement r);

    abstract void leave(FieldElement r);

    /// `r = a^(2^count)`.
    final void square(FieldElement r, FieldElement a, int count) {
        square(r, a);
        for (int i = 1; i < count; i++) {
            square(r, r);
        }
    }

    final void set(FieldElement r, BigInteger value) {
        BigInteger reduced = value.mod(modulus);
        r.l0 = limb(reduced, 0);
        r.l1 = limb(reduced, 1);
        r.l2 = limb(reduced, 2);
        r.l3 = limb(reduced, 3);
        r.l4 = limb(reduced, 4);
        enter(r);
    }

    static long limb(BigInteger value, int index) {
        return value.shiftRight(FieldElement.LIMB_BITS * index).longValue() & FieldElement.MASK;
    }

    final FieldElement element(BigInteger value) {
        FieldElement r = new FieldElement();
        set(r, value);
        return r;
    }

    final BigInteger toBigInteger(FieldElement a) {
        return new BigInteger(1, encode(a));
    }

    /// Reads 32 big-endian bytes; returns false, leaving `r` unusable, when they are not below `p`.
    final boolean decode(FieldElement r, byte[] bytes, int offset) {
        long w3 = word(bytes, offset);
        long w2 = word(bytes, offset + 8);
        long w1 = word(bytes, offset + 16);
        long w0 = word(bytes, offset + 24);
        r.l0 = w0 & FieldElement.MASK;
        r.l1 = (w0 >>> 52 | w1 << 12) & FieldElement.MASK;
        r.l2 = (w1 >>> 40 | w2 << 24) & FieldElement.MASK;
        r.l3 = (w2 >>> 28 | w3 << 36) & FieldElement.MASK;
        r.l4 = w3 >>> 16;
        long carry = carryOut(w0, complement[0], 0);
        carry = carryOut(w1, complement[1], carry);
        carry = carryOut(w2, complement[2], carry);
        carry = carryOut(w3, complement[3], carry);
        enter(r);
        return carry == 0;
    }

    private static long word(byte[] bytes, int offset) {
        long word = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            word = word << 8 | bytes[offset + i] & 0xff;
        }
        return word;
    }

    private static long carryOut(long a, long b, long carry) {
        long sum = a + b;
        long full = sum + carry;
        return ((a & b) | ((a | b) & ~sum)) >>> 63 | (sum & ~full) >>> 63;
    }

    final byte[] encode(FieldElement a) {
        byte[] bytes = new byte[BYTES];
        encode(a, bytes, 0);
        return bytes;
    }

    /// Writes the canonical value as 32 big-endian bytes.
    final void encode(FieldElement a, byte[] bytes, int offset) {
        FieldElement r = new FieldElement(a);
        leave(r);
        canonical(r);
        putWord(bytes, offset + 24, r.l0 | r.l1 << 52);
        putWord(bytes, offset + 16, r.l1 >>> 12 | r.l2 << 40);
        putWord(bytes, offset + 8, r.l2 >>> 24 | r.l3 << 28);
        putWord(bytes, offset, r.l3 >>> 36 | r.l4 << 16);
        r.setZero();
    }

    private static void putWord(byte[] bytes, int offset, long word) {
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[offset + i] = (byte) (word >>> (56 - 8 * i));
        }
    }

    /// The limbs of the one representative in [0, p).
    abstract void canonical(FieldElement r);

    /// -1 if the value is zero, else 0.
    final long isZeroMask(FieldElement a) {
        FieldElement r = new FieldElement(a);
        canonical(r);
        long bits = r.l0 | r.l1 | r.l2 | r.l3 | r.l4;
        r.setZero();
        return (bits | -bits) >> 63 ^ -1;
    }

    final boolean isZero(FieldElement a) {
        return isZeroMask(a) != 0;
    }

    final boolean areEqual(FieldElement a, FieldElement b) {
        FieldElement difference = new FieldElement();
        difference.subtract(a, b);
        return isZero(difference);
    }

    /// The lowest bit of the canonical value, as a mask of -1 or 0.
    final long isOddMask(FieldElement a) {
        FieldElement r = new FieldElement(a);
        leave(r);
        canonical(r);
        long odd = -(r.l0 & 1);
        r.setZero();
        return odd;
    }
}
