package org.keymoot.access;

import org.jspecify.annotations.Nullable;
import org.keymoot.access.sigv4.CredentialScope;

/// One access key: the identity it stands for and a way to compute its signatures without handing out the secret.
public interface Credential {
    Principal principal();

    /// False when the access key has been switched off; its requests are then refused as unknown.
    boolean active();

    /// What the session's token says; null for an access key that is of no session.
    default @Nullable Session session() {
        return null;
    }

    /// The 32-byte HMAC-SHA-256 of `stringToSign` under the signing key that AWS4-HMAC-SHA256 derives from the
    /// secret access key for `scope`. [org.keymoot.access.sigv4.SigningKey] computes it from the secret.
    byte[] sign(CredentialScope scope, byte[] stringToSign);
}
