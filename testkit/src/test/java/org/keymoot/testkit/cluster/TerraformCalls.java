package org.keymoot.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.iam.model.StatusType;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DescribeKeyResponse;
import software.amazon.awssdk.services.kms.model.GrantOperation;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.OriginType;
import software.amazon.awssdk.services.kms.model.Tag;

/// The calls that Terraform's AWS provider makes for the module's resources, in its order: what it sends when it makes,
/// reads, changes and destroys each. The provider itself is a program that no registry of packages has.
record TerraformCalls(IamClient iam, KmsClient kms, String account) {
    /// All of it, in the order of the resources' dependencies, and back.
    void run() {
        KeyMetadata key = createKey();
        String alias = createAlias(key);
        createGrant(key);
        updateKey(key);
        String policy = createPolicy();
        iam.createGroup(r -> r.groupName("tf-signer").path("/"));
        assertThat(iam.getGroup(r -> r.groupName("tf-signer")).group().path()).isEqualTo("/");
        iam.createUser(r -> r.userName("tf-user").path("/"));
        assertThat(iam.getUser(r -> r.userName("tf-user")).user().arn()).endsWith(":user/tf-user");
        iam.attachGroupPolicy(r -> r.groupName("tf-signer").policyArn(policy));
        assertThat(iam.listAttachedGroupPolicies(r -> r.groupName("tf-signer")).attachedPolicies())
                .anySatisfy(attached -> assertThat(attached.policyArn()).isEqualTo(policy));
        iam.addUserToGroup(r -> r.userName("tf-user").groupName("tf-signer"));
        assertThat(iam.listGroupsForUser(r -> r.userName("tf-user")).groups())
                .extracting(group -> group.groupName())
                .containsExactly("tf-signer");
        accessKey();
        role(policy);
        provider();
        changePolicy(policy);

        iam.removeUserFromGroup(r -> r.userName("tf-user").groupName("tf-signer"));
        iam.detachGroupPolicy(r -> r.groupName("tf-signer").policyArn(policy));
        assertThat(iam.listAttachedGroupPolicies(r -> r.groupName("tf-signer")).attachedPolicies())
                .isEmpty();
        destroyUser();
        iam.deleteGroup(r -> r.groupName("tf-signer"));
        destroyPolicy(policy);
        destroyKey(key, alias);
    }

    private KeyMetadata createKey() {
        KeyMetadata key = kms.createKey(r -> r.bypassPolicyLockoutSafetyCheck(false)
                        .keySpec("ECC_SECG_P256K1")
                        .keyUsage("SIGN_VERIFY")
                        .description("terraform")
                        .multiRegion(false)
                        .tags(Tag.builder()
                                .tagKey("environment")
                                .tagValue("staging")
                                .build()))
                .keyMetadata();
        readKey(key);
        return key;
    }

    private void readKey(KeyMetadata key) {
        DescribeKeyResponse read = kms.describeKey(r -> r.keyId(key.keyId()));
        assertThat(read.keyMetadata().origin()).isEqualTo(OriginType.AWS_KMS);
        assertThat(kms.getKeyPolicy(r -> r.keyId(key.keyId()).policyName("default"))
                        .policy())
                .contains("Statement");
        // Asked of keys of every kind.
        assertThat(kms.getKeyRotationStatus(r -> r.keyId(key.keyId())).keyRotationEnabled())
                .isFalse();
        assertThat(kms.listResourceTags(r -> r.keyId(key.keyId())).tags())
                .extracting(Tag::tagKey)
                .contains("environment");
    }

    private void updateKey(KeyMetadata key) {
        kms.disableKey(r -> r.keyId(key.keyId()));
        assertThat(kms.describeKey(r -> r.keyId(key.keyId())).keyMetadata().enabled())
                .isFalse();
        kms.enableKey(r -> r.keyId(key.keyId()));
        kms.updateKeyDescription(r -> r.keyId(key.keyId()).description("changed"));
        String policy = kms.getKeyPolicy(r -> r.keyId(key.keyId()).policyName("default"))
                .policy();
        kms.putKeyPolicy(
                r -> r.keyId(key.keyId()).policyName("default").policy(policy).bypassPolicyLockoutSafetyCheck(false));
        kms.tagResource(r -> r.keyId(key.keyId())
                .tags(Tag.builder().tagKey("team").tagValue("bridge").build()));
        kms.untagResource(r -> r.keyId(key.keyId()).tagKeys("team"));
        readKey(key);
    }

    private String createAlias(KeyMetadata key) {
        String alias = "alias/terraform-made";
        kms.createAlias(r -> r.aliasName(alias).targetKeyId(key.keyId()));
        assertThat(kms.listAliasesPaginator().aliases().stream())
                .anySatisfy(found -> assertThat(found.aliasName()).isEqualTo(alias));
        kms.updateAlias(r -> r.aliasName(alias).targetKeyId(key.keyId()));
        return alias;
    }

    private void createGrant(KeyMetadata key) {
        String grant = kms.createGrant(r -> r.keyId(key.keyId())
                        .granteePrincipal("arn:aws:iam::" + account + ":root")
                        .name("terraform")
                        .operations(GrantOperation.DESCRIBE_KEY))
                .grantId();
        assertThat(kms.listGrantsPaginator(r -> r.keyId(key.keyId()).limit(100)).grants().stream())
                .anySatisfy(found -> assertThat(found.grantId()).isEqualTo(grant));
        kms.revokeGrant(r -> r.keyId(key.keyId()).grantId(grant));
        assertThat(kms.listGrants(r -> r.keyId(key.keyId())).grants()).isEmpty();
    }

    private static String document(String action) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"" + action
                + "\",\"Resource\":\"*\"}]}";
    }

    private String createPolicy() {
        String arn = iam.createPolicy(r -> r.policyName("tf-policy").path("/").policyDocument(document("kms:Sign")))
                .policy()
                .arn();
        String version = iam.getPolicy(r -> r.policyArn(arn)).policy().defaultVersionId();
        String text = iam.getPolicyVersion(r -> r.policyArn(arn).versionId(version))
                .policyVersion()
                .document();
        assertThat(URLDecoder.decode(text, StandardCharsets.UTF_8)).isEqualTo(document("kms:Sign"));
        return arn;
    }

    private void changePolicy(String arn) {
        assertThat(iam.listPolicyVersions(r -> r.policyArn(arn)).versions()).hasSize(1);
        iam.createPolicyVersion(
                r -> r.policyArn(arn).policyDocument(document("kms:Verify")).setAsDefault(true));
        assertThat(iam.getPolicy(r -> r.policyArn(arn)).policy().defaultVersionId())
                .isEqualTo("v2");
    }

    private void destroyPolicy(String arn) {
        iam.listPolicyVersions(r -> r.policyArn(arn)).versions().stream()
                .filter(version -> !version.isDefaultVersion())
                .forEach(
                        version -> iam.deletePolicyVersion(r -> r.policyArn(arn).versionId(version.versionId())));
        iam.deletePolicy(r -> r.policyArn(arn));
        assertThatThrownBy(() -> iam.getPolicy(r -> r.policyArn(arn))).isInstanceOf(NoSuchEntityException.class);
    }

    private void accessKey() {
        String id = iam.createAccessKey(r -> r.userName("tf-user")).accessKey().accessKeyId();
        assertThat(iam.listAccessKeys(r -> r.userName("tf-user")).accessKeyMetadata())
                .hasSize(1);
        assertThat(iam.getAccessKeyLastUsed(r -> r.accessKeyId(id)).userName()).isEqualTo("tf-user");
        iam.updateAccessKey(r -> r.userName("tf-user").accessKeyId(id).status(StatusType.INACTIVE));
        iam.deleteAccessKey(r -> r.userName("tf-user").accessKeyId(id));
    }

    private void role(String policy) {
        String trust =
                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::"
                        + account + ":root\"},\"Action\":\"sts:AssumeRole\"}]}";
        iam.createRole(
                r -> r.roleName("tf-role").path("/").maxSessionDuration(3600).assumeRolePolicyDocument(trust));
        assertThat(iam.getRole(r -> r.roleName("tf-role")).role().maxSessionDuration())
                .isEqualTo(3600);
        iam.attachRolePolicy(r -> r.roleName("tf-role").policyArn(policy));
        assertThat(iam.listAttachedRolePolicies(r -> r.roleName("tf-role")).attachedPolicies())
                .hasSize(1);
        assertThat(iam.listRolePolicies(r -> r.roleName("tf-role")).policyNames())
                .isEmpty();
        iam.updateAssumeRolePolicy(r -> r.roleName("tf-role").policyDocument(trust));
        iam.updateRole(r -> r.roleName("tf-role").maxSessionDuration(7200));
        iam.tagRole(r -> r.roleName("tf-role").tags(t -> t.key("a").value("b")));
        assertThat(iam.listRoleTags(r -> r.roleName("tf-role")).tags()).hasSize(1);
        iam.detachRolePolicy(r -> r.roleName("tf-role").policyArn(policy));
        assertThat(iam.listInstanceProfilesForRole(r -> r.roleName("tf-role")).instanceProfiles())
                .isEmpty();
        iam.deleteRole(r -> r.roleName("tf-role"));
        assertThatThrownBy(() -> iam.getRole(r -> r.roleName("tf-role"))).isInstanceOf(NoSuchEntityException.class);
    }

    private void provider() {
        String arn = iam.createOpenIDConnectProvider(r -> r.url("https://terraform.example.org")
                        .clientIDList("one")
                        .thumbprintList("c".repeat(40)))
                .openIDConnectProviderArn();
        assertThat(iam.getOpenIDConnectProvider(r -> r.openIDConnectProviderArn(arn))
                        .url())
                .isEqualTo("terraform.example.org");
        iam.updateOpenIDConnectProviderThumbprint(
                r -> r.openIDConnectProviderArn(arn).thumbprintList("d".repeat(40)));
        iam.addClientIDToOpenIDConnectProvider(
                r -> r.openIDConnectProviderArn(arn).clientID("two"));
        iam.removeClientIDFromOpenIDConnectProvider(
                r -> r.openIDConnectProviderArn(arn).clientID("one"));
        assertThat(iam.getOpenIDConnectProvider(r -> r.openIDConnectProviderArn(arn))
                        .clientIDList())
                .isEqualTo(List.of("two"));
        iam.deleteOpenIDConnectProvider(r -> r.openIDConnectProviderArn(arn));
    }

    /// With `force_destroy`, which asks for everything that a user may have.
    private void destroyUser() {
        String user = "tf-user";
        assertThat(iam.listGroupsForUser(r -> r.userName(user)).groups()).isEmpty();
        assertThat(iam.listAccessKeys(r -> r.userName(user)).accessKeyMetadata())
                .isEmpty();
        assertThat(iam.listSSHPublicKeys(r -> r.userName(user)).sshPublicKeys()).isEmpty();
        assertThat(iam.listVirtualMFADevices(r -> r.assignmentStatus("Assigned"))
                        .virtualMFADevices())
                .isEmpty();
        assertThat(iam.listMFADevices(r -> r.userName(user)).mfaDevices()).isEmpty();
        assertThatThrownBy(() -> iam.deleteLoginProfile(r -> r.userName(user)))
                .isInstanceOf(NoSuchEntityException.class);
        assertThat(iam.listSigningCertificates(r -> r.userName(user)).certificates())
                .isEmpty();
        assertThat(iam.listServiceSpecificCredentials(r -> r.userName(user)).serviceSpecificCredentials())
                .isEmpty();
        assertThat(iam.listAttachedUserPolicies(r -> r.userName(user)).attachedPolicies())
                .isEmpty();
        assertThat(iam.listUserPolicies(r -> r.userName(user)).policyNames()).isEmpty();
        iam.deleteUser(r -> r.userName(user));
        assertThatThrownBy(() -> iam.getUser(r -> r.userName(user))).isInstanceOf(NoSuchEntityException.class);
    }

    private void destroyKey(KeyMetadata key, String alias) {
        kms.deleteAlias(r -> r.aliasName(alias));
        kms.scheduleKeyDeletion(r -> r.keyId(key.keyId()).pendingWindowInDays(7));
        assertThat(kms.describeKey(r -> r.keyId(key.keyId())).keyMetadata().keyState())
                .isEqualTo(KeyState.PENDING_DELETION);
    }
}
