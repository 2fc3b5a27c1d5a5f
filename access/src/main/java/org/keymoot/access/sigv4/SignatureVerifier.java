package org.keymoot.access.sigv4;

/// Verifies AWS4-HMAC-SHA256 signatures.
public final class SignatureVerifier {
    private SignatureVerifier() {}
}
