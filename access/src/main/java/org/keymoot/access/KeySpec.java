package org.keymoot.access;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.GroupId;

/// The key specs that parties hold together today.
///
/// A symmetric key is a scalar of ristretto255 that the parties evaluate a pseudo-random function with; encryption and
/// MACs are built on it.
public enum KeySpec {
    ECC_SECG_P256K1(GroupId.SECP256K1, SigningAlgorithm.ECDSA_SHA_256, KeyUsage.SIGN_VERIFY, KeyUsage.KEY_AGREEMENT),
    ECC_NIST_P256(GroupId.P256, SigningAlgorithm.ECDSA_SHA_256, KeyUsage.SIGN_VERIFY, KeyUsage.KEY_AGREEMENT),
    ECC_NIST_EDWARDS25519(GroupId.ED25519, SigningAlgorithm.ED25519_SHA_512, KeyUsage.SIGN_VERIFY),
    SYMMETRIC_DEFAULT(GroupId.RISTRETTO255, null, KeyUsage.ENCRYPT_DECRYPT),
    HMAC_224(GroupId.RISTRETTO255, null, KeyUsage.GENERATE_VERIFY_MAC),
    HMAC_256(GroupId.RISTRETTO255, null, KeyUsage.GENERATE_VERIFY_MAC),
    HMAC_384(GroupId.RISTRETTO255, null, KeyUsage.GENERATE_VERIFY_MAC),
    HMAC_512(GroupId.RISTRETTO255, null, KeyUsage.GENERATE_VERIFY_MAC);

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

    /// What can be made, in words.
    static final String OFFERED = "SYMMETRIC_DEFAULT (ENCRYPT_DECRYPT), HMAC_224, HMAC_256, HMAC_384, HMAC_512"
            + " (GENERATE_VERIFY_MAC), ECC_NIST_P256, ECC_SECG_P256K1 (SIGN_VERIFY, KEY_AGREEMENT) and"
            + " ECC_NIST_EDWARDS25519 (SIGN_VERIFY)";

    private final GroupId group;
    private final @Nullable SigningAlgorithm algorithm;
    private final Set<KeyUsage> usages;

    KeySpec(GroupId group, @Nullable SigningAlgorithm algorithm, KeyUsage... usages) {
        this.group = group;
        this.algorithm = algorithm;
        this.usages = Set.of(usages);
    }

    /// The group that the parties share a scalar of.
    public GroupId group() {
        return group;
    }

    /// What keys of this spec can be made for.
    public Set<KeyUsage> usages() {
        return usages;
    }

    /// Tells whether keys of this spec have no public key to show.
    public boolean isSymmetric() {
        return group == GroupId.RISTRETTO255;
    }

    /// Of a key that signs.
    public List<SigningAlgorithm> signingAlgorithms() {
        return algorithm == null ? List.of() : List.of(algorithm);
    }

    /// Of a key that makes MACs.
    public List<MacAlgorithm> macAlgorithms() {
        return switch (this) {
            case HMAC_224 -> List.of(MacAlgorithm.HMAC_SHA_224);
            case HMAC_256 -> List.of(MacAlgorithm.HMAC_SHA_256);
            case HMAC_384 -> List.of(MacAlgorithm.HMAC_SHA_384);
            case HMAC_512 -> List.of(MacAlgorithm.HMAC_SHA_512);
            case ECC_SECG_P256K1, ECC_NIST_P256, ECC_NIST_EDWARDS25519, SYMMETRIC_DEFAULT -> List.of();
        };
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
