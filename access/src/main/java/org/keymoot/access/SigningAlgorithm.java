package org.keymoot.access;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.rsa.RsaHash;

/// The signing algorithms that parties run today.
public enum SigningAlgorithm {
    /// SHA-256 and ECDSA, DER-encoded, with low s.
    ECDSA_SHA_256,
    /// Pure Ed25519 of RFC 8032.
    ED25519_SHA_512,
    RSASSA_PKCS1_V1_5_SHA_256(RsaHash.SHA_256, false),
    RSASSA_PKCS1_V1_5_SHA_384(RsaHash.SHA_384, false),
    RSASSA_PKCS1_V1_5_SHA_512(RsaHash.SHA_512, false),
    RSASSA_PSS_SHA_256(RsaHash.SHA_256, true),
    RSASSA_PSS_SHA_384(RsaHash.SHA_384, true),
    RSASSA_PSS_SHA_512(RsaHash.SHA_512, true);

    /// Every algorithm that AWS's model lists.
    static final List<String> ALL_OF_AWS = List.of(
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PSS_SHA_512",
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "ECDSA_SHA_256",
            "ECDSA_SHA_384",
            "ECDSA_SHA_512",
            "SM2DSA",
            "ML_DSA_SHAKE_256",
            "ED25519_SHA_512",
            "ED25519_PH_SHA_512");

    private final @Nullable RsaHash rsaHash;
    private final boolean salted;

    SigningAlgorithm() {
        this.rsaHash = null;
        this.salted = false;
    }

    SigningAlgorithm(RsaHash hash, boolean salted) {
        this.rsaHash = hash;
        this.salted = salted;
    }

    /// The hash of an RSA algorithm.
    ///
    /// @throws IllegalStateException for the others
    public RsaHash rsaHash() {
        if (rsaHash == null) {
            throw new IllegalStateException(this + " is no algorithm of RSA keys");
        }
        return rsaHash;
    }

    /// Whether its padding takes a salt, which is as long as the digest: PSS.
    public boolean isSalted() {
        return salted;
    }
}
