package org.keymoot.crypto.group;

import java.math.BigInteger;
import java.util.Arrays;

/// The simplified Shallue-van de Woestijne-Ulas map of RFC 9380 section 6.6.2 onto y² = x³ + Ax + B over a prime field
/// with p ≡ 3 (mod 4), and the hashing to that field before it.
///
/// It keeps true: one inversion and one square root a map, the same steps for every input.
final class SimplifiedSwu {
    private static final int WIDE_BYTES = 48;

    private final PrimeField field;
    private final FieldElement a;
    private final FieldElement b;
    private final FieldElement z;
    private final FieldElement one;

    /// `-B/A`, and `B/(ZA)` for the inputs where the denominator vanishes.
    private final FieldElement minusBOverA;

    private final FieldElement exceptionalX;

    /// A square root of `-Z³`, which turns the root of `-g(x₁)` into the root of `g(x₂) = Z³u⁶·g(x₁)`.
    private final FieldElement rootOfMinusZCubed;

    private final FieldElement twoTo192;

    SimplifiedSwu(PrimeField field, BigInteger a, BigInteger b, long z) {
        BigInteger p = field.modulus();
        BigInteger zNumber = BigInteger.valueOf(z);
        this.field = field;
        this.a = field.element(a);
        this.b = field.element(b);
        this.z = field.element(zNumber);
        this.one = field.element(BigInteger.ONE);
        this.minusBOverA = field.element(b.negate().multiply(a.modInverse(p)));
        this.exceptionalX = field.element(b.multiply(a.multiply(zNumber).modInverse(p)));
        BigInteger radicand = zNumber.pow(3).negate().mod(p);
        this.rootOfMinusZCubed =
                field.element(radicand.modPow(p.add(BigInteger.ONE).shiftRight(2), p));
        this.twoTo192 = field.element(BigInteger.ONE.shiftLeft(192));
    }

    /// `hash_to_field` of RFC 9380 section 5.2 with SHA-256.
    FieldElement[] hashToField(byte[] message, byte[] dst, int count) {
        byte[] uniform = ExpandMessage.SHA_256.expand(message, dst, count * WIDE_BYTES);
        FieldElement[] elements = new FieldElement[count];
        for (int i = 0; i < count; i++) {
            FieldElement high = halfAt(uniform, i * WIDE_BYTES);
            FieldElement low = halfAt(uniform, i * WIDE_BYTES + WIDE_BYTES / 2);
            field.multiply(high, high, twoTo192);
            high.add(high, low);
            field.carry(high);
            elements[i] = high;
        }
        Arrays.fill(uniform, (byte) 0);
        return elements;
    }

    private FieldElement halfAt(byte[] uniform, int offset) {
        byte[] padded = new byte[PrimeField.BYTES];
        System.arraycopy(uniform, offset, padded, PrimeField.BYTES - WIDE_BYTES / 2, WIDE_BYTES / 2);
        FieldElement half = new FieldElement();
        field.decode(half, padded, 0);
        return half;
    }

    /// Maps `u` to the affine point (x, y).
    void map(FieldElement x, FieldElement y, FieldElement u) {
        FieldElement zu2 = new FieldElement();
        FieldElement inverse = new FieldElement();
        FieldElement square = new FieldElement();
        FieldElement otherX = new FieldElement();
        FieldElement otherY = new FieldElement();
        field.square(zu2, u);
        field.multiply(zu2, zu2, z);
        field.square(square, zu2);
        square.add(square, zu2);
        field.carry(square);
        field.invert(inverse, square);
        inverse.add(inverse, one);
        field.multiply(x, minusBOverA, inverse);
        x.setIf(field.isZeroMask(square), exceptionalX);

        field.square(square, x);
        square.add(square, a);
        field.multiply(square, square, x);
        square.add(square, b);
        field.carry(square);
        field.squareRootCandidate(y, square);
        field.multiply(otherX, zu2, x);
        field.square(otherY, u);
        field.multiply(otherY, otherY, u);
        field.multiply(otherY, otherY, rootOfMinusZCubed);
        field.multiply(otherY, otherY, y);
        field.square(inverse, y);
        inverse.subtract(inverse, square);
        long isSquare = field.isZeroMask(inverse);
        x.setIf(~isSquare, otherX);
        y.setIf(~isSquare, otherY);
        y.negateIf(field.isOddMask(u) ^ field.isOddMask(y));
        field.carry(y);
    }
}
