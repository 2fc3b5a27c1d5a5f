package org.keymoot.crypto.group;

import java.math.BigInteger;

/// The field of P-256, `p = 2^256 - 2^224 + 2^192 + 2^96 - 1`, in Montgomery form with radix 2^260.
///
/// A column of products `p` is kept as the sum of the signed `floor(p / 2^52)` and, from one wrapping sum, the
/// rest, so that no carries are needed. Because `p ≡ -1 (mod 2^52)`, the Montgomery quotient of a column is the
/// column itself, and adding its multiple of `p` takes shifts and one multiplication. What exceeds 256 bits is
/// folded back, so that results stay just above.
final class P256Field extends PrimeField {
    static final P256Field INSTANCE = new P256Field();

    private static final long MASK = FieldElement.MASK;
    private static final long TOP_MASK = (1L << 48) - 1;

    /// The limbs of `p`; the third is zero.
    private static final long P0 = MASK;

    private static final long P1 = (1L << 44) - 1;
    private static final long P3 = 1L << 36;
    private static final long P4 = 0xffffffff0000L;

    /// `2^520 mod p`, which carries a plain value into Montgomery form.
    private final FieldElement entry = new FieldElement();

    private final FieldElement plainOne = new FieldElement();

    private P256Field() {
        super(new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16));
        BigInteger square = BigInteger.ONE.shiftLeft(520).mod(modulus());
        entry.l0 = limb(square, 0);
        entry.l1 = limb(square, 1);
        entry.l2 = limb(square, 2);
        entry.l3 = limb(square, 3);
        entry.l4 = limb(square, 4);
        plainOne.l0 = 1;
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
        long m0 = c0 & MASK;
        c1 += (c0 - m0 >> 52) + (m0 << 44 & MASK);
        c2 += m0 >> 8;
        c3 += m0 << 36 & MASK;
        c4 += (m0 >> 16) + (m0 * P4 & MASK);
        c5 += Math.multiplyHigh(m0 << 6, P4 << 6);
        long m1 = c1 & MASK;
        c2 += (c1 - m1 >> 52) + (m1 << 44 & MASK);
        c3 += m1 >> 8;
        c4 += m1 << 36 & MASK;
        c5 += (m1 >> 16) + (m1 * P4 & MASK);
        c6 += Math.multiplyHigh(m1 << 6, P4 << 6);
        long m2 = c2 & MASK;
        c3 += (c2 - m2 >> 52) + (m2 << 44 & MASK);
        c4 += m2 >> 8;
        c5 += m2 << 36 & MASK;
        c6 += (m2 >> 16) + (m2 * P4 & MASK);
        c7 += Math.multiplyHigh(m2 << 6, P4 << 6);
        long m3 = c3 & MASK;
        c4 += (c3 - m3 >> 52) + (m3 << 44 & MASK);
        c5 += m3 >> 8;
        c6 += m3 << 36 & MASK;
        c7 += (m3 >> 16) + (m3 * P4 & MASK);
        c8 += Math.multiplyHigh(m3 << 6, P4 << 6);
        long m4 = c4 & MASK;
        c5 += (c4 - m4 >> 52) + (m4 << 44 & MASK);
        c6 += m4 >> 8;
        c7 += m4 << 36 & MASK;
        c8 += (m4 >> 16) + (m4 * P4 & MASK);
        c9 += Math.multiplyHigh(m4 << 6, P4 << 6);
        long top = c9 >> 48;
        c5 += top;
        c6 -= top << 44;
        c8 -= top << 36;
        c9 = (c9 & TOP_MASK) + (top << 16);
        r.l0 = c5 & MASK;
        r.l1 = (c6 & MASK) + (c5 >> 52);
        r.l2 = (c7 & MASK) + (c6 >> 52);
        r.l3 = (c8 & MASK) + (c7 >> 52);
        r.l4 = c9 + (c8 >> 52);
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
        long m0 = c0 & MASK;
        c1 += (c0 - m0 >> 52) + (m0 << 44 & MASK);
        c2 += m0 >> 8;
        c3 += m0 << 36 & MASK;
        c4 += (m0 >> 16) + (m0 * P4 & MASK);
        c5 += Math.multiplyHigh(m0 << 6, P4 << 6);
        long m1 = c1 & MASK;
        c2 += (c1 - m1 >> 52) + (m1 << 44 & MASK);
        c3 += m1 >> 8;
        c4 += m1 << 36 & MASK;
        c5 += (m1 >> 16) + (m1 * P4 & MASK);
        c6 += Math.multiplyHigh(m1 << 6, P4 << 6);
        long m2 = c2 & MASK;
        c3 += (c2 - m2 >> 52) + (m2 << 44 & MASK);
        c4 += m2 >> 8;
        c5 += m2 << 36 & MASK;
        c6 += (m2 >> 16) + (m2 * P4 & MASK);
        c7 += Math.multiplyHigh(m2 << 6, P4 << 6);
        long m3 = c3 & MASK;
        c4 += (c3 - m3 >> 52) + (m3 << 44 & MASK);
        c5 += m3 >> 8;
        c6 += m3 << 36 & MASK;
        c7 += (m3 >> 16) + (m3 * P4 & MASK);
        c8 += Math.multiplyHigh(m3 << 6, P4 << 6);
        long m4 = c4 & MASK;
        c5 += (c4 - m4 >> 52) + (m4 << 44 & MASK);
        c6 += m4 >> 8;
        c7 += m4 << 36 & MASK;
        c8 += (m4 >> 16) + (m4 * P4 & MASK);
        c9 += Math.multiplyHigh(m4 << 6, P4 << 6);
        long top = c9 >> 48;
        c5 += top;
        c6 -= top << 44;
        c8 -= top << 36;
        c9 = (c9 & TOP_MASK) + (top << 16);
        r.l0 = c5 & MASK;
        r.l1 = (c6 & MASK) + (c5 >> 52);
        r.l2 = (c7 & MASK) + (c6 >> 52);
        r.l3 = (c8 & MASK) + (c7 >> 52);
        r.l4 = c9 + (c8 >> 52);
    }

    @Override
    void carry(FieldElement r) {
        long top = r.l4 >> 48;
        long r0 = r.l0 + top;
        long r1 = r.l1 - (top << 44);
        long r2 = r.l2;
        long r3 = r.l3 - (top << 36);
        long r4 = (r.l4 & TOP_MASK) + (top << 16);
        r.l0 = r0 & MASK;
        r.l1 = (r1 & MASK) + (r0 >> 52);
        r.l2 = (r2 & MASK) + (r1 >> 52);
        r.l3 = (r3 & MASK) + (r2 >> 52);
        r.l4 = r4 + (r3 >> 52);
    }

    /// After one carry the value lies within 2^247 of the range from 0 to 2^256, so `p` added once makes it positive
    /// and two subtractions of `p`, each only if it is not above the value, suffice.
    @Override
    void canonical(FieldElement r) {
        carry(r);
        r.l0 += P0;
        r.l1 += P1;
        r.l3 += P3;
        r.l4 += P4;
        long c = r.l0 >> 52;
        r.l0 &= MASK;
        c += r.l1;
        r.l1 = c & MASK;
        c = (c >> 52) + r.l2;
        r.l2 = c & MASK;
        c = (c >> 52) + r.l3;
        r.l3 = c & MASK;
        r.l4 += c >> 52;
        subtractOnce(r);
        subtractOnce(r);
        subtractOnce(r);
    }

    private static void subtractOnce(FieldElement r) {
        long t0 = r.l0 - P0;
        long t1 = r.l1 - P1 + (t0 >> 52);
        long t2 = r.l2 + (t1 >> 52);
        long t3 = r.l3 - P3 + (t2 >> 52);
        long t4 = r.l4 - P4 + (t3 >> 52);
        long take = ~(t4 >> 63);
        r.l0 ^= (r.l0 ^ (t0 & MASK)) & take;
        r.l1 ^= (r.l1 ^ (t1 & MASK)) & take;
        r.l2 ^= (r.l2 ^ (t2 & MASK)) & take;
        r.l3 ^= (r.l3 ^ (t3 & MASK)) & take;
        r.l4 ^= (r.l4 ^ t4) & take;
    }

    @Override
    void enter(FieldElement r) {
        multiply(r, r, entry);
    }

    @Override
    void leave(FieldElement r) {
        multiply(r, r, plainOne);
    }

    /// `p - 2 = (2^32 - 1)·2^224 + 2^192 + (2^94 - 1)·2^2 + 1`.
    @Override
    void invert(FieldElement r, FieldElement a) {
        FieldElement base = new FieldElement(a);
        FieldElement x2 = new FieldElement();
        FieldElement x32 = new FieldElement();
        FieldElement t = new FieldElement();
        FieldElement u = new FieldElement();
        onesUpTo32(x32, x2, base);
        square(t, x32, 32);
        multiply(t, t, base);
        square(t, t, 128);
        multiply(t, t, x32);
        square(t, t, 32);
        multiply(t, t, x32);
        // The last 32 bits are 30 ones, a zero and a one: 2^32 - 3.
        onesOf30(u, base, x2);
        square(t, t, 30);
        multiply(t, t, u);
        square(t, t, 2);
        multiply(r, t, base);
        base.setZero();
        x2.setZero();
        x32.setZero();
        t.setZero();
        u.setZero();
    }

    /// `(p + 1) / 4 = (2^32 - 1)·2^222 + 2^190 + 2^94`.
    @Override
    void squareRootCandidate(FieldElement r, FieldElement a) {
        FieldElement base = new FieldElement(a);
        FieldElement x2 = new FieldElement();
        FieldElement t = new FieldElement();
        onesUpTo32(t, x2, base);
        square(t, t, 32);
        multiply(t, t, base);
        square(t, t, 96);
        multiply(t, t, base);
        square(r, t, 94);
        base.setZero();
        x2.setZero();
        t.setZero();
    }

    /// `x2 = a^(2^2-1)` and `x32 = a^(2^32-1)`.
    private void onesUpTo32(FieldElement x32, FieldElement x2, FieldElement a) {
        FieldElement t = new FieldElement();
        square(x2, a);
        multiply(x2, x2, a);
        x32.set(x2);
        for (int ones = 2; ones < 32; ones *= 2) {
            square(t, x32, ones);
            multiply(x32, x32, t);
        }
        t.setZero();
    }

    /// `r = a^(2^30-1)`, by 3, 6, 12, 24 and 30 ones.
    private void onesOf30(FieldElement r, FieldElement a, FieldElement x2) {
        FieldElement t = new FieldElement();
        FieldElement x6 = new FieldElement();
        square(t, x2);
        multiply(t, t, a);
        square(x6, t, 3);
        multiply(x6, x6, t);
        square(r, x6, 6);
        multiply(r, r, x6);
        square(t, r, 12);
        multiply(r, r, t);
        square(r, r, 6);
        multiply(r, r, x6);
        t.setZero();
        x6.setZero();
    }
}
