package org.keymoot.crypto.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;

/// What secp256k1 and P-256 keep beyond [GroupContract], and their agreement with BouncyCastle.
abstract class WeierstrassContract extends GroupContract {
    private final X9ECParameters oracle;
    final BigInteger prime;

    WeierstrassContract(GroupId id, String curveName) {
        super(id);
        this.oracle = CustomNamedCurves.getByName(curveName);
        this.prime = oracle.getCurve().getField().getCharacteristic();
    }

    @Test
    void agreesWithBouncyCastle() throws InvalidEncodingException {
        assertThat(group.generator().encode()).isEqualTo(oracle.getG().getEncoded(true));
        assertThat(group.scalars().order()).isEqualTo(oracle.getN());
        for (Scalar k : edgeScalars()) {
            compare(group.multiplyBase(k), oracle.getG().multiply(k.toBigInteger()));
        }
        for (int i = 0; i < 40; i++) {
            Scalar a = randomScalar();
            Scalar b = randomScalar();
            ECPoint theirs = oracle.getG().multiply(a.toBigInteger());
            Point ours = group.decode(theirs.getEncoded(true));
            compare(withSecret(b, ours), theirs.multiply(b.toBigInteger()));
            compare(ours.add(group.multiplyBase(b)), theirs.add(oracle.getG().multiply(b.toBigInteger())));
        }
    }

    private void compare(Point ours, ECPoint theirs) {
        assertThat(ours.isIdentity()).isEqualTo(theirs.isInfinity());
        if (theirs.isInfinity()) {
            return;
        }
        ECPoint affine = theirs.normalize();
        WeierstrassPoint point = (WeierstrassPoint) ours;
        assertThat(point.encode()).isEqualTo(affine.getEncoded(true));
        assertThat(point.encodeUncompressed()).isEqualTo(affine.getEncoded(false));
        assertThat(point.x()).isEqualTo(affine.getAffineXCoord().getEncoded());
        assertThat(point.yIsOdd()).isEqualTo(affine.getAffineYCoord().testBitZero());
    }

    @Test
    void theIdentityHasNoEncoding() {
        assertThatThrownBy(() -> group.identity().encode()).isInstanceOf(IllegalStateException.class);
        WeierstrassPoint identity = (WeierstrassPoint) group.generator().subtract(group.generator());
        assertThatThrownBy(identity::x).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(identity::encodeUncompressed).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesEncodingsThatAreNotCanonical() {
        byte[] good = group.generator().encode();
        for (int prefix : new int[] {0, 1, 4, 5, 6, 7, 0x82, 0xff}) {
            byte[] bad = good.clone();
            bad[0] = (byte) prefix;
            assertThatThrownBy(() -> group.decode(bad)).isInstanceOf(InvalidEncodingException.class);
        }
        // x + p still fits 32 bytes for the smallest x; each is the second name of a valid or an invalid x.
        for (int x = 0; x < 8; x++) {
            byte[] bad = new byte[33];
            bad[0] = 2;
            byte[] high = ScalarFieldTest.bytes(prime.add(BigInteger.valueOf(x)), 32, true);
            System.arraycopy(high, 0, bad, 1, 32);
            assertThatThrownBy(() -> group.decode(bad)).isInstanceOf(InvalidEncodingException.class);
        }
    }

    @Test
    void acceptsExactlyTheCoordinatesThatLieOnTheCurve() {
        int accepted = 0;
        for (int x = 0; x < 64; x++) {
            BigInteger value = BigInteger.valueOf(x);
            boolean onCurve = isSquare(value);
            byte[] encoded = new byte[33];
            encoded[0] = (byte) (2 + (x & 1));
            System.arraycopy(ScalarFieldTest.bytes(value, 32, true), 0, encoded, 1, 32);
            if (onCurve) {
                accepted++;
                ECPoint theirs = oracle.getCurve().decodePoint(encoded);
                try {
                    compare(group.decode(encoded), theirs);
                } catch (InvalidEncodingException e) {
                    throw new AssertionError(e);
                }
            } else {
                assertThatThrownBy(() -> group.decode(encoded)).isInstanceOf(InvalidEncodingException.class);
            }
        }
        assertThat(accepted).isBetween(10, 54);
    }

    private boolean isSquare(BigInteger x) {
        BigInteger a = oracle.getCurve().getA().toBigInteger();
        BigInteger b = oracle.getCurve().getB().toBigInteger();
        BigInteger right = x.pow(3).add(a.multiply(x)).add(b).mod(prime);
        return right.modPow(prime.shiftRight(1), prime).compareTo(BigInteger.ONE) <= 0;
    }

    @Test
    void decodesUncompressedPointsOnTheCurveOnly() throws InvalidEncodingException {
        WeierstrassGroup curve = (WeierstrassGroup) group;
        WeierstrassPoint point = (WeierstrassPoint) randomPoint();
        byte[] encoded = point.encodeUncompressed();
        assertThat(curve.decodeUncompressed(encoded)).isEqualTo(point);
        for (int i : new int[] {0, 1, 32, 33, 64}) {
            byte[] bad = encoded.clone();
            bad[i] ^= 1;
            assertThatThrownBy(() -> curve.decodeUncompressed(bad)).isInstanceOf(InvalidEncodingException.class);
        }
        assertThatThrownBy(() -> curve.decodeUncompressed(point.encode())).isInstanceOf(InvalidEncodingException.class);
        assertThatThrownBy(() -> curve.decodeUncompressed(new byte[65])).isInstanceOf(InvalidEncodingException.class);
        assertThatThrownBy(() -> curve.decodeUncompressed(new byte[1])).isInstanceOf(InvalidEncodingException.class);
    }
}
