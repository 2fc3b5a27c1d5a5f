package org.keymoot.crypto.vole;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.secret.SecretScope;

/// Sums of products of scalars that are reduced once at the end, several times faster than reducing each
/// product.
///
/// Scalars are cut into five limbs of 52 bits. The halves of the 25 products of limbs are collected in ten
/// lanes of 64 bits; a lane takes at most nine halves of 52 bits a product, so up to 455 products fit without a
/// carry.
///
/// It keeps true: no branch or index depends on a value; what is kept between steps is off-heap.
final class WideSum {
    /// The most products in one sum.
    static final int MAX_PRODUCTS = 455;

    private static final long LIMB = (1L << 52) - 1;

    private static final int WIDE_BYTES = 64;

    /// Where the sum is folded: what lies above is less than 2^18, so that folding it leaves less than 2^512.
    private static final int FOLD_BITS = 504;

    private final ScalarField field;
    private final MemorySegment wide;
    private final long p0;
    private final long p1;
    private final long p2;
    private final long p3;
    private final long p4;

    /// Its memory belongs to `scope`.
    WideSum(ScalarField field, SecretScope scope) {
        this.field = field;
        this.wide = scope.allocate(WIDE_BYTES).segment(Rvole.TAKE);
        BigInteger power = BigInteger.ONE.shiftLeft(FOLD_BITS).mod(field.order());
        this.p0 = power.longValue() & LIMB;
        this.p1 = power.shiftRight(52).longValue() & LIMB;
        this.p2 = power.shiftRight(104).longValue() & LIMB;
        this.p3 = power.shiftRight(156).longValue() & LIMB;
        this.p4 = power.shiftRight(208).longValue() & LIMB;
    }

    /// `d = Σ a·b` over `count` pairs of scalars, a stride apart, plus the scalar at `start`.
    void sum(
            MemorySegment d,
            long dOffset,
            MemorySegment start,
            long startOffset,
            MemorySegment a,
            long aOffset,
            long aStride,
            MemorySegment b,
            long bOffset,
            long bStride,
            int count) {
        long s0 = start.get(Rvole.WORD, startOffset);
        long s1 = start.get(Rvole.WORD, startOffset + 8);
        long s2 = start.get(Rvole.WORD, startOffset + 16);
        long s3 = start.get(Rvole.WORD, startOffset + 24);
        long t0 = s0 & LIMB;
        long t1 = (s0 >>> 52 | s1 << 12) & LIMB;
        long t2 = (s1 >>> 40 | s2 << 24) & LIMB;
        long t3 = (s2 >>> 28 | s3 << 36) & LIMB;
        long t4 = s3 >>> 16;
        long t5 = 0;
        long t6 = 0;
        long t7 = 0;
        long t8 = 0;
        long t9 = 0;
        for (int j = 0; j < count; j++) {
            long aw = aOffset + j * aStride;
            long bw = bOffset + j * bStride;
            s0 = a.get(Rvole.WORD, aw);
            s1 = a.get(Rvole.WORD, aw + 8);
            s2 = a.get(Rvole.WORD, aw + 16);
            s3 = a.get(Rvole.WORD, aw + 24);
            long a0 = s0 & LIMB;
            long a1 = (s0 >>> 52 | s1 << 12) & LIMB;
            long a2 = (s1 >>> 40 | s2 << 24) & LIMB;
            long a3 = (s2 >>> 28 | s3 << 36) & LIMB;
            long a4 = s3 >>> 16;
            s0 = b.get(Rvole.WORD, bw);
            s1 = b.get(Rvole.WORD, bw + 8);
            s2 = b.get(Rvole.WORD, bw + 16);
            s3 = b.get(Rvole.WORD, bw + 24);
            long b0 = s0 & LIMB;
            long b1 = (s0 >>> 52 | s1 << 12) & LIMB;
            long b2 = (s1 >>> 40 | s2 << 24) & LIMB;
            long b3 = (s2 >>> 28 | s3 << 36) & LIMB;
            long b4 = s3 >>> 16;
            // Factors moved up by 6 bits each put the product's upper 52 bits in the upper word.
            long c0 = b0 << 6;
            long c1 = b1 << 6;
            long c2 = b2 << 6;
            long c3 = b3 << 6;
            long c4 = b4 << 6;
            t0 += a0 * b0 & LIMB;
            t1 += (a0 * b1 & LIMB) + (a1 * b0 & LIMB);
            t2 += (a0 * b2 & LIMB) + (a1 * b1 & LIMB) + (a2 * b0 & LIMB);
            t3 += (a0 * b3 & LIMB) + (a1 * b2 & LIMB) + (a2 * b1 & LIMB) + (a3 * b0 & LIMB);
            t4 += (a0 * b4 & LIMB) + (a1 * b3 & LIMB) + (a2 * b2 & LIMB) + (a3 * b1 & LIMB) + (a4 * b0 & LIMB);
            t5 += (a1 * b4 & LIMB) + (a2 * b3 & LIMB) + (a3 * b2 & LIMB) + (a4 * b1 & LIMB);
            t6 += (a2 * b4 & LIMB) + (a3 * b3 & LIMB) + (a4 * b2 & LIMB);
            t7 += (a3 * b4 & LIMB) + (a4 * b3 & LIMB);
            t8 += a4 * b4 & LIMB;
            a0 <<= 6;
            a1 <<= 6;
            a2 <<= 6;
            a3 <<= 6;
            a4 <<= 6;
            t1 += Math.multiplyHigh(a0, c0);
            t2 += Math.multiplyHigh(a0, c1) + Math.multiplyHigh(a1, c0);
            t3 += Math.multiplyHigh(a0, c2) + Math.multiplyHigh(a1, c1) + Math.multiplyHigh(a2, c0);
            t4 += Math.multiplyHigh(a0, c3)
                    + Math.multiplyHigh(a1, c2)
                    + Math.multiplyHigh(a2, c1)
                    + Math.multiplyHigh(a3, c0);
            t5 += Math.multiplyHigh(a0, c4)
                    + Math.multiplyHigh(a1, c3)
                    + Math.multiplyHigh(a2, c2)
                    + Math.multiplyHigh(a3, c1)
                    + Math.multiplyHigh(a4, c0);
            t6 += Math.multiplyHigh(a1, c4)
                    + Math.multiplyHigh(a2, c3)
                    + Math.multiplyHigh(a3, c2)
                    + Math.multiplyHigh(a4, c1);
            t7 += Math.multiplyHigh(a2, c4) + Math.multiplyHigh(a3, c3) + Math.multiplyHigh(a4, c2);
            t8 += Math.multiplyHigh(a3, c4) + Math.multiplyHigh(a4, c3);
            t9 += Math.multiplyHigh(a4, c4);
        }
        t1 += t0 >>> 52;
        t2 += t1 >>> 52;
        t3 += t2 >>> 52;
        t4 += t3 >>> 52;
        t5 += t4 >>> 52;
        t6 += t5 >>> 52;
        t7 += t6 >>> 52;
        t8 += t7 >>> 52;
        t9 += t8 >>> 52;
        long fold = t9 >>> (FOLD_BITS - 9 * 52);
        t9 &= (1L << (FOLD_BITS - 9 * 52)) - 1;
        long high = fold << 6;
        t0 = (t0 & LIMB) + (fold * p0 & LIMB);
        t1 = (t1 & LIMB) + (fold * p1 & LIMB) + Math.multiplyHigh(high, p0 << 6);
        t2 = (t2 & LIMB) + (fold * p2 & LIMB) + Math.multiplyHigh(high, p1 << 6);
        t3 = (t3 & LIMB) + (fold * p3 & LIMB) + Math.multiplyHigh(high, p2 << 6);
        t4 = (t4 & LIMB) + (fold * p4 & LIMB) + Math.multiplyHigh(high, p3 << 6);
        t5 = (t5 & LIMB) + Math.multiplyHigh(high, p4 << 6);
        t6 &= LIMB;
        t7 &= LIMB;
        t8 &= LIMB;
        t1 += t0 >>> 52;
        t2 += t1 >>> 52;
        t3 += t2 >>> 52;
        t4 += t3 >>> 52;
        t5 += t4 >>> 52;
        t6 += t5 >>> 52;
        t7 += t6 >>> 52;
        t8 += t7 >>> 52;
        t9 += t8 >>> 52;
        t0 &= LIMB;
        t1 &= LIMB;
        t2 &= LIMB;
        t3 &= LIMB;
        t4 &= LIMB;
        t5 &= LIMB;
        t6 &= LIMB;
        t7 &= LIMB;
        t8 &= LIMB;
        wide.set(Rvole.WORD, 0, t0 | t1 << 52);
        wide.set(Rvole.WORD, 8, t1 >>> 12 | t2 << 40);
        wide.set(Rvole.WORD, 16, t2 >>> 24 | t3 << 28);
        wide.set(Rvole.WORD, 24, t3 >>> 36 | t4 << 16);
        wide.set(Rvole.WORD, 32, t4 >>> 48 | t5 << 4 | t6 << 56);
        wide.set(Rvole.WORD, 40, t6 >>> 8 | t7 << 44);
        wide.set(Rvole.WORD, 48, t7 >>> 20 | t8 << 32);
        wide.set(Rvole.WORD, 56, t8 >>> 32 | t9 << 20);
        field.rawReduce(d, dOffset, wide, 0, WIDE_BYTES);
    }
}
