package org.keymoot.access;

import java.util.List;

/// The signing algorithms that parties run today.
public enum SigningAlgorithm {
    /// SHA-256 and ECDSA, DER-encoded, with low s.
    ECDSA_SHA_256,
    /// Pure Ed25519 of RFC 8032.
    ED25519_SHA_512;

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
}
