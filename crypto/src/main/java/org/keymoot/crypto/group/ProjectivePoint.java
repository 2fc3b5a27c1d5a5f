package org.keymoot.crypto.group;

/// Homogeneous coordinates (X : Y : Z) of the affine point (X/Z, Y/Z); the identity is (0 : 1 : 0). Mutable, so that a
/// computation can erase it.
final class ProjectivePoint {
    static final int LIMBS = 3 * FieldElement.LIMBS;

    final FieldElement x = new FieldElement();
    final FieldElement y = new FieldElement();
    final FieldElement z = new FieldElement();

    void set(ProjectivePoint a) {
        x.set(a.x);
        y.set(a.y);
        z.set(a.z);
    }

    /// Reads the entry `index` of a table of `count` points by reading all of them.
    void select(long[] table, int count, int index) {
        x.select(table, 0, LIMBS, count, index);
        y.select(table, FieldElement.LIMBS, LIMBS, count, index);
        z.select(table, 2 * FieldElement.LIMBS, LIMBS, count, index);
    }

    void load(long[] table, int index) {
        x.load(table, index * LIMBS);
        y.load(table, index * LIMBS + FieldElement.LIMBS);
        z.load(table, index * LIMBS + 2 * FieldElement.LIMBS);
    }

    void store(long[] table, int index) {
        x.store(table, index * LIMBS);
        y.store(table, index * LIMBS + FieldElement.LIMBS);
        z.store(table, index * LIMBS + 2 * FieldElement.LIMBS);
    }

    void erase() {
        x.setZero();
        y.setZero();
        z.setZero();
    }
}
