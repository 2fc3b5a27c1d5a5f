package org.keymoot.access.oidc;

import org.jspecify.annotations.Nullable;

/// The algorithms of JWS (RFC 7518, RFC 8037) that tokens may be signed with: public-key signatures only, so that
/// neither `none` nor a MAC under a public text can be taken for one.
enum TokenAlgorithm {
    RS256("RS256", "RSA", "", "SHA256withRSA"),
    RS384("RS384", "RSA", "", "SHA384withRSA"),
    RS512("RS512", "RSA", "", "SHA512withRSA"),
    ES256("ES256", "EC", "P-256", "SHA256withECDSAinP1363Format"),
    ES384("ES384", "EC", "P-384", "SHA384withECDSAinP1363Format"),
    EDDSA("EdDSA", "OKP", "Ed25519", "Ed25519");

    private final String jose;
    private final String keyType;
    private final String curve;
    private final String jdk;

    TokenAlgorithm(String jose, String keyType, String curve, String jdk) {
        this.jose = jose;
        this.keyType = keyType;
        this.curve = curve;
        this.jdk = jdk;
    }

    static @Nullable TokenAlgorithm of(String jose) {
        for (TokenAlgorithm algorithm : values()) {
            if (algorithm.jose.equals(jose)) {
                return algorithm;
            }
        }
        return null;
    }

    String jose() {
        return jose;
    }

    /// The name of the algorithm in the JDK.
    String jdk() {
        return jdk;
    }

    /// Whether a key of this type and curve signs with it.
    ///
    /// @param keyCurve empty for RSA
    boolean fits(String type, String keyCurve) {
        return keyType.equals(type) && curve.equals(keyCurve);
    }
}
