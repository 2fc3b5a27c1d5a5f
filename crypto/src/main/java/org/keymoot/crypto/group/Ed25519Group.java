package org.keymoot.crypto.group;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The prime-order subgroup of edwards25519, with the encoding of RFC 8032.
///
/// It keeps true: [#decode] multiplies by the order, so that points of small and of mixed order are turned
/// away, not only the eight that are well known.
final class Ed25519Group extends EdwardsGroup {
    /// `L = 2^252 + 27742317777372353535851937790883648493`, in sliding digits.
    private static final byte[] ORDER_DIGITS =
            EdwardsMultiplication.slidingDigits(new long[] {0x5812631a5cf5d3edL, 0x14def9dea2f79cd6L, 0, 1L << 60});

    private static final int FIELD_ELEMENT_BYTES = 48;

    static final Ed25519Group INSTANCE = new Ed25519Group();

    private Ed25519Group() {
        super(ScalarField.of(GroupId.ED25519));
    }

    @Override
    public GroupId id() {
        return GroupId.ED25519;
    }

    @Override
    EdwardsPoint element(EdwardsCoordinates coordinates) {
        return new Ed25519Point(this, coordinates);
    }

    /// RFC 8032 section 5.1.3, and the checks that section leaves out: `y` is below the field's prime, `x = 0`
    /// has no sign, and the point is in the prime-order subgroup and not the identity.
    @Override
    public Point decode(byte[] encoded) throws InvalidEncodingException {
        requireLength(encoded);
        byte[] yBytes = encoded.clone();
        boolean xIsOdd = (yBytes[31] & 0x80) != 0;
        yBytes[31] &= 0x7f;
        Field25519 y = new Field25519();
        y.decode(yBytes, 0);
        if (!Arrays.equals(y.encode(), yBytes)) {
            throw new InvalidEncodingException("expected the y coordinate of an Ed25519 point below 2^255 - 19");
        }

        // x² = (y² − 1) / (d·y² + 1), whose denominator is never zero because −1/d is not a square.
        Field25519 u = new Field25519();
        Field25519 v = new Field25519();
        Field25519 x = new Field25519();
        Field25519.square(u, y);
        Field25519.product(v, u, EdwardsCoordinates.D);
        Field25519.difference(u, u, Field25519.ONE);
        Field25519.sum(v, v, Field25519.ONE);
        if (Field25519.squareRootOfRatio(x, u, v) == 0) {
            throw new InvalidEncodingException(
                    "expected the y coordinate of a point of edwards25519, found one that no point has");
        }
        if (x.zeroMask() != 0) {
            throw new InvalidEncodingException(
                    "expected an Ed25519 point of prime order, found the identity or the point of order two");
        }
        x.negateIf(xIsOdd ? -1 : 0);

        EdwardsCoordinates point = EdwardsCoordinates.ofAffine(x, y);
        if (!EdwardsMultiplication.multiply(point, ORDER_DIGITS).isIdentity()) {
            throw new InvalidEncodingException(
                    "expected an Ed25519 point of the prime-order subgroup, found one outside it");
        }
        return element(point);
    }

    /// Inverts all `Z` at the cost of one inversion and three products a point.
    @Override
    public List<byte[]> encodeAll(List<? extends Point> points) {
        int count = points.size();
        Field25519[] partial = new Field25519[count];
        Field25519 product = new Field25519(Field25519.ONE);
        for (int i = 0; i < count; i++) {
            partial[i] = new Field25519(product);
            Field25519.product(product, product, coordinates(points.get(i)).z);
        }
        Field25519 inverse = new Field25519();
        Field25519.invert(inverse, product);
        byte[][] encodings = new byte[count][];
        for (int i = count - 1; i >= 0; i--) {
            EdwardsCoordinates point = coordinates(points.get(i));
            Field25519.product(partial[i], partial[i], inverse);
            encodings[i] = encode(point, partial[i]);
            Field25519.product(inverse, inverse, point.z);
        }
        return new ArrayList<>(Arrays.asList(encodings));
    }

    static byte[] encode(EdwardsCoordinates point, Field25519 inverseOfZ) {
        Field25519 x = new Field25519();
        Field25519 y = new Field25519();
        Field25519.product(x, point.x, inverseOfZ);
        Field25519.product(y, point.y, inverseOfZ);
        byte[] encoded = y.encode();
        encoded[31] |= (byte) (x.negativeMask() & 0x80);
        return encoded;
    }

    /// The suite `edwards25519_XMD:SHA-512_ELL2_RO_` of RFC 9380 section 8.5.
    @Override
    public Point hashToGroup(byte[] message, byte[] dst) {
        byte[] uniform = ExpandMessage.SHA_512.expand(message, dst, 2 * FIELD_ELEMENT_BYTES);
        EdwardsAccumulator sum = new EdwardsAccumulator(mapToCurve(uniform, 0));
        sum.add(new EdwardsCached(mapToCurve(uniform, FIELD_ELEMENT_BYTES)));
        return clearCofactor(sum);
    }

    /// The suite `edwards25519_XMD:SHA-512_ELL2_NU_` of RFC 9380 section 8.5.
    @Override
    public Point encodeToGroup(byte[] message, byte[] dst) {
        byte[] uniform = ExpandMessage.SHA_512.expand(message, dst, FIELD_ELEMENT_BYTES);
        return clearCofactor(new EdwardsAccumulator(mapToCurve(uniform, 0)));
    }

    private static EdwardsCoordinates mapToCurve(byte[] uniform, int offset) {
        Field25519 u = new Field25519();
        u.decodeWide(uniform, offset);
        return EdwardsElligator.map(u);
    }

    private Point clearCofactor(EdwardsAccumulator sum) {
        sum.doubleTimes(3);
        return element(sum.toCoordinates());
    }
}
