package org.keymoot.crypto.group;

import static org.keymoot.crypto.group.Field25519.difference;
import static org.keymoot.crypto.group.Field25519.product;
import static org.keymoot.crypto.group.Field25519.square;

/// A running sum of curve points with its scratch space.
///
/// It keeps true: every step takes the same operations for all points, for the addition law of this curve is
/// complete. Whoever sums under a secret scalar calls [#close()], which overwrites coordinates and scratch.
final class EdwardsAccumulator implements AutoCloseable {
    private final Field25519 x = new Field25519();
    private final Field25519 y = new Field25519();
    private final Field25519 z = new Field25519();
    private final Field25519 t = new Field25519();
    private final Field25519 a = new Field25519();
    private final Field25519 b = new Field25519();
    private final Field25519 c = new Field25519();
    private final Field25519 e = new Field25519();
    private final Field25519 f = new Field25519();
    private final Field25519 g = new Field25519();
    private final Field25519 h = new Field25519();

    /// Starts at the identity.
    EdwardsAccumulator() {
        y.setOne();
        z.setOne();
    }

    EdwardsAccumulator(EdwardsCoordinates start) {
        x.set(start.x);
        y.set(start.y);
        z.set(start.z);
        t.set(start.t);
    }

    EdwardsCoordinates toCoordinates() {
        return new EdwardsCoordinates(x, y, z, t);
    }

    /// Doubles `times` times (at least once); only the last doubling needs `T`.
    void doubleTimes(int times) {
        for (int i = 1; i < times; i++) {
            prepareDouble();
            product(x, e, f);
            product(y, g, h);
            product(z, f, g);
        }
        prepareDouble();
        finish();
    }

    void add(EdwardsCached point) {
        difference(a, y, x);
        product(a, a, point.yMinusX);
        Field25519.sum(b, y, x);
        product(b, b, point.yPlusX);
        product(c, t, point.twoDt);
        product(e, z, point.twoZ);
        finishAddition();
    }

    void add(EdwardsAffineCached point) {
        difference(a, y, x);
        product(a, a, point.yMinusX);
        Field25519.sum(b, y, x);
        product(b, b, point.yPlusX);
        product(c, t, point.twoDxy);
        Field25519.sum(e, z, z);
        finishAddition();
    }

    boolean isIdentity() {
        return toCoordinates().isIdentity();
    }

    @Override
    public void close() {
        x.setZero();
        y.setZero();
        z.setZero();
        t.setZero();
        a.setZero();
        b.setZero();
        c.setZero();
        e.setZero();
        f.setZero();
        g.setZero();
        h.setZero();
    }

    /// The first half of "dbl-2008-hwcd" with `a = −1`: `E = (X + Y)² − X² − Y²`, `G = Y² − X²`, `F = G − 2Z²`,
    /// `H = −X² − Y²`.
    private void prepareDouble() {
        square(a, x);
        square(b, y);
        square(c, z);
        Field25519.sum(e, x, y);
        square(e, e);
        Field25519.sum(h, a, b);
        difference(e, e, h);
        h.negateIf(-1);
        difference(g, b, a);
        difference(f, g, c);
        difference(f, f, c);
    }

    /// With `A`, `B`, `C` of "add-2008-hwcd-3" in place and its `D` in `e`.
    private void finishAddition() {
        difference(f, e, c);
        Field25519.sum(g, e, c);
        difference(e, b, a);
        Field25519.sum(h, b, a);
        finish();
    }

    private void finish() {
        product(x, e, f);
        product(y, g, h);
        product(z, f, g);
        product(t, e, h);
    }
}
