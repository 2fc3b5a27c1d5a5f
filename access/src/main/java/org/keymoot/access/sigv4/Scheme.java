package org.keymoot.access.sigv4;

import org.jspecify.annotations.Nullable;

/// The two ways in which requests are signed.
public enum Scheme {
    /// Signature Version 4: a MAC under a secret that the client and every party hold, for one Region.
    SHARED_SECRET("AWS4-HMAC-SHA256"),
    /// Signature Version 4A: an ECDSA signature on P-256. The parties hold the public key only; the scope names no
    /// Region, and what the request may be used in is the set of Regions that X-Amz-Region-Set gives.
    PUBLIC_KEY("AWS4-ECDSA-P256-SHA256");

    private final String algorithm;

    Scheme(String algorithm) {
        this.algorithm = algorithm;
    }

    /// As in the Authorization header and in the string that is signed.
    public String algorithm() {
        return algorithm;
    }

    /// The elements of a credential: key id, date, Region where there is one, service, terminator.
    int credentialParts() {
        return this == SHARED_SECRET ? 5 : 4;
    }

    /// The scope as it is signed.
    public String scope(CredentialScope scope) {
        return switch (this) {
            case SHARED_SECRET -> scope.text();
            case PUBLIC_KEY -> scope.date() + "/" + scope.service() + "/" + CredentialScope.TERMINATOR;
        };
    }

    static @Nullable Scheme of(String algorithm) {
        for (Scheme scheme : values()) {
            if (scheme.algorithm.equals(algorithm)) {
                return scheme;
            }
        }
        return null;
    }
}
