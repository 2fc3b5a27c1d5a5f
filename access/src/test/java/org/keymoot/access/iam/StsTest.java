package org.keymoot.access.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.access.iam.Account.allow;
import static org.keymoot.access.iam.Account.session;
import static org.keymoot.access.iam.Account.trust;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keymoot.access.AwsError;
import org.keymoot.access.Cluster;
import org.keymoot.access.Decision;
import org.keymoot.access.EvaluatedAnswer;
import org.keymoot.access.IssuedSecret;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RequestContext;
import org.keymoot.access.Service;
import org.keymoot.access.Session;
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

    private static final String ALL_OF_STS = "[\"sts:AssumeRole\",\"sts:TagSession\",\"sts:SetSourceIdentity\"]";

    private void trustIf(String role, String principal, String actions, String condition) {
        account.iam(
                "UpdateAssumeRolePolicy",
                "RoleName",
                role,
                "PolicyDocument",
                trust(principal)
                        .replace(
                                "\"Action\":\"sts:AssumeRole\"",
                                (condition.isEmpty() ? "" : "\"Condition\":" + condition + ",") + "\"Action\":"
                                        + actions));
    }

    @ParameterizedTest
    @CsvSource({
        "StringEquals, sts:RoleSessionName, work, true",
        "StringEquals, sts:RoleSessionName, play, false",
        "StringEquals, sts:SourceIdentity, alice, true",
        "StringEquals, sts:SourceIdentity, bob, false",
        "StringEquals, sts:ExternalId, 42, true",
        "ForAnyValue:StringEquals, sts:TransitiveTagKeys, project, true",
        "ForAnyValue:StringEquals, sts:TransitiveTagKeys, team, false",
        "StringEquals, aws:RequestTag/project, optics, true"
    })
    void trustPoliciesSeeTheKeysOfTheRequest(String operator, String name, String value, boolean expected) {
        trustIf("signer", ALICE, ALL_OF_STS, "{\"" + operator + "\":{\"" + name + "\":\"" + value + "\"}}");
        String[] all = with(
                "SourceIdentity",
                "alice",
                "ExternalId",
                "42",
                "Tags.member.1.Key",
                "project",
                "Tags.member.1.Value",
                "optics",
                "TransitiveTagKeys.member.1",
                "project");
        if (expected) {
            account.sts(alice, "AssumeRole", all);
        } else {
            assertThat(account.refusalAs(alice, Service.STS, "AssumeRole", all).type())
                    .isEqualTo("AccessDenied");
        }
    }

    @Test
    void aSourceIdentityNeedsThePermissionOfEachRoleOfAChain() {
        trustIf("signer", ALICE, ALL_OF_STS, "");
        account.iam(
                "PutRolePolicy", "RoleName", "signer", "PolicyName", "chain", "PolicyDocument", allow("sts:*", "*"));
        account.iam("CreateRole", "RoleName", "second", "AssumeRolePolicyDocument", trust(ROLE));
        String[] second = {"RoleArn", "arn:aws:iam::" + Cluster.ACCOUNT + ":role/second", "RoleSessionName", "two"};
        Keys plain = session(assume());
        account.sts(plain, "AssumeRole", second);
        Keys named = session(assume("SourceIdentity", "alice"));
        assertThat(account.refusalAs(named, Service.STS, "AssumeRole", second).message())
                .contains("sts:SetSourceIdentity");
        trustIf("second", ROLE, ALL_OF_STS, "{\"StringEquals\":{\"sts:SourceIdentity\":\"alice\"}}");
        assertThat(account.sts(named, "AssumeRole", second).text("//SourceIdentity"))
                .isEqualTo("alice");
        assertThat(account.refusalAs(plain, Service.STS, "AssumeRole", second).type())
                .isEqualTo("AccessDenied");
    }

    /// Whoever tags a session decides, in whatever case he writes the key.
    @Test
    void aTagOfTheSessionTakesThePlaceOfTheRoles() {
        account.iam("TagRole", "RoleName", "signer", "Tags.member.1.Key", "team", "Tags.member.1.Value", "blue");
        trustIf("signer", ALICE, ALL_OF_STS, "");
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
                                "\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/team\":\"green\"}},\"Action\""));
        for (String key : new String[] {"team", "Team"}) {
            Keys keys = session(assume("Tags.member.1.Key", key, "Tags.member.1.Value", "green"));
            account.cluster.execute(account.kms(keys, "ListKeys", "{}"));
        }
        assertThat(account.cluster
                        .refusal(account.kms(session(assume()), "ListKeys", "{}"))
                        .type())
                .isEqualTo("AccessDeniedException");
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
            // The digits of the month, 11, become those of an earlier one.
            boolean old = i == 6 || i == 7;
            assertThat(account.refusalAs(forged, Service.STS, "GetCallerIdentity")
                            .type())
                    .as("byte %d", i)
                    .isEqualTo(old ? "ExpiredToken" : "InvalidClientTokenId");
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

    /// A party that holds the secret can seal whatever it likes.
    @Test
    void aSessionThatNoHonestPartyMakesCountsNowhere() {
        assume();
        Instant now = account.cluster.now;
        RegisterName november = SessionTokens.register(Cluster.ACCOUNT, now);
        assertThat(asSealed(november, now, now.plus(Duration.ofHours(36)))).isNull();
        assertThat(asSealed(november, now.plusSeconds(299), now.plusSeconds(900)))
                .isNull();
        String unknown = "UnrecognizedClientException";
        assertThat(asSealed(november, now, now.plus(Duration.ofHours(36)).plusMillis(1)))
                .isEqualTo(unknown);
        assertThat(asSealed(november, now, Instant.parse("9999-12-31T00:00:00Z")))
                .isEqualTo(unknown);
        assertThat(asSealed(november, now.plusSeconds(302), now.plusSeconds(900)))
                .isEqualTo(unknown);
        account.pass(Duration.between(now, Instant.parse("2026-12-01T06:00:00Z")));
        Instant december = account.cluster.now;
        assertThat(asSealed(november, december.minus(Duration.ofHours(12)), december.plus(Duration.ofHours(12))))
                .isNull();
        assertThat(asSealed(november, december, december.plus(Duration.ofHours(12))))
                .isEqualTo(unknown);
        account.pass(Duration.ofHours(31));
        assertThat(asSealed(november, december, december.plus(Duration.ofDays(40))))
                .as("no session of November goes on")
                .isEqualTo("ExpiredTokenException");
    }

    /// How a session of the role is refused that is sealed under the account's secret; null when it is not.
    private @Nullable String asSealed(RegisterName register, Instant issued, Instant expires) {
        RegisterValue value = Objects.requireNonNull(account.cluster.directory.read(register));
        IssuedSecret secret = Objects.requireNonNull(account.cluster.directory.issued(
                register, Objects.requireNonNull(AccessKeyRecord.commitmentIn(value.json()))));
        IdentityRecord role = Objects.requireNonNull(
                RegisteredIdentities.find(account.cluster.directory, OwnerKind.ROLE, Cluster.ACCOUNT, "signer"));
        Session session = new Session(
                Session.Kind.ROLE,
                AccessKeyRecord.id("ASIA", Cluster.ACCOUNT, "ab".repeat(32)),
                role.name(),
                role.id(),
                "work",
                issued,
                expires,
                List.of(),
                List.of(),
                new TreeMap<>(),
                Set.of(),
                "",
                "");
        SessionTokens.Sealed sealed = SessionTokens.seal(session, register, secret, "ab".repeat(32));
        Keys keys = new Keys(session.accessKeyId(), sealed.secretAccessKey(), sealed.token());
        return switch (account.cluster.outcome(account.kms(keys, "ListKeys", "{}"))) {
            case EvaluatedAnswer.Success success -> null;
            case EvaluatedAnswer.Failure failure -> failure.error().type();
        };
    }

    @Test
    void nothingThatASessionRestsOnIsWrittenByAccident() {
        Instant now = account.cluster.now;
        Session session = new Session(
                Session.Kind.ROLE,
                "ASIAEXAMPLE",
                "signer",
                "AROAEXAMPLE",
                "work",
                now,
                now.plusSeconds(900),
                List.of(),
                List.of(),
                new TreeMap<>(),
                Set.of(),
                "",
                "planted");
        for (Object shown : List.of(
                session,
                new SessionTokens.Sealed("planted", "planted"),
                new SignedRequest.Header("X-Amz-Security-Token", "planted"),
                new EvaluatedAnswer.Success("planted"),
                new Decision.Answer(
                        RequestContext.ofUndecided(account.unsigned("AssumeRoleWithWebIdentity")), "planted"))) {
            assertThat(shown.toString()).isNotEmpty().doesNotContain("planted");
        }
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
