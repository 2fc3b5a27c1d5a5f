package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

/// A secret scalar in a slot of native memory.
///
/// It keeps true: the slot is zeroed by [#close()] and never reused; all arithmetic runs in [ScalarKernel], from native
/// memory to native memory.
final class NativeSecretScalar implements SecretScalar {
    private final PrimeOrderField field;
    private final MemorySegment slot;
    private volatile boolean closed;

    /// Takes over `slot`, which holds a canonical value.
    NativeSecretScalar(PrimeOrderField field, MemorySegment slot) {
        this.field = field;
        this.slot = slot;
    }

    /// The 32 little-endian bytes.
    ///
    /// @throws IllegalStateException when already closed
    MemorySegment slot() {
        if (closed) {
            throw new IllegalStateException("secret has been erased");
        }
        return slot;
    }

    @Override
    public PrimeOrderField field() {
        return field;
    }

    @Override
    public SecretScalar add(SecretScalar other, SecretScope scope) {
        NativeSecretScalar sum = fresh(scope);
        field.add(sum.slot, slot(), field.require(other).slot());
        return sum;
    }

    @Override
    public SecretScalar subtract(SecretScalar other, SecretScope scope) {
        NativeSecretScalar difference = fresh(scope);
        field.subtract(difference.slot, slot(), field.require(other).slot());
        return difference;
    }

    @Override
    public SecretScalar multiply(SecretScalar other, SecretScope scope) {
        NativeSecretScalar product = fresh(scope);
        field.multiply(product.slot, slot(), field.require(other).slot());
        return product;
    }

    @Override
    public SecretScalar add(Scalar other, SecretScope scope) {
        NativeSecretScalar sum = fresh(scope);
        field.add(sum.slot, slot(), field.require(other).slot());
        return sum;
    }

    @Override
    public SecretScalar multiply(Scalar other, SecretScope scope) {
        NativeSecretScalar product = fresh(scope);
        field.multiply(product.slot, slot(), field.require(other).slot());
        return product;
    }

    @Override
    public SecretScalar negate(SecretScope scope) {
        NativeSecretScalar negated = fresh(scope);
        field.negate(negated.slot, slot());
        return negated;
    }

    @Override
    public SecretScalar invert(SecretScope scope) {
        NativeSecretScalar inverse = fresh(scope);
        field.invert(inverse.slot, slot());
        return inverse;
    }

    @Override
    public SecretScalar copy(SecretScope scope) {
        NativeSecretScalar copy = fresh(scope);
        MemorySegment.copy(slot(), 0, copy.slot, 0, PrimeOrderField.BYTES);
        return copy;
    }

    private NativeSecretScalar fresh(SecretScope scope) {
        return scope.own(new NativeSecretScalar(field, field.newSlot()));
    }

    @Override
    public boolean isZero() {
        return ScalarKernel.isZero(slot(), 0);
    }

    @Override
    public MemorySegment segment(Disclosure token) {
        Objects.requireNonNull(token);
        return slot();
    }

    @Override
    public Scalar reveal(Disclosure token) {
        Objects.requireNonNull(token);
        MemorySegment revealed = field.newSlot();
        MemorySegment.copy(slot(), 0, revealed, 0, PrimeOrderField.BYTES);
        return new PublicScalar(field, revealed);
    }

    @Override
    public void encodeTo(MemorySegment target, Disclosure token) {
        Objects.requireNonNull(token);
        if (target.byteSize() != PrimeOrderField.BYTES) {
            throw new IllegalArgumentException("expected room for 32 bytes but found " + target.byteSize());
        }
        field.copyCanonical(target, slot());
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            slot.fill((byte) 0);
        }
    }

    /// Compares in constant time.
    @Override
    public boolean equals(Object other) {
        if (!(other instanceof NativeSecretScalar that) || that.field != field || closed || that.closed) {
            return false;
        }
        long difference = 0;
        for (int i = 0; i < PrimeOrderField.BYTES; i += Long.BYTES) {
            difference |= slot.get(ScalarKernel.WORD, i) ^ that.slot.get(ScalarKernel.WORD, i);
        }
        return difference == 0;
    }

    /// The same for all secrets of a field, so that hashing reveals nothing.
    @Override
    public int hashCode() {
        return field.groupId().hashCode();
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
