package org.keymoot.access.iam;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.AwsError;
import org.keymoot.access.Cluster;
import org.keymoot.access.KeySpec;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.Service;
import org.keymoot.access.iam.Account.Keys;
import org.keymoot.access.json.CanonicalJson;

/// Attempts of a user to get more than its policies give, through IAM, aliases, tags and the names of things.
final class BypassTest {
    private static final String ADMINISTRATOR = "arn:aws:iam::aws:policy/IAMFullAccess";
    private static final String SIGN =
            "\"Message\":\"" + Cluster.base64(new byte[32]) + "\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"}";

    private final Account account = new Account();
    private Keys alice = Account.ROOT;
    private String key = "";

    @BeforeEach
    void aUserAndAKey() {
        alice = account.user("alice");
        key = account.cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        account.cluster.call("CreateAlias", "{\"AliasName\":\"alias/staging-one\",\"TargetKeyId\":\"" + key + "\"}");
    }

    private void give(String... statements) {
        account.iam(
                "PutUserPolicy",
                "UserName",
                "alice",
                "PolicyName",
                "p" + Integer.toHexString(statements[0].hashCode()),
                "PolicyDocument",
                "{\"Version\":\"2012-10-17\",\"Statement\":[" + String.join(",", statements) + "]}");
    }

    private static String statement(String effect, String action, String resource, String condition) {
        return "{\"Effect\":\"" + effect + "\",\"Action\":\"" + action + "\",\"Resource\":\"" + resource + "\""
                + (condition.isEmpty() ? "" : ",\"Condition\":" + condition) + "}";
    }

    private boolean maySign(String keyId) {
        return org.keymoot.access.Kms.decide(
                        account.kms(alice, "Sign", "{\"KeyId\":\"" + keyId + "\"," + SIGN),
                        account.cluster.directory,
                        account.cluster.now)
                instanceof org.keymoot.access.Decision.SignWith;
    }

    private boolean refused(Service service, String action, String... parameters) {
        AwsError error = account.refusalAs(alice, service, action, parameters);
        assertThat(error.type()).isEqualTo("AccessDenied");
        return true;
    }

    @Test
    void aPolicyByAliasFollowsTheAliasAtOnce() {
        give(statement(
                "Allow",
                "kms:Sign",
                "arn:aws:kms:*:123456789012:key/*",
                "{\"ForAnyValue:StringLike\":{\"kms:ResourceAliases\":\"alias/staging-*\"}}"));
        String other = account.cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        assertThat(maySign(key)).isTrue();
        assertThat(maySign("alias/staging-one")).isTrue();
        assertThat(maySign(other)).isFalse();
        account.cluster.call("UpdateAlias", "{\"AliasName\":\"alias/staging-one\",\"TargetKeyId\":\"" + other + "\"}");
        assertThat(maySign(key)).isFalse();
        assertThat(maySign("alias/staging-one")).isTrue();
        account.cluster.call("DeleteAlias", "{\"AliasName\":\"alias/staging-one\"}");
        assertThat(maySign(other)).isFalse();
        AwsError error = account.cluster.refusal(account.kms(
                alice, "CreateAlias", "{\"AliasName\":\"alias/staging-mine\",\"TargetKeyId\":\"" + key + "\"}"));
        assertThat(error.type()).isEqualTo("AccessDeniedException");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arn:aws:kms:us-east-1:123456789012:alias/staging-one",
                "arn:aws:kms:*:*:alias/*",
                "arn:aws:kms:us-east-1:123456789012:staging-one"
            })
    void anAliasInResourceGivesNothingOnTheKey(String resource) {
        give(statement("Allow", "kms:*", resource, ""));
        assertThat(maySign("alias/staging-one")).isFalse();
        assertThat(maySign(key)).isFalse();
    }

    @Test
    void anAliasMovesOnlyWithThePermissionOnAliasAndBothKeys() {
        String other = account.cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        String move = "{\"AliasName\":\"alias/staging-one\",\"TargetKeyId\":\"" + other + "\"}";
        String[] resources = {"arn:aws:kms:*:123456789012:alias/staging-one", Cluster.arn(key), Cluster.arn(other)};
        for (int i = 0; i < resources.length; i++) {
            assertThat(account.cluster
                            .refusal(account.kms(alice, "UpdateAlias", move))
                            .type())
                    .as("with %d of three", i)
                    .isEqualTo("AccessDeniedException");
            give(statement("Allow", "kms:UpdateAlias", resources[i], ""));
        }
        account.cluster.execute(account.kms(alice, "UpdateAlias", move));
    }

    @Test
    void aTagThatAPolicyAsksForCannotBeGivenByItself() {
        give(statement("Allow", "kms:*", "*", "{\"StringEquals\":{\"aws:ResourceTag/owner\":\"${aws:username}\"}}"));
        String tag = "{\"KeyId\":\"" + key + "\",\"Tags\":[{\"TagKey\":\"owner\",\"TagValue\":\"%s\"}]}";
        assertThat(maySign(key)).isFalse();
        assertThat(account.cluster
                        .refusal(account.kms(alice, "TagResource", tag.formatted("alice")))
                        .type())
                .isEqualTo("AccessDeniedException");
        account.cluster.call("TagResource", tag.formatted("alic*"));
        assertThat(maySign(key)).isFalse();
        account.cluster.call("TagResource", tag.formatted("alice"));
        assertThat(maySign(key)).isTrue();
        account.cluster.call("TagResource", tag.replace("owner", "Owner").formatted("bob"));
        assertThat(maySign(key)).as("two tags that differ in case only").isFalse();
    }

    @Test
    void tagsAtCreationNeedTheirOwnPermission() {
        String create = "{\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\",\"Tags\":[{\"TagKey\":\"team\","
                + "\"TagValue\":\"%s\"}]}";
        give(statement("Allow", "kms:CreateKey", "*", ""));
        assertThat(account.cluster
                        .refusal(account.kms(alice, "CreateKey", create.formatted("a")))
                        .message())
                .isEqualTo("User: arn:aws:iam::123456789012:user/alice is not authorized to perform: kms:TagResource"
                        + " because no identity-based policy allows the kms:TagResource action");
        give(statement(
                "Allow",
                "kms:TagResource",
                "arn:aws:kms:*:123456789012:key/*",
                "{\"StringEquals\":{\"aws:RequestTag/team\":\"a\"}}"));
        account.cluster.execute(account.kms(alice, "CreateKey", create.formatted("a")));
        assertThat(account.cluster
                        .refusal(account.kms(alice, "CreateKey", create.formatted("b")))
                        .type())
                .isEqualTo("AccessDeniedException");
    }

    // Through IAM

    @Test
    void aPolicyThatIsForbiddenCannotBeAttached() {
        give(
                statement("Allow", "iam:*", "*", ""),
                statement("Deny", "iam:Attach*", "*", "{\"ArnEquals\":{\"iam:PolicyARN\":\"" + ADMINISTRATOR + "\"}}"));
        assertThat(refused(Service.IAM, "AttachUserPolicy", "UserName", "alice", "PolicyArn", ADMINISTRATOR))
                .isTrue();
        account.iam("CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", Account.trust("*"));
        assertThat(refused(Service.IAM, "AttachRolePolicy", "RoleName", "r", "PolicyArn", ADMINISTRATOR))
                .isTrue();
    }

    @Test
    void aDelegateMustGiveAndKeepTheBoundary() {
        account.iam("CreatePolicy", "PolicyName", "edge", "PolicyDocument", Account.allow("kms:*", "*"));
        String edge = "arn:aws:iam::123456789012:policy/edge";
        String within = "{\"StringEquals\":{\"iam:PermissionsBoundary\":\"" + edge + "\"}}";
        give(
                statement("Allow", "iam:CreateUser", "*", within),
                statement("Allow", "iam:PutUserPolicy", "*", within),
                statement("Allow", "iam:PutUserPermissionsBoundary", "*", within));
        assertThat(refused(Service.IAM, "CreateUser", "UserName", "bob")).isTrue();
        assertThat(refused(Service.IAM, "CreateUser", "UserName", "bob", "PermissionsBoundary", ADMINISTRATOR))
                .isTrue();
        account.as(alice, Service.IAM, "CreateUser", "UserName", "bob", "PermissionsBoundary", edge);
        String[] policy = {"UserName", "bob", "PolicyName", "p", "PolicyDocument", Account.allow("*", "*")};
        account.as(alice, Service.IAM, "PutUserPolicy", policy);
        policy[1] = "alice";
        assertThat(refused(Service.IAM, "PutUserPolicy", policy))
                .as("alice has no boundary")
                .isTrue();
        assertThat(refused(
                        Service.IAM,
                        "PutUserPermissionsBoundary",
                        "UserName",
                        "bob",
                        "PermissionsBoundary",
                        ADMINISTRATOR))
                .isTrue();
        assertThat(refused(Service.IAM, "DeleteUserPermissionsBoundary", "UserName", "bob"))
                .isTrue();
    }

    /// Reading a document is work that only those may cause who could make use of it.
    @Test
    void aDocumentIsReadForThoseWhoMayBringItOnly() {
        give(statement("Allow", "iam:*", "arn:aws:iam::123456789012:role/mine", ""));
        account.iam("CreateRole", "RoleName", "other", "AssumeRolePolicyDocument", Account.trust("*"));
        for (String document : List.of("no policy", " ".repeat(100_000) + "no policy", "x".repeat(100_000))) {
            assertThat(refused(Service.IAM, "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", document))
                    .isTrue();
            assertThat(refused(Service.IAM, "UpdateAssumeRolePolicy", "RoleName", "other", "PolicyDocument", document))
                    .isTrue();
            assertThat(account.refusalAs(
                                    alice,
                                    Service.IAM,
                                    "CreateRole",
                                    "RoleName",
                                    "mine",
                                    "AssumeRolePolicyDocument",
                                    document)
                            .type())
                    .isEqualTo(document.startsWith("x") ? "LimitExceeded" : "MalformedPolicyDocument");
        }
    }

    /// Key policies and others may name users by their path.
    @Test
    void movingAnIdentityNeedsThePermissionOnItsNewNameAsWell() {
        give(
                statement("Allow", "iam:UpdateUser", "arn:aws:iam::123456789012:user/dev/*", ""),
                statement("Allow", "iam:UpdateGroup", "arn:aws:iam::123456789012:group/dev/*", ""));
        account.iam("CreateUser", "UserName", "mallory", "Path", "/dev/");
        account.iam("CreateGroup", "GroupName", "staff", "Path", "/dev/");
        assertThat(refused(Service.IAM, "UpdateUser", "UserName", "mallory", "NewPath", "/prod/"))
                .isTrue();
        assertThat(refused(Service.IAM, "UpdateGroup", "GroupName", "staff", "NewPath", "/prod/"))
                .isTrue();
        assertThat(account.refusalAs(alice, Service.IAM, "UpdateUser", "UserName", "mallory", "NewPath", "/prod/")
                        .message())
                .contains("iam:UpdateUser on resource: arn:aws:iam::123456789012:user/prod/mallory");
        account.as(alice, Service.IAM, "UpdateUser", "UserName", "mallory", "NewPath", "/dev/new/");
        assertThat(refused(Service.IAM, "UpdateUser", "UserName", "alice", "NewPath", "/dev/"))
                .as("from a path that is not hers")
                .isTrue();
    }

    @Test
    void theLastUseOfAnAccessKeyIsToldToThoseWhoMayAskOfItsUser() {
        account.iam("CreateUser", "UserName", "bob", "Path", "/ops/");
        String id = account.accessKey("bob").id();
        give(statement("Allow", "iam:GetAccessKeyLastUsed", "arn:aws:iam::123456789012:user/bob", ""));
        assertThat(refused(Service.IAM, "GetAccessKeyLastUsed", "AccessKeyId", id))
                .isTrue();
        give(statement("Allow", "iam:GetAccessKeyLastUsed", "arn:aws:iam::123456789012:user/ops/bob", ""));
        assertThat(account.as(alice, Service.IAM, "GetAccessKeyLastUsed", "AccessKeyId", id)
                        .text("//UserName"))
                .isEqualTo("bob");
    }

    @Test
    void tagsOfIdentitiesAreSeen() {
        give(statement(
                "Allow",
                "iam:TagUser",
                "*",
                "{\"StringEquals\":{\"aws:ResourceTag/team\":\"a\"},"
                        + "\"ForAllValues:StringEquals\":{\"aws:TagKeys\":\"cost\"}}"));
        account.iam("CreateUser", "UserName", "bob", "Tags.member.1.Key", "team", "Tags.member.1.Value", "a");
        String[] cost = {"UserName", "bob", "Tags.member.1.Key", "cost", "Tags.member.1.Value", "1"};
        account.as(alice, Service.IAM, "TagUser", cost);
        String[] team = {"UserName", "bob", "Tags.member.1.Key", "team", "Tags.member.1.Value", "b"};
        assertThat(refused(Service.IAM, "TagUser", team)).isTrue();
        cost[1] = "alice";
        assertThat(refused(Service.IAM, "TagUser", cost)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"iam:ResourceTag/team", "aws:ResourceTag/team"})
    void tagsOfIdentitiesHaveTwoNames(String name) {
        give(statement("Allow", "iam:GetUser", "*", "{\"StringEquals\":{\"" + name + "\":\"a\"}}"));
        account.iam("CreateUser", "UserName", "bob", "Tags.member.1.Key", "team", "Tags.member.1.Value", "a");
        account.iam("CreateUser", "UserName", "eve", "Tags.member.1.Key", "team", "Tags.member.1.Value", "b");
        account.as(alice, Service.IAM, "GetUser", "UserName", "bob");
        assertThat(refused(Service.IAM, "GetUser", "UserName", "eve")).isTrue();
    }

    /// Keys of tags are compared without regard to case, so the new one takes the old one's place.
    @Test
    void aTagReplacesTheOneThatDiffersInCaseOnly() {
        account.iam("CreateUser", "UserName", "bob", "Tags.member.1.Key", "team", "Tags.member.1.Value", "a");
        account.iam("TagUser", "UserName", "bob", "Tags.member.1.Key", "Team", "Tags.member.1.Value", "b");
        assertThat(account.iam("ListUserTags", "UserName", "bob").texts("//Tags/member/Value"))
                .containsExactly("b");
        account.iam("UntagUser", "UserName", "bob", "TagKeys.member.1", "TEAM");
        assertThat(account.iam("ListUserTags", "UserName", "bob").texts("//Tags/member"))
                .isEmpty();
    }

    @Test
    void anAttachedPolicyThatIsGoneDenies() {
        account.iam("CreatePolicy", "PolicyName", "limits", "PolicyDocument", Account.allow("kms:*", "*"));
        account.iam("AttachUserPolicy", "UserName", "alice", "PolicyArn", "arn:aws:iam::123456789012:policy/limits");
        assertThat(maySign(key)).isTrue();
        give(statement("Allow", "kms:*", "*", ""));
        RegisterName register = PolicyRecord.register(Cluster.ACCOUNT, "limits");
        RegisterValue value = java.util.Objects.requireNonNull(account.cluster.directory.read(register));
        PolicyRecord policy = PolicyRecord.decode(register, value.json());
        account.cluster.directory.commit(new RegisterWrite(
                register, value.version(), policy.removed("another").json()));
        assertThat(CanonicalJson.isTombstone(policy.removed("another").json())).isTrue();
        assertThat(maySign(key)).isFalse();
        account.iam("DetachUserPolicy", "UserName", "alice", "PolicyArn", "arn:aws:iam::123456789012:policy/limits");
        assertThat(maySign(key)).isTrue();
    }

    @Test
    void aRoleIsNotTakenOnByANameThatLooksLikeIt() {
        account.iam(
                "CreateRole",
                "RoleName",
                "signer",
                "AssumeRolePolicyDocument",
                Account.trust("arn:aws:iam::123456789012:user/Alice"));
        assertThat(refused(
                        Service.STS,
                        "AssumeRole",
                        "RoleArn",
                        "arn:aws:iam::123456789012:role/signer",
                        "RoleSessionName",
                        "root"))
                .isTrue();
    }

    @Test
    void aSessionNamedRootIsNotTheRoot() {
        account.iam(
                "CreateRole",
                "RoleName",
                "empty",
                "AssumeRolePolicyDocument",
                Account.trust("arn:aws:iam::123456789012:user/alice"));
        Keys session = Account.session(account.sts(
                alice, "AssumeRole", "RoleArn", "arn:aws:iam::123456789012:role/empty", "RoleSessionName", "root"));
        assertThat(account.cluster
                        .refusal(account.kms(session, "ListKeys", "{}"))
                        .type())
                .isEqualTo("AccessDeniedException");
    }
}
