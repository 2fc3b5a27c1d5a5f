package org.keymoot.crypto.vole;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.secret.SecretScope;

/// Turns hash output into scalars, in constant time.
///
/// It keeps true: the bias is at most 2^-126. For a field whose order is that close below 2^256 (secp256k1) 256
/// bits of hash are reduced, which takes one subtraction; for the others 384 bits are, as 256 would give P-256
/// a bias of 2^-32.
final class HashToScalar {
    /// Words of hash beyond the first four that a wide reduction takes.
    static final int FURTHER_WORDS = 2;

    private static final int NARROW_GAP_BITS = 130;

    private final ScalarField field;
    private final boolean isWide;
    private final MemorySegment wide;
    private final long q0;
    private final long q1;
    private final long q2;
    private final long q3;

    /// Its memory belongs to `scope`.
    HashToScalar(ScalarField field, SecretScope scope) {
        this.field = field;
        this.wide = scope.allocate(64).segment(Rvole.TAKE);
        BigInteger order = field.order();
        this.isWide = BigInteger.ONE.shiftLeft(256).subtract(order).bitLength() > NARROW_GAP_BITS;
        this.q0 = order.longValue();
        this.q1 = order.shiftRight(64).longValue();
        this.q2 = order.shiftRight(128).longValue();
        this.q3 = order.shiftRight(192).longValue();
    }

    /// Whether two words more than the first four are reduced.
    boolean isWide() {
        return isWide;
    }

    /// Where to put the hash before [#reduce].
    MemorySegment wide() {
        return wide;
    }

    /// Writes the scalar to `d`.
    void reduce(MemorySegment d, long offset) {
        if (isWide) {
            field.rawReduce(d, offset, wide, 0, (4 + FURTHER_WORDS) * Long.BYTES);
            return;
        }
        long a0 = wide.get(Rvole.WORD, 0);
        long a1 = wide.get(Rvole.WORD, 8);
        long a2 = wide.get(Rvole.WORD, 16);
        long a3 = wide.get(Rvole.WORD, 24);
        long r0 = a0 - q0;
        long borrow = borrow(a0, q0, r0);
        long r1 = a1 - q1 - borrow;
        borrow = borrow(a1, q1, r1);
        long r2 = a2 - q2 - borrow;
        borrow = borrow(a2, q2, r2);
        long r3 = a3 - q3 - borrow;
        long below = -borrow(a3, q3, r3);
        d.set(Rvole.WORD, offset, r0 ^ ((r0 ^ a0) & below));
        d.set(Rvole.WORD, offset + 8, r1 ^ ((r1 ^ a1) & below));
        d.set(Rvole.WORD, offset + 16, r2 ^ ((r2 ^ a2) & below));
        d.set(Rvole.WORD, offset + 24, r3 ^ ((r3 ^ a3) & below));
    }

    /// The borrow out of `difference = a - b - borrow in`.
    private static long borrow(long a, long b, long difference) {
        return ((~a & b) | (~(a ^ b) & difference)) >>> 63;
    }
}
