package org.keymoot.access;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a grant can allow: the seventeen operations of AWS's model, in its order.
///
/// It keeps true: an operation fits the usages of keys for which AWS has it, so that no grant promises what its key
/// cannot do.
public enum GrantOperation {
    DECRYPT("Decrypt", true, KeyUsage.ENCRYPT_DECRYPT),
    ENCRYPT("Encrypt", true, KeyUsage.ENCRYPT_DECRYPT),
    GENERATE_DATA_KEY("GenerateDataKey", true, KeyUsage.ENCRYPT_DECRYPT),
    GENERATE_DATA_KEY_WITHOUT_PLAINTEXT("GenerateDataKeyWithoutPlaintext", true, KeyUsage.ENCRYPT_DECRYPT),
    RE_ENCRYPT_FROM("ReEncryptFrom", true, KeyUsage.ENCRYPT_DECRYPT),
    RE_ENCRYPT_TO("ReEncryptTo", true, KeyUsage.ENCRYPT_DECRYPT),
    SIGN("Sign", false, KeyUsage.SIGN_VERIFY),
    VERIFY("Verify", false, KeyUsage.SIGN_VERIFY),
    GET_PUBLIC_KEY("GetPublicKey", false, KeyUsage.SIGN_VERIFY, KeyUsage.ENCRYPT_DECRYPT, KeyUsage.KEY_AGREEMENT),
    CREATE_GRANT("CreateGrant", false),
    RETIRE_GRANT("RetireGrant", false),
    DESCRIBE_KEY("DescribeKey", false),
    GENERATE_DATA_KEY_PAIR("GenerateDataKeyPair", true, KeyUsage.ENCRYPT_DECRYPT),
    GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT("GenerateDataKeyPairWithoutPlaintext", true, KeyUsage.ENCRYPT_DECRYPT),
    GENERATE_MAC("GenerateMac", false, KeyUsage.GENERATE_VERIFY_MAC),
    VERIFY_MAC("VerifyMac", false, KeyUsage.GENERATE_VERIFY_MAC),
    DERIVE_SHARED_SECRET("DeriveSharedSecret", false, KeyUsage.KEY_AGREEMENT);

    /// All names, as a refused choice lists them.
    static final List<String> NAMES =
            Arrays.stream(values()).map(GrantOperation::aws).toList();

    private final String aws;
    private final boolean bindsContext;
    private final Set<KeyUsage> usages;

    /// @param bindsContext whether requests of this operation have an encryption context that a grant may constrain
    /// @param usages of keys that have the operation; none for operations that every key has
    GrantOperation(String aws, boolean bindsContext, KeyUsage... usages) {
        this.aws = aws;
        this.bindsContext = bindsContext;
        this.usages = Set.of(usages);
    }

    public String aws() {
        return aws;
    }

    boolean bindsContext() {
        return bindsContext;
    }

    static @Nullable GrantOperation find(String aws) {
        for (GrantOperation operation : values()) {
            if (operation.aws.equals(aws)) {
                return operation;
            }
        }
        return null;
    }

    /// The operation that a permission such as `kms:Sign` is for; null when no grant can allow it.
    static @Nullable GrantOperation ofPermission(String permission) {
        return permission.startsWith("kms:") ? find(permission.substring("kms:".length())) : null;
    }

    /// Whether `key` can do this at all.
    boolean fits(KeyRecord key) {
        if (usages.isEmpty()) {
            return true;
        }
        if (!usages.contains(key.usage())) {
            return false;
        }
        return switch (this) {
            case GET_PUBLIC_KEY -> !key.spec().isSymmetric();
            case GENERATE_DATA_KEY,
                    GENERATE_DATA_KEY_WITHOUT_PLAINTEXT,
                    GENERATE_DATA_KEY_PAIR,
                    GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT -> key.spec().isSymmetric();
            case DECRYPT,
                    ENCRYPT,
                    RE_ENCRYPT_FROM,
                    RE_ENCRYPT_TO,
                    SIGN,
                    VERIFY,
                    CREATE_GRANT,
                    RETIRE_GRANT,
                    DESCRIBE_KEY,
                    GENERATE_MAC,
                    VERIFY_MAC,
                    DERIVE_SHARED_SECRET -> true;
        };
    }
}
