package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;

/// Arithmetic modulo a prime `q`, 2^252 < q < 2^256, on 32-byte little-endian values in native memory.
///
/// Values are split into five limbs of 52 bits in registers; a product of limbs is kept as its low 52 bits and the
/// rest, so that columns are summed without carries. Products are reduced by Barrett's method. It keeps true: every
/// result is below `q`, no branch or address depends on a value, and no value is left in the Java heap.
final class ScalarKernel {
    static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long MASK = (1L << 52) - 1;
    private static final int LIMB_BITS = 52;

    private final long q0;
    private final long q1;
    private final long q2;
    private final long q3;
    private final long q4;

    /// `μ = floor(2^512 / q)`, below 2^260: see [#reduce].
    private final long mu0;

    private final long mu1;
    private final long mu2;
    private final long mu3;
    private final long mu4;

    ScalarKernel(BigInteger q) {
        if (q.bitLength() < 253 || q.bitLength() > 256) {
            throw new IllegalArgumentException(
                    "order must lie between 2^252 and 2^256 but has " + q.bitLength() + " bits");
        }
        q0 = limb(q, 0);
        q1 = limb(q, 1);
        q2 = limb(q, 2);
        q3 = limb(q, 3);
        q4 = limb(q, 4);
        BigInteger mu = BigInteger.ONE.shiftLeft(512).divide(q);
        mu0 = limb(mu, 0);
        mu1 = limb(mu, 1);
        mu2 = limb(mu, 2);
        mu3 = limb(mu, 3);
        mu4 = limb(mu, 4);
    }

    private static long limb(BigInteger value, int index) {
        return value.shiftRight(LIMB_BITS * index).longValue() & MASK;
    }

    /// `d = a + b`.
    void add(MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
        long aw0 = a.get(WORD, aOffset);
        long aw1 = a.get(WORD, aOffset + 8);
        long aw2 = a.get(WORD, aOffset + 16);
        long aw3 = a.get(WORD, aOffset + 24);
        long a0 = aw0 & MASK;
        long a1 = (aw0 >>> 52 | aw1 << 12) & MASK;
        long a2 = (aw1 >>> 40 | aw2 << 24) & MASK;
        long a3 = (aw2 >>> 28 | aw3 << 36) & MASK;
        long a4 = aw3 >>> 16;
        long bw0 = b.get(WORD, bOffset);
        long bw1 = b.get(WORD, bOffset + 8);
        long bw2 = b.get(WORD, bOffset + 16);
        long bw3 = b.get(WORD, bOffset + 24);
        long b0 = bw0 & MASK;
        long b1 = (bw0 >>> 52 | bw1 << 12) & MASK;
        long b2 = (bw1 >>> 40 | bw2 << 24) & MASK;
        long b3 = (bw2 >>> 28 | bw3 << 36) & MASK;
        long b4 = bw3 >>> 16;
        subtractOnceAndStore(d, dOffset, a0 + b0, a1 + b1, a2 + b2, a3 + b3, a4 + b4);
    }

    /// `d = a - b`.
    void subtract(MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
        long aw0 = a.get(WORD, aOffset);
        long aw1 = a.get(WORD, aOffset + 8);
        long aw2 = a.get(WORD, aOffset + 16);
        long aw3 = a.get(WORD, aOffset + 24);
        long a0 = aw0 & MASK;
        long a1 = (aw0 >>> 52 | aw1 << 12) & MASK;
        long a2 = (aw1 >>> 40 | aw2 << 24) & MASK;
        long a3 = (aw2 >>> 28 | aw3 << 36) & MASK;
        long a4 = aw3 >>> 16;
        long bw0 = b.get(WORD, bOffset);
        long bw1 = b.get(WORD, bOffset + 8);
        long bw2 = b.get(WORD, bOffset + 16);
        long bw3 = b.get(WORD, bOffset + 24);
        long b0 = bw0 & MASK;
        long b1 = (bw0 >>> 52 | bw1 << 12) & MASK;
        long b2 = (bw1 >>> 40 | bw2 << 24) & MASK;
        long b3 = (bw2 >>> 28 | bw3 << 36) & MASK;
        long b4 = bw3 >>> 16;
        subtractOnceAndStore(d, dOffset, a0 - b0 + q0, a1 - b1 + q1, a2 - b2 + q2, a3 - b3 + q3, a4 - b4 + q4);
    }

    /// `d = a·b + c`.
    void multiplyAdd(
            MemorySegment d,
            long dOffset,
            MemorySegment a,
            long aOffset,
            MemorySegment b,
            long bOffset,
            MemorySegment c,
            long cOffset) {
        long aw0 = a.get(WORD, aOffset);
        long aw1 = a.get(WORD, aOffset + 8);
        long aw2 = a.get(WORD, aOffset + 16);
        long aw3 = a.get(WORD, aOffset + 24);
        long a0 = aw0 & MASK;
        long a1 = (aw0 >>> 52 | aw1 << 12) & MASK;
        long a2 = (aw1 >>> 40 | aw2 << 24) & MASK;
        long a3 = (aw2 >>> 28 | aw3 << 36) & MASK;
        long a4 = aw3 >>> 16;
        long bw0 = b.get(WORD, bOffset);
        long bw1 = b.get(WORD, bOffset + 8);
        long bw2 = b.get(WORD, bOffset + 16);
        long bw3 = b.get(WORD, bOffset + 24);
        long b0 = bw0 & MASK;
        long b1 = (bw0 >>> 52 | bw1 << 12) & MASK;
        long b2 = (bw1 >>> 40 | bw2 << 24) & MASK;
        long b3 = (bw2 >>> 28 | bw3 << 36) & MASK;
        long b4 = bw3 >>> 16;
        long s0 = a0 << 6;
        long s1 = a1 << 6;
        long s2 = a2 << 6;
        long s3 = a3 << 6;
        long s4 = a4 << 6;
        long u0 = b0 << 6;
        long u1 = b1 << 6;
        long u2 = b2 << 6;
        long u3 = b3 << 6;
        long u4 = b4 << 6;
        long x0 = (a0 * b0 & MASK);
        long x1 = (a0 * b1 & MASK) + (a1 * b0 & MASK) + Math.multiplyHigh(s0, u0);
        long x2 = (a0 * b2 & MASK)
                + (a1 * b1 & MASK)
                + (a2 * b0 & MASK)
                + Math.multiplyHigh(s0, u1)
                + Math.multiplyHigh(s1, u0);
        long x3 = (a0 * b3 & MASK)
                + (a1 * b2 & MASK)
                + (a2 * b1 & MASK)
                + (a3 * b0 & MASK)
                + Math.multiplyHigh(s0, u2)
                + Math.multiplyHigh(s1, u1)
                + Math.multiplyHigh(s2, u0);
        long x4 = (a0 * b4 & MASK)
                + (a1 * b3 & MASK)
                + (a2 * b2 & MASK)
                + (a3 * b1 & MASK)
                + (a4 * b0 & MASK)
                + Math.multiplyHigh(s0, u3)
                + Math.multiplyHigh(s1, u2)
                + Math.multiplyHigh(s2, u1)
                + Math.multiplyHigh(s3, u0);
        long x5 = (a1 * b4 & MASK)
                + (a2 * b3 & MASK)
                + (a3 * b2 & MASK)
                + (a4 * b1 & MASK)
                + Math.multiplyHigh(s0, u4)
                + Math.multiplyHigh(s1, u3)
                + Math.multiplyHigh(s2, u2)
                + Math.multiplyHigh(s3, u1)
                + Math.multiplyHigh(s4, u0);
        long x6 = (a2 * b4 & MASK)
                + (a3 * b3 & MASK)
                + (a4 * b2 & MASK)
                + Math.multiplyHigh(s1, u4)
                + Math.multiplyHigh(s2, u3)
                + Math.multiplyHigh(s3, u2)
                + Math.multiplyHigh(s4, u1);
        long x7 = (a3 * b4 & MASK)
                + (a4 * b3 & MASK)
                + Math.multiplyHigh(s2, u4)
                + Math.multiplyHigh(s3, u3)
                + Math.multiplyHigh(s4, u2);
        long x8 = (a4 * b4 & MASK) + Math.multiplyHigh(s3, u4) + Math.multiplyHigh(s4, u3);
        long x9 = Math.multiplyHigh(s4, u4);
        long cw0 = c.get(WORD, cOffset);
        long cw1 = c.get(WORD, cOffset + 8);
        long cw2 = c.get(WORD, cOffset + 16);
        long cw3 = c.get(WORD, cOffset + 24);
        long c0 = cw0 & MASK;
        long c1 = (cw0 >>> 52 | cw1 << 12) & MASK;
        long c2 = (cw1 >>> 40 | cw2 << 24) & MASK;
        long c3 = (cw2 >>> 28 | cw3 << 36) & MASK;
        long c4 = cw3 >>> 16;
        x0 += c0;
        x1 += c1;
        x2 += c2;
        x3 += c3;
        x4 += c4;
        reduce(d, dOffset, x0, x1, x2, x3, x4, x5, x6, x7, x8, x9);
    }

    /// `d = round(a·b / 2^384)` of the integers, not reduced; for splitting scalars.
    void multiplyShift384(MemorySegment d, MemorySegment a, MemorySegment b) {
        long aw0 = a.get(WORD, 0);
        long aw1 = a.get(WORD, 8);
        long aw2 = a.get(WORD, 16);
        long aw3 = a.get(WORD, 24);
        long a0 = aw0 & MASK;
        long a1 = (aw0 >>> 52 | aw1 << 12) & MASK;
        long a2 = (aw1 >>> 40 | aw2 << 24) & MASK;
        long a3 = (aw2 >>> 28 | aw3 << 36) & MASK;
        long a4 = aw3 >>> 16;
        long bw0 = b.get(WORD, 0);
        long bw1 = b.get(WORD, 8);
        long bw2 = b.get(WORD, 16);
        long bw3 = b.get(WORD, 24);
        long b0 = bw0 & MASK;
        long b1 = (bw0 >>> 52 | bw1 << 12) & MASK;
        long b2 = (bw1 >>> 40 | bw2 << 24) & MASK;
        long b3 = (bw2 >>> 28 | bw3 << 36) & MASK;
        long b4 = bw3 >>> 16;
        long s0 = a0 << 6;
        long s1 = a1 << 6;
        long s2 = a2 << 6;
        long s3 = a3 << 6;
        long s4 = a4 << 6;
        long u0 = b0 << 6;
        long u1 = b1 << 6;
        long u2 = b2 << 6;
        long u3 = b3 << 6;
        long u4 = b4 << 6;
        long x0 = (a0 * b0 & MASK);
        long x1 = (a0 * b1 & MASK) + (a1 * b0 & MASK) + Math.multiplyHigh(s0, u0);
        long x2 = (a0 * b2 & MASK)
                + (a1 * b1 & MASK)
                + (a2 * b0 & MASK)
                + Math.multiplyHigh(s0, u1)
                + Math.multiplyHigh(s1, u0);
        long x3 = (a0 * b3 & MASK)
                + (a1 * b2 & MASK)
                + (a2 * b1 & MASK)
                + (a3 * b0 & MASK)
                + Math.multiplyHigh(s0, u2)
                + Math.multiplyHigh(s1, u1)
                + Math.multiplyHigh(s2, u0);
        long x4 = (a0 * b4 & MASK)
                + (a1 * b3 & MASK)
                + (a2 * b2 & MASK)
                + (a3 * b1 & MASK)
                + (a4 * b0 & MASK)
                + Math.multiplyHigh(s0, u3)
                + Math.multiplyHigh(s1, u2)
                + Math.multiplyHigh(s2, u1)
                + Math.multiplyHigh(s3, u0);
        long x5 = (a1 * b4 & MASK)
                + (a2 * b3 & MASK)
                + (a3 * b2 & MASK)
                + (a4 * b1 & MASK)
                + Math.multiplyHigh(s0, u4)
                + Math.multiplyHigh(s1, u3)
                + Math.multiplyHigh(s2, u2)
                + Math.multiplyHigh(s3, u1)
                + Math.multiplyHigh(s4, u0);
        long x6 = (a2 * b4 & MASK)
                + (a3 * b3 & MASK)
                + (a4 * b2 & MASK)
                + Math.multiplyHigh(s1, u4)
                + Math.multiplyHigh(s2, u3)
                + Math.multiplyHigh(s3, u2)
                + Math.multiplyHigh(s4, u1);
        long x7 = (a3 * b4 & MASK)
                + (a4 * b3 & MASK)
                + Math.multiplyHigh(s2, u4)
                + Math.multiplyHigh(s3, u3)
                + Math.multiplyHigh(s4, u2);
        long x8 = (a4 * b4 & MASK) + Math.multiplyHigh(s3, u4) + Math.multiplyHigh(s4, u3);
        long x9 = Math.multiplyHigh(s4, u4);
        x7 += 1L << 19;
        x1 += x0 >> 52;
        x0 &= MASK;
        x2 += x1 >> 52;
        x1 &= MASK;
        x3 += x2 >> 52;
        x2 &= MASK;
        x4 += x3 >> 52;
        x3 &= MASK;
        x5 += x4 >> 52;
        x4 &= MASK;
        x6 += x5 >> 52;
        x5 &= MASK;
        x7 += x6 >> 52;
        x6 &= MASK;
        x8 += x7 >> 52;
        x7 &= MASK;
        x9 += x8 >> 52;
        x8 &= MASK;
        d.set(WORD, 0, x7 >>> 20 | x8 << 32);
        d.set(WORD, 8, x8 >>> 32 | x9 << 20);
        d.set(WORD, 16, 0);
        d.set(WORD, 24, 0);
    }

    /// `d = wide mod q` for 32 to 64 bytes, a multiple of 8.
    void reduce(MemorySegment d, long dOffset, MemorySegment wide, long wideOffset, int length) {
        if (length < 32 || length > 64 || length % 8 != 0) {
            throw new IllegalArgumentException("length must be a multiple of 8 from 32 to 64 but is " + length);
        }
        long w0 = wide.get(WORD, wideOffset);
        long w1 = wide.get(WORD, wideOffset + 8);
        long w2 = wide.get(WORD, wideOffset + 16);
        long w3 = wide.get(WORD, wideOffset + 24);
        long w4 = length > 32 ? wide.get(WORD, wideOffset + 32) : 0;
        long w5 = length > 40 ? wide.get(WORD, wideOffset + 40) : 0;
        long w6 = length > 48 ? wide.get(WORD, wideOffset + 48) : 0;
        long w7 = length > 56 ? wide.get(WORD, wideOffset + 56) : 0;
        reduce(
                d,
                dOffset,
                w0 & MASK,
                (w0 >>> 52 | w1 << 12) & MASK,
                (w1 >>> 40 | w2 << 24) & MASK,
                (w2 >>> 28 | w3 << 36) & MASK,
                (w3 >>> 16 | w4 << 48) & MASK,
                w4 >>> 4 & MASK,
                (w4 >>> 56 | w5 << 8) & MASK,
                (w5 >>> 44 | w6 << 20) & MASK,
                (w6 >>> 32 | w7 << 32) & MASK,
                w7 >>> 20);
    }

    /// Tells whether the 32 bytes are all zero.
    static boolean isZero(MemorySegment a, long offset) {
        return (a.get(WORD, offset) | a.get(WORD, offset + 8) | a.get(WORD, offset + 16) | a.get(WORD, offset + 24))
                == 0;
    }

    /// Tells whether the 32 bytes are below `q`; only the answer shows in the time taken.
    boolean isCanonical(MemorySegment a, long aOffset) {
        long aw0 = a.get(WORD, aOffset);
        long aw1 = a.get(WORD, aOffset + 8);
        long aw2 = a.get(WORD, aOffset + 16);
        long aw3 = a.get(WORD, aOffset + 24);
        long a0 = aw0 & MASK;
        long a1 = (aw0 >>> 52 | aw1 << 12) & MASK;
        long a2 = (aw1 >>> 40 | aw2 << 24) & MASK;
        long a3 = (aw2 >>> 28 | aw3 << 36) & MASK;
        long a4 = aw3 >>> 16;
        long t = a0 - q0;
        t = a1 - q1 + (t >> 52);
        t = a2 - q2 + (t >> 52);
        t = a3 - q3 + (t >> 52);
        t = a4 - q4 + (t >> 52);
        return t < 0;
    }

    /// Barrett reduction of columns whose sum `x` is below 2^512. The estimate
    /// `h = floor(floor(x / 2^252)·μ / 2^260)` of `floor(x / q)` is short by at most two, because each of its three
    /// roundings costs less than one.
    private void reduce(
            MemorySegment d,
            long dOffset,
            long x0,
            long x1,
            long x2,
            long x3,
            long x4,
            long x5,
            long x6,
            long x7,
            long x8,
            long x9) {
        x1 += x0 >> 52;
        x0 &= MASK;
        x2 += x1 >> 52;
        x1 &= MASK;
        x3 += x2 >> 52;
        x2 &= MASK;
        x4 += x3 >> 52;
        x3 &= MASK;
        x5 += x4 >> 52;
        x4 &= MASK;
        x6 += x5 >> 52;
        x5 &= MASK;
        x7 += x6 >> 52;
        x6 &= MASK;
        x8 += x7 >> 52;
        x7 &= MASK;
        x9 += x8 >> 52;
        x8 &= MASK;
        long y0 = (x4 >>> 44 | x5 << 8) & MASK;
        long y1 = (x5 >>> 44 | x6 << 8) & MASK;
        long y2 = (x6 >>> 44 | x7 << 8) & MASK;
        long y3 = (x7 >>> 44 | x8 << 8) & MASK;
        long y4 = (x8 >>> 44 | x9 << 8) & MASK;
        long s0 = y0 << 6;
        long s1 = y1 << 6;
        long s2 = y2 << 6;
        long s3 = y3 << 6;
        long s4 = y4 << 6;
        long u0 = mu0 << 6;
        long u1 = mu1 << 6;
        long u2 = mu2 << 6;
        long u3 = mu3 << 6;
        long u4 = mu4 << 6;
        long h0 = (y0 * mu0 & MASK);
        long h1 = (y0 * mu1 & MASK) + (y1 * mu0 & MASK) + Math.multiplyHigh(s0, u0);
        long h2 = (y0 * mu2 & MASK)
                + (y1 * mu1 & MASK)
                + (y2 * mu0 & MASK)
                + Math.multiplyHigh(s0, u1)
                + Math.multiplyHigh(s1, u0);
        long h3 = (y0 * mu3 & MASK)
                + (y1 * mu2 & MASK)
                + (y2 * mu1 & MASK)
                + (y3 * mu0 & MASK)
                + Math.multiplyHigh(s0, u2)
                + Math.multiplyHigh(s1, u1)
                + Math.multiplyHigh(s2, u0);
        long h4 = (y0 * mu4 & MASK)
                + (y1 * mu3 & MASK)
                + (y2 * mu2 & MASK)
                + (y3 * mu1 & MASK)
                + (y4 * mu0 & MASK)
                + Math.multiplyHigh(s0, u3)
                + Math.multiplyHigh(s1, u2)
                + Math.multiplyHigh(s2, u1)
                + Math.multiplyHigh(s3, u0);
        long h5 = (y1 * mu4 & MASK)
                + (y2 * mu3 & MASK)
                + (y3 * mu2 & MASK)
                + (y4 * mu1 & MASK)
                + Math.multiplyHigh(s0, u4)
                + Math.multiplyHigh(s1, u3)
                + Math.multiplyHigh(s2, u2)
                + Math.multiplyHigh(s3, u1)
                + Math.multiplyHigh(s4, u0);
        long h6 = (y2 * mu4 & MASK)
                + (y3 * mu3 & MASK)
                + (y4 * mu2 & MASK)
                + Math.multiplyHigh(s1, u4)
                + Math.multiplyHigh(s2, u3)
                + Math.multiplyHigh(s3, u2)
                + Math.multiplyHigh(s4, u1);
        long h7 = (y3 * mu4 & MASK)
                + (y4 * mu3 & MASK)
                + Math.multiplyHigh(s2, u4)
                + Math.multiplyHigh(s3, u3)
                + Math.multiplyHigh(s4, u2);
        long h8 = (y4 * mu4 & MASK) + Math.multiplyHigh(s3, u4) + Math.multiplyHigh(s4, u3);
        long h9 = Math.multiplyHigh(s4, u4);
        h1 += h0 >> 52;
        h0 &= MASK;
        h2 += h1 >> 52;
        h1 &= MASK;
        h3 += h2 >> 52;
        h2 &= MASK;
        h4 += h3 >> 52;
        h3 &= MASK;
        h5 += h4 >> 52;
        h4 &= MASK;
        h6 += h5 >> 52;
        h5 &= MASK;
        h7 += h6 >> 52;
        h6 &= MASK;
        h8 += h7 >> 52;
        h7 &= MASK;
        h9 += h8 >> 52;
        h8 &= MASK;
        long v5 = h5 << 6;
        long v6 = h6 << 6;
        long v7 = h7 << 6;
        long v8 = h8 << 6;
        long p0 = q0 << 6;
        long p1 = q1 << 6;
        long p2 = q2 << 6;
        long p3 = q3 << 6;
        long r0 = x0 - (h5 * q0 & MASK);
        long r1 = x1 - (h5 * q1 & MASK) - (h6 * q0 & MASK) - Math.multiplyHigh(v5, p0);
        long r2 = x2
                - (h5 * q2 & MASK)
                - (h6 * q1 & MASK)
                - (h7 * q0 & MASK)
                - Math.multiplyHigh(v5, p1)
                - Math.multiplyHigh(v6, p0);
        long r3 = x3
                - (h5 * q3 & MASK)
                - (h6 * q2 & MASK)
                - (h7 * q1 & MASK)
                - (h8 * q0 & MASK)
                - Math.multiplyHigh(v5, p2)
                - Math.multiplyHigh(v6, p1)
                - Math.multiplyHigh(v7, p0);
        long r4 = x4
                - (h5 * q4 & MASK)
                - (h6 * q3 & MASK)
                - (h7 * q2 & MASK)
                - (h8 * q1 & MASK)
                - (h9 * q0 & MASK)
                - Math.multiplyHigh(v5, p3)
                - Math.multiplyHigh(v6, p2)
                - Math.multiplyHigh(v7, p1)
                - Math.multiplyHigh(v8, p0);
        r1 += r0 >> 52;
        r0 &= MASK;
        r2 += r1 >> 52;
        r1 &= MASK;
        r3 += r2 >> 52;
        r2 &= MASK;
        r4 += r3 >> 52;
        r3 &= MASK;
        r4 &= MASK;
        long t0 = r0 - q0;
        long t1 = r1 - q1 + (t0 >> 52);
        long t2 = r2 - q2 + (t1 >> 52);
        long t3 = r3 - q3 + (t2 >> 52);
        long t4 = r4 - q4 + (t3 >> 52);
        long tKeep = t4 >> 63;
        r0 = (r0 & tKeep) | (t0 & MASK & ~tKeep);
        r1 = (r1 & tKeep) | (t1 & MASK & ~tKeep);
        r2 = (r2 & tKeep) | (t2 & MASK & ~tKeep);
        r3 = (r3 & tKeep) | (t3 & MASK & ~tKeep);
        r4 = (r4 & tKeep) | (t4 & MASK & ~tKeep);
        subtractOnceAndStore(d, dOffset, r0, r1, r2, r3, r4);
    }

    /// Carries, subtracts `q` once if the value is not below it, and stores four words.
    private void subtractOnceAndStore(MemorySegment d, long dOffset, long r0, long r1, long r2, long r3, long r4) {
        r1 += r0 >> 52;
        r0 &= MASK;
        r2 += r1 >> 52;
        r1 &= MASK;
        r3 += r2 >> 52;
        r2 &= MASK;
        r4 += r3 >> 52;
        r3 &= MASK;
        long t0 = r0 - q0;
        long t1 = r1 - q1 + (t0 >> 52);
        long t2 = r2 - q2 + (t1 >> 52);
        long t3 = r3 - q3 + (t2 >> 52);
        long t4 = r4 - q4 + (t3 >> 52);
        long tKeep = t4 >> 63;
        r0 = (r0 & tKeep) | (t0 & MASK & ~tKeep);
        r1 = (r1 & tKeep) | (t1 & MASK & ~tKeep);
        r2 = (r2 & tKeep) | (t2 & MASK & ~tKeep);
        r3 = (r3 & tKeep) | (t3 & MASK & ~tKeep);
        r4 = (r4 & tKeep) | (t4 & MASK & ~tKeep);
        d.set(WORD, dOffset, r0 | r1 << 52);
        d.set(WORD, dOffset + 8, r1 >>> 12 | r2 << 40);
        d.set(WORD, dOffset + 16, r2 >>> 24 | r3 << 28);
        d.set(WORD, dOffset + 24, r3 >>> 36 | r4 << 16);
    }
}
