package org.keymoot.crypto.group;

/// secp256k1 (SEC 2): y² = x³ + 7, with the complete formulas of Renes, Costello and Batina for a = 0
/// (algorithms 7, 8 and 9 of "Complete addition formulas for prime order elliptic curves").
final class Secp256k1Group extends CurveGroup {
    static final Secp256k1Group INSTANCE = new Secp256k1Group();

    private static final Secp256k1Field FIELD = Secp256k1Field.INSTANCE;

    private Secp256k1Group() {
        super(
                GroupId.SECP256K1,
                Secp256k1Field.INSTANCE,
                "7",
                "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
                "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");
    }

    @Override
    void add(ProjectivePoint r, ProjectivePoint a, ProjectivePoint b, Workspace w) {
        Secp256k1Field f = Secp256k1Field.INSTANCE;
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
        f.multiplyBy21(w.t2, w.t2);
        finish(r, w);
    }

    @Override
    void addAffine(ProjectivePoint r, ProjectivePoint a, FieldElement x, FieldElement y, Workspace w) {
        Secp256k1Field f = Secp256k1Field.INSTANCE;
        f.multiply(w.t0, a.x, x);
        f.multiply(w.t1, a.y, y);
        w.x3.add(a.x, a.y);
        w.y3.add(x, y);
        f.multiply(w.t3, w.x3, w.y3);
        w.t3.subtract(w.t3, w.t0);
        w.t3.subtract(w.t3, w.t1);
        f.multiply(w.t4, y, a.z);
        w.t4.add(w.t4, a.y);
        f.multiply(w.y3, x, a.z);
        w.y3.add(w.y3, a.x);
        f.multiplyBy21(w.t2, a.z);
        finish(r, w);
    }

    /// From `t0 = X1·X2`, `t1 = Y1·Y2`, `t2 = 3b·Z1·Z2` and the three mixed sums to the result.
    private static void finish(ProjectivePoint r, Workspace w) {
        Secp256k1Field f = Secp256k1Field.INSTANCE;
        w.t0.triple(w.t0);
        w.z3.add(w.t1, w.t2);
        w.t1.subtract(w.t1, w.t2);
        f.multiplyBy21(w.y3, w.y3);
        f.multiply(w.x3, w.t4, w.y3);
        f.multiply(w.t2, w.t3, w.t1);
        r.x.subtract(w.t2, w.x3);
        f.carry(r.x);
        f.multiply(w.y3, w.y3, w.t0);
        f.multiply(w.t1, w.t1, w.z3);
        r.y.add(w.t1, w.y3);
        f.carry(r.y);
        f.multiply(w.t0, w.t0, w.t3);
        f.multiply(w.z3, w.z3, w.t4);
        r.z.add(w.z3, w.t0);
        f.carry(r.z);
    }

    @Override
    void twice(ProjectivePoint r, ProjectivePoint a, Workspace w) {
        Secp256k1Field f = Secp256k1Field.INSTANCE;
        f.square(w.t0, a.y);
        w.z3.add(w.t0, w.t0);
        w.z3.add(w.z3, w.z3);
        w.z3.add(w.z3, w.z3);
        f.multiply(w.t1, a.y, a.z);
        f.square(w.t2, a.z);
        f.multiplyBy21(w.t2, w.t2);
        f.multiply(w.x3, w.t2, w.z3);
        w.y3.add(w.t0, w.t2);
        f.multiply(w.t4, a.x, a.y);
        f.multiply(r.z, w.t1, w.z3);
        w.t1.triple(w.t2);
        w.t0.subtract(w.t0, w.t1);
        f.multiply(w.y3, w.t0, w.y3);
        r.y.add(w.x3, w.y3);
        f.carry(r.y);
        f.multiply(w.x3, w.t0, w.t4);
        r.x.add(w.x3, w.x3);
    }

    @Override
    void cubic(FieldElement r, FieldElement x) {
        FieldElement t = new FieldElement();
        FIELD.square(t, x);
        FIELD.multiply(r, t, x);
    }

    @Override
    public CurvePoint hashToGroup(byte[] message, byte[] dst) {
        throw new UnsupportedOperationException("follows");
    }
}
