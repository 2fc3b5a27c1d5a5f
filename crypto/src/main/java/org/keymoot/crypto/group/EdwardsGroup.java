package org.keymoot.crypto.group;

import java.util.ArrayList;
import java.util.List;

/// What Ed25519 and ristretto255 share: the curve, its multiplications and its expander. They differ in which
/// points are elements, when two are equal, and how one is written.
abstract sealed class EdwardsGroup implements Group permits Ed25519Group, Ristretto255Group {
    private final ScalarField scalars;

    EdwardsGroup(ScalarField scalars) {
        if (scalars.groupId() != id()) {
            throw new IllegalArgumentException(
                    "expected the scalars of " + id() + ", found those of " + scalars.groupId());
        }
        this.scalars = scalars;
    }

    /// Makes an element from coordinates known to represent one.
    abstract EdwardsPoint element(EdwardsCoordinates coordinates);

    @Override
    public final ScalarField scalars() {
        return scalars;
    }

    @Override
    public final Point generator() {
        return element(EdwardsCoordinates.BASE);
    }

    @Override
    public final Point identity() {
        return element(EdwardsCoordinates.IDENTITY);
    }

    @Override
    public final int pointLength() {
        return Field25519.BYTES;
    }

    @Override
    public final Point multiplyBase(SecretScalar k) {
        requireField(k.field());
        return element(EdwardsMultiplication.multiplyBase(k));
    }

    @Override
    public final Point multiply(Point point, SecretScalar k) {
        requireField(k.field());
        return element(EdwardsMultiplication.multiply(coordinates(point), k));
    }

    @Override
    public final Point multiplyBase(Scalar k) {
        requireField(k.field());
        return element(EdwardsMultiplication.multiplyBase(k));
    }

    @Override
    public final Point multiply(Point point, Scalar k) {
        return sumOfProducts(List.of(k), List.of(point));
    }

    @Override
    public final Point sumOfProducts(List<Scalar> factors, List<? extends Point> points) {
        List<EdwardsCoordinates> coordinates = new ArrayList<>(points.size());
        for (Point point : points) {
            coordinates.add(coordinates(point));
        }
        for (Scalar factor : factors) {
            requireField(factor.field());
        }
        return element(EdwardsMultiplication.sumOfProducts(factors, coordinates));
    }

    @Override
    public List<byte[]> encodeAll(List<? extends Point> points) {
        List<byte[]> encodings = new ArrayList<>(points.size());
        for (Point point : points) {
            coordinates(point);
            encodings.add(point.encode());
        }
        return encodings;
    }

    final EdwardsCoordinates coordinates(Point point) {
        if (point instanceof EdwardsPoint own && own.group().id() == id()) {
            return own.coordinates();
        }
        throw new IllegalArgumentException("expected a point of " + id() + ", found one of "
                + point.group().id());
    }

    private void requireField(ScalarField field) {
        if (field.groupId() != id()) {
            throw new IllegalArgumentException("expected a scalar of " + id() + ", found one of " + field.groupId());
        }
    }

    static void requireLength(byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != Field25519.BYTES) {
            throw new InvalidEncodingException(
                    "expected %d bytes of an encoded point, found %d".formatted(Field25519.BYTES, encoded.length));
        }
    }

    @Override
    public final String toString() {
        return id().toString();
    }
}
