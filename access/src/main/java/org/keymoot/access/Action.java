package org.keymoot.access;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The 54 actions of the KMS API, and those that Keymoot has beside them.
public enum Action implements ServiceAction {
    CANCEL_KEY_DELETION("CancelKeyDeletion", true),
    CONNECT_CUSTOM_KEY_STORE("ConnectCustomKeyStore", false),
    CREATE_ALIAS("CreateAlias", true),
    CREATE_CUSTOM_KEY_STORE("CreateCustomKeyStore", false),
    CREATE_GRANT("CreateGrant", true),
    CREATE_KEY("CreateKey", true),
    DECRYPT("Decrypt", true),
    DELETE_ALIAS("DeleteAlias", true),
    DELETE_CUSTOM_KEY_STORE("DeleteCustomKeyStore", false),
    DELETE_IMPORTED_KEY_MATERIAL("DeleteImportedKeyMaterial", true),
    DERIVE_SHARED_SECRET("DeriveSharedSecret", true),
    DESCRIBE_CUSTOM_KEY_STORES("DescribeCustomKeyStores", false),
    DESCRIBE_KEY("DescribeKey", true),
    DISABLE_KEY("DisableKey", true),
    DISABLE_KEY_ROTATION("DisableKeyRotation", true),
    DISCONNECT_CUSTOM_KEY_STORE("DisconnectCustomKeyStore", false),
    ENABLE_KEY("EnableKey", true),
    ENABLE_KEY_ROTATION("EnableKeyRotation", true),
    ENCRYPT("Encrypt", true),
    GENERATE_DATA_KEY("GenerateDataKey", true),
    GENERATE_DATA_KEY_PAIR("GenerateDataKeyPair", true),
    GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT("GenerateDataKeyPairWithoutPlaintext", true),
    GENERATE_DATA_KEY_WITHOUT_PLAINTEXT("GenerateDataKeyWithoutPlaintext", true),
    GENERATE_MAC("GenerateMac", true),
    GENERATE_RANDOM("GenerateRandom", true),
    GET_KEY_LAST_USAGE("GetKeyLastUsage", true),
    GET_KEY_POLICY("GetKeyPolicy", true),
    GET_KEY_ROTATION_STATUS("GetKeyRotationStatus", true),
    GET_PARAMETERS_FOR_IMPORT("GetParametersForImport", true),
    GET_PUBLIC_KEY("GetPublicKey", true),
    IMPORT_KEY_MATERIAL("ImportKeyMaterial", true),
    LIST_ALIASES("ListAliases", true),
    LIST_GRANTS("ListGrants", true),
    LIST_KEY_POLICIES("ListKeyPolicies", true),
    LIST_KEY_ROTATIONS("ListKeyRotations", true),
    LIST_KEYS("ListKeys", true),
    LIST_RESOURCE_TAGS("ListResourceTags", true),
    LIST_RETIRABLE_GRANTS("ListRetirableGrants", true),
    PUT_KEY_POLICY("PutKeyPolicy", true),
    RE_ENCRYPT("ReEncrypt", true),
    REPLICATE_KEY("ReplicateKey", true),
    RETIRE_GRANT("RetireGrant", true),
    REVOKE_GRANT("RevokeGrant", true),
    ROTATE_KEY_ON_DEMAND("RotateKeyOnDemand", true),
    SCHEDULE_KEY_DELETION("ScheduleKeyDeletion", true),
    SIGN("Sign", true),
    TAG_RESOURCE("TagResource", true),
    UNTAG_RESOURCE("UntagResource", true),
    UPDATE_ALIAS("UpdateAlias", true),
    UPDATE_CUSTOM_KEY_STORE("UpdateCustomKeyStore", false),
    UPDATE_KEY_DESCRIPTION("UpdateKeyDescription", true),
    UPDATE_PRIMARY_REGION("UpdatePrimaryRegion", true),
    VERIFY("Verify", true),
    VERIFY_MAC("VerifyMac", true),
    ACQUIRE_NONCE_LEASE("AcquireNonceLease"),
    DELETE_SIGN_RULES("DeleteSignRules"),
    GET_NONCE_LEASE("GetNonceLease"),
    GET_PARAMETERS_FOR_SPLIT_IMPORT("GetParametersForSplitImport"),
    GET_SIGN_RULES("GetSignRules"),
    IMPORT_KEY_SHARES("ImportKeyShares"),
    PUT_SIGN_RULES("PutSignRules"),
    RELEASE_NONCE_LEASE("ReleaseNonceLease"),
    RESERVE_NONCE("ReserveNonce"),
    SETTLE_NONCE("SettleNonce"),
    SIGN_ETHEREUM("SignEthereum");

    private static final String AWS_TARGET = "TrentService.";
    private static final String OWN_TARGET = "Keymoot.";

    private static final Map<String, Action> BY_NAME = new HashMap<>();

    static {
        for (Action action : values()) {
            BY_NAME.put(action.target(), action);
        }
    }

    private final String aws;
    private final boolean supported;
    private final boolean own;

    /// An action of AWS.
    Action(String aws, boolean supported) {
        this.aws = aws;
        this.supported = supported;
        this.own = false;
    }

    /// An action of Keymoot.
    Action(String name) {
        this.aws = name;
        this.supported = true;
        this.own = true;
    }

    /// True for the actions that AWS does not have.
    public boolean own() {
        return own;
    }

    /// The whole value of `X-Amz-Target`.
    public String target() {
        return (own ? OWN_TARGET : AWS_TARGET) + aws;
    }

    /// The name in `X-Amz-Target`, after the service's.
    @Override
    public String aws() {
        return aws;
    }

    @Override
    public Service service() {
        return Service.KMS;
    }

    @Override
    public String permission() {
        return (own ? "keymoot:" : "kms:") + aws;
    }

    /// False for an action that AWS has and Keymoot refuses with UnsupportedOperationException.
    public boolean supported() {
        return supported;
    }

    /// The action of AWS that has this name.
    public static @Nullable Action find(String aws) {
        return BY_NAME.get(AWS_TARGET + aws);
    }

    /// The action that a value of `X-Amz-Target` names.
    public static @Nullable Action ofTarget(String target) {
        return BY_NAME.get(target);
    }
}
