package org.keymoot.crypto.group;

import java.math.BigInteger;

/// A point of `−x² + y² = 1 + d·x²·y²` over the field of [Field25519], as `(X : Y : Z : T)` with `x = X/Z`, `y
/// = Y/Z` and `X·Y = Z·T`. It never changes once made; its limbs are carried.
final class EdwardsCoordinates {
    static final Field25519 D = Field25519.of(
            new BigInteger("37095705934669439343138083508754565189542113879843219016388785533085940283555"));
    static final Field25519 TWO_D = Field25519.of(D.toBigInteger().shiftLeft(1));

    static final EdwardsCoordinates IDENTITY =
            new EdwardsCoordinates(new Field25519(), Field25519.ONE, Field25519.ONE, new Field25519());

    /// RFC 8032's base point: `y = 4/5` and the even `x`.
    static final EdwardsCoordinates BASE = ofAffine(
            Field25519.of(
                    new BigInteger("15112221349535400772501151409588531511454012693041857206046113283949847762202")),
            Field25519.of(
                    new BigInteger("46316835694926478169428394003475163141307993866256225615783033603165251855960")));

    final Field25519 x;
    final Field25519 y;
    final Field25519 z;
    final Field25519 t;

    /// Keeps copies.
    EdwardsCoordinates(Field25519 x, Field25519 y, Field25519 z, Field25519 t) {
        this.x = new Field25519(x);
        this.y = new Field25519(y);
        this.z = new Field25519(z);
        this.t = new Field25519(t);
    }

    static EdwardsCoordinates ofAffine(Field25519 x, Field25519 y) {
        Field25519 t = new Field25519();
        Field25519.product(t, x, y);
        return new EdwardsCoordinates(x, y, Field25519.ONE, t);
    }

    EdwardsCoordinates plus(EdwardsCoordinates other) {
        EdwardsAccumulator sum = new EdwardsAccumulator(this);
        sum.add(new EdwardsCached(other));
        return sum.toCoordinates();
    }

    EdwardsCoordinates minus(EdwardsCoordinates other) {
        EdwardsAccumulator difference = new EdwardsAccumulator(this);
        EdwardsCached subtrahend = new EdwardsCached(other);
        subtrahend.negateIf(-1);
        difference.add(subtrahend);
        return difference.toCoordinates();
    }

    EdwardsCoordinates negated() {
        EdwardsCoordinates out = new EdwardsCoordinates(x, y, z, t);
        out.x.negateIf(-1);
        out.t.negateIf(-1);
        return out;
    }

    /// Whether both are the same point of the curve.
    boolean sameAs(EdwardsCoordinates other) {
        Field25519 left = new Field25519();
        Field25519 right = new Field25519();
        Field25519.product(left, x, other.z);
        Field25519.product(right, other.x, z);
        long same = Field25519.equalMask(left, right);
        Field25519.product(left, y, other.z);
        Field25519.product(right, other.y, z);
        return (same & Field25519.equalMask(left, right)) != 0;
    }

    boolean isIdentity() {
        return (x.zeroMask() & Field25519.equalMask(y, z)) != 0;
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
