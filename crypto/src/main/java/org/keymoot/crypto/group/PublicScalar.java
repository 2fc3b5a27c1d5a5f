package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;

/// A public scalar. It lies in native memory like a secret one only so that both meet the same kernels.
final class PublicScalar implements Scalar {
    private final PrimeOrderField field;
    private final MemorySegment slot;

    /// Takes over `slot`, which holds a canonical value and is not written again.
    PublicScalar(PrimeOrderField field, MemorySegment slot) {
        this.field = field;
        this.slot = slot;
    }

    /// The 32 little-endian bytes, for reading.
    MemorySegment slot() {
        return slot;
    }

    @Override
    public PrimeOrderField field() {
        return field;
    }

    @Override
    public Scalar add(Scalar other) {
        MemorySegment sum = field.newSlot();
        field.add(sum, slot, field.require(other).slot);
        return new PublicScalar(field, sum);
    }

    @Override
    public Scalar subtract(Scalar other) {
        MemorySegment difference = field.newSlot();
        field.subtract(difference, slot, field.require(other).slot);
        return new PublicScalar(field, difference);
    }

    @Override
    public Scalar multiply(Scalar other) {
        MemorySegment product = field.newSlot();
        field.multiply(product, slot, field.require(other).slot);
        return new PublicScalar(field, product);
    }

    @Override
    public Scalar negate() {
        MemorySegment negated = field.newSlot();
        field.negate(negated, slot);
        return new PublicScalar(field, negated);
    }

    @Override
    public Scalar invert() {
        if (isZero()) {
            throw new ArithmeticException("zero has no inverse modulo the order of " + field.groupId());
        }
        return field.of(toBigInteger().modInverse(field.order()));
    }

    @Override
    public boolean isZero() {
        return ScalarKernel.isZero(slot, 0);
    }

    @Override
    public BigInteger toBigInteger() {
        return field.toBigInteger(slot);
    }

    @Override
    public byte[] encode() {
        byte[] encoded = new byte[PrimeOrderField.BYTES];
        field.copyCanonical(MemorySegment.ofArray(encoded), slot);
        return encoded;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PublicScalar that && that.field == field && slot.mismatch(that.slot) == -1;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(slot.get(ScalarKernel.WORD, 0));
    }

    @Override
    public String toString() {
        return toBigInteger().toString(16);
    }
}
