package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.List;

/// secp256k1 (SEC 2): y² = x³ + 7, with the complete formulas of Renes, Costello and Batina for a = 0
/// (algorithms 7, 8 and 9 of "Complete addition formulas for prime order elliptic curves").
final class Secp256k1Group extends CurveGroup {
    private static final Secp256k1Field FIELD = Secp256k1Field.INSTANCE;

    private static final FieldElement[] X_NUMERATOR = coefficients(
            "8e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38daaaaa8c7",
            "07d3d4c80bc321d5b9f315cea7fd44c5d595d2fc0bf63b92dfff1044f17c6581",
            "534c328d23f234e6e2a413deca25caece4506144037c40314ecbd0b53d9dd262",
            "8e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38e38daaaaa88c");
    private static final FieldElement[] X_DENOMINATOR = coefficients(
            "d35771193d94918a9ca34ccbb7b640dd86cd409542f8487d9fe6b745781eb49b",
            "edadc6f64383dc1df7c4b2d51b54225406d36b641f5e41bbc52a56612a8c6d14",
            "1");
    private static final FieldElement[] Y_NUMERATOR = coefficients(
            "4bda12f684bda12f684bda12f684bda12f684bda12f684bda12f684b8e38e23c",
            "c75e0c32d5cb7c0fa9d0a54b12a0a6d5647ab046d686da6fdffc90fc201d71a3",
            "29a6194691f91a73715209ef6512e576722830a201be2018a765e85a9ecee931",
            "2f684bda12f684bda12f684bda12f684bda12f684bda12f684bda12f38e38d84");
    private static final FieldElement[] Y_DENOMINATOR = coefficients(
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffff93b",
            "7a06534bb8bdb49fd5e9e6632722c2989467c1bfc8e8d978dfb425d2685c2573",
            "6484aa716545ca2cf3a70c3fa8fe337e0a3d21162f0d6299a7bf8192bfd2a76f",
            "1");

    /// Windows of a half scalar, which has 129 bits after 2^128 was added.
    private static final int HALF_WINDOWS = 26;

    private static final FieldElement BETA = FIELD.element(new BigInteger(Secp256k1Endomorphism.BETA, 16));

    static final Secp256k1Group INSTANCE = new Secp256k1Group();

    private final SimplifiedSwu map = new SimplifiedSwu(
            FIELD,
            new BigInteger("3f8731abdd661adca08a5558f0f5d272e953d363cb6f0e5d405447c01a444533", 16),
            BigInteger.valueOf(1771),
            -11);

    private final Secp256k1Endomorphism endomorphism = new Secp256k1Endomorphism();
    private final SignedDigits halves = new SignedDigits(
            scalars(),
            BigInteger.ONE
                    .shiftLeft(HALF_WINDOWS * WINDOW_BITS)
                    .subtract(BigInteger.ONE.shiftLeft(129))
                    .subtract(BigInteger.ONE)
                    .multiply(BigInteger.ONE.add(endomorphism.lambda())));
    private final MemorySegment twoTo128 =
            scalars().of(BigInteger.ONE.shiftLeft(128)).slot();

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
        Secp256k1Field f = FIELD;
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
        Secp256k1Field f = FIELD;
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
        Secp256k1Field f = FIELD;
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
        Secp256k1Field f = FIELD;
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

    /// With `s = (k + c)/2 = s₁ + λ·s₂`, the digits ±1 of `e₁ = s₁ + 2^128` and `e₂ = s₂ + 2^128` add up to `k` if
    /// `c = (2^130 - 2^129 - 1)(1 + λ)`: both halves share the doublings.
    @Override
    void multiply(ProjectivePoint r, ProjectivePoint p, MemorySegment k, Workspace w) {
        long[] table = oddMultiples(p, TABLE_SIZE, w);
        MemorySegment memory = scalars().scratch(2 * SignedDigits.BYTES + Secp256k1Endomorphism.SCRATCH_BYTES);
        MemorySegment e1 = memory.asSlice(0, SignedDigits.BYTES);
        MemorySegment e2 = memory.asSlice(SignedDigits.BYTES, SignedDigits.BYTES);
        try {
            halves.recode(e1, k);
            endomorphism.split(e1, e2, e1, memory.asSlice(2 * SignedDigits.BYTES));
            scalars().add(e1, e1, twoTo128);
            scalars().add(e2, e2, twoTo128);
            r.set(identity().coordinates());
            for (int i = HALF_WINDOWS - 1; i >= 0; i--) {
                twice(r, r, WINDOW_BITS, w);
                select(w.selected, table, e1, i);
                add(r, r, w.selected, w);
                select(w.selected, table, e2, i);
                FIELD.multiply(w.selected.x, w.selected.x, BETA);
                add(r, r, w.selected, w);
            }
        } finally {
            memory.fill((byte) 0);
        }
    }

    @Override
    void addTerms(List<PublicTerm> terms, PublicScalar factor, long[] multiples, int width) {
        MemorySegment memory = scalars().scratch(2 * PrimeOrderField.BYTES + Secp256k1Endomorphism.SCRATCH_BYTES);
        MemorySegment first = memory.asSlice(0, PrimeOrderField.BYTES);
        MemorySegment second = memory.asSlice(PrimeOrderField.BYTES, PrimeOrderField.BYTES);
        endomorphism.split(first, second, factor.slot(), memory.asSlice(2 * PrimeOrderField.BYTES));
        terms.add(signedTerm(scalars().toBigInteger(first), multiples, width));
        long[] images = multiples.clone();
        FieldElement x = new FieldElement();
        for (int i = 0; i < images.length; i += ProjectivePoint.LIMBS) {
            x.load(images, i);
            FIELD.multiply(x, x, BETA);
            x.store(images, i);
        }
        terms.add(signedTerm(scalars().toBigInteger(second), images, width));
    }

    /// A half scalar is the residue of a short number, positive or negative.
    private PublicTerm signedTerm(BigInteger residue, long[] multiples, int width) {
        BigInteger negated = scalars().order().subtract(residue);
        boolean negative = negated.bitLength() < residue.bitLength();
        return new PublicTerm(negative ? negated : residue, negative, multiples, width);
    }

    @Override
    void cubic(FieldElement r, FieldElement x) {
        FieldElement t = new FieldElement();
        FIELD.square(t, x);
        FIELD.multiply(r, t, x);
    }

    @Override
    SimplifiedSwu map() {
        return map;
    }

    /// The 3-isogeny of RFC 9380 appendix E.1, without its divisions.
    @Override
    void toCurve(ProjectivePoint r, FieldElement x, FieldElement y) {
        FieldElement xNumerator = polynomial(X_NUMERATOR, x);
        FieldElement xDenominator = polynomial(X_DENOMINATOR, x);
        FieldElement yNumerator = polynomial(Y_NUMERATOR, x);
        FieldElement yDenominator = polynomial(Y_DENOMINATOR, x);
        FIELD.multiply(yNumerator, yNumerator, y);
        FIELD.multiply(r.x, xNumerator, yDenominator);
        FIELD.multiply(r.y, yNumerator, xDenominator);
        FIELD.multiply(r.z, xDenominator, yDenominator);
        // A point of the kernel maps to the identity.
        r.y.setIf(FIELD.isZeroMask(r.z), one());
    }

    private static FieldElement polynomial(FieldElement[] coefficients, FieldElement x) {
        FieldElement r = new FieldElement(coefficients[coefficients.length - 1]);
        for (int i = coefficients.length - 2; i >= 0; i--) {
            FIELD.multiply(r, r, x);
            r.add(r, coefficients[i]);
        }
        FIELD.carry(r);
        return r;
    }

    /// Coefficients from the constant term up.
    private static FieldElement[] coefficients(String... hex) {
        FieldElement[] coefficients = new FieldElement[hex.length];
        for (int i = 0; i < hex.length; i++) {
            coefficients[i] = FIELD.element(new BigInteger(hex[i], 16));
        }
        return coefficients;
    }
}
