package org.keymoot.access;

import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.ed25519.Ed25519Signature;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;

/// Verification of signatures under a key's public key.
public final class Signatures {
    private Signatures() {}

    /// Tells whether `signature`, in AWS's form, is valid.
    ///
    /// @param payload as [Decision.SignWith#payload] gives it
    /// @param signature DER for ECDSA, with low or high s; 64 bytes for Ed25519
    public static boolean verify(KeyRecord key, SigningAlgorithm algorithm, byte[] payload, byte[] signature) {
        Point publicKey = key.publicPoint();
        return switch (algorithm) {
            case ECDSA_SHA_256 -> verifyEcdsa(publicKey, payload, signature);
            case ED25519_SHA_512 -> Ed25519Signature.verify(publicKey, payload, signature);
        };
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
