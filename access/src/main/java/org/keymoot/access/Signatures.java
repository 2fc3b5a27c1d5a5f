package org.keymoot.access;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.WeierstrassPoint;

/// Verification of signatures under a key's public key.
public final class Signatures {
    private Signatures() {}

    /// Tells whether `signature`, in AWS's form, is valid.
    ///
    /// @param payload as [Decision.SignWith#payload] gives it
    /// @param signature DER for ECDSA, with low or high s; 64 bytes for Ed25519
    public static boolean verify(KeyRecord key, SigningAlgorithm algorithm, byte[] payload, byte[] signature) {
        return switch (algorithm) {
            case ECDSA_SHA_256 -> verifyEcdsa(key, payload, signature);
            case ED25519_SHA_512 -> verifyEd25519(key, payload, signature);
        };
    }

    private static boolean verifyEcdsa(KeyRecord key, byte[] digest, byte[] signature) {
        EcdsaSignature pair = EcdsaSignature.decode(signature);
        if (pair == null) {
            return false;
        }
        Group group = Group.of(key.spec().group());
        ScalarField scalars = group.scalars();
        BigInteger order = scalars.order();
        if (pair.r().compareTo(order) >= 0 || pair.s().compareTo(order) >= 0) {
            return false;
        }
        Scalar inverse = scalars.of(pair.s()).invert();
        Scalar first = scalars.of(new BigInteger(1, digest)).multiply(inverse);
        Scalar second = scalars.of(pair.r()).multiply(inverse);
        Point sum = group.sumOfProducts(List.of(first, second), List.of(group.generator(), key.publicPoint()));
        return !sum.isIdentity()
                && new BigInteger(1, ((WeierstrassPoint) sum).x()).mod(order).equals(pair.r());
    }

    private static boolean verifyEd25519(KeyRecord key, byte[] message, byte[] signature) {
        if (signature.length != 64) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(
                    KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(key.publicKeyDer())));
            verifier.update(message);
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }
}
