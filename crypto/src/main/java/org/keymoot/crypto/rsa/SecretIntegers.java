package org.keymoot.crypto.rsa;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;

/// The one operation on secret integers that is not modular: a response `s·c + r` that hides `s` behind a
/// longer `r`.
public final class SecretIntegers {
    private static final long LOW = 0xffffffffL;

    private SecretIntegers() {}

    /// `s·c + r` over the integers, in a time that depends on the lengths only; all are big-endian.
    ///
    /// @return public: what a proof shows
    public static BigInteger response(MemorySegment s, byte[] c, MemorySegment r) {
        int limbs = Math.toIntExact((Math.max(s.byteSize() + c.length, r.byteSize()) + 3) / 4 + 1);
        int[] secret = limbs(s, limbs);
        int[] sum = limbs(r, limbs);
        int[] challenge = limbs(MemorySegment.ofArray(c), limbs);
        try {
            for (int i = 0; i < (c.length + 3) / 4; i++) {
                long factor = challenge[i] & LOW;
                long carry = 0;
                for (int j = 0; i + j < limbs; j++) {
                    long value = (secret[j] & LOW) * factor + (sum[i + j] & LOW) + carry;
                    sum[i + j] = (int) value;
                    carry = value >>> 32;
                }
            }
            byte[] out = new byte[4 * limbs];
            for (int i = 0; i < out.length; i++) {
                out[out.length - 1 - i] = (byte) (sum[i / 4] >>> (8 * (i % 4)));
            }
            return new BigInteger(1, out);
        } finally {
            Arrays.fill(secret, 0);
            Arrays.fill(sum, 0);
        }
    }

    private static int[] limbs(MemorySegment bigEndian, int count) {
        int[] out = new int[count];
        long size = bigEndian.byteSize();
        for (long i = 0; i < size; i++) {
            int octet = bigEndian.get(ValueLayout.JAVA_BYTE, size - 1 - i) & 0xff;
            out[(int) (i / 4)] |= octet << (8 * (int) (i % 4));
        }
        return out;
    }
}
