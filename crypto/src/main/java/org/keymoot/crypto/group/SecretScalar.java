package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

/// A secret element of a [ScalarField]: off-heap, erased on close, constant time throughout. Results belong to
/// the scope that is passed. `toString` is `[redacted]`.
public interface SecretScalar extends AutoCloseable {
    ScalarField field();

    SecretScalar add(SecretScalar other, SecretScope scope);

    SecretScalar subtract(SecretScalar other, SecretScope scope);

    SecretScalar multiply(SecretScalar other, SecretScope scope);

    SecretScalar add(Scalar other, SecretScope scope);

    SecretScalar multiply(Scalar other, SecretScope scope);

    SecretScalar negate(SecretScope scope);

    /// The inverse in constant time; the inverse of zero is zero.
    SecretScalar invert(SecretScope scope);

    SecretScalar copy(SecretScope scope);

    /// Tells whether the value is zero, in constant time; the answer itself is public.
    boolean isZero();

    /// The 32 little-endian bytes in memory, for the kernels of [ScalarField].
    MemorySegment segment(Disclosure token);

    /// Turns the value into a public one, for results that a protocol publishes.
    Scalar reveal(Disclosure token);

    /// Writes the canonical 32-byte encoding into `target`, which may be off-heap.
    void encodeTo(MemorySegment target, Disclosure token);

    @Override
    void close();
}
