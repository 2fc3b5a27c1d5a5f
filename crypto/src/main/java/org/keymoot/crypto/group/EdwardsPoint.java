package org.keymoot.crypto.group;

import java.util.Arrays;

/// An element of Ed25519's prime-order group or of ristretto255, held in Edwards coordinates.
abstract sealed class EdwardsPoint implements Point permits Ed25519Point, Ristretto255Point {
    private final EdwardsGroup group;
    private final EdwardsCoordinates coordinates;

    EdwardsPoint(EdwardsGroup group, EdwardsCoordinates coordinates) {
        this.group = group;
        this.coordinates = coordinates;
    }

    /// Whether `other` stands for the same element.
    abstract boolean represents(EdwardsCoordinates other);

    final EdwardsCoordinates coordinates() {
        return coordinates;
    }

    @Override
    public final Group group() {
        return group;
    }

    @Override
    public final Point add(Point other) {
        return group.element(coordinates.plus(group.coordinates(other)));
    }

    @Override
    public final Point subtract(Point other) {
        return group.element(coordinates.minus(group.coordinates(other)));
    }

    @Override
    public final Point negate() {
        return group.element(coordinates.negated());
    }

    @Override
    public final boolean isIdentity() {
        return represents(EdwardsCoordinates.IDENTITY);
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof EdwardsPoint that && that.group.id() == group.id() && represents(that.coordinates);
    }

    @Override
    public final int hashCode() {
        return Arrays.hashCode(encode());
    }

    /// Names the group only: a point may come of a secret, and whoever wants its bytes asks for them.
    @Override
    public final String toString() {
        return "point of " + group.id();
    }
}
