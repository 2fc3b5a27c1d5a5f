package org.keymoot.access;

import java.util.Arrays;
import java.util.HexFormat;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.WeierstrassPoint;

/// Public keys as SubjectPublicKeyInfo in DER (RFC 5480 and RFC 8410), the form of GetPublicKey.
public final class SubjectPublicKey {
    private static final HexFormat HEX = HexFormat.of();
    /// SEQUENCE of AlgorithmIdentifier { id-ecPublicKey, secp256k1 } and the head of the BIT STRING.
    private static final byte[] SECP256K1_HEAD = HEX.parseHex("3056301006072a8648ce3d020106052b8104000a034200");
    /// SEQUENCE of AlgorithmIdentifier { id-ecPublicKey, prime256v1 } and the head of the BIT STRING.
    private static final byte[] P256_HEAD = HEX.parseHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
    /// SEQUENCE of AlgorithmIdentifier { id-Ed25519 } and the head of the BIT STRING.
    private static final byte[] ED25519_HEAD = HEX.parseHex("302a300506032b6570032100");

    private SubjectPublicKey() {}

    public static byte[] encode(KeySpec spec, Point point) {
        byte[] head = head(spec);
        byte[] encoded = switch (spec) {
            case ECC_SECG_P256K1, ECC_NIST_P256 -> ((WeierstrassPoint) point).encodeUncompressed();
            case ECC_NIST_EDWARDS25519 -> point.encode();
        };
        byte[] der = Arrays.copyOf(head, head.length + encoded.length);
        System.arraycopy(encoded, 0, der, head.length, encoded.length);
        return der;
    }

    /// Reads what [#encode] wrote.
    ///
    /// @throws IllegalArgumentException when it is not a public key of that spec
    public static Point decode(KeySpec spec, byte[] der) {
        byte[] head = head(spec);
        int length = switch (spec) {
            case ECC_SECG_P256K1, ECC_NIST_P256 -> 65;
            case ECC_NIST_EDWARDS25519 -> 32;
        };
        if (der.length != head.length + length || !Arrays.equals(der, 0, head.length, head, 0, head.length)) {
            throw new IllegalArgumentException("not a SubjectPublicKeyInfo of " + spec);
        }
        byte[] encoded = Arrays.copyOfRange(der, head.length, der.length);
        if (length == 65) {
            byte[] compressed = Arrays.copyOf(encoded, 33);
            compressed[0] = (byte) (2 | (encoded[64] & 1));
            encoded = compressed;
        }
        try {
            Point point = Group.of(spec.group()).decode(encoded);
            if (!Arrays.equals(encode(spec, point), der)) {
                throw new IllegalArgumentException("the public key is not a point of " + spec.group());
            }
            return point;
        } catch (InvalidEncodingException e) {
            throw new IllegalArgumentException("the public key is not a point of " + spec.group(), e);
        }
    }

    private static byte[] head(KeySpec spec) {
        return switch (spec) {
            case ECC_SECG_P256K1 -> SECP256K1_HEAD;
            case ECC_NIST_P256 -> P256_HEAD;
            case ECC_NIST_EDWARDS25519 -> ED25519_HEAD;
        };
    }
}
