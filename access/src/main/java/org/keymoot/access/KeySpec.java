package org.keymoot.access;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.GroupId;

/// The key specs that parties hold together today.
public enum KeySpec {
    ECC_SECG_P256K1(GroupId.SECP256K1, SigningAlgorithm.ECDSA_SHA_256),
    ECC_NIST_P256(GroupId.P256, SigningAlgorithm.ECDSA_SHA_256),
    ECC_NIST_EDWARDS25519(GroupId.ED25519, SigningAlgorithm.ED25519_SHA_512);

    /// Every spec that AWS's model lists.
    static final List<String> ALL_OF_AWS = List.of(
            "RSA_2048",
            "RSA_3072",
            "RSA_4096",
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "SYMMETRIC_DEFAULT",
            "HMAC_224",
            "HMAC_256",
            "HMAC_384",
            "HMAC_512",
            "SM2",
            "ML_DSA_44",
            "ML_DSA_65",
            "ML_DSA_87",
            "ECC_NIST_EDWARDS25519");

    private final GroupId group;
    private final SigningAlgorithm algorithm;

    KeySpec(GroupId group, SigningAlgorithm algorithm) {
        this.group = group;
        this.algorithm = algorithm;
    }

    public GroupId group() {
        return group;
    }

    public List<SigningAlgorithm> signingAlgorithms() {
        return List.of(algorithm);
    }

    static @Nullable KeySpec find(String aws) {
        for (KeySpec spec : values()) {
            if (spec.name().equals(aws)) {
                return spec;
            }
        }
        return null;
    }
}
