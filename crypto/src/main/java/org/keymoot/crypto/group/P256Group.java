package org.keymoot.crypto.group;

import java.math.BigInteger;

/// P-256 (FIPS 186-5): y² = x³ - 3x + b, with the complete formulas of Renes, Costello and Batina for a = -3
/// (algorithms 4, 5 and 6 of "Complete addition formulas for prime order elliptic curves").
final class P256Group extends CurveGroup {
    private static final P256Field FIELD = P256Field.INSTANCE;

    static final P256Group INSTANCE = new P256Group();

    private static final String B = "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b";

    private final SimplifiedSwu map =
            new SimplifiedSwu(P256Field.INSTANCE, BigInteger.valueOf(-3), new BigInteger(B, 16), -10);

    private P256Group() {
        super(
                GroupId.P256,
                P256Field.INSTANCE,
                B,
                "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
                "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
    }

    @Override
    void add(ProjectivePoint r, ProjectivePoint a, ProjectivePoint b, Workspace w) {
        P256Field f = FIELD;
        f.multiply(w.t0, a.x, b.x);
        f.multiply(w.t1, a.y, b.y);
        f.multiply(w.t2, a.z, b.z);
        // t3 = X1·Y2 + X2·Y1, t4 = Y1·Z2 + Y2·Z1, y3 = X1·Z2 + X2·Z1
        w.x3.add(a.x, a.y);
        w.y3.add(b.x, b.y);
        f.multiply(w.t3, w.x3, w.y3);
        w.t3.subtract(w.t3, w.t0);
        w.t3.subtract(w.t3, w.t1);
        w.x3.add(a.y, a.z);
        w.y3.add(b.y, b.z);
        f.multiply(w.t4, w.x3, w.y3);
        w.t4.subtract(w.t4, w.t1);
        w.t4.subtract(w.t4, w.t2);
        w.x3.add(a.x, a.z);
        w.y3.add(b.x, b.z);
        f.multiply(w.y3, w.x3, w.y3);
        w.y3.subtract(w.y3, w.t0);
        w.y3.subtract(w.y3, w.t2);
        finish(r, w);
    }

    @Override
    void addAffine(ProjectivePoint r, ProjectivePoint a, FieldElement x, FieldElement y, Workspace w) {
        P256Field f = FIELD;
        f.multiply(w.t0, a.x, x);
        f.multiply(w.t1, a.y, y);
        w.t2.set(a.z);
        w.x3.add(a.x, a.y);
        w.y3.add(x, y);
        f.multiply(w.t3, w.x3, w.y3);
        w.t3.subtract(w.t3, w.t0);
        w.t3.subtract(w.t3, w.t1);
        f.multiply(w.t4, y, a.z);
        w.t4.add(w.t4, a.y);
        f.multiply(w.y3, x, a.z);
        w.y3.add(w.y3, a.x);
        finish(r, w);
    }

    /// From `t0 = X1·X2`, `t1 = Y1·Y2`, `t2 = Z1·Z2` and the three mixed sums to the result.
    private void finish(ProjectivePoint r, Workspace w) {
        P256Field f = FIELD;
        FieldElement b = b();
        f.multiply(w.z3, b, w.t2);
        w.x3.subtract(w.y3, w.z3);
        w.x3.triple(w.x3);
        w.z3.subtract(w.t1, w.x3);
        w.x3.add(w.t1, w.x3);
        f.multiply(w.y3, b, w.y3);
        w.t2.triple(w.t2);
        w.y3.subtract(w.y3, w.t2);
        w.y3.subtract(w.y3, w.t0);
        w.y3.triple(w.y3);
        w.t0.triple(w.t0);
        w.t0.subtract(w.t0, w.t2);
        f.multiply(w.t1, w.t4, w.y3);
        f.multiply(w.t2, w.t0, w.y3);
        f.multiply(w.y3, w.x3, w.z3);
        r.y.add(w.y3, w.t2);
        f.carry(r.y);
        f.multiply(w.x3, w.t3, w.x3);
        r.x.subtract(w.x3, w.t1);
        f.carry(r.x);
        f.multiply(w.z3, w.t4, w.z3);
        f.multiply(w.t1, w.t3, w.t0);
        r.z.add(w.z3, w.t1);
        f.carry(r.z);
    }

    @Override
    void twice(ProjectivePoint r, ProjectivePoint a, Workspace w) {
        P256Field f = FIELD;
        FieldElement b = b();
        f.square(w.t0, a.x);
        f.square(w.t1, a.y);
        f.square(w.t2, a.z);
        f.multiply(w.t3, a.x, a.y);
        w.t3.add(w.t3, w.t3);
        f.multiply(w.z3, a.x, a.z);
        w.z3.add(w.z3, w.z3);
        f.multiply(w.t4, a.y, a.z);
        w.t4.add(w.t4, w.t4);
        f.multiply(w.y3, b, w.t2);
        w.y3.subtract(w.y3, w.z3);
        w.y3.triple(w.y3);
        w.x3.subtract(w.t1, w.y3);
        w.y3.add(w.t1, w.y3);
        f.multiply(w.y3, w.x3, w.y3);
        f.multiply(w.x3, w.x3, w.t3);
        w.t2.triple(w.t2);
        f.multiply(w.z3, b, w.z3);
        w.z3.subtract(w.z3, w.t2);
        w.z3.subtract(w.z3, w.t0);
        w.z3.triple(w.z3);
        w.t0.triple(w.t0);
        w.t0.subtract(w.t0, w.t2);
        f.multiply(w.t0, w.t0, w.z3);
        r.y.add(w.y3, w.t0);
        f.carry(r.y);
        f.multiply(w.z3, w.t4, w.z3);
        r.x.subtract(w.x3, w.z3);
        f.carry(r.x);
        f.multiply(w.z3, w.t4, w.t1);
        w.z3.add(w.z3, w.z3);
        r.z.add(w.z3, w.z3);
        f.carry(r.z);
    }

    /// Doubles in Jacobian coordinates, which are cheaper for a run; there a doubling has no exceptional case either,
    /// but the identity loses its Y, which is restored.
    @Override
    void twice(ProjectivePoint r, ProjectivePoint a, int count, Workspace w) {
        P256Field f = FIELD;
        FieldElement x = w.x3;
        FieldElement y = w.y3;
        FieldElement z = w.z3;
        f.square(w.t0, a.z);
        f.multiply(x, a.x, a.z);
        f.multiply(y, a.y, w.t0);
        z.set(a.z);
        for (int i = 0; i < count; i++) {
            f.square(w.t0, z);
            f.square(w.t1, y);
            f.multiply(w.t2, x, w.t1);
            w.t3.subtract(x, w.t0);
            w.t4.add(x, w.t0);
            f.multiply(w.t3, w.t3, w.t4);
            w.t3.triple(w.t3);
            z.add(y, z);
            f.square(z, z);
            z.subtract(z, w.t1);
            z.subtract(z, w.t0);
            w.t2.add(w.t2, w.t2);
            w.t2.add(w.t2, w.t2);
            f.square(x, w.t3);
            x.subtract(x, w.t2);
            x.subtract(x, w.t2);
            f.carry(x);
            w.t2.subtract(w.t2, x);
            f.multiply(y, w.t3, w.t2);
            w.t1.add(w.t1, w.t1);
            f.square(w.t1, w.t1);
            w.t1.add(w.t1, w.t1);
            y.subtract(y, w.t1);
        }
        f.square(w.t0, z);
        f.multiply(r.x, x, z);
        r.y.set(y);
        r.y.setIf(f.isZeroMask(z), identity().coordinates().y);
        f.multiply(r.z, w.t0, z);
    }

    @Override
    void cubic(FieldElement r, FieldElement x) {
        P256Field f = FIELD;
        FieldElement t = new FieldElement();
        f.square(t, x);
        f.multiply(t, t, x);
        r.triple(x);
        r.subtract(t, r);
    }

    @Override
    SimplifiedSwu map() {
        return map;
    }

    @Override
    void toCurve(ProjectivePoint r, FieldElement x, FieldElement y) {
        r.x.set(x);
        r.y.set(y);
        r.z.set(one());
    }
}
