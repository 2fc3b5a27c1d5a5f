package org.keymoot.crypto.ecdsa;

import java.math.BigInteger;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.WeierstrassGroup;
import org.keymoot.crypto.group.WeierstrassPoint;

/// Verification of ECDSA (FIPS 186-5 section 6.4.2) and recovery of its key (SEC 1 section 4.1.6), in variable time.
public final class Ecdsa {
    /// Bytes of the digest that is signed.
    public static final int DIGEST_BYTES = 32;
    private static final int RECOVERY_IDS = 4;

    private Ecdsa() {}

    /// Tells whether (r, s) is a signature of `digest` under `publicKey`; s may be high or low.
    ///
    /// @throws IllegalArgumentException when the digest is not 32 bytes or the group is not secp256k1 or P-256
    public static boolean verify(Group group, Point publicKey, byte[] digest, Scalar r, Scalar s) {
        WeierstrassGroup curve = curve(group);
        if (publicKey.isIdentity() || r.isZero() || s.isZero()) {
            return false;
        }
        Scalar w = s.invert();
        Scalar u1 = digestScalar(group.scalars(), digest).multiply(w);
        Scalar u2 = r.multiply(w);
        Point point = curve.sumOfProducts(List.of(u1, u2), List.of(curve.generator(), publicKey));
        return !point.isIdentity() && xModuloOrder(point).equals(r);
    }

    public static boolean verify(Point publicKey, byte[] digest, EcdsaSignature signature) {
        return verify(publicKey.group(), publicKey, digest, signature.r(), signature.s());
    }

    /// The number of 0 to 3 with which [#recover] yields `publicKey`: whether the nonce point's y is odd, plus 2 if its
    /// x is not below the order.
    ///
    /// @throws IllegalArgumentException when the signature does not verify
    public static int recoveryId(Point publicKey, byte[] digest, EcdsaSignature signature) {
        for (int id = 0; id < RECOVERY_IDS; id++) {
            try {
                if (recover(publicKey.group(), digest, signature, id).equals(publicKey)) {
                    return id;
                }
            } catch (InvalidEncodingException noSuchPoint) {
                // Another id may still name the nonce point.
                continue;
            }
        }
        throw new IllegalArgumentException("expected a signature that verifies under the public key");
    }

    /// The public key under which `signature` verifies and whose nonce point `recoveryId` names.
    ///
    /// @throws InvalidEncodingException when there is no such nonce point or key
    public static Point recover(Group group, byte[] digest, EcdsaSignature signature, int recoveryId)
            throws InvalidEncodingException {
        if (recoveryId < 0 || recoveryId >= RECOVERY_IDS) {
            throw new IllegalArgumentException("expected a recovery id of 0 to 3 but found " + recoveryId);
        }
        WeierstrassGroup curve = curve(group);
        BigInteger x = signature.r().toBigInteger();
        if (recoveryId >= 2) {
            x = x.add(group.scalars().order());
        }
        if (x.bitLength() > 8 * DIGEST_BYTES) {
            throw new InvalidEncodingException("expected an x coordinate of 32 bytes for recovery id " + recoveryId);
        }
        byte[] encoded = new byte[1 + DIGEST_BYTES];
        encoded[0] = (byte) (2 + (recoveryId & 1));
        byte[] magnitude = x.toByteArray();
        int length = Math.min(magnitude.length, DIGEST_BYTES);
        System.arraycopy(magnitude, magnitude.length - length, encoded, encoded.length - length, length);
        Point nonce = curve.decode(encoded);
        Scalar inverse = signature.r().invert();
        Scalar u1 = digestScalar(group.scalars(), digest).multiply(inverse).negate();
        Scalar u2 = signature.s().multiply(inverse);
        Point key = curve.sumOfProducts(List.of(u1, u2), List.of(curve.generator(), nonce));
        if (key.isIdentity()) {
            throw new InvalidEncodingException("expected a public key but found the identity");
        }
        return key;
    }

    /// A 32-byte digest as ECDSA uses it: reduced modulo the order.
    public static Scalar digestScalar(ScalarField field, byte[] digest) {
        if (digest.length != DIGEST_BYTES) {
            throw new IllegalArgumentException("expected a digest of 32 bytes but found " + digest.length);
        }
        return field.of(new BigInteger(1, digest));
    }

    /// The x coordinate reduced modulo the order: the r of a signature whose nonce point this is.
    public static Scalar xModuloOrder(Point point) {
        byte[] x = ((WeierstrassPoint) point).x();
        return point.group().scalars().of(new BigInteger(1, x));
    }

    private static WeierstrassGroup curve(Group group) {
        if (group instanceof WeierstrassGroup curve) {
            return curve;
        }
        throw new IllegalArgumentException("expected secp256k1 or P-256 but found " + group.id());
    }
}
