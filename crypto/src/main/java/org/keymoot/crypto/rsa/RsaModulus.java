package org.keymoot.crypto.rsa;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;

/// Arithmetic modulo a public odd number of 1024 to 8192 bits, a multiple of 64.
///
/// It keeps true: [#power] runs in constant time in the exponent: Montgomery's multiplication over limbs of
/// 64 bits, carries and the last subtraction computed without branches, fixed windows of four bits, and
/// table entries read by masking all of them. Everything else takes public numbers and may vary in time.
public final class RsaModulus {
    static final int MIN_BITS = 1024;
    static final int MAX_BITS = 8192;
    private static final int WINDOW = 16;

    private final BigInteger modulus;
    private final int limbs;
    private final long[] n;
    private final long minusInverse;
    private final BigInteger montgomeryOne;

    /// @throws IllegalArgumentException when the number is even or its length is not as said
    public RsaModulus(BigInteger modulus) {
        int bits = modulus.bitLength();
        if (modulus.signum() <= 0
                || !modulus.testBit(0)
                || bits < MIN_BITS
                || bits > MAX_BITS
                || bits % Long.SIZE != 0) {
            throw new IllegalArgumentException(
                    "a modulus is odd and has %d to %d bits, a multiple of 64; this one has %d"
                            .formatted(MIN_BITS, MAX_BITS, bits));
        }
        this.modulus = modulus;
        this.limbs = bits / Long.SIZE;
        this.n = limbsOf(modulus);
        this.minusInverse = minusInverseOf(n[0]);
        this.montgomeryOne = BigInteger.ONE.shiftLeft(bits).mod(modulus);
    }

    public BigInteger value() {
        return modulus;
    }

    /// Bytes of a number below the modulus.
    public int length() {
        return limbs * Long.BYTES;
    }

    /// A number below the modulus as [#length()] bytes, big-endian (I2OSP).
    public byte[] encode(BigInteger number) {
        return encode(number, length());
    }

    /// A number as `length` bytes, big-endian.
    ///
    /// @throws IllegalArgumentException when it is negative or too large
    public static byte[] encode(BigInteger number, int length) {
        if (number.signum() < 0 || number.bitLength() > 8 * length) {
            throw new IllegalArgumentException(
                    "a number of " + number.bitLength() + " bits does not fit in " + length + " bytes");
        }
        byte[] bytes = number.toByteArray();
        byte[] out = new byte[length];
        int used = Math.min(bytes.length, length);
        System.arraycopy(bytes, bytes.length - used, out, length - used, used);
        return out;
    }

    /// `base^exponent`, in constant time in the exponent.
    ///
    /// @param base public, below the modulus
    /// @param exponent big-endian; its length is public
    public BigInteger power(BigInteger base, MemorySegment exponent) {
        if (base.signum() < 0 || base.compareTo(modulus) >= 0) {
            throw new IllegalArgumentException("the base is not below the modulus");
        }
        long[][] table = new long[WINDOW][];
        table[0] = limbsOf(montgomeryOne);
        table[1] = limbsOf(base.shiftLeft(limbs * Long.SIZE).mod(modulus));
        long[] work = new long[limbs + 2];
        for (int i = 2; i < WINDOW; i++) {
            table[i] = new long[limbs];
            multiply(table[i], table[i - 1], table[1], work);
        }
        long[] result = table[0].clone();
        long[] entry = new long[limbs];
        try {
            for (long at = 0; at < exponent.byteSize(); at++) {
                int octet = exponent.get(ValueLayout.JAVA_BYTE, at) & 0xff;
                step(result, octet >>> 4, table, entry, work);
                step(result, octet & 15, table, entry, work);
            }
            long[] one = new long[limbs];
            one[0] = 1;
            multiply(result, result, one, work);
            return numberOf(result);
        } finally {
            Arrays.fill(result, 0);
            Arrays.fill(entry, 0);
            Arrays.fill(work, 0);
        }
    }

    private void step(long[] result, int window, long[][] table, long[] entry, long[] work) {
        for (int i = 0; i < 4; i++) {
            multiply(result, result, result, work);
        }
        Arrays.fill(entry, 0);
        for (int i = 0; i < WINDOW; i++) {
            // All ones where i is the window and zero elsewhere.
            long mask = ((i ^ window) - 1L) >> 63;
            long[] candidate = table[i];
            for (int j = 0; j < limbs; j++) {
                entry[j] |= candidate[j] & mask;
            }
        }
        multiply(result, result, entry, work);
    }

    /// `r = a·b/R mod n` for Montgomery's `R`; `r` may be one of the factors.
    private void multiply(long[] r, long[] a, long[] b, long[] t) {
        int k = limbs;
        Arrays.fill(t, 0);
        for (int i = 0; i < k; i++) {
            long factor = b[i];
            long carry = 0;
            for (int j = 0; j < k; j++) {
                long low = a[j] * factor;
                long high = Math.unsignedMultiplyHigh(a[j], factor);
                long sum = low + t[j];
                high += carryOf(low, t[j], sum);
                t[j] = sum + carry;
                carry = high + carryOf(sum, carry, t[j]);
            }
            long top = t[k] + carry;
            t[k + 1] = carryOf(t[k], carry, top);
            t[k] = top;

            long m = t[0] * minusInverse;
            long first = m * n[0];
            long discarded = first + t[0];
            carry = Math.unsignedMultiplyHigh(m, n[0]) + carryOf(first, t[0], discarded);
            for (int j = 1; j < k; j++) {
                long low = m * n[j];
                long high = Math.unsignedMultiplyHigh(m, n[j]);
                long sum = low + t[j];
                high += carryOf(low, t[j], sum);
                t[j - 1] = sum + carry;
                carry = high + carryOf(sum, carry, t[j - 1]);
            }
            top = t[k] + carry;
            long over = carryOf(t[k], carry, top);
            t[k - 1] = top;
            t[k] = t[k + 1] + over;
        }
        subtractIfNotBelow(r, t);
    }

    /// `r = t mod n` for `t < 2n`.
    private void subtractIfNotBelow(long[] r, long[] t) {
        long borrow = 0;
        for (int j = 0; j < limbs; j++) {
            long difference = t[j] - n[j];
            long less = borrowOf(t[j], n[j], difference);
            long out = difference - borrow;
            borrow = less | borrowOf(difference, borrow, out);
            r[j] = out;
        }
        // The difference counts when the subtraction did not go below zero, the limb above it taken into account.
        long keep = -((t[limbs] | (borrow ^ 1)) & 1);
        for (int j = 0; j < limbs; j++) {
            r[j] = (r[j] & keep) | (t[j] & ~keep);
        }
    }

    private static long carryOf(long x, long y, long sum) {
        return ((x & y) | ((x | y) & ~sum)) >>> 63;
    }

    private static long borrowOf(long x, long y, long difference) {
        return ((~x & y) | ((~x | y) & difference)) >>> 63;
    }

    private static long minusInverseOf(long odd) {
        long inverse = odd;
        for (int i = 0; i < 6; i++) {
            inverse *= 2 - odd * inverse;
        }
        return -inverse;
    }

    private long[] limbsOf(BigInteger number) {
        long[] out = new long[limbs];
        for (int i = 0; i < limbs; i++) {
            out[i] = number.shiftRight(Long.SIZE * i).longValue();
        }
        return out;
    }

    private BigInteger numberOf(long[] value) {
        byte[] bytes = new byte[length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[bytes.length - 1 - i] = (byte) (value[i / Long.BYTES] >>> (8 * (i % Long.BYTES)));
        }
        return new BigInteger(1, bytes);
    }

    @Override
    public String toString() {
        return "RSA modulus of " + modulus.bitLength() + " bits";
    }
}
