package org.keymoot.crypto.group;

/// A point with `Z = 1` prepared for being added: `y + x`, `y − x` and `2d·x·y`. Tables of the base point hold
/// these.
final class EdwardsAffineCached {
    /// Limbs of one entry of a table that [#store] fills.
    static final int TABLE_STRIDE = 3 * Field25519.LIMBS;

    final Field25519 yPlusX = new Field25519();
    final Field25519 yMinusX = new Field25519();
    final Field25519 twoDxy = new Field25519();

    /// The identity.
    EdwardsAffineCached() {
        setIdentity();
    }

    EdwardsAffineCached(EdwardsCoordinates point) {
        Field25519 inverse = new Field25519();
        Field25519 x = new Field25519();
        Field25519 y = new Field25519();
        Field25519.invert(inverse, point.z);
        Field25519.product(x, point.x, inverse);
        Field25519.product(y, point.y, inverse);
        Field25519.sum(yPlusX, y, x);
        Field25519.difference(yMinusX, y, x);
        Field25519.product(twoDxy, x, y);
        Field25519.product(twoDxy, twoDxy, EdwardsCoordinates.TWO_D);
    }

    void setIdentity() {
        yPlusX.setOne();
        yMinusX.setOne();
        twoDxy.setZero();
    }

    void negateIf(long mask) {
        Field25519.swap(mask, yPlusX, yMinusX);
        twoDxy.negateIf(mask);
    }

    void store(long[] table, int index) {
        int at = index * TABLE_STRIDE;
        yPlusX.store(table, at);
        yMinusX.store(table, at + Field25519.LIMBS);
        twoDxy.store(table, at + 2 * Field25519.LIMBS);
    }

    /// Becomes entry `index`; for public indices only.
    void load(long[] table, int index) {
        int at = index * TABLE_STRIDE;
        yPlusX.load(table, at);
        yMinusX.load(table, at + Field25519.LIMBS);
        twoDxy.load(table, at + 2 * Field25519.LIMBS);
    }

    /// Becomes `digit·P` for a digit from −`count` to `count`, where entry `first + i` of the table is `(i +
    /// 1)·P`, reading all `count` entries.
    void select(long[] table, int first, int count, long digit) {
        long sign = digit >> 63;
        long size = (digit ^ sign) - sign;
        int at = first * TABLE_STRIDE;
        setIdentity();
        yPlusX.selectFrom(table, at, TABLE_STRIDE, count, size);
        yMinusX.selectFrom(table, at + Field25519.LIMBS, TABLE_STRIDE, count, size);
        twoDxy.selectFrom(table, at + 2 * Field25519.LIMBS, TABLE_STRIDE, count, size);
        negateIf(sign);
    }
}
