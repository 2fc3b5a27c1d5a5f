package org.keymoot.crypto.group;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;

/// A mutable integer modulo `p = 2^255 − 19`, in five signed limbs of 51 bits: the value is `Σ lᵢ·2^(51·i)`.
///
/// It keeps true: no method branches on or indexes by a limb, so that each takes the same steps for every
/// value. A product or square leaves limbs below `2^51 + 2^16` in size ("carried"). [#product] and [#square]
/// accept limbs up to `2^53`, which leaves room for sums and differences of up to three carried elements
/// without a carry of their own.
final class Field25519 {
    static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    static final int LIMBS = 5;
    static final int BYTES = 32;

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int LIMB_BITS = 51;
    private static final long MASK = (1L << LIMB_BITS) - 1;

    /// `2^192`, to join two halves of a 48-byte string.
    private static final Field25519 TWO_TO_192 = of(BigInteger.TWO.pow(192));

    /// `√−1`, the root that is even.
    static final Field25519 SQRT_MINUS_ONE =
            of(new BigInteger("19681161376707505956807079304988542015446066515923890162744021073123829784752"));

    static final Field25519 ONE = of(BigInteger.ONE);

    private long l0;
    private long l1;
    private long l2;
    private long l3;
    private long l4;

    /// Zero.
    Field25519() {}

    Field25519(Field25519 other) {
        set(other);
    }

    /// A constant from its value.
    static Field25519 of(BigInteger value) {
        byte[] bigEndian = value.mod(P).toByteArray();
        byte[] littleEndian = new byte[BYTES];
        for (int i = 0; i < bigEndian.length && i < BYTES; i++) {
            littleEndian[i] = bigEndian[bigEndian.length - 1 - i];
        }
        Field25519 out = new Field25519();
        out.decode(littleEndian, 0);
        return out;
    }

    void set(Field25519 a) {
        l0 = a.l0;
        l1 = a.l1;
        l2 = a.l2;
        l3 = a.l3;
        l4 = a.l4;
    }

    void setZero() {
        l0 = 0;
        l1 = 0;
        l2 = 0;
        l3 = 0;
        l4 = 0;
    }

    void setOne() {
        setZero();
        l0 = 1;
    }

    /// Reads 32 little-endian bytes, ignoring the top bit; a value from `p` to `2^255 − 1` is taken modulo `p`.
    void decode(byte[] source, int offset) {
        long w0 = word(source, offset);
        long w1 = word(source, offset + 8);
        long w2 = word(source, offset + 16);
        long w3 = word(source, offset + 24);
        l0 = w0 & MASK;
        l1 = ((w0 >>> 51) | (w1 << 13)) & MASK;
        l2 = ((w1 >>> 38) | (w2 << 26)) & MASK;
        l3 = ((w2 >>> 25) | (w3 << 39)) & MASK;
        l4 = (w3 >>> 12) & MASK;
    }

    /// Reads 48 big-endian bytes and reduces them, as `hash_to_field` of RFC 9380 section 5.2 does.
    void decodeWide(byte[] source, int offset) {
        byte[] half = new byte[BYTES];
        Field25519 high = new Field25519();
        for (int i = 0; i < 24; i++) {
            half[i] = source[offset + 23 - i];
        }
        high.decode(half, 0);
        for (int i = 0; i < 24; i++) {
            half[i] = source[offset + 47 - i];
        }
        decode(half, 0);
        product(high, high, TWO_TO_192);
        sum(this, this, high);
        product(this, this, ONE);
    }

    /// The canonical 32 little-endian bytes.
    byte[] encode() { // 8·p makes every limb positive; three carries
        /// bring the value below 2^255 + a little.
        long h0 = l0 + ((MASK - 18) << 3);
        long h1 = l1 + (MASK << 3);
        long h2 = l2 + (MASK << 3);
        long h3 = l3 + (MASK << 3);
        long h4 = l4 + (MASK << 3);
        for (int pass = 0; pass < 3; pass++) {
            h1 += h0 >>> LIMB_BITS;
            h0 &= MASK;
            h2 += h1 >>> LIMB_BITS;
            h1 &= MASK;
            h3 += h2 >>> LIMB_BITS;
            h2 &= MASK;
            h4 += h3 >>> LIMB_BITS;
            h3 &= MASK;
            h0 += 19 * (h4 >>> LIMB_BITS);
            h4 &= MASK;
        }
        // quotient is 1 exactly when the value is at least p; subtracting p is adding 19 and dropping bit 255.
        long quotient = (h0 + 19) >>> LIMB_BITS;
        quotient = (h1 + quotient) >>> LIMB_BITS;
        quotient = (h2 + quotient) >>> LIMB_BITS;
        quotient = (h3 + quotient) >>> LIMB_BITS;
        quotient = (h4 + quotient) >>> LIMB_BITS;
        h0 += 19 * quotient;
        h1 += h0 >>> LIMB_BITS;
        h0 &= MASK;
        h2 += h1 >>> LIMB_BITS;
        h1 &= MASK;
        h3 += h2 >>> LIMB_BITS;
        h2 &= MASK;
        h4 += h3 >>> LIMB_BITS;
        h3 &= MASK;
        h4 &= MASK;

        byte[] out = new byte[BYTES];
        putWord(out, 0, h0 | (h1 << 51));
        putWord(out, 8, (h1 >>> 13) | (h2 << 38));
        putWord(out, 16, (h2 >>> 26) | (h3 << 25));
        putWord(out, 24, (h3 >>> 39) | (h4 << 12));
        return out;
    }

    BigInteger toBigInteger() {
        byte[] littleEndian = encode();
        byte[] bigEndian = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bigEndian[i] = littleEndian[BYTES - 1 - i];
        }
        return new BigInteger(1, bigEndian);
    }

    /// −1 when the value is zero, otherwise 0.
    long zeroMask() {
        byte[] bytes = encode();
        long any = word(bytes, 0) | word(bytes, 8) | word(bytes, 16) | word(bytes, 24);
        return ((any | -any) >>> 63) - 1;
    }

    /// −1 when the values are equal, otherwise 0.
    static long equalMask(Field25519 a, Field25519 b) {
        Field25519 gap = new Field25519();
        difference(gap, a, b);
        return gap.zeroMask();
    }

    /// −1 when the canonical value is odd, which RFC 8032 and RFC 9496 call negative, otherwise 0.
    long negativeMask() {
        return -(long) (encode()[0] & 1);
    }

    /// Takes `a`'s value where `mask` is −1 and keeps its own where it is 0.
    void select(long mask, Field25519 a) {
        l0 ^= mask & (l0 ^ a.l0);
        l1 ^= mask & (l1 ^ a.l1);
        l2 ^= mask & (l2 ^ a.l2);
        l3 ^= mask & (l3 ^ a.l3);
        l4 ^= mask & (l4 ^ a.l4);
    }

    /// Exchanges the two values where `mask` is −1.
    static void swap(long mask, Field25519 a, Field25519 b) {
        long t0 = mask & (a.l0 ^ b.l0);
        long t1 = mask & (a.l1 ^ b.l1);
        long t2 = mask & (a.l2 ^ b.l2);
        long t3 = mask & (a.l3 ^ b.l3);
        long t4 = mask & (a.l4 ^ b.l4);
        a.l0 ^= t0;
        a.l1 ^= t1;
        a.l2 ^= t2;
        a.l3 ^= t3;
        a.l4 ^= t4;
        b.l0 ^= t0;
        b.l1 ^= t1;
        b.l2 ^= t2;
        b.l3 ^= t3;
        b.l4 ^= t4;
    }

    /// Changes the sign where `mask` is −1; limbs are signed, so this needs no carry.
    void negateIf(long mask) {
        l0 = (l0 ^ mask) - mask;
        l1 = (l1 ^ mask) - mask;
        l2 = (l2 ^ mask) - mask;
        l3 = (l3 ^ mask) - mask;
        l4 = (l4 ^ mask) - mask;
    }

    /// Makes the canonical value even, as RFC 9496's `CT_ABS`.
    void makeNonNegative() {
        negateIf(negativeMask());
    }

    /// Writes the limbs to `table[offset…offset + 4]`.
    void store(long[] table, int offset) {
        table[offset] = l0;
        table[offset + 1] = l1;
        table[offset + 2] = l2;
        table[offset + 3] = l3;
        table[offset + 4] = l4;
    }

    void load(long[] table, int offset) {
        l0 = table[offset];
        l1 = table[offset + 1];
        l2 = table[offset + 2];
        l3 = table[offset + 3];
        l4 = table[offset + 4];
    }

    /// Takes the one of `count` elements (each `stride` limbs apart, from `offset`) whose index is `wanted −
    /// 1`, reading all of them; keeps its own value when `wanted` is 0.
    void selectFrom(long[] table, int offset, int stride, int count, long wanted) {
        long t0 = l0;
        long t1 = l1;
        long t2 = l2;
        long t3 = l3;
        long t4 = l4;
        int at = offset;
        for (int i = 1; i <= count; i++) {
            long unequal = i ^ wanted;
            long mask = (unequal - 1) >> 63;
            t0 ^= mask & (t0 ^ table[at]);
            t1 ^= mask & (t1 ^ table[at + 1]);
            t2 ^= mask & (t2 ^ table[at + 2]);
            t3 ^= mask & (t3 ^ table[at + 3]);
            t4 ^= mask & (t4 ^ table[at + 4]);
            at += stride;
        }
        l0 = t0;
        l1 = t1;
        l2 = t2;
        l3 = t3;
        l4 = t4;
    }

    static void sum(Field25519 out, Field25519 a, Field25519 b) {
        out.l0 = a.l0 + b.l0;
        out.l1 = a.l1 + b.l1;
        out.l2 = a.l2 + b.l2;
        out.l3 = a.l3 + b.l3;
        out.l4 = a.l4 + b.l4;
    }

    static void difference(Field25519 out, Field25519 a, Field25519 b) {
        out.l0 = a.l0 - b.l0;
        out.l1 = a.l1 - b.l1;
        out.l2 = a.l2 - b.l2;
        out.l3 = a.l3 - b.l3;
        out.l4 = a.l4 - b.l4;
    }

    /// `out = a·b`; `out` may be an operand.
    ///
    /// Column `k` of the product is `Sₖ = Σ aᵢ·bⱼ` over `i + j = k`, where `i + j = k + 5` comes back
    /// multiplied by 19. Each product is cut at bit 51: with 13 bits of shift shared between the operands, the
    /// high word of the shifted product is `⌊aᵢ·bⱼ / 2^51⌋`. `Hₖ` sums these. The low parts need no cut of
    /// their own: `Lₖ` sums the low words modulo 2^64, and `Lₖ − (Hₖ << 51)` is the sum of the low 51-bit parts
    /// exactly, for it is below 2^54.
    static void product(Field25519 out, Field25519 a, Field25519 b) {
        long a0 = a.l0;
        long a1 = a.l1;
        long a2 = a.l2;
        long a3 = a.l3;
        long a4 = a.l4;
        long b0 = b.l0;
        long b1 = b.l1;
        long b2 = b.l2;
        long b3 = b.l3;
        long b4 = b.l4;
        long c1 = b1 * 19;
        long c2 = b2 * 19;
        long c3 = b3 * 19;
        long c4 = b4 * 19;

        long low0 = a0 * b0 + a1 * c4 + a2 * c3 + a3 * c2 + a4 * c1;
        long low1 = a0 * b1 + a1 * b0 + a2 * c4 + a3 * c3 + a4 * c2;
        long low2 = a0 * b2 + a1 * b1 + a2 * b0 + a3 * c4 + a4 * c3;
        long low3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + a4 * c4;
        long low4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;

        a0 <<= 9;
        a1 <<= 9;
        a2 <<= 9;
        a3 <<= 9;
        a4 <<= 9;
        b0 <<= 4;
        b1 <<= 4;
        b2 <<= 4;
        b3 <<= 4;
        b4 <<= 4;
        c1 <<= 4;
        c2 <<= 4;
        c3 <<= 4;
        c4 <<= 4;

        long high0 = Math.multiplyHigh(a0, b0)
                + Math.multiplyHigh(a1, c4)
                + Math.multiplyHigh(a2, c3)
                + Math.multiplyHigh(a3, c2)
                + Math.multiplyHigh(a4, c1);
        long high1 = Math.multiplyHigh(a0, b1)
                + Math.multiplyHigh(a1, b0)
                + Math.multiplyHigh(a2, c4)
                + Math.multiplyHigh(a3, c3)
                + Math.multiplyHigh(a4, c2);
        long high2 = Math.multiplyHigh(a0, b2)
                + Math.multiplyHigh(a1, b1)
                + Math.multiplyHigh(a2, b0)
                + Math.multiplyHigh(a3, c4)
                + Math.multiplyHigh(a4, c3);
        long high3 = Math.multiplyHigh(a0, b3)
                + Math.multiplyHigh(a1, b2)
                + Math.multiplyHigh(a2, b1)
                + Math.multiplyHigh(a3, b0)
                + Math.multiplyHigh(a4, c4);
        long high4 = Math.multiplyHigh(a0, b4)
                + Math.multiplyHigh(a1, b3)
                + Math.multiplyHigh(a2, b2)
                + Math.multiplyHigh(a3, b1)
                + Math.multiplyHigh(a4, b0);

        out.carry(low0, low1, low2, low3, low4, high0, high1, high2, high3, high4);
    }

    /// `out = a²`; `out` may be `a`. The columns are those of [#product] with equal products joined.
    static void square(Field25519 out, Field25519 a) {
        long a0 = a.l0;
        long a1 = a.l1;
        long a2 = a.l2;
        long a3 = a.l3;
        long a4 = a.l4;
        long d0 = a0 << 1;
        long d1 = a1 << 1;
        long d2 = a2 << 1;
        long d3 = a3 << 1;
        long c3 = a3 * 19;
        long c4 = a4 * 19;

        long low0 = a0 * a0 + d1 * c4 + d2 * c3;
        long low1 = d0 * a1 + d2 * c4 + a3 * c3;
        long low2 = d0 * a2 + a1 * a1 + d3 * c4;
        long low3 = d0 * a3 + d1 * a2 + a4 * c4;
        long low4 = d0 * a4 + d1 * a3 + a2 * a2;

        long e0 = a0 << 8;
        long e1 = a1 << 8;
        long e2 = a2 << 8;
        long e3 = a3 << 8;
        long e4 = a4 << 8;
        d0 <<= 8;
        d1 <<= 8;
        d2 <<= 8;
        d3 <<= 8;
        a0 <<= 5;
        a1 <<= 5;
        a2 <<= 5;
        a3 <<= 5;
        a4 <<= 5;
        c3 <<= 5;
        c4 <<= 5;

        long high0 = Math.multiplyHigh(e0, a0) + Math.multiplyHigh(d1, c4) + Math.multiplyHigh(d2, c3);
        long high1 = Math.multiplyHigh(d0, a1) + Math.multiplyHigh(d2, c4) + Math.multiplyHigh(e3, c3);
        long high2 = Math.multiplyHigh(d0, a2) + Math.multiplyHigh(e1, a1) + Math.multiplyHigh(d3, c4);
        long high3 = Math.multiplyHigh(d0, a3) + Math.multiplyHigh(d1, a2) + Math.multiplyHigh(e4, c4);
        long high4 = Math.multiplyHigh(d0, a4) + Math.multiplyHigh(d1, a3) + Math.multiplyHigh(e2, a2);

        out.carry(low0, low1, low2, low3, low4, high0, high1, high2, high3, high4);
    }

    /// Joins the columns of a product and carries once, all limbs side by side: carries are below 2^12, so one
    /// pass is enough.
    private void carry(
            long low0,
            long low1,
            long low2,
            long low3,
            long low4,
            long high0,
            long high1,
            long high2,
            long high3,
            long high4) {
        long s0 = low0 - (high0 << LIMB_BITS) + 19 * high4;
        long s1 = low1 - (high1 << LIMB_BITS) + high0;
        long s2 = low2 - (high2 << LIMB_BITS) + high1;
        long s3 = low3 - (high3 << LIMB_BITS) + high2;
        long s4 = low4 - (high4 << LIMB_BITS) + high3;
        l0 = (s0 & MASK) + 19 * (s4 >> LIMB_BITS);
        l1 = (s1 & MASK) + (s0 >> LIMB_BITS);
        l2 = (s2 & MASK) + (s1 >> LIMB_BITS);
        l3 = (s3 & MASK) + (s2 >> LIMB_BITS);
        l4 = (s4 & MASK) + (s3 >> LIMB_BITS);
    }

    /// `out = a^(2^count)`, `count` at least 1.
    static void square(Field25519 out, Field25519 a, int count) {
        square(out, a);
        for (int i = 1; i < count; i++) {
            square(out, out);
        }
    }

    /// `out = 1/a`, and 0 for 0, as `a^(p − 2)`.
    static void invert(Field25519 out, Field25519 a) {
        Field25519 eleven = new Field25519();
        Field25519 power = powerOfAllOnes250(a, eleven);
        square(power, power, 5);
        product(out, power, eleven);
        power.setZero();
        eleven.setZero();
    }

    /// `out = a^((p − 5)/8)`, from which square roots are made.
    private static void powerForRoot(Field25519 out, Field25519 a) {
        Field25519 base = new Field25519(a);
        Field25519 power = powerOfAllOnes250(a, new Field25519());
        square(power, power, 2);
        product(out, power, base);
    }

    /// `a^(2^250 − 1)`, leaving `a^11` in `eleven`.
    private static Field25519 powerOfAllOnes250(Field25519 a, Field25519 eleven) {
        Field25519 t = new Field25519();
        Field25519 ones5 = new Field25519();
        Field25519 ones10 = new Field25519();
        Field25519 ones50 = new Field25519();
        Field25519 nine = new Field25519();
        square(t, a, 3);
        product(nine, t, a);
        square(t, a);
        product(eleven, t, nine);
        square(t, eleven);
        product(ones5, t, nine);
        square(t, ones5, 5);
        product(ones10, t, ones5);
        square(t, ones10, 10);
        Field25519 ones20 = ones5;
        product(ones20, t, ones10);
        square(t, ones20, 20);
        product(t, t, ones20);
        square(t, t, 10);
        product(ones50, t, ones10);
        square(t, ones50, 50);
        Field25519 ones100 = ones10;
        product(ones100, t, ones50);
        square(t, ones100, 100);
        product(t, t, ones100);
        square(t, t, 50);
        product(t, t, ones50);
        return t;
    }

    /// RFC 9496 section 4.2, `SQRT_RATIO_M1`: sets `out` to the non-negative `√(u/v)` and returns −1, or when
    /// `u/v` is not a square, sets it to the non-negative `√(i·u/v)` and returns 0. The root of `0/v` is 0 with
    /// −1, and that of `u/0` is 0 with 0 unless `u` is 0.
    static long squareRootOfRatio(Field25519 out, Field25519 u, Field25519 v) {
        Field25519 v3 = new Field25519();
        Field25519 r = new Field25519();
        Field25519 t = new Field25519();
        square(v3, v);
        product(v3, v3, v);
        square(t, v3);
        product(t, t, v);
        product(t, t, u);
        powerForRoot(t, t);
        product(r, u, v3);
        product(r, r, t);

        Field25519 check = new Field25519();
        square(check, r);
        product(check, check, v);
        long correct = equalMask(check, u);
        sum(t, check, u);
        long flipped = t.zeroMask();
        product(t, u, SQRT_MINUS_ONE);
        sum(t, t, check);
        long flippedTimesRoot = t.zeroMask();

        product(t, r, SQRT_MINUS_ONE);
        r.select(flipped | flippedTimesRoot, t);
        r.makeNonNegative();
        out.set(r);
        return correct | flipped;
    }

    private static long word(byte[] source, int offset) {
        return (long) WORD.get(source, offset);
    }

    private static void putWord(byte[] target, int offset, long word) {
        WORD.set(target, offset, word);
    }

    /// An element may be part of a secret's computation, so it never prints its value.
    @Override
    public String toString() {
        return "[redacted]";
    }
}
