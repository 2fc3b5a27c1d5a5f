package org.keymoot.access;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.encryption.EncryptionContext;

/// The members that requests to use a key have in common, and the checks that follow from them.
///
/// It keeps true: permission is checked before the key's state and the state before its usage, as AWS does,
/// and a dry run ends only after every other check has passed.
record KeyUse(List<String> grantTokens, boolean dryRun) {
    static final String ENCRYPTION_CONTEXT = "kms:EncryptionContext";

    private static final List<String> DRY_RUN_MODIFIERS = List.of("IGNORE_CIPHERTEXT");

    /// Reads GrantTokens and DryRun.
    static KeyUse read(Input input) {
        return new KeyUse(input.texts("GrantTokens", false, 10, 1, 8192), input.flag("DryRun"));
    }

    /// Whether a dry run is to leave the ciphertext aside, which a request may then lack. Without DryRun the modifier
    /// means nothing.
    static boolean ignoresCiphertext(Input input) {
        List<String> modifiers = input.choices("DryRunModifiers", false, DRY_RUN_MODIFIERS);
        return input.flag("DryRun") && !modifiers.isEmpty();
    }

    /// Reads an encryption context.
    static Map<String, String> readContext(Input input, String member) {
        Map<String, String> pairs = input.textMap(member);
        return pairs == null ? Map.of() : pairs;
    }

    /// An answer sealed for an enclave is something that only AWS's own hardware asks for.
    static void refuseRecipient(Input input, String operation) {
        if (input.structure("Recipient") != null) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    operation + " with a Recipient is not supported: there are no Nitro enclaves here. Leave"
                            + " Recipient out.");
        }
    }

    /// Takes over an encryption context whose other members have been checked, and makes it known to
    /// conditions.
    static EncryptionContext context(Call call, Map<String, String> pairs) {
        if (EncryptionContext.sizeOf(pairs) > EncryptionContext.MAXIMUM_BYTES) {
            throw new AwsException(AwsError.validation(
                    "The encryption context is larger than " + EncryptionContext.MAXIMUM_BYTES + " bytes."));
        }
        call.without(ENCRYPTION_CONTEXT);
        pairs.forEach((name, value) -> call.with(ENCRYPTION_CONTEXT + ":" + name, value));
        if (!pairs.isEmpty()) {
            call.with(ENCRYPTION_CONTEXT + "Keys", List.copyOf(pairs.keySet()));
        }
        return pairs.isEmpty() ? EncryptionContext.EMPTY : new EncryptionContext(new java.util.TreeMap<>(pairs));
    }

    /// The key that KeyId names, once the caller may use it and it is fit for `usage`.
    KeyRecord key(Call call, String keyId, KeyUsage usage, String operation) {
        call.useGrantTokens(grantTokens);
        KeyRecord key = call.resolve(keyId, true).key();
        call.authorise(key);
        requireFit(key, usage, operation);
        return key;
    }

    static void requireFit(KeyRecord key, KeyUsage usage, String operation) {
        KeyStates.requireEnabled(key);
        requireUsage(key, usage, operation);
    }

    static void requireUsage(KeyRecord key, KeyUsage usage, String operation) {
        if (key.usage() != usage) {
            throw Call.refuse(
                    "InvalidKeyUsageException",
                    key.arn() + " key usage is " + key.usage() + " which is not valid for " + operation + ".");
        }
    }

    static AwsException incompatible(KeyRecord key, @Nullable String algorithm) {
        return Call.refuse(
                "InvalidKeyUsageException",
                "Algorithm " + algorithm + " is incompatible with key spec " + key.spec() + ".");
    }

    /// The end of a dry run.
    void endIfDry() {
        if (dryRun) {
            throw Call.refuse(
                    "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
        }
    }
}
