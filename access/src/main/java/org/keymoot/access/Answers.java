package org.keymoot.access;

import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.keymoot.access.json.CanonicalJson;

/// AWS's answer shapes, built from register contents.
final class Answers {
    private Answers() {}

    /// The empty body of a void result.
    static final String EMPTY = "";

    static String createKey(KeyRecord key) {
        return CanonicalJson.object().put("KeyMetadata", metadata(key)).text();
    }

    static String publicKey(KeyRecord key) {
        return CanonicalJson.object()
                .put("CustomerMasterKeySpec", key.spec().name())
                .put("KeyId", key.arn())
                .put("KeySpec", key.spec().name())
                .put("KeyUsage", "SIGN_VERIFY")
                .put("PublicKey", Base64.getEncoder().encodeToString(key.publicKeyDer()))
                .put("SigningAlgorithms", algorithms(key))
                .text();
    }

    static String scheduled(KeyRecord key) {
        return CanonicalJson.object()
                .put("DeletionDate", Objects.requireNonNull(key.deletionAt()))
                .put("KeyId", key.arn())
                .put("KeyState", key.state().aws())
                .put("PendingWindowInDays", key.pendingWindowDays())
                .text();
    }

    /// KeyMetadata.
    static CanonicalJson.ObjectBuilder metadata(KeyRecord key) {
        CanonicalJson.ObjectBuilder metadata = CanonicalJson.object()
                .put("AWSAccountId", key.account())
                .put("Arn", key.arn())
                .put("CreationDate", key.createdAt())
                .put("CustomerMasterKeySpec", key.spec().name())
                .put("Description", key.description())
                .put("Enabled", key.state() == KeyState.ENABLED)
                .put("KeyId", key.keyId())
                .put("KeyManager", "CUSTOMER")
                .put("KeySpec", key.spec().name())
                .put("KeyState", key.state().aws())
                .put("KeyUsage", "SIGN_VERIFY")
                .put("MultiRegion", false)
                .put("Origin", "AWS_KMS")
                .put("SigningAlgorithms", algorithms(key));
        if (key.deletionAt() != null) {
            metadata.put("DeletionDate", key.deletionAt());
        }
        return metadata;
    }

    private static List<String> algorithms(KeyRecord key) {
        return key.spec().signingAlgorithms().stream().map(Enum::name).toList();
    }
}
