package org.keymoot.protocol.ecdsa;

import java.math.BigInteger;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.WeierstrassPoint;

/// An ECDSA signature with what recovers the public key from it.
///
/// It keeps true: `r` and `s` are between 1 and q − 1, and `s` is at most q / 2, so that each signature has one form.
///
/// @param recoveryId bit 0: the nonce point's y is odd; bit 1: its x was not below q
public record EcdsaSignature(Scalar r, Scalar s, int recoveryId) {
    /// Bytes of the digest that is signed.
    public static final int DIGEST_BYTES = 32;

    public EcdsaSignature {
        if (r.isZero() || s.isZero()) {
            throw new IllegalArgumentException("neither part of an ECDSA signature is zero");
        }
        if (isHigh(s)) {
            throw new IllegalArgumentException("s is at most half of the group's order");
        }
        if (recoveryId < 0 || recoveryId > 3) {
            throw new IllegalArgumentException("a recovery id is between 0 and 3, not " + recoveryId);
        }
    }

    /// The signature with nonce point `R` and either form of `s`, neither part zero.
    static EcdsaSignature of(WeierstrassPoint R, Scalar s) {
        BigInteger x = new BigInteger(1, R.x());
        BigInteger q = s.field().order();
        int turned = isHigh(s) ? 1 : 0;
        int id = ((R.yIsOdd() ? 1 : 0) ^ turned) | (x.compareTo(q) >= 0 ? 2 : 0);
        return new EcdsaSignature(nonceCoordinate(R, s.field()), turned == 1 ? s.negate() : s, id);
    }

    /// The x coordinate of `R` modulo q.
    static Scalar nonceCoordinate(WeierstrassPoint R, ScalarField field) {
        return field.of(new BigInteger(1, R.x()).mod(field.order()));
    }

    /// The digest as a number modulo q (SEC 1, section 4.1.3, for a digest as long as q).
    static Scalar digestScalar(ScalarField field, byte[] digest) {
        if (digest.length != DIGEST_BYTES) {
            throw new IllegalArgumentException(
                    "a digest to be signed has " + DIGEST_BYTES + " bytes, not " + digest.length);
        }
        return field.of(new BigInteger(1, digest).mod(field.order()));
    }

    /// Tells whether this is a signature of `digest` under `publicKey`.
    public boolean verifies(Point publicKey, byte[] digest) {
        Group group = publicKey.group();
        ScalarField field = group.scalars();
        if (!field.equals(s.field()) || publicKey.isIdentity()) {
            return false;
        }
        Scalar inverse = s.invert();
        Scalar ofGenerator = digestScalar(field, digest).multiply(inverse);
        Scalar ofKey = r.multiply(inverse);
        Point R = group.sumOfProducts(List.of(ofGenerator, ofKey), List.of(group.generator(), publicKey));
        return !R.isIdentity() && nonceCoordinate((WeierstrassPoint) R, field).equals(r);
    }

    /// `r` and `s`, 32 bytes each, big-endian.
    public byte[] encodeFixed() {
        byte[] out = new byte[64];
        System.arraycopy(r.encode(), 0, out, 0, 32);
        System.arraycopy(s.encode(), 0, out, 32, 32);
        return out;
    }

    /// The DER form `SEQUENCE { INTEGER r, INTEGER s }` of X9.62.
    public byte[] encodeDer() {
        byte[] first = r.toBigInteger().toByteArray();
        byte[] second = s.toBigInteger().toByteArray();
        int content = 4 + first.length + second.length;
        byte[] out = new byte[2 + content];
        out[0] = 0x30;
        out[1] = (byte) content;
        int at = integer(out, 2, first);
        integer(out, at, second);
        return out;
    }

    private static int integer(byte[] out, int at, byte[] magnitude) {
        out[at] = 0x02;
        out[at + 1] = (byte) magnitude.length;
        System.arraycopy(magnitude, 0, out, at + 2, magnitude.length);
        return at + 2 + magnitude.length;
    }

    private static boolean isHigh(Scalar s) {
        return s.toBigInteger().compareTo(s.field().order().shiftRight(1)) > 0;
    }
}
