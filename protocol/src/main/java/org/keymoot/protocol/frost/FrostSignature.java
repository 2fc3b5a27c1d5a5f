package org.keymoot.protocol.frost;

import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;

/// A Schnorr signature: `R` and `z`.
public record FrostSignature(Point commitment, Scalar response) {
    /// `R`, then `z`, each in its canonical encoding; for Ed25519 these are the 64 bytes of RFC 8032.
    public byte[] encode() {
        return FrostSuite.concatenate(commitment.encode(), response.encode());
    }
}
