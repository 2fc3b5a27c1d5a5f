package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;

/// The endomorphism of secp256k1, `λ·(x, y) = (β·x, y)`, and the splitting of a scalar that it allows
/// (Gallant, Lambert and Vanstone, with the short lattice basis (a₁, b₁), (a₂, b₂), a₁ = b₂).
///
/// It keeps true: `s ≡ s₁ + λ·s₂` with both parts below 2^128 in absolute value, in constant time.
final class Secp256k1Endomorphism {
    static final String BETA = "7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee";

    /// Room for [#split].
    static final int SCRATCH_BYTES = 2 * PrimeOrderField.BYTES;

    private static final BigInteger LAMBDA =
            new BigInteger("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72", 16);
    private static final BigInteger B1 = new BigInteger("-e4437ed6010e88286f547fa90abfe4c3", 16);
    private static final BigInteger B2 = new BigInteger("3086d221a7d46bcde86c90e49284eb15", 16);
    private static final int SHIFT = 384;

    private final PrimeOrderField scalars = PrimeOrderField.SECP256K1;
    private final MemorySegment scaledB2 = scaled(B2);
    private final MemorySegment scaledMinusB1 = scaled(B1.negate());
    private final MemorySegment minusB1 = residue(B1.negate());
    private final MemorySegment minusB2 = residue(B2.negate());
    private final MemorySegment lambda = residue(LAMBDA);

    BigInteger lambda() {
        return LAMBDA;
    }

    private MemorySegment residue(BigInteger value) {
        return scalars.of(value.mod(scalars.order())).slot();
    }

    /// `round(2^384·value / q)`, which turns a division by `q` into a multiplication and a shift.
    private MemorySegment scaled(BigInteger value) {
        return scalars.of(value.shiftLeft(SHIFT)
                        .add(scalars.order().shiftRight(1))
                        .divide(scalars.order()))
                .slot();
    }

    /// Writes the residues of `s₁` and `s₂`; `scratch` has [#SCRATCH_BYTES], which the caller erases.
    void split(MemorySegment s1, MemorySegment s2, MemorySegment s, MemorySegment scratch) {
        MemorySegment c1 = scratch.asSlice(0, PrimeOrderField.BYTES);
        MemorySegment c2 = scratch.asSlice(PrimeOrderField.BYTES, PrimeOrderField.BYTES);
        scalars.multiplyShift384(c1, s, scaledB2);
        scalars.multiplyShift384(c2, s, scaledMinusB1);
        scalars.multiply(c1, c1, minusB1);
        scalars.multiply(c2, c2, minusB2);
        scalars.add(s2, c1, c2);
        scalars.multiply(c1, s2, lambda);
        scalars.subtract(s1, s, c1);
    }
}
