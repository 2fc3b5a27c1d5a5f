package org.keymoot.access.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.access.iam.Account.allow;
import static org.keymoot.access.iam.Account.session;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keymoot.access.Cluster;
import org.keymoot.access.KeySpec;
import org.keymoot.access.Service;
import org.keymoot.access.iam.Account.Keys;
import org.keymoot.access.iam.Account.Reply;

/// Sessions that a user gives to somebody whom no account knows.
class FederationTest {
    private static final String GUEST = "arn:aws:sts::" + Cluster.ACCOUNT + ":federated-user/guest";

    private final Account account = new Account();
    private Keys alice = Account.ROOT;

    @BeforeEach
    void aUserThatMayFederate() {
        alice = account.user("alice");
        give("sts:GetFederationToken\",\"sts:TagSession\",\"kms:List*\",\"iam:*\",\"sts:AssumeRole");
    }

    private void give(String actions) {
        account.iam(
                "PutUserPolicy",
                "UserName",
                "alice",
                "PolicyName",
                "p",
                "PolicyDocument",
                allow("*", "*").replace("\"Action\":\"*\"", "\"Action\":[\"" + actions + "\"]"));
    }

    private Reply federate(String... more) {
        String[] all = new String[more.length + 2];
        all[0] = "Name";
        all[1] = "guest";
        System.arraycopy(more, 0, all, 2, more.length);
        return account.sts(alice, "GetFederationToken", all);
    }

    @Test
    void aFederatedUserMayWhatItsMakerMayAndItsPolicyAllows() {
        Reply reply = federate(
                "Policy",
                allow("kms:ListKeys\",\"kms:GenerateRandom", "*")
                        .replace(
                                "\"kms:ListKeys\",\"kms:GenerateRandom\"",
                                "[\"kms:ListKeys\",\"kms:GenerateRandom\"]"));
        assertThat(reply.text("//FederatedUser/Arn")).isEqualTo(GUEST);
        assertThat(reply.text("//FederatedUser/FederatedUserId")).isEqualTo("123456789012:guest");
        Keys guest = session(reply);
        assertThat(account.sts(guest, "GetCallerIdentity").text("//Arn")).isEqualTo(GUEST);
        account.cluster.execute(account.kms(guest, "ListKeys", "{}"));
        // What only one of the two allows is denied.
        assertThat(account.cluster
                        .refusal(account.kms(guest, "ListAliases", "{}"))
                        .message())
                .endsWith("because no session policy allows the kms:ListAliases action");
        assertThat(account.cluster
                        .refusal(account.kms(guest, "GenerateRandom", "{\"NumberOfBytes\":8}"))
                        .type())
                .isEqualTo("AccessDeniedException");
    }

    @Test
    void withoutAPolicyItMayOnlyWhatResourcesAllowItByName() {
        Keys guest = session(federate());
        assertThat(account.cluster.refusal(account.kms(guest, "ListKeys", "{}")).type())
                .isEqualTo("AccessDeniedException");
        String key = account.cluster.makeKey(KeySpec.ECC_NIST_P256);
        String policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\""
                + GUEST + "\",\"" + Cluster.ACCOUNT + "\"]},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}";
        account.cluster.call(
                "PutKeyPolicy",
                "{\"KeyId\":\"" + key + "\",\"PolicyName\":\"default\",\"Policy\":\"" + policy.replace("\"", "\\\"")
                        + "\",\"BypassPolicyLockoutSafetyCheck\":true}");
        account.cluster.execute(account.kms(guest, "DescribeKey", "{\"KeyId\":\"" + key + "\"}"));
    }

    @Test
    void itsSessionChangesNoIdentityAndMakesNoFurtherSession() {
        Keys guest = session(federate("Policy", allow("*", "*")));
        assertThat(account.refusalAs(guest, Service.IAM, "ListUsers").type()).isEqualTo("InvalidClientTokenId");
        for (String action : java.util.List.of("GetSessionToken", "GetFederationToken", "AssumeRole")) {
            assertThat(account.refusalAs(guest, Service.STS, action, "Name", "more")
                            .type())
                    .isEqualTo("AccessDenied");
        }
        Keys user = session(account.sts(alice, "GetSessionToken"));
        assertThat(account.refusalAs(user, Service.STS, "GetFederationToken", "Name", "guest")
                        .type())
                .isEqualTo("AccessDenied");
    }

    @Test
    void itEndsWithItsTimeAndItsMaker() {
        Keys guest = session(federate("Policy", allow("kms:*", "*"), "DurationSeconds", "900"));
        account.pass(Duration.ofSeconds(899));
        account.cluster.execute(account.kms(guest, "ListKeys", "{}"));
        account.pass(Duration.ofSeconds(1));
        assertThat(account.cluster.refusal(account.kms(guest, "ListKeys", "{}")).type())
                .isEqualTo("ExpiredTokenException");
        Keys second = session(federate("Policy", allow("kms:*", "*")));
        account.iam("DeleteUserPolicy", "UserName", "alice", "PolicyName", "p");
        assertThat(account.cluster
                        .refusal(account.kms(second, "ListKeys", "{}"))
                        .type())
                .isEqualTo("AccessDeniedException");
        account.iam("DeleteAccessKey", "UserName", "alice", "AccessKeyId", alice.id());
        account.iam("DeleteUser", "UserName", "alice");
        assertThat(account.cluster
                        .refusal(account.kms(second, "ListKeys", "{}"))
                        .type())
                .isEqualTo("UnrecognizedClientException");
    }

    @Test
    void onlyWhoMayFederates() {
        give("kms:*");
        assertThat(account.refusalAs(alice, Service.STS, "GetFederationToken", "Name", "guest")
                        .message())
                .contains("is not authorized to perform: sts:GetFederationToken on resource: " + GUEST);
        Keys ofRoot = session(
                account.sts(Account.ROOT, "GetFederationToken", "Name", "guest", "Policy", allow("kms:ListKeys", "*")));
        account.cluster.execute(account.kms(ofRoot, "ListKeys", "{}"));
        assertThat(account.cluster
                        .refusal(account.kms(ofRoot, "ListAliases", "{}"))
                        .type())
                .isEqualTo("AccessDeniedException");
        account.pass(Duration.ofHours(1));
        assertThat(account.cluster
                        .refusal(account.kms(ofRoot, "ListKeys", "{}"))
                        .type())
                .isEqualTo("ExpiredTokenException");
    }

    @Test
    void thereIsNoMessageToDecode() {
        assertThat(account.refusalAs(Account.ROOT, Service.STS, "DecodeAuthorizationMessage", "EncodedMessage", "abc")
                        .type())
                .isEqualTo("InvalidAuthorizationMessageException");
    }
}
