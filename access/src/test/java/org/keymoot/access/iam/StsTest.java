package org.keymoot.access.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.access.iam.Account.allow;
import static org.keymoot.access.iam.Account.session;
import static org.keymoot.access.iam.Account.trust;

import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keymoot.access.AwsError;
import org.keymoot.access.Cluster;
import org.keymoot.access.Service;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.iam.Account.Keys;
import org.keymoot.access.iam.Account.Reply;

class StsTest {
    private static final String ROLE = "arn:aws:iam::" + Cluster.ACCOUNT + ":role/signer";
    private static final String ALICE = "arn:aws:iam::" + Cluster.ACCOUNT + ":user/alice";

    private final Account account = new Account();
    private Keys alice = Account.ROOT;

    @BeforeEach
    void aUserAndARoleThatTrustsIt() {
        alice = account.user("alice");
        account.iam("CreateRole", "RoleName", "signer", "AssumeRolePolicyDocument", trust(ALICE));
        account.iam("PutRolePolicy", "RoleName", "signer", "PolicyName", "keys", "PolicyDocument", allow("kms:*", "*"));
    }

    private Reply assume(String... more) {
        return account.sts(alice, "AssumeRole", with(more));
    }

    private static String[] with(String... more) {
        String[] all = new String[more.length + 4];
        all[0] = "RoleArn";
        all[1] = ROLE;
        all[2] = "RoleSessionName";
        all[3] = "work";
        System.arraycopy(more, 0, all, 4, more.length);
        return all;
    }

    @Test
    void aSessionOfARoleMayWhatTheRoleMay() {
        Reply assumed = assume();
        assertThat(assumed.text("//AssumedRoleUser/Arn"))
                .isEqualTo("arn:aws:sts::123456789012:assumed-role/signer/work");
        Keys keys = session(assumed);
        assertThat(keys.id()).startsWith("ASIA");
        Reply who = account.sts(keys, "GetCallerIdentity");
        assertThat(who.text("//Arn")).isEqualTo("arn:aws:sts::123456789012:assumed-role/signer/work");
        assertThat(who.text("//UserId")).matches("AROA[A-Z2-7]{17}:work");
        account.cluster.execute(account.kms(keys, "ListKeys", "{}"));
        assertThat(account.refusalAs(keys, Service.IAM, "ListUsers").message())
                .startsWith("User: arn:aws:sts::123456789012:assumed-role/signer/work is not authorized to perform:"
                        + " iam:ListUsers");
    }

    @Test
    void aSessionPolicyLimitsAndDoesNotGive() {
        Keys keys = session(assume("Policy", allow("kms:ListAliases", "*")));
        account.cluster.execute(account.kms(keys, "ListAliases", "{}"));
        assertThat(account.cluster.refusal(account.kms(keys, "ListKeys", "{}")).message())
                .endsWith("because no session policy allows the kms:ListKeys action");
        assertThat(account.refusalAs(alice, Service.STS, "AssumeRole", with("Policy", "{"))
                        .type())
                .isEqualTo("MalformedPolicyDocument");
        Keys byArn = session(assume("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/IAMFullAccess"));
        assertThat(account.cluster.refusal(account.kms(byArn, "ListKeys", "{}")).type())
                .isEqualTo("AccessDeniedException");
    }

    @Test
    void aSessionEndsAtItsTime() {
        Keys keys = session(assume("DurationSeconds", "900"));
        account.pass(Duration.ofSeconds(899));
        account.cluster.execute(account.kms(keys, "ListKeys", "{}"));
        account.pass(Duration.ofSeconds(1));
        assertThat(account.cluster.refusal(account.kms(keys, "ListKeys", "{}")))
                .isEqualTo(
                        AwsError.of("ExpiredTokenException", "The security token included in the request is expired"));
        assertThat(account.refusalAs(keys, Service.STS, "GetCallerIdentity"))
                .isEqualTo(new AwsError(403, "ExpiredToken", "The security token included in the request is expired"));
        assertThat(account.refusalAs(alice, Service.STS, "AssumeRole", with("DurationSeconds", "7200"))
                        .message())
                .isEqualTo("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    }

    @Test
    void aSessionEndsWithItsRole() {
        Keys keys = session(assume());
        account.iam("DeleteRolePolicy", "RoleName", "signer", "PolicyName", "keys");
        account.iam("DeleteRole", "RoleName", "signer");
        account.iam("CreateRole", "RoleName", "signer", "AssumeRolePolicyDocument", trust(ALICE));
        assertThat(account.refusalAs(keys, Service.STS, "GetCallerIdentity").type())
                .isEqualTo("InvalidClientTokenId");
    }

    @Test
    void onlyWhomTheRoleTrustsMayTakeItOn() {
        Keys bob = account.user("bob");
        assertThat(account.refusalAs(bob, Service.STS, "AssumeRole", with()).message())
                .startsWith("User: arn:aws:iam::123456789012:user/bob is not authorized to perform: sts:AssumeRole on"
                        + " resource: " + ROLE);
        assertThat(account.refusalAs(alice, Service.STS, "AssumeRole", "RoleArn", ROLE + "s", "RoleSessionName", "x1")
                        .type())
                .isEqualTo("AccessDenied");
        // A trust in the whole account leaves it to the policies of its users.
        account.iam("UpdateAssumeRolePolicy", "RoleName", "signer", "PolicyDocument", trust(Cluster.ACCOUNT));
        assertThat(account.refusalAs(bob, Service.STS, "AssumeRole", with()).type())
                .isEqualTo("AccessDenied");
        account.iam(
                "PutUserPolicy", "UserName", "bob", "PolicyName", "p", "PolicyDocument", allow("sts:AssumeRole", ROLE));
        account.sts(bob, "AssumeRole", with());
        assertThat(account.refusalAs(Account.ROOT, Service.STS, "AssumeRole", with())
                        .message())
                .isEqualTo("Roles may not be assumed by root accounts.");
    }

    @Test
    void conditionsOfTheTrustPolicySeeTheRequest() {
        account.iam(
                "UpdateAssumeRolePolicy",
                "RoleName",
                "signer",
                "PolicyDocument",
                trust(ALICE)
                        .replace(
                                "\"Action\"",
                                "\"Condition\":{\"StringEquals\":{\"sts:ExternalId\":\"42\"}},\"Action\""));
        assertThat(account.refusalAs(alice, Service.STS, "AssumeRole", with()).type())
                .isEqualTo("AccessDenied");
        assume("ExternalId", "42");
    }

    @Test
    void tagsOfASessionNeedTheirOwnPermissionAndReachPolicies() {
        String[] tagged = with("Tags.member.1.Key", "project", "Tags.member.1.Value", "optics");
        assertThat(account.refusalAs(alice, Service.STS, "AssumeRole", tagged).message())
                .contains("sts:TagSession");
        account.iam(
                "UpdateAssumeRolePolicy",
                "RoleName",
                "signer",
                "PolicyDocument",
                trust(ALICE).replace("\"sts:AssumeRole\"", "[\"sts:AssumeRole\",\"sts:TagSession\"]"));
        account.iam(
                "PutRolePolicy",
                "RoleName",
                "signer",
                "PolicyName",
                "keys",
                "PolicyDocument",
                allow("kms:ListKeys", "*")
                        .replace(
                                "\"Action\"",
                                "\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/project\":\"optics\"}},\"Action\""));
        account.cluster.execute(account.kms(session(account.sts(alice, "AssumeRole", tagged)), "ListKeys", "{}"));
        assertThat(account.cluster
                        .refusal(account.kms(session(assume()), "ListKeys", "{}"))
                        .type())
                .isEqualTo("AccessDeniedException");
    }

    @Test
    void aTokenIsGoodForItsOwnKeyAndUnchangedOnly() {
        Keys keys = session(assume());
        Keys other = session(assume());
        byte[] raw = Base64.getDecoder().decode(keys.token());
        for (int i = 0; i < raw.length; i++) {
            byte[] changed = raw.clone();
            changed[i] ^= 1;
            Keys forged = new Keys(keys.id(), keys.secret(), Base64.getEncoder().encodeToString(changed));
            assertThat(account.refusalAs(forged, Service.STS, "GetCallerIdentity")
                            .type())
                    .as("byte %d", i)
                    .isEqualTo("InvalidClientTokenId");
        }
        for (Keys forged : new Keys[] {
            new Keys(other.id(), keys.secret(), keys.token()),
            new Keys(keys.id(), keys.secret(), other.token()),
            new Keys(keys.id(), keys.secret(), null),
            new Keys(keys.id(), keys.secret(), ""),
            new Keys(keys.id(), keys.secret(), "AAAA"),
            new Keys(alice.id(), alice.secret(), keys.token())
        }) {
            assertThat(account.refusalAs(forged, Service.STS, "GetCallerIdentity")
                            .type())
                    .isEqualTo("InvalidClientTokenId");
        }
        assertThat(account.refusalAs(
                                new Keys(keys.id(), other.secret(), keys.token()), Service.STS, "GetCallerIdentity")
                        .type())
                .isEqualTo("SignatureDoesNotMatch");
    }

    @Test
    void theSameSignedRequestGivesTheSameSession() {
        SignedRequest request = account.request(alice, Service.STS, "AssumeRole", with());
        String first = account.cluster.execute(request);
        assertThat(account.cluster.execute(request)).isEqualTo(first);
    }

    @Test
    void aUsersSessionIsTheUserExceptForIamAndFurtherSessions() {
        account.iam("PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("*", "*"));
        Keys keys = session(account.sts(alice, "GetSessionToken"));
        assertThat(account.sts(keys, "GetCallerIdentity").text("//Arn")).isEqualTo(ALICE);
        account.cluster.execute(account.kms(keys, "ListKeys", "{}"));
        assertThat(account.refusalAs(keys, Service.IAM, "ListUsers").type()).isEqualTo("InvalidClientTokenId");
        assertThat(account.refusalAs(keys, Service.STS, "GetSessionToken").message())
                .isEqualTo("Cannot call GetSessionToken with session credentials");
        Keys root = session(account.sts(Account.ROOT, "GetSessionToken"));
        assertThat(account.sts(root, "GetCallerIdentity").text("//Arn")).endsWith(":root");
        account.pass(Duration.ofHours(1));
        assertThat(account.refusalAs(root, Service.STS, "GetCallerIdentity").type())
                .isEqualTo("ExpiredToken");
    }

    @Test
    void anAccessKeysIdTellsItsAccount() {
        assertThat(account.sts(Account.ROOT, "GetAccessKeyInfo", "AccessKeyId", alice.id())
                        .text("//Account"))
                .isEqualTo(Cluster.ACCOUNT);
        for (String number : new String[] {"000000000000", "999999999999", "000000000001"}) {
            assertThat(AccessKeyRecord.accountOf(AccessKeyRecord.id("AKIA", number, "digest")))
                    .isEqualTo(number);
        }
        // AWS's own published example of an id that carries its account.
        assertThat(AccessKeyRecord.accountOf("ASIAY34FZKBOKMUTVV7A")).isEqualTo("609629065308");
    }
}
