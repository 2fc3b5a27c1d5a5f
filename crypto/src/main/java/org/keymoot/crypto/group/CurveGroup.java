package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// What secp256k1 and P-256 share: encodings, the table of the generator, windows and sums of products. The curves add
/// their complete addition formulas.
///
/// It keeps true: the formulas have no exceptional case, and every secret digit selects by reading a whole table, so
/// that time and addresses depend on no secret.
///
/// Secret scalars are written with digits ±1: `k ≡ Σ (2eⱼ - 1)·2^j` for the bits of `e = (k + 2^n - 1)/2 mod q`, so
/// that a window of `w` bits is an odd number below 2^w in absolute value, and never zero.
abstract class CurveGroup implements WeierstrassGroup {
    static final int WINDOW_BITS = 5;

    /// The number of odd multiples P, 3P, … that a window selects from.
    static final int TABLE_SIZE = 1 << (WINDOW_BITS - 1);

    private static final int BASE_WINDOWS = 52;
    private static final int BASE_ENTRY = 2 * FieldElement.LIMBS;
    private static final int WNAF_BITS = 5;
    private static final int WNAF_TABLE = 1 << (WNAF_BITS - 2);
    private static final int GENERATOR_WNAF_BITS = 8;

    private final GroupId id;
    private final PrimeField field;
    private final PrimeOrderField scalars;
    private final FieldElement one;
    private final FieldElement b;
    private final CurvePoint generator;
    private final CurvePoint identity;
    private final SignedDigits fullLength;
    private final long[] baseTable;
    private final long[] generatorMultiples;

    CurveGroup(GroupId id, PrimeField field, String bHex, String generatorX, String generatorY) {
        this.id = id;
        this.field = field;
        this.scalars = PrimeOrderField.of(id);
        this.one = field.element(BigInteger.ONE);
        this.b = field.element(new BigInteger(bHex, 16));
        ProjectivePoint g = new ProjectivePoint();
        field.set(g.x, new BigInteger(generatorX, 16));
        field.set(g.y, new BigInteger(generatorY, 16));
        g.z.set(one);
        this.generator = new CurvePoint(this, g);
        ProjectivePoint zero = new ProjectivePoint();
        zero.y.set(one);
        this.identity = new CurvePoint(this, zero);
        this.fullLength = new SignedDigits(scalars, BASE_WINDOWS * WINDOW_BITS);
        this.baseTable = buildBaseTable();
        this.generatorMultiples = oddMultiples(g, 1 << (GENERATOR_WNAF_BITS - 2), new Workspace());
    }

    /// `r = a + b`, complete; `r` may be one of the operands.
    abstract void add(ProjectivePoint r, ProjectivePoint a, ProjectivePoint b, Workspace w);

    /// `r = a + (x, y)`, complete in `a`.
    abstract void addAffine(ProjectivePoint r, ProjectivePoint a, FieldElement x, FieldElement y, Workspace w);

    /// `r = 2a`, complete.
    abstract void twice(ProjectivePoint r, ProjectivePoint a, Workspace w);

    /// `r = 2^count·a`, complete.
    void twice(ProjectivePoint r, ProjectivePoint a, int count, Workspace w) {
        twice(r, a, w);
        for (int i = 1; i < count; i++) {
            twice(r, r, w);
        }
    }

    /// The map of the curve's suite in RFC 9380 section 8, onto the curve itself or one isogenous to it.
    abstract SimplifiedSwu map();

    /// From a point on the curve of [#map()] to the group.
    abstract void toCurve(ProjectivePoint r, FieldElement x, FieldElement y);

    /// `r = x³ + ax` of the curve's equation.
    abstract void cubic(FieldElement r, FieldElement x);

    @Override
    public final GroupId id() {
        return id;
    }

    final PrimeField field() {
        return field;
    }

    final FieldElement one() {
        return one;
    }

    final FieldElement b() {
        return b;
    }

    @Override
    public final PrimeOrderField scalars() {
        return scalars;
    }

    @Override
    public final CurvePoint generator() {
        return generator;
    }

    @Override
    public final CurvePoint identity() {
        return identity;
    }

    @Override
    public final int pointLength() {
        return 1 + PrimeField.BYTES;
    }

    @Override
    public final CurvePoint decode(byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != pointLength()) {
            throw new InvalidEncodingException("expected a compressed point of " + id + ", " + pointLength()
                    + " bytes, but found " + encoded.length + " bytes");
        }
        if (encoded[0] != 2 && encoded[0] != 3) {
            throw new InvalidEncodingException(
                    "expected a compressed point to begin with 2 or 3 but found " + (encoded[0] & 0xff));
        }
        ProjectivePoint point = new ProjectivePoint();
        if (!field.decode(point.x, encoded, 1)) {
            throw new InvalidEncodingException("expected a coordinate below the prime of " + id);
        }
        FieldElement square = new FieldElement();
        rightHandSide(square, point.x);
        field.squareRootCandidate(point.y, square);
        FieldElement check = new FieldElement();
        field.square(check, point.y);
        if (!field.areEqual(check, square)) {
            throw new InvalidEncodingException("expected a point on the curve of " + id);
        }
        point.y.negateIf(field.isOddMask(point.y) ^ -(encoded[0] & 1L));
        field.carry(point.y);
        point.z.set(one);
        return new CurvePoint(this, point);
    }

    @Override
    public final CurvePoint decodeUncompressed(byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != 1 + 2 * PrimeField.BYTES || encoded[0] != 4) {
            throw new InvalidEncodingException("expected an uncompressed point of " + id
                    + ", 65 bytes that begin with 4, but found " + encoded.length + " bytes");
        }
        ProjectivePoint point = new ProjectivePoint();
        if (!field.decode(point.x, encoded, 1) || !field.decode(point.y, encoded, 1 + PrimeField.BYTES)) {
            throw new InvalidEncodingException("expected coordinates below the prime of " + id);
        }
        FieldElement right = new FieldElement();
        FieldElement left = new FieldElement();
        rightHandSide(right, point.x);
        field.square(left, point.y);
        if (!field.areEqual(left, right)) {
            throw new InvalidEncodingException("expected a point on the curve of " + id);
        }
        point.z.set(one);
        return new CurvePoint(this, point);
    }

    /// `r = x³ + ax + b`.
    final void rightHandSide(FieldElement r, FieldElement x) {
        cubic(r, x);
        r.add(r, b);
        field.carry(r);
    }

    @Override
    public final CurvePoint multiplyBase(SecretScalar k) {
        return multiplyBase(scalars.require(k).slot());
    }

    @Override
    public final CurvePoint multiplyBase(Scalar k) {
        return multiplyBase(scalars.require(k).slot());
    }

    private CurvePoint multiplyBase(MemorySegment k) {
        ProjectivePoint sum = new ProjectivePoint();
        sum.set(identity.coordinates());
        MemorySegment digits = scalars.scratch(SignedDigits.BYTES);
        try (Workspace w = new Workspace()) {
            fullLength.recode(digits, k);
            FieldElement x = w.selected.x;
            FieldElement y = w.selected.y;
            for (int i = 0; i < BASE_WINDOWS; i++) {
                int window = SignedDigits.window(digits, i * WINDOW_BITS, WINDOW_BITS);
                int index = SignedDigits.index(window, WINDOW_BITS);
                int start = i * TABLE_SIZE * BASE_ENTRY;
                x.select(baseTable, start, BASE_ENTRY, TABLE_SIZE, index);
                y.select(baseTable, start + FieldElement.LIMBS, BASE_ENTRY, TABLE_SIZE, index);
                y.negateIf(SignedDigits.negativeMask(window, WINDOW_BITS));
                addAffine(sum, sum, x, y, w);
            }
        } finally {
            digits.fill((byte) 0);
        }
        return new CurvePoint(this, sum);
    }

    @Override
    public final CurvePoint multiply(Point point, SecretScalar k) {
        CurvePoint p = require(point);
        ProjectivePoint product = new ProjectivePoint();
        try (Workspace w = new Workspace()) {
            multiply(product, p.coordinates(), scalars.require(k).slot(), w);
        }
        return new CurvePoint(this, product);
    }

    /// `r = k·p` in constant time in `k`.
    void multiply(ProjectivePoint r, ProjectivePoint p, MemorySegment k, Workspace w) {
        long[] table = oddMultiples(p, TABLE_SIZE, w);
        MemorySegment digits = scalars.scratch(SignedDigits.BYTES);
        try {
            fullLength.recode(digits, k);
            r.set(identity.coordinates());
            for (int i = BASE_WINDOWS - 1; i >= 0; i--) {
                twice(r, r, WINDOW_BITS, w);
                select(w.selected, table, digits, i);
                add(r, r, w.selected, w);
            }
        } finally {
            digits.fill((byte) 0);
        }
    }

    /// Takes the multiple that window `i` of the recoded scalar names, reading the whole table.
    static void select(ProjectivePoint r, long[] table, MemorySegment digits, int i) {
        int window = SignedDigits.window(digits, i * WINDOW_BITS, WINDOW_BITS);
        r.select(table, TABLE_SIZE, SignedDigits.index(window, WINDOW_BITS));
        r.y.negateIf(SignedDigits.negativeMask(window, WINDOW_BITS));
    }

    /// P, 3P, 5P, …
    final long[] oddMultiples(ProjectivePoint p, int count, Workspace w) {
        long[] table = new long[count * ProjectivePoint.LIMBS];
        ProjectivePoint doubled = new ProjectivePoint();
        ProjectivePoint multiple = new ProjectivePoint();
        twice(doubled, p, w);
        multiple.set(p);
        multiple.store(table, 0);
        for (int i = 1; i < count; i++) {
            add(multiple, multiple, doubled, w);
            multiple.store(table, i);
        }
        return table;
    }

    @Override
    public final CurvePoint multiply(Point point, Scalar k) {
        return sumOfProducts(List.of(k), List.of(point));
    }

    @Override
    public final CurvePoint sumOfProducts(List<Scalar> factors, List<? extends Point> points) {
        if (factors.size() != points.size()) {
            throw new IllegalArgumentException(
                    "expected as many scalars as points but found " + factors.size() + " and " + points.size());
        }
        Workspace w = new Workspace();
        List<PublicTerm> terms = new ArrayList<>();
        for (int i = 0; i < factors.size(); i++) {
            PublicScalar factor = scalars.require(factors.get(i));
            CurvePoint point = require(points.get(i));
            if (point == generator) {
                addTerms(terms, factor, generatorMultiples, GENERATOR_WNAF_BITS);
            } else {
                addTerms(terms, factor, oddMultiples(point.coordinates(), WNAF_TABLE, w), WNAF_BITS);
            }
        }
        int length = terms.stream().mapToInt(PublicTerm::length).max().orElse(0);
        ProjectivePoint sum = new ProjectivePoint();
        sum.set(identity.coordinates());
        int doublings = 0;
        for (int bit = length - 1; bit >= 0; bit--) {
            doublings++;
            for (PublicTerm term : terms) {
                if (term.load(w.selected, bit)) {
                    if (doublings > 0) {
                        twice(sum, sum, doublings, w);
                        doublings = 0;
                    }
                    add(sum, sum, w.selected, w);
                }
            }
        }
        if (doublings > 0) {
            twice(sum, sum, doublings, w);
        }
        return new CurvePoint(this, sum);
    }

    /// Adds the products that make up `factor` times the point whose odd multiples are given.
    void addTerms(List<PublicTerm> terms, PublicScalar factor, long[] multiples, int width) {
        terms.add(new PublicTerm(factor.toBigInteger(), false, multiples, width));
    }

    @Override
    public final List<byte[]> encodeAll(List<? extends Point> points) {
        List<CurvePoint> ours = points.stream().map(this::require).toList();
        normaliseAll(ours.stream()
                .filter(point -> !point.hasAffine() && !point.isIdentity())
                .toList());
        return ours.stream().map(CurvePoint::encode).toList();
    }

    @Override
    public final CurvePoint hashToGroup(byte[] message, byte[] dst) {
        FieldElement[] u = map().hashToField(message, dst, 2);
        ProjectivePoint sum = new ProjectivePoint();
        try (Workspace w = new Workspace()) {
            mapToCurve(sum, u[0], w);
            mapToCurve(w.selected, u[1], w);
            add(sum, sum, w.selected, w);
        }
        return new CurvePoint(this, sum);
    }

    @Override
    public final CurvePoint encodeToGroup(byte[] message, byte[] dst) {
        ProjectivePoint point = new ProjectivePoint();
        try (Workspace w = new Workspace()) {
            mapToCurve(point, map().hashToField(message, dst, 1)[0], w);
        }
        return new CurvePoint(this, point);
    }

    private void mapToCurve(ProjectivePoint r, FieldElement u, Workspace w) {
        map().map(w.x3, w.y3, u);
        toCurve(r, w.x3, w.y3);
        u.setZero();
    }

    /// Montgomery's trick: one inversion and three multiplications a point.
    private void normaliseAll(List<CurvePoint> points) {
        if (points.isEmpty()) {
            return;
        }
        FieldElement[] products = new FieldElement[points.size()];
        FieldElement running = new FieldElement(one);
        for (int i = 0; i < products.length; i++) {
            products[i] = new FieldElement(running);
            field.multiply(running, running, points.get(i).coordinates().z);
        }
        field.invert(running, running);
        FieldElement inverse = new FieldElement();
        for (int i = products.length - 1; i >= 0; i--) {
            field.multiply(inverse, running, products[i]);
            field.multiply(running, running, points.get(i).coordinates().z);
            points.get(i).normalise(inverse);
        }
    }

    /// Tells whether a/b = c/d.
    final boolean sameRatio(FieldElement a, FieldElement b, FieldElement c, FieldElement d) {
        FieldElement left = new FieldElement();
        FieldElement right = new FieldElement();
        field.multiply(left, a, d);
        field.multiply(right, c, b);
        return field.areEqual(left, right);
    }

    final CurvePoint require(Point point) {
        Objects.requireNonNull(point);
        if (!(point instanceof CurvePoint ours) || ours.group() != this) {
            throw new IllegalArgumentException("expected a point of " + id + " but found one of "
                    + point.group().id());
        }
        return ours;
    }

    /// For each window the odd multiples G, 3G, … times its weight, affine.
    private long[] buildBaseTable() {
        Workspace w = new Workspace();
        ProjectivePoint weight = new ProjectivePoint();
        weight.set(generator.coordinates());
        int entries = BASE_WINDOWS * TABLE_SIZE;
        ProjectivePoint[] points = new ProjectivePoint[entries];
        for (int i = 0; i < BASE_WINDOWS; i++) {
            long[] multiples = oddMultiples(weight, TABLE_SIZE, w);
            for (int j = 0; j < TABLE_SIZE; j++) {
                ProjectivePoint point = new ProjectivePoint();
                point.load(multiples, j);
                points[i * TABLE_SIZE + j] = point;
            }
            twice(weight, weight, WINDOW_BITS, w);
        }
        FieldElement[] products = new FieldElement[entries];
        FieldElement running = new FieldElement(one);
        for (int i = 0; i < entries; i++) {
            products[i] = new FieldElement(running);
            field.multiply(running, running, points[i].z);
        }
        field.invert(running, running);
        FieldElement inverse = new FieldElement();
        FieldElement coordinate = new FieldElement();
        long[] table = new long[entries * BASE_ENTRY];
        for (int i = entries - 1; i >= 0; i--) {
            field.multiply(inverse, running, products[i]);
            field.multiply(running, running, points[i].z);
            field.multiply(coordinate, points[i].x, inverse);
            coordinate.store(table, i * BASE_ENTRY);
            field.multiply(coordinate, points[i].y, inverse);
            coordinate.store(table, i * BASE_ENTRY + FieldElement.LIMBS);
        }
        return table;
    }

    @Override
    public final String toString() {
        return id.toString();
    }
}
