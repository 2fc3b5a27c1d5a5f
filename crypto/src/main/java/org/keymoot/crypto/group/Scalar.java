package org.keymoot.crypto.group;

import java.math.BigInteger;

/// A public, immutable element of a [ScalarField]. Nothing here promises constant time: secrets are [SecretScalar]s.
public interface Scalar {
    ScalarField field();

    Scalar add(Scalar other);

    Scalar subtract(Scalar other);

    Scalar multiply(Scalar other);

    Scalar negate();

    /// @throws ArithmeticException for zero
    Scalar invert();

    boolean isZero();

    BigInteger toBigInteger();

    /// The canonical encoding of [ScalarField#decode], 32 bytes.
    byte[] encode();
}
