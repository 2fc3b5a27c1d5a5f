package org.keymoot.crypto.ed25519;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;

/// Verification of Ed25519 signatures (RFC 8032 section 5.1.7), in the strict reading on which all parties
/// agree.
///
/// It keeps true: a signature verifies for one encoding only. The public key is a canonical point of prime
/// order, `s` is below the order, and the equation is checked without the cofactor, against the very bytes of
/// `R`.
public final class Ed25519Signature {
    public static final int PUBLIC_KEY_BYTES = 32;
    public static final int SIGNATURE_BYTES = 64;

    private static final int HALF = 32;

    private Ed25519Signature() {}

    /// Whether `signature` is one of `message` under the encoded public key; false for any that is malformed.
    public static boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        try {
            return publicKey.length == PUBLIC_KEY_BYTES
                    && verify(Group.of(GroupId.ED25519).decode(publicKey), message, signature);
        } catch (InvalidEncodingException e) {
            return false;
        }
    }

    /// Whether `signature` is one of `message` under the public key, which is not the identity.
    public static boolean verify(Point publicKey, byte[] message, byte[] signature) {
        Group group = publicKey.group();
        if (group.id() != GroupId.ED25519) {
            throw new IllegalArgumentException("expected a public key of ED25519, found one of " + group.id());
        }
        if (signature.length != SIGNATURE_BYTES || publicKey.isIdentity()) {
            return false;
        }
        byte[] r = Arrays.copyOf(signature, HALF);
        Scalar s;
        try {
            s = group.scalars().decode(Arrays.copyOfRange(signature, HALF, SIGNATURE_BYTES));
        } catch (InvalidEncodingException e) {
            return false;
        }
        // R = s·B − k·A; comparing encodings accepts the canonical R alone, without decoding it.
        Scalar k = challenge(r, publicKey.encode(), message);
        Point expected = group.sumOfProducts(List.of(s, k.negate()), List.of(group.generator(), publicKey));
        return Arrays.equals(expected.encode(), r);
    }

    /// `SHA-512(R ‖ A ‖ M)` as a little-endian number modulo the order.
    public static Scalar challenge(byte[] r, byte[] publicKey, byte[] message) {
        byte[] hash;
        try {
            MessageDigest sha512 = MessageDigest.getInstance("SHA-512");
            sha512.update(r);
            sha512.update(publicKey);
            hash = sha512.digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-512", e);
        }
        byte[] bigEndian = new byte[hash.length];
        for (int i = 0; i < hash.length; i++) {
            bigEndian[i] = hash[hash.length - 1 - i];
        }
        return Group.of(GroupId.ED25519).scalars().reduce(bigEndian);
    }
}
