package org.keymoot.crypto.group;

import static org.keymoot.crypto.group.Field25519.difference;
import static org.keymoot.crypto.group.Field25519.product;
import static org.keymoot.crypto.group.Field25519.square;
import static org.keymoot.crypto.group.Field25519.sum;

import java.math.BigInteger;

/// An element of ristretto255: a class of four points of the curve, of which any one is held.
final class Ristretto255Point extends EdwardsPoint {
    /// `1/√(a − d)`, RFC 9496 section 4.1.
    private static final Field25519 INVERSE_ROOT_OF_A_MINUS_D = Field25519.of(
            new BigInteger("54469307008909316920995813868745141605393597292927456921205312896311721017578"));

    Ristretto255Point(Ristretto255Group group, EdwardsCoordinates coordinates) {
        super(group, coordinates);
    }

    /// RFC 9496 section 4.3.3: `x₁·y₂ = y₁·x₂` or `y₁·y₂ = x₁·x₂`.
    @Override
    boolean represents(EdwardsCoordinates other) {
        EdwardsCoordinates own = coordinates();
        Field25519 left = new Field25519();
        Field25519 right = new Field25519();
        product(left, own.x, other.y);
        product(right, own.y, other.x);
        long same = Field25519.equalMask(left, right);
        product(left, own.y, other.y);
        product(right, own.x, other.x);
        return (same | Field25519.equalMask(left, right)) != 0;
    }

    /// RFC 9496 section 4.3.2, in constant time.
    @Override
    public byte[] encode() {
        EdwardsCoordinates p = coordinates();
        Field25519 u1 = new Field25519();
        Field25519 u2 = new Field25519();
        Field25519 tv = new Field25519();
        sum(u1, p.z, p.y);
        difference(tv, p.z, p.y);
        product(u1, u1, tv);
        product(u2, p.x, p.y);

        Field25519 inverseRoot = new Field25519();
        square(tv, u2);
        product(tv, tv, u1);
        Field25519.squareRootOfRatio(inverseRoot, Field25519.ONE, tv);

        Field25519 den1 = new Field25519();
        Field25519 denInverse = new Field25519();
        Field25519 zInverse = new Field25519();
        product(den1, inverseRoot, u1);
        product(denInverse, inverseRoot, u2);
        product(zInverse, den1, denInverse);
        product(zInverse, zInverse, p.t);

        Field25519 x = new Field25519(p.x);
        Field25519 y = new Field25519(p.y);
        product(tv, p.t, zInverse);
        long rotate = tv.negativeMask();
        product(tv, p.y, Field25519.SQRT_MINUS_ONE);
        x.select(rotate, tv);
        product(tv, p.x, Field25519.SQRT_MINUS_ONE);
        y.select(rotate, tv);
        product(tv, den1, INVERSE_ROOT_OF_A_MINUS_D);
        denInverse.select(rotate, tv);

        product(tv, x, zInverse);
        y.negateIf(tv.negativeMask());
        Field25519 s = new Field25519();
        difference(s, p.z, y);
        product(s, s, denInverse);
        s.makeNonNegative();
        return s.encode();
    }
}
