package org.keymoot.access;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.GroupId;

/// The key specs that parties hold together today.
///
/// A symmetric key is a scalar of ristretto255 that the parties evaluate a pseudo-random function with; encryption and
/// MACs are built on it. An RSA key is the one kind that some party, its dealer, has had whole.
public enum KeySpec {
    ECC_SECG_P256K1(GroupId.SECP256K1, SigningAlgorithm.ECDSA_SHA_256, KeyUsage.SIGN_VERIFY, KeyUsage.KEY_AGREEMENT),
    ECC_NIST_P256(GroupId.P256, SigningAlgorithm.ECDSA_SHA_256, KeyUsage.SIGN_VERIFY, KeyUsage.KEY_AGREEMENT),
    ECC_NIST_EDWARDS25519(GroupId.ED25519, SigningAlgorithm.ED25519_SHA_512, KeyUsage.SIGN_VERIFY),
    SYMMETRIC_DEFAULT(GroupId.RISTRETTO255, null, KeyUsage.ENCRYPT_DECRYPT),
    HMAC_224(GroupId.RISTRETTO255, null, KeyUsage.GENERATE_VERIFY_MAC),
    HMAC_256(GroupId.RISTRETTO255, null, KeyUsage.GENERATE_VERIFY_MAC),
    HMAC_384(GroupId.RISTRETTO255, null, KeyUsage.GENERATE_VERIFY_MAC),
    HMAC_512(GroupId.RISTRETTO255, null, KeyUsage.GENERATE_VERIFY_MAC),
    RSA_2048(2048),
    RSA_3072(3072),
    RSA_4096(4096);

    private static final List<SigningAlgorithm> RSA_SIGNING = List.of(
            SigningAlgorithm.RSASSA_PKCS1_V1_5_SHA_256,
            SigningAlgorithm.RSASSA_PKCS1_V1_5_SHA_384,
            SigningAlgorithm.RSASSA_PKCS1_V1_5_SHA_512,
            SigningAlgorithm.RSASSA_PSS_SHA_256,
            SigningAlgorithm.RSASSA_PSS_SHA_384,
            SigningAlgorithm.RSASSA_PSS_SHA_512);
    private static final List<EncryptionAlgorithm> RSA_ENCRYPTION =
            List.of(EncryptionAlgorithm.RSAES_OAEP_SHA_1, EncryptionAlgorithm.RSAES_OAEP_SHA_256);

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
            + " (GENERATE_VERIFY_MAC), ECC_NIST_P256, ECC_SECG_P256K1 (SIGN_VERIFY, KEY_AGREEMENT),"
            + " ECC_NIST_EDWARDS25519 (SIGN_VERIFY) and RSA_2048, RSA_3072, RSA_4096 (SIGN_VERIFY, ENCRYPT_DECRYPT)";

    private final @Nullable GroupId group;
    private final int modulusBits;
    private final @Nullable SigningAlgorithm algorithm;
    private final Set<KeyUsage> usages;

    KeySpec(GroupId group, @Nullable SigningAlgorithm algorithm, KeyUsage... usages) {
        this.group = group;
        this.modulusBits = 0;
        this.algorithm = algorithm;
        this.usages = Set.of(usages);
    }

    KeySpec(int modulusBits) {
        this.group = null;
        this.modulusBits = modulusBits;
        this.algorithm = null;
        this.usages = Set.of(KeyUsage.SIGN_VERIFY, KeyUsage.ENCRYPT_DECRYPT);
    }

    /// The group that the parties share a scalar of.
    ///
    /// @throws IllegalStateException for RSA, whose parties share an exponent
    public GroupId group() {
        if (group == null) {
            throw new IllegalStateException(this + " keys are no scalars of a group");
        }
        return group;
    }

    /// Whether the parties share the private exponent of an RSA key.
    public boolean isRsa() {
        return modulusBits > 0;
    }

    /// The length of an RSA key's modulus; 0 for the others.
    public int modulusBits() {
        return modulusBits;
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
        return isRsa() ? RSA_SIGNING : algorithm == null ? List.of() : List.of(algorithm);
    }

    /// Of a key that encrypts.
    List<EncryptionAlgorithm> encryptionAlgorithms() {
        return isRsa()
                ? RSA_ENCRYPTION
                : this == SYMMETRIC_DEFAULT ? List.of(EncryptionAlgorithm.SYMMETRIC_DEFAULT) : List.of();
    }

    /// Of a key that makes MACs.
    public List<MacAlgorithm> macAlgorithms() {
        return switch (this) {
            case HMAC_224 -> List.of(MacAlgorithm.HMAC_SHA_224);
            case HMAC_256 -> List.of(MacAlgorithm.HMAC_SHA_256);
            case HMAC_384 -> List.of(MacAlgorithm.HMAC_SHA_384);
            case HMAC_512 -> List.of(MacAlgorithm.HMAC_SHA_512);
            case ECC_SECG_P256K1,
                    ECC_NIST_P256,
                    ECC_NIST_EDWARDS25519,
                    SYMMETRIC_DEFAULT,
                    RSA_2048,
                    RSA_3072,
                    RSA_4096 -> List.of();
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
