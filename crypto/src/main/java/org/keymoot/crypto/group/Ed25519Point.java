package org.keymoot.crypto.group;

/// A point of the prime-order subgroup of edwards25519.
final class Ed25519Point extends EdwardsPoint {
    Ed25519Point(Ed25519Group group, EdwardsCoordinates coordinates) {
        super(group, coordinates);
    }

    @Override
    boolean represents(EdwardsCoordinates other) {
        return coordinates().sameAs(other);
    }

    /// RFC 8032 section 5.1.2.
    @Override
    public byte[] encode() {
        Field25519 inverse = new Field25519();
        Field25519.invert(inverse, coordinates().z);
        return Ed25519Group.encode(coordinates(), inverse);
    }
}
