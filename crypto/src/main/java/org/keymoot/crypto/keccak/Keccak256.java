package org.keymoot.crypto.keccak;

import java.util.Arrays;

/// Keccak-256 as Ethereum has it: the permutation of FIPS 202 section 3 with a capacity of 512 bits and the padding of
/// the original submission, which begins with the byte 0x01 where SHA3-256 has 0x06.
public final class Keccak256 {
    /// Bytes of a hash.
    public static final int HASH_BYTES = 32;

    private static final int RATE_BYTES = 136;
    private static final int LANES = 25;
    private static final int ROUNDS = 24;

    /// FIPS 202 section 3.2.5.
    private static final long[] ROUND_CONSTANTS = roundConstants();

    /// FIPS 202 section 3.2.2, table 2, for lane x + 5y.
    private static final int[] ROTATIONS = {
        0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14
    };

    private Keccak256() {}

    /// The hash of the parts, one after the other.
    public static byte[] hash(byte[]... parts) {
        long[] lanes = new long[LANES];
        byte[] block = new byte[RATE_BYTES];
        int filled = 0;
        for (byte[] part : parts) {
            int taken = 0;
            while (taken < part.length) {
                int length = Math.min(RATE_BYTES - filled, part.length - taken);
                System.arraycopy(part, taken, block, filled, length);
                taken += length;
                filled += length;
                if (filled == RATE_BYTES) {
                    absorb(lanes, block);
                    filled = 0;
                }
            }
        }
        Arrays.fill(block, filled, RATE_BYTES, (byte) 0);
        block[filled] = 0x01;
        block[RATE_BYTES - 1] |= (byte) 0x80;
        absorb(lanes, block);
        byte[] hash = new byte[HASH_BYTES];
        for (int i = 0; i < HASH_BYTES; i++) {
            hash[i] = (byte) (lanes[i >> 3] >>> (8 * (i & 7)));
        }
        return hash;
    }

    private static void absorb(long[] lanes, byte[] block) {
        for (int i = 0; i < RATE_BYTES; i++) {
            lanes[i >> 3] ^= (block[i] & 0xffL) << (8 * (i & 7));
        }
        permute(lanes);
    }

    /// Keccak-p[1600, 24].
    private static void permute(long[] a) {
        long[] b = new long[LANES];
        long[] c = new long[5];
        for (int round = 0; round < ROUNDS; round++) {
            // θ
            for (int x = 0; x < 5; x++) {
                c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
            }
            for (int x = 0; x < 5; x++) {
                long d = c[(x + 4) % 5] ^ Long.rotateLeft(c[(x + 1) % 5], 1);
                for (int y = 0; y < LANES; y += 5) {
                    a[x + y] ^= d;
                }
            }
            // ρ and π: lane (x, y) goes to (y, 2x + 3y)
            for (int x = 0; x < 5; x++) {
                for (int y = 0; y < 5; y++) {
                    b[y + 5 * ((2 * x + 3 * y) % 5)] = Long.rotateLeft(a[x + 5 * y], ROTATIONS[x + 5 * y]);
                }
            }
            // χ
            for (int y = 0; y < LANES; y += 5) {
                for (int x = 0; x < 5; x++) {
                    a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
                }
            }
            // ι
            a[0] ^= ROUND_CONSTANTS[round];
        }
    }

    /// The constants from the shift register that FIPS 202 defines, algorithm 5.
    private static long[] roundConstants() {
        long[] constants = new long[ROUNDS];
        int register = 1;
        for (int round = 0; round < ROUNDS; round++) {
            for (int j = 0; j <= 6; j++) {
                if ((register & 1) != 0) {
                    constants[round] |= 1L << ((1 << j) - 1);
                }
                register <<= 1;
                if ((register & 0x100) != 0) {
                    register ^= 0x171;
                }
            }
        }
        return constants;
    }
}
