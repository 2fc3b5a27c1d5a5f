package org.keymoot.crypto.group;

/// The registers of one point computation, erased when it closes.
final class Workspace implements AutoCloseable {
    final FieldElement t0 = new FieldElement();
    final FieldElement t1 = new FieldElement();
    final FieldElement t2 = new FieldElement();
    final FieldElement t3 = new FieldElement();
    final FieldElement t4 = new FieldElement();
    final FieldElement x3 = new FieldElement();
    final FieldElement y3 = new FieldElement();
    final FieldElement z3 = new FieldElement();
    final ProjectivePoint accumulator = new ProjectivePoint();
    final ProjectivePoint selected = new ProjectivePoint();

    @Override
    public void close() {
        t0.setZero();
        t1.setZero();
        t2.setZero();
        t3.setZero();
        t4.setZero();
        x3.setZero();
        y3.setZero();
        z3.setZero();
        accumulator.erase();
        selected.erase();
    }
}
