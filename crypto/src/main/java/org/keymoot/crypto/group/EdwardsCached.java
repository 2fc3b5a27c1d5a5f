package org.keymoot.crypto.group;

/// A point prepared for being added several times: `Y + X`, `Y − X`, `2Z` and `2d·T`.
final class EdwardsCached {
    /// Limbs of one entry of a table that [#store] fills.
    static final int TABLE_STRIDE = 4 * Field25519.LIMBS;

    final Field25519 yPlusX = new Field25519();
    final Field25519 yMinusX = new Field25519();
    final Field25519 twoZ = new Field25519();
    final Field25519 twoDt = new Field25519();

    /// The identity.
    EdwardsCached() {
        setIdentity();
    }

    EdwardsCached(EdwardsCoordinates point) {
        Field25519.sum(yPlusX, point.y, point.x);
        Field25519.difference(yMinusX, point.y, point.x);
        Field25519.sum(twoZ, point.z, point.z);
        Field25519.product(twoDt, point.t, EdwardsCoordinates.TWO_D);
    }

    void setIdentity() {
        yPlusX.setOne();
        yMinusX.setOne();
        twoZ.setOne();
        Field25519.sum(twoZ, twoZ, twoZ);
        twoDt.setZero();
    }

    /// Turns the point into its negative where `mask` is −1.
    void negateIf(long mask) {
        Field25519.swap(mask, yPlusX, yMinusX);
        twoDt.negateIf(mask);
    }

    void store(long[] table, int index) {
        int at = index * TABLE_STRIDE;
        yPlusX.store(table, at);
        yMinusX.store(table, at + Field25519.LIMBS);
        twoZ.store(table, at + 2 * Field25519.LIMBS);
        twoDt.store(table, at + 3 * Field25519.LIMBS);
    }

    /// Becomes `digit·P` for a digit from −`count` to `count`, where entry `i` of the table is `(i + 1)·P`,
    /// reading every entry.
    void select(long[] table, int count, long digit) {
        long sign = digit >> 63;
        long size = (digit ^ sign) - sign;
        setIdentity();
        yPlusX.selectFrom(table, 0, TABLE_STRIDE, count, size);
        yMinusX.selectFrom(table, Field25519.LIMBS, TABLE_STRIDE, count, size);
        twoZ.selectFrom(table, 2 * Field25519.LIMBS, TABLE_STRIDE, count, size);
        twoDt.selectFrom(table, 3 * Field25519.LIMBS, TABLE_STRIDE, count, size);
        negateIf(sign);
    }
}
