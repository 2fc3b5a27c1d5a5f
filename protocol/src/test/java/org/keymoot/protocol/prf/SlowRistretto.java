package org.keymoot.protocol.prf;

import java.math.BigInteger;

/// Ristretto255 in `BigInteger`, written from RFC 9496 with no thought of speed or secrecy and sharing no
/// code with the project: the oracle of its tests.
final class SlowRistretto {
    static final BigInteger ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    private static final BigInteger ONE = BigInteger.ONE;
    private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger D = BigInteger.valueOf(-121665)
            .multiply(BigInteger.valueOf(121666).modInverse(P))
            .mod(P);
    private static final BigInteger SQRT_M1 =
            BigInteger.TWO.modPow(P.subtract(ONE).shiftRight(2), P);
    private static final BigInteger INVSQRT_A_MINUS_D =
            root(ONE, P.subtract(ONE).subtract(D).mod(P)).value();

    private SlowRistretto() {}

    /// Affine coordinates.
    private record Affine(BigInteger x, BigInteger y) {
        Affine plus(Affine other) {
            BigInteger product = D.multiply(x)
                    .multiply(other.x)
                    .multiply(y)
                    .multiply(other.y)
                    .mod(P);
            BigInteger sumX = x.multiply(other.y).add(y.multiply(other.x));
            BigInteger sumY = y.multiply(other.y).add(x.multiply(other.x));
            return new Affine(
                    sumX.multiply(ONE.add(product).modInverse(P)).mod(P),
                    sumY.multiply(ONE.subtract(product).modInverse(P)).mod(P));
        }
    }

    /// `k` times the element, encoded.
    static byte[] multiply(byte[] element, BigInteger k) {
        Affine point = decode(element);
        Affine sum = new Affine(BigInteger.ZERO, ONE);
        for (int bit = k.bitLength() - 1; bit >= 0; bit--) {
            sum = sum.plus(sum);
            if (k.testBit(bit)) {
                sum = sum.plus(point);
            }
        }
        return encode(sum);
    }

    private static Affine decode(byte[] encoded) {
        BigInteger s = littleEndian(encoded);
        BigInteger ss = s.multiply(s).mod(P);
        BigInteger u1 = ONE.subtract(ss).mod(P);
        BigInteger u2 = ONE.add(ss).mod(P);
        BigInteger v =
                D.negate().multiply(u1).multiply(u1).subtract(u2.multiply(u2)).mod(P);
        Root inverse = root(ONE, v.multiply(u2).multiply(u2).mod(P));
        BigInteger denX = inverse.value().multiply(u2).mod(P);
        BigInteger denY = inverse.value().multiply(denX).multiply(v).mod(P);
        BigInteger x = absolute(BigInteger.TWO.multiply(s).multiply(denX).mod(P));
        BigInteger y = u1.multiply(denY).mod(P);
        if (s.compareTo(P) >= 0
                || s.testBit(0)
                || !inverse.wasSquare()
                || x.multiply(y).mod(P).testBit(0)
                || y.signum() == 0) {
            throw new IllegalArgumentException("not an element");
        }
        return new Affine(x, y);
    }

    private static byte[] encode(Affine point) {
        BigInteger t = point.x().multiply(point.y()).mod(P);
        BigInteger u1 = ONE.add(point.y()).multiply(ONE.subtract(point.y())).mod(P);
        BigInteger inverse = root(ONE, u1.multiply(t).multiply(t).mod(P)).value();
        BigInteger den1 = inverse.multiply(u1).mod(P);
        BigInteger den2 = inverse.multiply(t).mod(P);
        BigInteger zInverse = den1.multiply(den2).multiply(t).mod(P);
        boolean rotate = t.multiply(zInverse).mod(P).testBit(0);
        BigInteger x = rotate ? point.y().multiply(SQRT_M1).mod(P) : point.x();
        BigInteger y = rotate ? point.x().multiply(SQRT_M1).mod(P) : point.y();
        BigInteger denominator = rotate ? den1.multiply(INVSQRT_A_MINUS_D).mod(P) : den2;
        if (x.multiply(zInverse).mod(P).testBit(0)) {
            y = y.negate().mod(P);
        }
        return littleEndian(absolute(denominator.multiply(ONE.subtract(y)).mod(P)));
    }

    private record Root(boolean wasSquare, BigInteger value) {}

    /// The non-negative square root of `u/v`, or of its product with a root of minus one.
    private static Root root(BigInteger u, BigInteger v) {
        BigInteger exponent = P.subtract(BigInteger.valueOf(5)).shiftRight(3);
        BigInteger v3 = v.pow(3);
        BigInteger r = u.multiply(v3)
                .multiply(u.multiply(v.pow(7)).modPow(exponent, P))
                .mod(P);
        BigInteger check = v.multiply(r).multiply(r).mod(P);
        BigInteger minusU = u.negate().mod(P);
        boolean correct = check.equals(u.mod(P));
        boolean flipped = check.equals(minusU);
        boolean flippedI = check.equals(minusU.multiply(SQRT_M1).mod(P));
        if (flipped || flippedI) {
            r = r.multiply(SQRT_M1).mod(P);
        }
        return new Root(correct || flipped, absolute(r));
    }

    private static BigInteger absolute(BigInteger value) {
        return value.testBit(0) ? P.subtract(value) : value;
    }

    static BigInteger littleEndian(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return new BigInteger(1, reversed);
    }

    private static byte[] littleEndian(BigInteger value) {
        byte[] out = new byte[32];
        for (int i = 0; i < 32; i++) {
            out[i] = value.shiftRight(8 * i).byteValue();
        }
        return out;
    }
}
