package org.keymoot.access;

import org.jspecify.annotations.Nullable;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.crypto.group.Point;

/// One access key: the identity it stands for and a way to compute its signatures without handing out the secret.
public interface Credential {
    Principal principal();

    /// False when the access key has been switched off; its requests are then refused as unknown.
    boolean active();

    /// What the session's token says; null for an access key that is of no session.
    default @Nullable Session session() {
        return null;
    }

    /// The key under which AWS4-ECDSA-P256-SHA256 verifies, for an access key of which the parties hold no secret; null
    /// for one with a secret.
    default @Nullable Point publicKey() {
        return null;
    }

    /// The 32-byte HMAC-SHA-256 of `stringToSign` under the signing key that AWS4-HMAC-SHA256 derives from the
    /// secret access key for `scope`; not called where there is a public key.
    /// [org.keymoot.access.sigv4.SigningKey] computes it from the secret.
    byte[] sign(CredentialScope scope, byte[] stringToSign);
}
