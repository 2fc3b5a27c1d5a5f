package org.keymoot.crypto.group;

import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// A point of a [CurveGroup]. The affine form, which costs an inversion, is computed when first asked for and kept.
final class CurvePoint implements WeierstrassPoint {
    private final CurveGroup group;
    private final ProjectivePoint coordinates;
    private @Nullable Affine affine;

    /// Takes over `coordinates`, which are on the curve and not written again.
    CurvePoint(CurveGroup group, ProjectivePoint coordinates) {
        this.group = group;
        this.coordinates = coordinates;
    }

    CurvePoint(CurveGroup group, ProjectivePoint coordinates, Affine affine) {
        this(group, coordinates);
        this.affine = affine;
    }

    /// The coordinates, for reading.
    ProjectivePoint coordinates() {
        return coordinates;
    }

    @Override
    public CurveGroup group() {
        return group;
    }

    @Override
    public CurvePoint add(Point other) {
        ProjectivePoint sum = new ProjectivePoint();
        group.add(sum, coordinates, group.require(other).coordinates, new Workspace());
        return new CurvePoint(group, sum);
    }

    @Override
    public CurvePoint subtract(Point other) {
        return add(group.require(other).negate());
    }

    @Override
    public CurvePoint negate() {
        ProjectivePoint negated = new ProjectivePoint();
        negated.set(coordinates);
        negated.y.negate(coordinates.y);
        group.field().carry(negated.y);
        return new CurvePoint(group, negated);
    }

    @Override
    public boolean isIdentity() {
        return group.field().isZero(coordinates.z);
    }

    @Override
    public byte[] encode() {
        Affine form = affine();
        byte[] encoded = new byte[1 + PrimeField.BYTES];
        encoded[0] = (byte) (form.yIsOdd() ? 3 : 2);
        System.arraycopy(form.x, 0, encoded, 1, PrimeField.BYTES);
        return encoded;
    }

    @Override
    public byte[] encodeUncompressed() {
        Affine form = affine();
        byte[] encoded = new byte[1 + 2 * PrimeField.BYTES];
        encoded[0] = 4;
        System.arraycopy(form.x, 0, encoded, 1, PrimeField.BYTES);
        System.arraycopy(form.y, 0, encoded, 1 + PrimeField.BYTES, PrimeField.BYTES);
        return encoded;
    }

    @Override
    public byte[] x() {
        return affine().x.clone();
    }

    @Override
    public boolean yIsOdd() {
        return affine().yIsOdd();
    }

    boolean hasAffine() {
        return affine != null;
    }

    /// Computes and keeps the affine form from the inverse of Z.
    void normalise(FieldElement inverseOfZ) {
        PrimeField field = group.field();
        FieldElement t = new FieldElement();
        field.multiply(t, coordinates.x, inverseOfZ);
        byte[] x = field.encode(t);
        field.multiply(t, coordinates.y, inverseOfZ);
        affine = new Affine(x, field.encode(t));
    }

    private Affine affine() {
        Affine known = affine;
        if (known != null) {
            return known;
        }
        if (isIdentity()) {
            throw new IllegalStateException("the identity of " + group.id() + " has no affine coordinates");
        }
        FieldElement inverse = new FieldElement();
        group.field().invert(inverse, coordinates.z);
        normalise(inverse);
        return affine();
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof CurvePoint that) || that.group != group) {
            return false;
        }
        return group.sameRatio(coordinates.x, coordinates.z, that.coordinates.x, that.coordinates.z)
                && group.sameRatio(coordinates.y, coordinates.z, that.coordinates.y, that.coordinates.z)
                && isIdentity() == that.isIdentity();
    }

    @Override
    public int hashCode() {
        return isIdentity() ? 0 : Arrays.hashCode(affine().x);
    }

    @Override
    public String toString() {
        return group.id() + " " + (isIdentity() ? "identity" : HexFormat.of().formatHex(encode()));
    }

    /// Canonical big-endian coordinates; immutable by convention of this file.
    static final class Affine {
        private final byte[] x;
        private final byte[] y;

        Affine(byte[] x, byte[] y) {
            this.x = x;
            this.y = y;
        }

        private boolean yIsOdd() {
            return (y[PrimeField.BYTES - 1] & 1) == 1;
        }
    }
}
