package org.keymoot.access;

import org.keymoot.access.sigv4.CredentialScope;

/// A secret that the parties drew and hold sealed, and what can be computed with it without handing it out.
public interface IssuedSecret {
    /// HMAC-SHA-256 of a message under the secret.
    byte[] mac(byte[] message);

    /// The signature that AWS4-HMAC-SHA256 gives with the secret as secret access key.
    byte[] sign(CredentialScope scope, byte[] stringToSign);
}
