package org.keymoot.access;

import java.util.List;
import org.keymoot.access.json.CanonicalJson;

/// AWS's answer shapes, built from register contents.
final class Answers {
    private Answers() {}

    /// The empty body of a void result.
    static final String EMPTY = "";

    static String createKey(KeyRecord key) {
        return CanonicalJson.object().put("KeyMetadata", metadata(key)).text();
    }

    /// KeyMetadata.
    static CanonicalJson.ObjectBuilder metadata(KeyRecord key) {
        List<String> algorithms =
                key.spec().signingAlgorithms().stream().map(Enum::name).toList();
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
                .put("SigningAlgorithms", algorithms);
        if (key.deletionAt() != null) {
            metadata.put("DeletionDate", key.deletionAt());
        }
        return metadata;
    }
}
