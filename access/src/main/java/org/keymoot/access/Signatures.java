package org.keymoot.access;

import java.util.Arrays;
import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.ed25519.Ed25519Signature;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.rsa.RsaPadding;
import org.keymoot.crypto.rsa.RsaPublicKey;

/// Verification of signatures under a key's public key.
public final class Signatures {
    private Signatures() {}

    /// Tells whether `signature`, in AWS's form, is valid.
    ///
    /// @param payload as [Decision.SignWith#payload] gives it
    /// @param signature DER for ECDSA, with low or high s; 64 bytes for Ed25519; as long as the modulus for
    ///     RSA
    public static boolean verify(KeyRecord key, SigningAlgorithm algorithm, byte[] payload, byte[] signature) {
        return switch (algorithm) {
            case ECDSA_SHA_256 -> verifyEcdsa(key.publicPoint(), payload, signature);
            case ED25519_SHA_512 -> Ed25519Signature.verify(key.publicPoint(), payload, signature);
            case RSASSA_PKCS1_V1_5_SHA_256,
                    RSASSA_PKCS1_V1_5_SHA_384,
                    RSASSA_PKCS1_V1_5_SHA_512,
                    RSASSA_PSS_SHA_256,
                    RSASSA_PSS_SHA_384,
                    RSASSA_PSS_SHA_512 -> verifyRsa(key.rsaPublicKey(), algorithm, payload, signature);
        };
    }

    /// The encoded message whose root is the RSA signature of a digest: what the parties of a quorum each
    /// compute.
    ///
    /// @param salt as long as the digest; only PSS looks at it
    public static byte[] encodedForRsa(RsaPublicKey key, SigningAlgorithm algorithm, byte[] digest, byte[] salt) {
        return algorithm.isSalted()
                ? RsaPadding.pss(algorithm.rsaHash(), digest, salt, key.bits())
                : RsaPadding.pkcs1(algorithm.rsaHash(), digest, key.length());
    }

    private static boolean verifyRsa(RsaPublicKey key, SigningAlgorithm algorithm, byte[] digest, byte[] signature) {
        return key.raise(signature)
                .filter(encoded -> algorithm.isSalted()
                        ? RsaPadding.isPss(algorithm.rsaHash(), digest, encoded)
                        : Arrays.equals(encoded, RsaPadding.pkcs1(algorithm.rsaHash(), digest, key.length())))
                .isPresent();
    }

    private static boolean verifyEcdsa(Point publicKey, byte[] digest, byte[] signature) {
        try {
            return Ecdsa.verify(
                    publicKey,
                    digest,
                    EcdsaSignature.decodeDer(publicKey.group().scalars(), signature));
        } catch (InvalidEncodingException e) {
            return false;
        }
    }
}
