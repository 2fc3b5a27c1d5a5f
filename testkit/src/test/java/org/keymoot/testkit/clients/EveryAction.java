package org.keymoot.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.access.iam.IamAction.*;
import static org.keymoot.access.iam.StsAction.*;

import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.keymoot.access.Action;

/// Every action of KMS, IAM and STS once, in an order in which each has something to work on.
final class EveryAction {
    private static final String ACCOUNT = "123456789012";
    private static final String ROOT = "arn:aws:iam::" + ACCOUNT + ":root";
    private static final String MESSAGE = base64("pay nobody");
    private static final String ALLOW_SIGN = """
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Sign", "Resource": "*"}]}""";

    private final Calls calls;
    /// Begins the names of everything that this client makes.
    private final String name;

    private int made;

    EveryAction(Calls calls, String name) {
        this.calls = calls;
        this.name = name;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    void run() throws Exception {
        keys();
        encryption();
        codesAndAgreements();
        grants();
        severalRegions();
        imports();
        keyStores();
        users();
        groups();
        roles();
        managedPolicies();
        accessKeys();
        identityProviders();
        account();
        sessions();
        removal();
    }

    private String key(String spec, String usage) throws Exception {
        // Two keys that are asked for in the same words in the same second are one.
        return calls.call(Action.CREATE_KEY, "KeySpec", spec, "KeyUsage", usage, "Description", name + ++made)
                .is("/KeyMetadata/KeyState", "Enabled")
                .is("/KeyMetadata/KeyUsage", usage)
                .text("/KeyMetadata/KeyId");
    }

    private void keys() throws Exception {
        String key = key("ECC_NIST_P256", "SIGN_VERIFY");
        calls.call(Action.DESCRIBE_KEY, "KeyId", key).is("/KeyMetadata/Description", name + made);
        calls.call(Action.LIST_KEYS, "Limit", 1000).has(key);
        calls.call(Action.GET_PUBLIC_KEY, "KeyId", key)
                .is("/KeySpec", "ECC_NIST_P256")
                .text("/PublicKey");
        String signature = calls.call(
                        Action.SIGN,
                        "KeyId",
                        key,
                        "Message",
                        MESSAGE,
                        "MessageType",
                        "RAW",
                        "SigningAlgorithm",
                        "ECDSA_SHA_256")
                .text("/Signature");
        calls.call(
                        Action.VERIFY,
                        "KeyId",
                        key,
                        "Message",
                        MESSAGE,
                        "MessageType",
                        "RAW",
                        "Signature",
                        signature,
                        "SigningAlgorithm",
                        "ECDSA_SHA_256")
                .is("/SignatureValid", true);
        calls.call(Action.GET_KEY_LAST_USAGE, "KeyId", key).is("/KeyLastUsage/Operation", "Verify");

        String alias = "alias/" + name;
        String other = key("ECC_NIST_EDWARDS25519", "SIGN_VERIFY");
        calls.call(Action.CREATE_ALIAS, "AliasName", alias, "TargetKeyId", key).isDone();
        calls.call(Action.LIST_ALIASES, "KeyId", key).is("/Aliases/0/AliasName", alias);
        calls.call(Action.UPDATE_ALIAS, "AliasName", alias, "TargetKeyId", other)
                .isDone();
        calls.call(Action.LIST_ALIASES, "KeyId", other).is("/Aliases/0/AliasName", alias);
        calls.call(Action.DELETE_ALIAS, "AliasName", alias).isDone();

        calls.call(Action.TAG_RESOURCE, "KeyId", key, "Tags", List.of(Map.of("TagKey", "team", "TagValue", "blue")))
                .isDone();
        calls.call(Action.LIST_RESOURCE_TAGS, "KeyId", key).is("/Tags/0/TagValue", "blue");
        calls.call(Action.UNTAG_RESOURCE, "KeyId", key, "TagKeys", List.of("team"))
                .isDone();
        calls.call(Action.LIST_RESOURCE_TAGS, "KeyId", key).counts("/Tags", 0);
        calls.call(Action.UPDATE_KEY_DESCRIPTION, "KeyId", key, "Description", "new")
                .isDone();
        calls.call(Action.DESCRIBE_KEY, "KeyId", key).is("/KeyMetadata/Description", "new");

        String policy = calls.call(Action.GET_KEY_POLICY, "KeyId", key, "PolicyName", "default")
                .text("/Policy");
        calls.call(Action.PUT_KEY_POLICY, "KeyId", key, "PolicyName", "default", "Policy", policy)
                .isDone();
        calls.call(Action.LIST_KEY_POLICIES, "KeyId", key).is("/PolicyNames/0", "default");

        calls.call(Action.DISABLE_KEY, "KeyId", key).isDone();
        calls.call(Action.DESCRIBE_KEY, "KeyId", key).is("/KeyMetadata/KeyState", "Disabled");
        calls.call(Action.ENABLE_KEY, "KeyId", key).isDone();
        calls.call(Action.SCHEDULE_KEY_DELETION, "KeyId", key, "PendingWindowInDays", 7)
                .is("/KeyState", "PendingDeletion");
        calls.call(Action.CANCEL_KEY_DELETION, "KeyId", key).has(key);
        calls.call(Action.DESCRIBE_KEY, "KeyId", key).is("/KeyMetadata/KeyState", "Disabled");
    }

    private void encryption() throws Exception {
        String key = key("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        Map<String, String> context = Map.of("purpose", name);
        String ciphertext = calls.call(Action.ENCRYPT, "KeyId", key, "Plaintext", MESSAGE, "EncryptionContext", context)
                .text("/CiphertextBlob");
        calls.call(Action.DECRYPT, "CiphertextBlob", ciphertext, "EncryptionContext", context)
                .is("/Plaintext", MESSAGE);
        String again = calls.call(
                        Action.RE_ENCRYPT,
                        "CiphertextBlob",
                        ciphertext,
                        "SourceEncryptionContext",
                        context,
                        "DestinationKeyId",
                        key)
                .text("/CiphertextBlob");
        calls.call(Action.DECRYPT, "CiphertextBlob", again).is("/Plaintext", MESSAGE);

        Calls.Answer dataKey = calls.call(Action.GENERATE_DATA_KEY, "KeyId", key, "KeySpec", "AES_256");
        assertThat(bytes(dataKey.text("/Plaintext"))).hasSize(32);
        calls.call(Action.DECRYPT, "CiphertextBlob", dataKey.text("/CiphertextBlob"))
                .is("/Plaintext", dataKey.text("/Plaintext"));
        String sealed = calls.call(Action.GENERATE_DATA_KEY_WITHOUT_PLAINTEXT, "KeyId", key, "NumberOfBytes", 24)
                .hasNot("\"Plaintext\"")
                .text("/CiphertextBlob");
        assertThat(bytes(calls.call(Action.DECRYPT, "CiphertextBlob", sealed).text("/Plaintext")))
                .hasSize(24);
        Calls.Answer pair = calls.call(Action.GENERATE_DATA_KEY_PAIR, "KeyId", key, "KeyPairSpec", "ECC_NIST_P256");
        calls.call(Action.DECRYPT, "CiphertextBlob", pair.text("/PrivateKeyCiphertextBlob"))
                .is("/Plaintext", pair.text("/PrivateKeyPlaintext"));
        calls.call(Action.GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT, "KeyId", key, "KeyPairSpec", "ECC_SECG_P256K1")
                .hasNot("PrivateKeyPlaintext")
                .text("/PublicKey");

        calls.call(Action.ENABLE_KEY_ROTATION, "KeyId", key).isDone();
        calls.call(Action.GET_KEY_ROTATION_STATUS, "KeyId", key).is("/KeyRotationEnabled", true);
        calls.call(Action.DISABLE_KEY_ROTATION, "KeyId", key).isDone();
        calls.call(Action.GET_KEY_ROTATION_STATUS, "KeyId", key).is("/KeyRotationEnabled", false);
        calls.call(Action.ROTATE_KEY_ON_DEMAND, "KeyId", key).has(key);
        calls.call(Action.LIST_KEY_ROTATIONS, "KeyId", key).is("/Rotations/0/RotationType", "ON_DEMAND");
        calls.call(Action.DECRYPT, "CiphertextBlob", again).is("/Plaintext", MESSAGE);
        assertThat(bytes(calls.call(Action.GENERATE_RANDOM, "NumberOfBytes", 40).text("/Plaintext")))
                .hasSize(40);
    }

    private void codesAndAgreements() throws Exception {
        String key = key("HMAC_256", "GENERATE_VERIFY_MAC");
        String mac = calls.call(Action.GENERATE_MAC, "KeyId", key, "Message", MESSAGE, "MacAlgorithm", "HMAC_SHA_256")
                .text("/Mac");
        calls.call(Action.VERIFY_MAC, "KeyId", key, "Message", MESSAGE, "MacAlgorithm", "HMAC_SHA_256", "Mac", mac)
                .is("/MacValid", true);
        String alice = key("ECC_NIST_P256", "KEY_AGREEMENT");
        String bob = key("ECC_NIST_P256", "KEY_AGREEMENT");
        String secret = shared(alice, bob);
        assertThat(shared(bob, alice)).isEqualTo(secret);
    }

    private String shared(String own, String other) throws Exception {
        return calls.call(
                        Action.DERIVE_SHARED_SECRET,
                        "KeyId",
                        own,
                        "KeyAgreementAlgorithm",
                        "ECDH",
                        "PublicKey",
                        calls.call(Action.GET_PUBLIC_KEY, "KeyId", other).text("/PublicKey"))
                .text("/SharedSecret");
    }

    private void grants() throws Exception {
        String key = key("ECC_NIST_EDWARDS25519", "SIGN_VERIFY");
        String first = grant(key, name);
        calls.call(Action.LIST_GRANTS, "KeyId", key)
                .is("/Grants/0/GrantId", first)
                .is("/Grants/0/Name", name);
        calls.call(Action.LIST_RETIRABLE_GRANTS, "RetiringPrincipal", ROOT).has(first);
        calls.call(Action.RETIRE_GRANT, "KeyId", arn(key), "GrantId", first).isDone();
        String second = grant(key, name + "-2");
        calls.call(Action.REVOKE_GRANT, "KeyId", key, "GrantId", second).isDone();
        calls.call(Action.LIST_GRANTS, "KeyId", key).counts("/Grants", 0);
    }

    private String grant(String key, String grantName) throws Exception {
        return calls.call(
                        Action.CREATE_GRANT,
                        "KeyId",
                        key,
                        "GranteePrincipal",
                        ROOT,
                        "RetiringPrincipal",
                        ROOT,
                        "Operations",
                        List.of("Sign"),
                        "Name",
                        grantName)
                .text("/GrantId");
    }

    private static String arn(String key) {
        return "arn:aws:kms:us-east-1:" + ACCOUNT + ":key/" + key;
    }

    private void severalRegions() throws Exception {
        String key = calls.call(Action.CREATE_KEY, "MultiRegion", true)
                .is("/KeyMetadata/MultiRegion", true)
                .text("/KeyMetadata/KeyId");
        calls.call(Action.REPLICATE_KEY, "KeyId", key, "ReplicaRegion", "eu-west-1")
                .is("/ReplicaKeyMetadata/MultiRegionConfiguration/MultiRegionKeyType", "REPLICA");
        calls.call(Action.UPDATE_PRIMARY_REGION, "KeyId", key, "PrimaryRegion", "eu-west-1")
                .isDone();
        calls.call(Action.DESCRIBE_KEY, "KeyId", key)
                .is("/KeyMetadata/MultiRegionConfiguration/PrimaryKey/Region", "eu-west-1");
    }

    private void imports() throws Exception {
        String key = calls.call(Action.CREATE_KEY, "Origin", "EXTERNAL")
                .is("/KeyMetadata/KeyState", "PendingImport")
                .text("/KeyMetadata/KeyId");
        Calls.Answer parameters = calls.call(
                Action.GET_PARAMETERS_FOR_IMPORT,
                "KeyId",
                key,
                "WrappingAlgorithm",
                "RSAES_OAEP_SHA_256",
                "WrappingKeySpec",
                "RSA_2048");
        byte[] material = new byte[32];
        new SecureRandom().nextBytes(material);
        Cipher wrapping = Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
        wrapping.init(
                Cipher.ENCRYPT_MODE,
                KeyFactory.getInstance("RSA")
                        .generatePublic(new X509EncodedKeySpec(bytes(parameters.text("/PublicKey")))),
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        calls.call(
                        Action.IMPORT_KEY_MATERIAL,
                        "KeyId",
                        key,
                        "ImportToken",
                        parameters.text("/ImportToken"),
                        "EncryptedKeyMaterial",
                        Base64.getEncoder().encodeToString(wrapping.doFinal(material)),
                        "ExpirationModel",
                        "KEY_MATERIAL_DOES_NOT_EXPIRE")
                .hasNot("Material\":\"" + Base64.getEncoder().encodeToString(material));
        String ciphertext =
                calls.call(Action.ENCRYPT, "KeyId", key, "Plaintext", MESSAGE).text("/CiphertextBlob");
        calls.call(Action.DECRYPT, "CiphertextBlob", ciphertext).is("/Plaintext", MESSAGE);
        calls.call(Action.DELETE_IMPORTED_KEY_MATERIAL, "KeyId", key).hasNot("Plaintext");
        calls.call(Action.DESCRIBE_KEY, "KeyId", key).is("/KeyMetadata/KeyState", "PendingImport");
    }

    private void keyStores() throws Exception {
        calls.call(Action.CREATE_CUSTOM_KEY_STORE, "CustomKeyStoreName", name)
                .isRefused("UnsupportedOperationException");
        calls.call(Action.DESCRIBE_CUSTOM_KEY_STORES).isRefused("UnsupportedOperationException");
        for (Action action : List.of(
                Action.CONNECT_CUSTOM_KEY_STORE,
                Action.DISCONNECT_CUSTOM_KEY_STORE,
                Action.UPDATE_CUSTOM_KEY_STORE,
                Action.DELETE_CUSTOM_KEY_STORE)) {
            calls.call(action, "CustomKeyStoreId", "cks-1234567890abcdef0").isRefused("UnsupportedOperationException");
        }
    }

    private static List<Map<String, String>> tags() {
        return List.of(Map.of("Key", "team", "Value", "blue"));
    }

    private void users() throws Exception {
        calls.call(CREATE_USER, "UserName", name).is("/User/UserName", name);
        calls.call(GET_USER, "UserName", name).is("/User/Path", "/");
        calls.call(UPDATE_USER, "UserName", name, "NewPath", "/staff/").isDone();
        calls.call(GET_USER, "UserName", name).is("/User/Path", "/staff/");
        calls.call(LIST_USERS, "PathPrefix", "/staff/").has(name);
        calls.call(TAG_USER, "UserName", name, "Tags", tags()).isDone();
        calls.call(LIST_USER_TAGS, "UserName", name).is("/Tags/0/Value", "blue");
        calls.call(UNTAG_USER, "UserName", name, "TagKeys", List.of("team")).isDone();
        calls.call(LIST_USER_TAGS, "UserName", name).counts("/Tags", 0);
        calls.call(PUT_USER_POLICY, "UserName", name, "PolicyName", "p", "PolicyDocument", ALLOW_SIGN)
                .isDone();
        calls.call(GET_USER_POLICY, "UserName", name, "PolicyName", "p").is("/PolicyName", "p");
        calls.call(LIST_USER_POLICIES, "UserName", name).is("/PolicyNames/0", "p");
        calls.call(SIMULATE_PRINCIPAL_POLICY, "PolicySourceArn", user(), "ActionNames", List.of("kms:Sign"))
                .is("/EvaluationResults/0/EvalDecision", "allowed");
        calls.call(DELETE_USER_POLICY, "UserName", name, "PolicyName", "p").isDone();
        calls.call(LIST_USER_POLICIES, "UserName", name).counts("/PolicyNames", 0);
        calls.call(LIST_MFA_DEVICES, "UserName", name).counts("/MFADevices", 0);
        calls.call(LIST_SSH_PUBLIC_KEYS, "UserName", name).counts("/SSHPublicKeys", 0);
        calls.call(LIST_SIGNING_CERTIFICATES, "UserName", name).counts("/Certificates", 0);
        calls.call(LIST_SERVICE_SPECIFIC_CREDENTIALS, "UserName", name).counts("/ServiceSpecificCredentials", 0);
        calls.call(GET_LOGIN_PROFILE, "UserName", name).isRefused("NoSuchEntity");
        calls.call(DELETE_LOGIN_PROFILE, "UserName", name).isRefused("NoSuchEntity");
    }

    private String user() {
        return "arn:aws:iam::" + ACCOUNT + ":user/staff/" + name;
    }

    private void groups() throws Exception {
        calls.call(CREATE_GROUP, "GroupName", name).is("/Group/GroupName", name);
        calls.call(UPDATE_GROUP, "GroupName", name, "NewPath", "/teams/").isDone();
        calls.call(LIST_GROUPS, "PathPrefix", "/teams/").has(name);
        calls.call(ADD_USER_TO_GROUP, "GroupName", name, "UserName", name).isDone();
        calls.call(GET_GROUP, "GroupName", name).is("/Users/0/UserName", name).is("/Group/Path", "/teams/");
        calls.call(LIST_GROUPS_FOR_USER, "UserName", name).is("/Groups/0/GroupName", name);
        calls.call(REMOVE_USER_FROM_GROUP, "GroupName", name, "UserName", name).isDone();
        calls.call(LIST_GROUPS_FOR_USER, "UserName", name).counts("/Groups", 0);
        calls.call(PUT_GROUP_POLICY, "GroupName", name, "PolicyName", "p", "PolicyDocument", ALLOW_SIGN)
                .isDone();
        calls.call(GET_GROUP_POLICY, "GroupName", name, "PolicyName", "p").is("/GroupName", name);
        calls.call(LIST_GROUP_POLICIES, "GroupName", name).is("/PolicyNames/0", "p");
        calls.call(DELETE_GROUP_POLICY, "GroupName", name, "PolicyName", "p").isDone();
        calls.call(LIST_GROUP_POLICIES, "GroupName", name).counts("/PolicyNames", 0);
    }

    private static String trust(String principal) {
        return """
                {"Version": "2012-10-17",
                 "Statement": [{"Effect": "Allow", "Principal": {"AWS": "%s"}, "Action": "sts:AssumeRole"}]}""".formatted(principal);
    }

    private void roles() throws Exception {
        calls.call(CREATE_ROLE, "RoleName", name, "AssumeRolePolicyDocument", trust(user()))
                .is("/Role/RoleName", name);
        calls.call(UPDATE_ASSUME_ROLE_POLICY, "RoleName", name, "PolicyDocument", trust(ROOT))
                .isDone();
        calls.call(UPDATE_ROLE, "RoleName", name, "Description", "one", "MaxSessionDuration", 7200)
                .hasNot("one");
        calls.call(GET_ROLE, "RoleName", name).is("/Role/Description", "one").is("/Role/MaxSessionDuration", 7200);
        calls.call(UPDATE_ROLE_DESCRIPTION, "RoleName", name, "Description", "two")
                .is("/Role/Description", "two");
        calls.call(LIST_ROLES).has(name);
        calls.call(TAG_ROLE, "RoleName", name, "Tags", tags()).isDone();
        calls.call(LIST_ROLE_TAGS, "RoleName", name).is("/Tags/0/Key", "team");
        calls.call(UNTAG_ROLE, "RoleName", name, "TagKeys", List.of("team")).isDone();
        calls.call(LIST_ROLE_TAGS, "RoleName", name).counts("/Tags", 0);
        calls.call(PUT_ROLE_POLICY, "RoleName", name, "PolicyName", "p", "PolicyDocument", ALLOW_SIGN)
                .isDone();
        calls.call(GET_ROLE_POLICY, "RoleName", name, "PolicyName", "p").is("/RoleName", name);
        calls.call(LIST_ROLE_POLICIES, "RoleName", name).is("/PolicyNames/0", "p");
        calls.call(DELETE_ROLE_POLICY, "RoleName", name, "PolicyName", "p").isDone();
        calls.call(LIST_ROLE_POLICIES, "RoleName", name).counts("/PolicyNames", 0);
        calls.call(LIST_INSTANCE_PROFILES_FOR_ROLE, "RoleName", name).counts("/InstanceProfiles", 0);
    }

    private void managedPolicies() throws Exception {
        String arn = calls.call(CREATE_POLICY, "PolicyName", name, "PolicyDocument", ALLOW_SIGN)
                .is("/Policy/DefaultVersionId", "v1")
                .text("/Policy/Arn");
        calls.call(CREATE_POLICY_VERSION, "PolicyArn", arn, "PolicyDocument", ALLOW_SIGN)
                .is("/PolicyVersion/VersionId", "v2");
        calls.call(SET_DEFAULT_POLICY_VERSION, "PolicyArn", arn, "VersionId", "v2")
                .isDone();
        calls.call(GET_POLICY, "PolicyArn", arn).is("/Policy/DefaultVersionId", "v2");
        calls.call(GET_POLICY_VERSION, "PolicyArn", arn, "VersionId", "v1")
                .is("/PolicyVersion/IsDefaultVersion", false);
        calls.call(DELETE_POLICY_VERSION, "PolicyArn", arn, "VersionId", "v1").isDone();
        calls.call(LIST_POLICY_VERSIONS, "PolicyArn", arn).counts("/Versions", 1);
        calls.call(LIST_POLICIES, "Scope", "Local").has(arn);
        calls.call(TAG_POLICY, "PolicyArn", arn, "Tags", tags()).isDone();
        calls.call(LIST_POLICY_TAGS, "PolicyArn", arn).is("/Tags/0/Key", "team");
        calls.call(UNTAG_POLICY, "PolicyArn", arn, "TagKeys", List.of("team")).isDone();
        calls.call(LIST_POLICY_TAGS, "PolicyArn", arn).counts("/Tags", 0);

        calls.call(ATTACH_USER_POLICY, "UserName", name, "PolicyArn", arn).isDone();
        calls.call(LIST_ATTACHED_USER_POLICIES, "UserName", name).is("/AttachedPolicies/0/PolicyArn", arn);
        calls.call(LIST_ENTITIES_FOR_POLICY, "PolicyArn", arn).is("/PolicyUsers/0/UserName", name);
        calls.call(DETACH_USER_POLICY, "UserName", name, "PolicyArn", arn).isDone();
        calls.call(LIST_ATTACHED_USER_POLICIES, "UserName", name).counts("/AttachedPolicies", 0);
        calls.call(ATTACH_GROUP_POLICY, "GroupName", name, "PolicyArn", arn).isDone();
        calls.call(LIST_ATTACHED_GROUP_POLICIES, "GroupName", name).is("/AttachedPolicies/0/PolicyArn", arn);
        calls.call(DETACH_GROUP_POLICY, "GroupName", name, "PolicyArn", arn).isDone();
        calls.call(ATTACH_ROLE_POLICY, "RoleName", name, "PolicyArn", arn).isDone();
        calls.call(LIST_ATTACHED_ROLE_POLICIES, "RoleName", name).is("/AttachedPolicies/0/PolicyArn", arn);
        calls.call(DETACH_ROLE_POLICY, "RoleName", name, "PolicyArn", arn).isDone();

        calls.call(PUT_USER_PERMISSIONS_BOUNDARY, "UserName", name, "PermissionsBoundary", arn)
                .isDone();
        calls.call(GET_USER, "UserName", name).is("/User/PermissionsBoundary/PermissionsBoundaryArn", arn);
        calls.call(DELETE_USER_PERMISSIONS_BOUNDARY, "UserName", name).isDone();
        calls.call(PUT_ROLE_PERMISSIONS_BOUNDARY, "RoleName", name, "PermissionsBoundary", arn)
                .isDone();
        calls.call(GET_ROLE, "RoleName", name).is("/Role/PermissionsBoundary/PermissionsBoundaryArn", arn);
        calls.call(DELETE_ROLE_PERMISSIONS_BOUNDARY, "RoleName", name).isDone();
        calls.call(
                        SIMULATE_CUSTOM_POLICY,
                        "PolicyInputList",
                        List.of(ALLOW_SIGN),
                        "ActionNames",
                        List.of("kms:Decrypt"))
                .is("/EvaluationResults/0/EvalDecision", "implicitDeny");
        calls.call(DELETE_POLICY, "PolicyArn", arn).isDone();
        calls.call(GET_POLICY, "PolicyArn", arn).isRefused("NoSuchEntity");
    }

    private void accessKeys() throws Exception {
        Calls.Answer made = calls.call(CREATE_ACCESS_KEY, "UserName", name);
        made.text("/AccessKey/SecretAccessKey");
        String id = made.text("/AccessKey/AccessKeyId");
        calls.call(LIST_ACCESS_KEYS, "UserName", name).is("/AccessKeyMetadata/0/Status", "Active");
        calls.call(UPDATE_ACCESS_KEY, "UserName", name, "AccessKeyId", id, "Status", "Inactive")
                .isDone();
        calls.call(LIST_ACCESS_KEYS, "UserName", name).is("/AccessKeyMetadata/0/Status", "Inactive");
        calls.call(GET_ACCESS_KEY_LAST_USED, "AccessKeyId", id).is("/UserName", name);
        calls.call(GET_ACCESS_KEY_INFO, "AccessKeyId", id).is("/Account", ACCOUNT);
        calls.call(DELETE_ACCESS_KEY, "UserName", name, "AccessKeyId", id).isDone();
        calls.call(LIST_ACCESS_KEYS, "UserName", name).counts("/AccessKeyMetadata", 0);
    }

    private void identityProviders() throws Exception {
        String host = name + ".example.com";
        String thumbprint = "0123456789".repeat(4);
        String arn = calls.call(
                        CREATE_OIDC_PROVIDER,
                        "Url",
                        "https://" + host,
                        "ClientIDList",
                        List.of("one"),
                        "ThumbprintList",
                        List.of(thumbprint))
                .text("/OpenIDConnectProviderArn");
        calls.call(ADD_OIDC_CLIENT_ID, "OpenIDConnectProviderArn", arn, "ClientID", "two")
                .isDone();
        calls.call(REMOVE_OIDC_CLIENT_ID, "OpenIDConnectProviderArn", arn, "ClientID", "one")
                .isDone();
        calls.call(
                        UPDATE_OIDC_THUMBPRINT,
                        "OpenIDConnectProviderArn",
                        arn,
                        "ThumbprintList",
                        List.of("9876543210".repeat(4)))
                .isDone();
        calls.call(GET_OIDC_PROVIDER, "OpenIDConnectProviderArn", arn)
                .is("/ClientIDList/0", "two")
                .is("/ThumbprintList/0", "9876543210".repeat(4));
        calls.call(LIST_OIDC_PROVIDERS).has(arn);
        calls.call(TAG_OIDC_PROVIDER, "OpenIDConnectProviderArn", arn, "Tags", tags())
                .isDone();
        calls.call(LIST_OIDC_PROVIDER_TAGS, "OpenIDConnectProviderArn", arn).is("/Tags/0/Key", "team");
        calls.call(UNTAG_OIDC_PROVIDER, "OpenIDConnectProviderArn", arn, "TagKeys", List.of("team"))
                .isDone();
        calls.call(LIST_OIDC_PROVIDER_TAGS, "OpenIDConnectProviderArn", arn).counts("/Tags", 0);
        calls.call(DELETE_OIDC_PROVIDER, "OpenIDConnectProviderArn", arn).isDone();
        calls.call(GET_OIDC_PROVIDER, "OpenIDConnectProviderArn", arn).isRefused("NoSuchEntity");
    }

    private void account() throws Exception {
        calls.call(LIST_ACCOUNT_ALIASES).counts("/AccountAliases", 0);
        calls.call(GET_ACCOUNT_SUMMARY).has("Users");
        calls.call(LIST_INSTANCE_PROFILES).counts("/InstanceProfiles", 0);
        calls.call(LIST_VIRTUAL_MFA_DEVICES).counts("/VirtualMFADevices", 0);
    }

    private void sessions() throws Exception {
        calls.call(GET_CALLER_IDENTITY)
                .is("/Arn", "arn:aws:iam::" + ACCOUNT + ":user/" + EveryActionTest.ADMINISTRATOR);
        calls.call(GET_SESSION_TOKEN, "DurationSeconds", 900).text("/Credentials/SessionToken");
        calls.call(GET_FEDERATION_TOKEN, "Name", "guest", "Policy", ALLOW_SIGN)
                .is("/FederatedUser/Arn", "arn:aws:sts::" + ACCOUNT + ":federated-user/guest");
        calls.call(ASSUME_ROLE, "RoleArn", "arn:aws:iam::" + ACCOUNT + ":role/" + name, "RoleSessionName", "night")
                .is("/AssumedRoleUser/Arn", "arn:aws:sts::" + ACCOUNT + ":assumed-role/" + name + "/night");
        calls.call(
                        ASSUME_ROLE_WITH_WEB_IDENTITY,
                        "RoleArn",
                        "arn:aws:iam::" + ACCOUNT + ":role/" + name,
                        "RoleSessionName",
                        "night",
                        "WebIdentityToken",
                        "no.token.atall")
                .isRefused("InvalidIdentityToken");
        calls.call(DECODE_AUTHORIZATION_MESSAGE, "EncodedMessage", "nothing")
                .isRefused("InvalidAuthorizationMessageException");
    }

    private void removal() throws Exception {
        calls.call(DELETE_ROLE, "RoleName", name).isDone();
        calls.call(DELETE_GROUP, "GroupName", name).isDone();
        calls.call(DELETE_USER, "UserName", name).isDone();
        calls.call(GET_USER, "UserName", name).isRefused("NoSuchEntity");
    }
}
