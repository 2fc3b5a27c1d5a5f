package org.keymoot.access;

import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
        CanonicalJson.ObjectBuilder answer = CanonicalJson.object()
                .put("CustomerMasterKeySpec", key.spec().name())
                .put("KeyId", key.arn())
                .put("KeySpec", key.spec().name())
                .put("KeyUsage", key.usage().name())
                .put("PublicKey", Base64.getEncoder().encodeToString(key.publicKeyDer()));
        putAlgorithms(answer, key);
        return answer.text();
    }

    static String scheduled(KeyRecord key) {
        CanonicalJson.ObjectBuilder answer = CanonicalJson.object()
                .put("KeyId", key.arn())
                .put("KeyState", key.state().aws())
                .put("PendingWindowInDays", key.pendingWindowDays());
        if (key.deletionAt() != null) {
            answer.put("DeletionDate", key.deletionAt());
        }
        return answer.text();
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
                .put("KeyUsage", key.usage().name())
                .put("MultiRegion", key.multiRegion() != null)
                .put("Origin", key.origin().name());
        putAlgorithms(metadata, key);
        Material current = key.currentMaterial();
        if (key.usage() == KeyUsage.ENCRYPT_DECRYPT && key.spec().isSymmetric() && current != null) {
            metadata.put("CurrentKeyMaterialId", current.id());
        }
        if (key.spec().isRsa()) {
            // Not AWS's; its clients pass over members that they do not know.
            metadata.put("KeymootMaking", "DEALT");
        }
        String results = results(key);
        if (results != null) {
            metadata.put("KeymootResults", results);
        }
        if (key.origin() == KeyOrigin.EXTERNAL && current != null) {
            ImportActions.describe(metadata, current, false);
        }
        if (key.deletionAt() != null) {
            metadata.put("DeletionDate", key.deletionAt());
        } else if (key.state() == KeyState.PENDING_REPLICA_DELETION) {
            metadata.put("PendingDeletionWindowInDays", key.pendingWindowDays());
        }
        CanonicalJson.ObjectBuilder regions = MultiRegionActions.configuration(key);
        if (regions != null) {
            metadata.put("MultiRegionConfiguration", regions);
        }
        return metadata;
    }

    /// How a key's results differ from those that the name of its spec promises; null when they do not.
    private static @Nullable String results(KeyRecord key) {
        if (!key.spec().isSymmetric()) {
            return null;
        }
        return switch (key.usage()) {
            case ENCRYPT_DECRYPT -> "DISTRIBUTED_PRF_AES_256_GCM";
            case GENERATE_VERIFY_MAC -> "DISTRIBUTED_PRF";
            case SIGN_VERIFY, KEY_AGREEMENT -> null;
        };
    }

    private static void putAlgorithms(CanonicalJson.ObjectBuilder object, KeyRecord key) {
        switch (key.usage()) {
            case ENCRYPT_DECRYPT ->
                object.put("EncryptionAlgorithms", names(key.spec().encryptionAlgorithms()));
            case SIGN_VERIFY -> object.put("SigningAlgorithms", names(key.spec().signingAlgorithms()));
            case GENERATE_VERIFY_MAC ->
                object.put("MacAlgorithms", names(key.spec().macAlgorithms()));
            case KEY_AGREEMENT -> object.put("KeyAgreementAlgorithms", List.of("ECDH"));
        }
    }

    private static List<String> names(List<? extends Enum<?>> algorithms) {
        return algorithms.stream().map(Enum::name).toList();
    }
}
