package org.keymoot.crypto.group;

import java.math.BigInteger;

/// The field of secp256k1, `p = 2^256 - 2^32 - 977`.
///
/// A column of products `p` is kept as the sum of the signed `floor(p / 2^52)` and, from one wrapping sum, the rest,
/// so that no carries are needed; `2^260 ≡ 2^36 + 15632` folds the upper half down, and one parallel carry restores
/// limbs just above 52 bits.
final class Secp256k1Field extends PrimeField {
    static final Secp256k1Field INSTANCE = new Secp256k1Field();

    private static final long MASK = FieldElement.MASK;
    private static final long TOP_MASK = (1L << 48) - 1;

    /// `2^256 mod p`.
    private static final long TOP_FOLD = 0x1000003d1L;

    /// `2^260 mod p`, and the same shifted so that a high multiplication yields the part above 52 bits.
    private static final long FOLD = TOP_FOLD << 4;

    private static final long FOLD_HIGH = FOLD << 12;

    private Secp256k1Field() {
        super(new BigInteger("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", 16));
    }

    @Override
    void multiply(FieldElement r, FieldElement a, FieldElement b) {
        long b0 = b.l0;
        long b1 = b.l1;
        long b2 = b.l2;
        long b3 = b.l3;
        long b4 = b.l4;
        long s0 = a.l0 << 6;
        long s1 = a.l1 << 6;
        long s2 = a.l2 << 6;
        long s3 = a.l3 << 6;
        long s4 = a.l4 << 6;
        long u0 = b0 << 6;
        long u1 = b1 << 6;
        long u2 = b2 << 6;
        long u3 = b3 << 6;
        long u4 = b4 << 6;
        long h0 = Math.multiplyHigh(s0, u0);
        long h1 = Math.multiplyHigh(s0, u1) + Math.multiplyHigh(s1, u0);
        long h2 = Math.multiplyHigh(s0, u2) + Math.multiplyHigh(s1, u1) + Math.multiplyHigh(s2, u0);
        long h3 = Math.multiplyHigh(s0, u3)
                + Math.multiplyHigh(s1, u2)
                + Math.multiplyHigh(s2, u1)
                + Math.multiplyHigh(s3, u0);
        long h4 = Math.multiplyHigh(s0, u4)
                + Math.multiplyHigh(s1, u3)
                + Math.multiplyHigh(s2, u2)
                + Math.multiplyHigh(s3, u1)
                + Math.multiplyHigh(s4, u0);
        long h5 = Math.multiplyHigh(s1, u4)
                + Math.multiplyHigh(s2, u3)
                + Math.multiplyHigh(s3, u2)
                + Math.multiplyHigh(s4, u1);
        long h6 = Math.multiplyHigh(s2, u4) + Math.multiplyHigh(s3, u3) + Math.multiplyHigh(s4, u2);
        long h7 = Math.multiplyHigh(s3, u4) + Math.multiplyHigh(s4, u3);
        long h8 = Math.multiplyHigh(s4, u4);
        long c0 = (s0 * b0 - (h0 << 58) >>> 6);
        long c1 = (s0 * b1 + s1 * b0 - (h1 << 58) >>> 6) + h0;
        long c2 = (s0 * b2 + s1 * b1 + s2 * b0 - (h2 << 58) >>> 6) + h1;
        long c3 = (s0 * b3 + s1 * b2 + s2 * b1 + s3 * b0 - (h3 << 58) >>> 6) + h2;
        long c4 = (s0 * b4 + s1 * b3 + s2 * b2 + s3 * b1 + s4 * b0 - (h4 << 58) >>> 6) + h3;
        long c5 = (s1 * b4 + s2 * b3 + s3 * b2 + s4 * b1 - (h5 << 58) >>> 6) + h4;
        long c6 = (s2 * b4 + s3 * b3 + s4 * b2 - (h6 << 58) >>> 6) + h5;
        long c7 = (s3 * b4 + s4 * b3 - (h7 << 58) >>> 6) + h6;
        long c8 = (s4 * b4 - (h8 << 58) >>> 6) + h7;
        long c9 = h8;
        long top = Math.multiplyHigh(c9, FOLD_HIGH);
        long r0 = c0 + (c5 * FOLD & MASK) + (top * FOLD & MASK);
        long r1 = c1 + (c6 * FOLD & MASK) + Math.multiplyHigh(c5, FOLD_HIGH) + Math.multiplyHigh(top, FOLD_HIGH);
        long r2 = c2 + (c7 * FOLD & MASK) + Math.multiplyHigh(c6, FOLD_HIGH);
        long r3 = c3 + (c8 * FOLD & MASK) + Math.multiplyHigh(c7, FOLD_HIGH);
        long r4 = c4 + (c9 * FOLD & MASK) + Math.multiplyHigh(c8, FOLD_HIGH);
        r.l0 = (r0 & MASK) + (r4 >> 48) * TOP_FOLD;
        r.l1 = (r1 & MASK) + (r0 >> 52);
        r.l2 = (r2 & MASK) + (r1 >> 52);
        r.l3 = (r3 & MASK) + (r2 >> 52);
        r.l4 = (r4 & TOP_MASK) + (r3 >> 52);
    }

    @Override
    void square(FieldElement r, FieldElement a) {
        long a0 = a.l0;
        long a1 = a.l1;
        long a2 = a.l2;
        long a3 = a.l3;
        long a4 = a.l4;
        long d0 = a0 << 1;
        long d1 = a1 << 1;
        long d2 = a2 << 1;
        long d3 = a3 << 1;
        long s0 = a0 << 6;
        long s1 = a1 << 6;
        long s2 = a2 << 6;
        long s3 = a3 << 6;
        long s4 = a4 << 6;
        long e0 = a0 << 7;
        long e1 = a1 << 7;
        long e2 = a2 << 7;
        long e3 = a3 << 7;
        long h0 = Math.multiplyHigh(s0, s0);
        long h1 = Math.multiplyHigh(e0, s1);
        long h2 = Math.multiplyHigh(e0, s2) + Math.multiplyHigh(s1, s1);
        long h3 = Math.multiplyHigh(e0, s3) + Math.multiplyHigh(e1, s2);
        long h4 = Math.multiplyHigh(e0, s4) + Math.multiplyHigh(e1, s3) + Math.multiplyHigh(s2, s2);
        long h5 = Math.multiplyHigh(e1, s4) + Math.multiplyHigh(e2, s3);
        long h6 = Math.multiplyHigh(e2, s4) + Math.multiplyHigh(s3, s3);
        long h7 = Math.multiplyHigh(e3, s4);
        long h8 = Math.multiplyHigh(s4, s4);
        long c0 = a0 * a0 - (h0 << 52);
        long c1 = d0 * a1 - (h1 << 52) + h0;
        long c2 = d0 * a2 + a1 * a1 - (h2 << 52) + h1;
        long c3 = d0 * a3 + d1 * a2 - (h3 << 52) + h2;
        long c4 = d0 * a4 + d1 * a3 + a2 * a2 - (h4 << 52) + h3;
        long c5 = d1 * a4 + d2 * a3 - (h5 << 52) + h4;
        long c6 = d2 * a4 + a3 * a3 - (h6 << 52) + h5;
        long c7 = d3 * a4 - (h7 << 52) + h6;
        long c8 = a4 * a4 - (h8 << 52) + h7;
        long c9 = h8;
        long top = Math.multiplyHigh(c9, FOLD_HIGH);
        long r0 = c0 + (c5 * FOLD & MASK) + (top * FOLD & MASK);
        long r1 = c1 + (c6 * FOLD & MASK) + Math.multiplyHigh(c5, FOLD_HIGH) + Math.multiplyHigh(top, FOLD_HIGH);
        long r2 = c2 + (c7 * FOLD & MASK) + Math.multiplyHigh(c6, FOLD_HIGH);
        long r3 = c3 + (c8 * FOLD & MASK) + Math.multiplyHigh(c7, FOLD_HIGH);
        long r4 = c4 + (c9 * FOLD & MASK) + Math.multiplyHigh(c8, FOLD_HIGH);
        r.l0 = (r0 & MASK) + (r4 >> 48) * TOP_FOLD;
        r.l1 = (r1 & MASK) + (r0 >> 52);
        r.l2 = (r2 & MASK) + (r1 >> 52);
        r.l3 = (r3 & MASK) + (r2 >> 52);
        r.l4 = (r4 & TOP_MASK) + (r3 >> 52);
    }

    /// `r = 21·a`, where 21 is three times the curve's constant.
    void multiplyBy21(FieldElement r, FieldElement a) {
        r.l0 = 21 * a.l0;
        r.l1 = 21 * a.l1;
        r.l2 = 21 * a.l2;
        r.l3 = 21 * a.l3;
        r.l4 = 21 * a.l4;
        carry(r);
    }

    @Override
    void carry(FieldElement r) {
        long r0 = r.l0;
        long r1 = r.l1;
        long r2 = r.l2;
        long r3 = r.l3;
        long r4 = r.l4;
        r.l0 = (r0 & MASK) + (r4 >> 48) * TOP_FOLD;
        r.l1 = (r1 & MASK) + (r0 >> 52);
        r.l2 = (r2 & MASK) + (r1 >> 52);
        r.l3 = (r3 & MASK) + (r2 >> 52);
        r.l4 = (r4 & TOP_MASK) + (r3 >> 52);
    }

    /// After one carry the value lies between -2^220 and 2^256 + 2^220, so `p` added once makes it positive, and two
    /// folds of what exceeds 256 bits and one subtraction of `p` suffice.
    @Override
    void canonical(FieldElement r) {
        carry(r);
        r.l0 += MASK - (TOP_FOLD - 1);
        r.l1 += MASK;
        r.l2 += MASK;
        r.l3 += MASK;
        r.l4 += TOP_MASK;
        foldExactly(r);
        foldExactly(r);
        foldExactly(r);
        long t0 = r.l0 + TOP_FOLD;
        long t1 = r.l1 + (t0 >> 52);
        long t2 = r.l2 + (t1 >> 52);
        long t3 = r.l3 + (t2 >> 52);
        long t4 = r.l4 + (t3 >> 52);
        long above = -(t4 >> 48);
        r.l0 ^= (r.l0 ^ (t0 & MASK)) & above;
        r.l1 ^= (r.l1 ^ (t1 & MASK)) & above;
        r.l2 ^= (r.l2 ^ (t2 & MASK)) & above;
        r.l3 ^= (r.l3 ^ (t3 & MASK)) & above;
        r.l4 ^= (r.l4 ^ (t4 & TOP_MASK)) & above;
    }

    private static void foldExactly(FieldElement r) {
        long r0 = r.l0 + (r.l4 >> 48) * TOP_FOLD;
        long r1 = r.l1 + (r0 >> 52);
        long r2 = r.l2 + (r1 >> 52);
        long r3 = r.l3 + (r2 >> 52);
        r.l4 = (r.l4 & TOP_MASK) + (r3 >> 52);
        r.l0 = r0 & MASK;
        r.l1 = r1 & MASK;
        r.l2 = r2 & MASK;
        r.l3 = r3 & MASK;
    }

    @Override
    void enter(FieldElement r) {}

    @Override
    void leave(FieldElement r) {}

    /// `p - 2` in binary is 223 ones, a zero, 22 ones, and 0000101101.
    @Override
    void invert(FieldElement r, FieldElement a) {
        Powers powers = new Powers(a);
        FieldElement t = powers.upTo22;
        square(t, t, 5);
        multiply(t, t, powers.base);
        square(t, t, 3);
        multiply(t, t, powers.x2);
        square(t, t, 2);
        multiply(r, t, powers.base);
        powers.erase();
    }

    /// `(p + 1) / 4` in binary is 223 ones, a zero, 22 ones, and 00001100.
    @Override
    void squareRootCandidate(FieldElement r, FieldElement a) {
        Powers powers = new Powers(a);
        FieldElement t = powers.upTo22;
        square(t, t, 6);
        multiply(t, t, powers.x2);
        square(r, t, 2);
        powers.erase();
    }

    /// The common start of both exponents: `a` to 223 ones, a zero and 22 ones.
    private final class Powers {
        private final FieldElement base;
        private final FieldElement x2 = new FieldElement();
        private final FieldElement x3 = new FieldElement();
        private final FieldElement x22 = new FieldElement();
        private final FieldElement x44 = new FieldElement();
        private final FieldElement x88 = new FieldElement();
        private final FieldElement upTo22 = new FieldElement();

        Powers(FieldElement a) {
            base = new FieldElement(a);
            FieldElement t = upTo22;
            square(x2, base);
            multiply(x2, x2, base);
            square(x3, x2);
            multiply(x3, x3, base);
            square(t, x3, 3);
            multiply(t, t, x3);
            square(t, t, 3);
            multiply(t, t, x3);
            square(t, t, 2);
            multiply(t, t, x2);
            square(x22, t, 11);
            multiply(x22, x22, t);
            square(x44, x22, 22);
            multiply(x44, x44, x22);
            square(x88, x44, 44);
            multiply(x88, x88, x44);
            square(t, x88, 88);
            multiply(t, t, x88);
            square(t, t, 44);
            multiply(t, t, x44);
            square(t, t, 3);
            multiply(t, t, x3);
            square(t, t, 23);
            multiply(t, t, x22);
        }

        void erase() {
            base.setZero();
            x2.setZero();
            x3.setZero();
            x22.setZero();
            x44.setZero();
            x88.setZero();
            upTo22.setZero();
        }
    }
}
