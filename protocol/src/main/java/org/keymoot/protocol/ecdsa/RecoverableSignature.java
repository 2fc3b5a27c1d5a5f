package org.keymoot.protocol.ecdsa;

import java.math.BigInteger;
import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.WeierstrassPoint;

/// An ECDSA signature with what recovers the public key from it.
///
/// It keeps true: `s` is at most q / 2, so that each signature has one form.
///
/// @param recoveryId bit 0: the nonce point's y is odd; bit 1: its x was not below q
public record RecoverableSignature(EcdsaSignature signature, int recoveryId) {
    public RecoverableSignature {
        if (!signature.isLowS()) {
            throw new IllegalArgumentException("s is at most half of the group's order");
        }
        if (recoveryId < 0 || recoveryId > 3) {
            throw new IllegalArgumentException("a recovery id is between 0 and 3, not " + recoveryId);
        }
    }

    /// The signature with nonce point `R` and either form of `s`, neither part zero.
    static RecoverableSignature of(WeierstrassPoint R, Scalar s) {
        EcdsaSignature either = new EcdsaSignature(Ecdsa.xModuloOrder(R), s);
        boolean beyond = new BigInteger(1, R.x()).compareTo(s.field().order()) >= 0;
        boolean odd = R.yIsOdd() == either.isLowS();
        return new RecoverableSignature(either.withLowS(), (odd ? 1 : 0) | (beyond ? 2 : 0));
    }

    public Scalar r() {
        return signature.r();
    }

    public Scalar s() {
        return signature.s();
    }

    /// Tells whether this is a signature of the 32-byte `digest` under `publicKey`.
    public boolean verifies(Point publicKey, byte[] digest) {
        return Ecdsa.verify(publicKey, digest, signature);
    }
}
