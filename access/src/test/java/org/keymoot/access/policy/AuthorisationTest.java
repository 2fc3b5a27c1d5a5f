package org.keymoot.access.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.access.policy.Asking.allow;
import static org.keymoot.access.policy.Asking.deny;
import static org.keymoot.access.policy.Asking.on;
import static org.keymoot.access.policy.Asking.statement;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.policy.Outcome.Reason;
import org.keymoot.access.policy.PolicyDocument.Kind;

/// How policies of all sorts come together.
final class AuthorisationTest {
    private static final String ROOT = "arn:aws:iam::123456789012:root";
    private static final String STRANGER = "arn:aws:iam::210987654321:user/carol";
    private static final String FOREIGN_ROOT = "arn:aws:iam::210987654321:root";
    private static final String SIGN = allow("kms:Sign", "*");

    private static Asking asking() {
        return new Asking();
    }

    // Within an account

    @Test
    void lettsTheRootInWhereTheKeyPolicyNamesTheAccount() {
        assertThat(asking().as(ROOT).decide())
                .isEqualTo(new Outcome(Reason.ALLOWED, "key policy statement 'Enable IAM User Permissions'"));
        assertThat(asking().as(ROOT)
                        .keyPolicy(on("Allow", Asking.ALICE, "kms:*"))
                        .reason())
                .isEqualTo(Reason.NOT_ALLOWED_BY_RESOURCE);
    }

    @Test
    void asksForAPolicyOfTheIdentityWhereTheKeyPolicyNamesTheAccount() {
        assertThat(asking().decide())
                .isEqualTo(new Outcome(
                        Reason.NOT_ALLOWED_BY_IDENTITY,
                        "key policy statement 'Enable IAM User Permissions', then no identity-based policy allows it"));
        assertThat(asking().identity(SIGN).decide())
                .isEqualTo(new Outcome(
                        Reason.ALLOWED,
                        "key policy statement 'Enable IAM User Permissions', then inline policy statement number 1"));
    }

    /// Two tags that differ in case only: nobody can tell which one a variable means.
    @Test
    void aStatementWithAnAmbiguousVariableDeniesAndDoesNotAllow() {
        String variable = "${aws:PrincipalTag/team, 'none'}";
        String condition = "{\"StringEquals\":{\"aws:ResourceTag/team\":\"" + variable + "\"}}";
        String resource = "arn:aws:kms:us-east-1:123456789012:key/" + variable;
        for (String deny : List.of(
                statement("Deny", "Action", "kms:Sign", "Resource", "*", "Condition", condition),
                deny("kms:Sign", resource),
                statement("Deny", "Action", "kms:Sign", "NotResource", resource))) {
            assertThat(ambiguous().identity(SIGN, deny).reason()).as(deny).isEqualTo(Reason.DENIED_BY_IDENTITY);
        }
        for (String allow : List.of(
                statement("Allow", "Action", "kms:Sign", "Resource", "*", "Condition", condition),
                allow("kms:Sign", resource),
                statement("Allow", "Action", "kms:Sign", "NotResource", resource))) {
            assertThat(ambiguous().identity(allow).allowed()).as(allow).isFalse();
        }
        assertThat(ambiguous()
                        .identity(statement("Allow", "Action", "kms:Sign", "Resource", "[\"" + resource + "\",\"*\"]"))
                        .allowed())
                .as("the other resource is clear")
                .isTrue();
    }

    private static Asking ambiguous() {
        return asking().with("aws:PrincipalTag/team", "a")
                .with("aws:PrincipalTag/Team", "b")
                .with("aws:ResourceTag/team", "c");
    }

    @Test
    void givesAnIdentitysPolicyNoEffectWhereTheKeyPolicyDoesNotNameTheAccount() {
        Asking asking = asking().keyPolicy(on("Allow", "arn:aws:iam::123456789012:user/bob", "kms:*"));
        assertThat(asking.identity(allow("*", "*")).reason()).isEqualTo(Reason.NOT_ALLOWED_BY_RESOURCE);
        assertThat(asking.grant(true).decide()).isEqualTo(new Outcome(Reason.ALLOWED, "grant 7"));
    }

    @Test
    void needsTheAccountStatementForTheActionItself() {
        Asking asking = asking().keyPolicy(on("Allow", ROOT, "kms:Verify")).identity(SIGN);
        assertThat(asking.reason()).isEqualTo(Reason.NOT_ALLOWED_BY_RESOURCE);
    }

    @ParameterizedTest
    @CsvSource({
        "arn:aws:iam::123456789012:user/alice, ALLOWED",
        "*, ALLOWED",
        "arn:aws:iam::123456789012:user/Alice, NOT_ALLOWED_BY_RESOURCE",
        "arn:aws:iam::123456789012:user/alic, NOT_ALLOWED_BY_RESOURCE",
        "arn:aws:iam::123456789012:user/x/alice, NOT_ALLOWED_BY_RESOURCE",
        "arn:aws:iam::210987654321:user/alice, NOT_ALLOWED_BY_RESOURCE",
        "arn:aws:iam::123456789012:role/alice, NOT_ALLOWED_BY_RESOURCE",
        "arn:aws:iam::123456789012:root, NOT_ALLOWED_BY_IDENTITY",
        "123456789012, NOT_ALLOWED_BY_IDENTITY",
        "210987654321, NOT_ALLOWED_BY_RESOURCE"
    })
    void comparesPrincipalsAsWholeArns(String principal, Reason expected) {
        assertThat(asking().keyPolicy(on("Allow", principal, "kms:Sign")).reason())
                .isEqualTo(expected);
    }

    @Test
    void knowsNoServiceAndNoCanonicalUserAsCaller() {
        String others = "{\"Service\":\"kms.amazonaws.com\",\"CanonicalUser\":\"" + "0f".repeat(32) + "\"}";
        assertThat(asking().keyPolicy(on("Allow", others, "kms:*")).reason()).isEqualTo(Reason.NOT_ALLOWED_BY_RESOURCE);
    }

    // Denies

    @ParameterizedTest
    @ValueSource(strings = {"identity", "boundary", "session", "resource"})
    void letsADenyWinWhereverItIs(String where) {
        Asking asking = asking().as(Asking.SESSION);
        String deny = deny("kms:S*", "*");
        switch (where) {
            case "identity" -> asking.identity(allow("*", "*"), deny);
            case "boundary" -> asking.boundary(allow("*", "*"), deny);
            case "session" -> asking.session(allow("*", "*"), deny);
            default ->
                asking.keyPolicy(on("Allow", Asking.SESSION, "kms:*"), on("Deny", Asking.ROLE, "kms:Sign"))
                        .identity(allow("*", "*"));
        }
        if (!where.equals("resource")) {
            asking.keyPolicy(on("Allow", Asking.SESSION, "kms:*"));
        }
        assertThat(asking.grant(true).reason().name())
                .isEqualTo("DENIED_BY_" + where.toUpperCase(java.util.Locale.ROOT));
        assertThat(asking.to("kms:Verify", Asking.KEY).allowed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"arn:aws:iam::123456789012:user/alice", "*", "123456789012"})
    void letsADenyOfTheKeyPolicyWinInEitherOrder(String denied) {
        String allow = on("Allow", Asking.ALICE, "kms:*");
        String deny = on("Deny", denied, "kms:Sign");
        for (String[] statements : new String[][] {{allow, deny}, {deny, allow}}) {
            assertThat(asking().keyPolicy(statements).reason()).isEqualTo(Reason.DENIED_BY_RESOURCE);
            assertThat(asking().keyPolicy(statements)
                            .to("kms:Verify", Asking.KEY)
                            .allowed())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "boundary", "session", "resource"})
    void deniesEverythingWhenAPolicyCannotBeRead(String where) {
        Asking asking = asking().as(Asking.ALICE)
                .keyPolicy(on("Allow", Asking.ALICE, "kms:*"))
                .identity(allow("*", "*"))
                .unreadable(where);
        assertThat(asking.allowed()).isFalse();
        assertThat(asking.decide().decidedBy()).contains("cannot be evaluated: damaged");
    }

    @Test
    void deniesWhereAConditionCannotBeTold() {
        String number = "{\"NumericLessThan\":{\"aws:PrincipalTag/level\":\"5\"}}";
        String allowIf = statement("Allow", "Action", "kms:Sign", "Resource", "*", "Condition", number);
        String denyIf = statement("Deny", "Action", "kms:Sign", "Resource", "*", "Condition", number);
        assertThat(asking().identity(allowIf)
                        .with("aws:PrincipalTag/level", "4")
                        .allowed())
                .isTrue();
        assertThat(asking().identity(allowIf)
                        .with("aws:PrincipalTag/level", "low")
                        .allowed())
                .isFalse();
        assertThat(asking().identity(SIGN, denyIf)
                        .with("aws:PrincipalTag/level", "6")
                        .allowed())
                .isTrue();
        assertThat(asking().identity(SIGN, denyIf)
                        .with("aws:PrincipalTag/level", "low")
                        .reason())
                .isEqualTo(Reason.DENIED_BY_IDENTITY);
    }

    @Test
    void deniesWhatTakesTooLongToTell() {
        StringBuilder patterns = new StringBuilder("[");
        for (int i = 0; i < 10; i++) {
            patterns.append(i == 0 ? "" : ",")
                    .append("\"*")
                    .append("a".repeat(500))
                    .append("b")
                    .append(i)
                    .append('"');
        }
        String like = "{\"StringLike\":{\"x:Text\":" + patterns.append(']') + "}}";
        String statement = statement("Allow", "Action", "kms:Sign", "Resource", "*", "Condition", like);
        Outcome outcome = asking().identity(SIGN, statement)
                .with("x:Text", "a".repeat(8000))
                .decide();
        assertThat(outcome.reason()).isEqualTo(Reason.DENIED_BY_IDENTITY);
        assertThat(outcome.decidedBy()).contains("too many comparisons");
        assertThat(asking().identity(SIGN, statement)
                        .with("x:Text", "a".repeat(100))
                        .allowed())
                .isTrue();
    }

    // Limits

    @Test
    void limitsWhatAccountAndRoleGiveByBoundaryAndSession() {
        String[] names = {ROOT, Asking.ROLE, Asking.SESSION, "*"};
        Reason[] outsideBoundary = {
            Reason.NOT_ALLOWED_BY_BOUNDARY, Reason.NOT_ALLOWED_BY_BOUNDARY, Reason.ALLOWED, Reason.ALLOWED
        };
        Reason[] outsideSession = {
            Reason.NOT_ALLOWED_BY_SESSION, Reason.NOT_ALLOWED_BY_SESSION, Reason.ALLOWED, Reason.ALLOWED
        };
        for (int i = 0; i < names.length; i++) {
            String policy = on("Allow", names[i], "kms:*");
            Asking outside = asking().as(Asking.SESSION).keyPolicy(policy).identity(SIGN);
            assertThat(outside.boundary(allow("kms:Verify", "*")).reason())
                    .as(names[i])
                    .isEqualTo(outsideBoundary[i]);
            Asking limited = asking().as(Asking.SESSION).keyPolicy(policy).identity(SIGN);
            assertThat(limited.session(allow("kms:Verify", "*")).reason())
                    .as(names[i])
                    .isEqualTo(outsideSession[i]);
            assertThat(asking().as(Asking.SESSION)
                            .keyPolicy(policy)
                            .identity(SIGN)
                            .boundary(allow("*", "*"))
                            .session(allow("kms:Verify", "*"))
                            .session(SIGN)
                            .allowed())
                    .isTrue();
        }
    }

    @Test
    void letsARoleInByItsArnAndASessionByEither() {
        assertThat(asking().as(Asking.SESSION)
                        .keyPolicy(on("Allow", Asking.ROLE, "kms:*"))
                        .allowed())
                .isTrue();
        assertThat(asking().as(Asking.SESSION)
                        .keyPolicy(on("Allow", "arn:aws:iam::123456789012:role/signer", "kms:*"))
                        .allowed())
                .as("a role's ARN has its path")
                .isFalse();
        assertThat(asking().as(Asking.SESSION)
                        .keyPolicy(on("Allow", "arn:aws:sts::123456789012:assumed-role/signer/two", "kms:*"))
                        .allowed())
                .isFalse();
    }

    @Test
    void doesNotLetAUserLimitedByItsBoundaryInByItsAccount() {
        assertThat(asking().identity(SIGN).boundary(allow("kms:Verify", "*")).reason())
                .isEqualTo(Reason.NOT_ALLOWED_BY_BOUNDARY);
        assertThat(asking().keyPolicy(on("Allow", Asking.ALICE, "kms:*"))
                        .boundary(allow("kms:Verify", "*"))
                        .allowed())
                .as("a key policy that names the user is not limited, as AWS documents")
                .isTrue();
    }

    @Test
    void treatsTheUserBehindAFederatedUserAsItsAccount() {
        Asking asking = asking().as(Asking.FEDERATED).keyPolicy(on("Allow", Asking.ALICE, "kms:*"));
        assertThat(asking.reason()).isEqualTo(Reason.NOT_ALLOWED_BY_IDENTITY);
        assertThat(asking.identity(SIGN).session(allow("kms:Verify", "*")).reason())
                .isEqualTo(Reason.NOT_ALLOWED_BY_SESSION);
        assertThat(asking.session(SIGN).allowed()).isTrue();
    }

    @Test
    void limitsAGrantToTheRoleButNotOneToTheSession() {
        Asking asking = asking().as(Asking.SESSION).session(allow("kms:Verify", "*"));
        assertThat(asking.grant(false).reason()).isEqualTo(Reason.NOT_ALLOWED_BY_SESSION);
        assertThat(asking.grant(true).allowed()).isTrue();
    }

    // Across accounts

    @Test
    void needsBothAccountsAcrossThem() {
        for (String named : new String[] {STRANGER, FOREIGN_ROOT, Asking.OTHER, "*"}) {
            Asking asking = asking().as(STRANGER).keyPolicy(on("Allow", named, "kms:*"));
            assertThat(asking.reason()).as(named).isEqualTo(Reason.NOT_ALLOWED_BY_IDENTITY);
            assertThat(asking.identity(SIGN).allowed()).as(named).isTrue();
            assertThat(asking.boundary(allow("kms:Verify", "*")).reason())
                    .as(named)
                    .isEqualTo(Reason.NOT_ALLOWED_BY_BOUNDARY);
        }
        assertThat(asking().as(STRANGER).identity(allow("*", "*")).reason()).isEqualTo(Reason.NOT_ALLOWED_BY_RESOURCE);
        assertThat(asking().as(STRANGER).grant(true).allowed()).isTrue();
        assertThat(asking().as(FOREIGN_ROOT)
                        .keyPolicy(on("Allow", Asking.OTHER, "kms:*"))
                        .allowed())
                .isTrue();
        assertThat(asking().as(FOREIGN_ROOT).reason()).isEqualTo(Reason.NOT_ALLOWED_BY_RESOURCE);
    }

    @Test
    void tellsAStrangerNothingByItsOwnDenies() {
        String byTag = "{\"StringEquals\":{\"aws:ResourceTag/secret\":\"1\"}}";
        String deny = statement("Deny", "Action", "kms:*", "Resource", "*", "Condition", byTag);
        for (String tag : new String[] {"1", "2"}) {
            assertThat(asking().as(STRANGER)
                            .identity(deny)
                            .with("aws:ResourceTag/secret", tag)
                            .reason())
                    .isEqualTo(Reason.NOT_ALLOWED_BY_RESOURCE);
        }
        Outcome denied = asking().as(STRANGER)
                .keyPolicy(on("Allow", "*", "kms:*"), on("Deny", STRANGER, "kms:Sign"))
                .decide();
        assertThat(denied.reason()).isEqualTo(Reason.NOT_ALLOWED_BY_RESOURCE);
        assertThat(denied.decidedBy()).isEqualTo("key policy statement number 2 denies");
        assertThat(asking().as(STRANGER)
                        .keyPolicy(on("Allow", "*", "kms:*"))
                        .identity(deny)
                        .with("aws:ResourceTag/secret", "1")
                        .reason())
                .as("whom the key's account lets in may know")
                .isEqualTo(Reason.DENIED_BY_IDENTITY);
    }

    // Without a resource's policy

    @Test
    void decidesByTheCallersPoliciesAloneWhereTheResourceHasNone() {
        assertThat(asking().withoutResourcePolicy().to("kms:CreateKey", "*").reason())
                .isEqualTo(Reason.NOT_ALLOWED_BY_IDENTITY);
        assertThat(asking().withoutResourcePolicy()
                        .to("kms:CreateKey", "*")
                        .identity(allow("kms:Create*", "*"))
                        .allowed())
                .isTrue();
        assertThat(asking().as(ROOT)
                        .withoutResourcePolicy()
                        .to("kms:CreateKey", "*")
                        .allowed())
                .isTrue();
        assertThat(asking().withoutResourcePolicy()
                        .to("kms:CreateKey", "*")
                        .identity(allow("kms:*", Asking.KEY), allow("kms:*", "arn:aws:kms:*:*:key/*"))
                        .allowed())
                .isFalse();
    }

    // Negated elements

    @Test
    void coversAllButTheNamedActions() {
        String all = statement("Allow", "NotAction", "[\"iam:*\",\"KMS:sign\"]", "Resource", "*");
        assertThat(asking().identity(all).allowed()).isFalse();
        assertThat(asking().identity(all).to("kms:Verify", Asking.KEY).allowed())
                .isTrue();
        String only = statement("Deny", "NotAction", "kms:Verify", "Resource", "*");
        assertThat(asking().identity(SIGN, only).reason()).isEqualTo(Reason.DENIED_BY_IDENTITY);
    }

    @Test
    void coversAllButTheNamedResources() {
        String others = statement("Allow", "Action", "kms:*", "NotResource", Asking.KEY);
        assertThat(asking().identity(others).allowed()).isFalse();
        assertThat(asking().identity(others)
                        .to("kms:Sign", Asking.KEY.replace("1234abcd", "0000abcd"))
                        .allowed())
                .isTrue();
        String unknown =
                statement("Deny", "Action", "kms:*", "NotResource", "arn:aws:kms:*:*:key/${aws:PrincipalTag/key}");
        assertThat(asking().identity(SIGN, unknown).reason())
                .as("a variable without value matches no resource")
                .isEqualTo(Reason.DENIED_BY_IDENTITY);
    }

    @Test
    void deniesAllButTheNamedPrincipalsUnlessEveryNameOfTheCallerIsThere() {
        String allow = on("Allow", "*", "kms:*");
        String[][] lists = {
            {Asking.ALICE, "false"},
            {ROOT, "false"},
            {Asking.ALICE + "\",\"" + ROOT, "true"},
            {Asking.ALICE + "\",\"123456789012", "true"},
            {Asking.ROLE + "\",\"" + ROOT, "false"}
        };
        for (String[] list : lists) {
            String deny = statement(
                    "Deny", "NotPrincipal", "{\"AWS\":[\"" + list[0] + "\"]}", "Action", "kms:*", "Resource", "*");
            assertThat(asking().keyPolicy(allow, deny).allowed()).as(list[0]).isEqualTo(Boolean.valueOf(list[1]));
            assertThat(asking().keyPolicy(allow, deny).boundary(allow("*", "*")).allowed())
                    .as("somebody with a boundary is always denied")
                    .isFalse();
        }
        String session = statement(
                "Deny",
                "NotPrincipal",
                "{\"AWS\":[\"" + ROOT + "\",\"" + Asking.ROLE + "\",\"" + Asking.SESSION + "\"]}",
                "Action",
                "kms:*",
                "Resource",
                "*");
        assertThat(asking().as(Asking.SESSION).keyPolicy(allow, session).allowed())
                .isTrue();
        assertThat(asking().as(Asking.SESSION)
                        .keyPolicy(allow, session.replace(",\"" + Asking.ROLE + "\"", ""))
                        .allowed())
                .isFalse();
    }

    @Test
    void allowsAllButTheNamedPrincipals() {
        String others = statement(
                "Allow", "NotPrincipal", "{\"AWS\":\"" + Asking.ALICE + "\"}", "Action", "kms:*", "Resource", "*");
        assertThat(asking().keyPolicy(others).allowed()).isFalse();
        assertThat(asking().as("arn:aws:iam::123456789012:user/bob")
                        .keyPolicy(others)
                        .allowed())
                .isTrue();
        assertThat(asking().as(Asking.SESSION)
                        .keyPolicy(others.replace(Asking.ALICE, Asking.ROLE))
                        .allowed())
                .isFalse();
    }

    // Attempts to get past

    @ParameterizedTest
    @CsvSource({
        "kms:Sign, true",
        "KMS:sIGN, true",
        "kms:*, true",
        "kms:S*n, true",
        "kms:S?gn, true",
        "*, true",
        "*:Sign, true",
        "*:*, true",
        "kms:Sign*, true",
        "kms:Sig, false",
        "kms:Sign?, false",
        "kms:?Sign, false",
        "kms: Sign, false",
        "s3:*, false",
        "kms:Verify, false",
        "kms:S\u0456gn, false",
        "kms:S\u0131gn, false",
        "kms:\uFF33ign, false"
    })
    void comparesActionsWithoutRegardToTheCaseOfAsciiLettersOnly(String action, boolean expected) {
        assertThat(asking().identity(allow(action, "*")).allowed()).isEqualTo(expected);
        assertThat(asking().identity(SIGN, deny(action, "*")).allowed()).isEqualTo(!expected);
    }

    @ParameterizedTest
    @CsvSource({
        "*, true",
        "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab, true",
        "arn:aws:kms:*:123456789012:key/*, true",
        "arn:aws:kms:us-east-?:123456789012:key/1234*, true",
        "arn:aws:kms:*, true",
        "arn:aws:kms:*:*:*, true",
        "arn:aws:kms:us-east-1:123456789012:key/1234ABCD-12ab-34cd-56ef-1234567890ab, false",
        "arn:aws:kms:US-EAST-1:123456789012:key/*, false",
        "arn:aws:kms:us-east-1:123456789012:alias/*, false",
        "arn:aws:kms:us-east-1:123456789012:alias/staging, false",
        "arn:aws:kms:us-west-2:123456789012:key/*, false",
        "arn:aws:kms:*:11111111111:key/*, false",
        "arn:aws:kms:*:?:key/*, false",
        "arn:aws:s3:::*, false",
        "arn:aws:kms:us-east-1:123456789012:key/${aws:PrincipalTag/key}, false",
        "arn:aws:kms:us-east-1:123456789012:key/${x:Key}, true",
        "arn:aws:kms:us-east-1:123456789012:key/${x:Star}, false",
        "'arn:aws:kms:us-east-1:123456789012:key/${x:None, ''1234abcd-12ab-34cd-56ef-1234567890ab''}', true"
    })
    void comparesResourcesByCaseAndWithWildcards(String resource, boolean expected) {
        Asking asking = asking().identity(allow("kms:Sign", resource));
        asking.with("x:Key", "1234abcd-12ab-34cd-56ef-1234567890ab").with("x:Star", "*");
        assertThat(asking.allowed()).isEqualTo(expected);
    }

    // Words

    @Test
    void refusesInTheWordsOfAws() {
        assertThat(asking().decide().denial(Asking.ALICE, "kms:Sign", Asking.KEY))
                .isEqualTo("User: " + Asking.ALICE + " is not authorized to perform: kms:Sign on resource: "
                        + Asking.KEY + " because no identity-based policy allows the kms:Sign action");
        assertThat(asking().identity(deny("*", "*")).decide().denial(Asking.ALICE, "kms:TagResource", null))
                .isEqualTo("User: " + Asking.ALICE + " is not authorized to perform: kms:TagResource"
                        + " with an explicit deny in an identity-based policy");
        assertThat(asking().identity(SIGN).boundary(allow("s3:*", "*")).decide().denial("x", "kms:Sign", "y"))
                .endsWith(" because no permissions boundary allows the kms:Sign action");
        assertThat(asking().identity(SIGN).session(allow("s3:*", "*")).decide().denial("x", "kms:Sign", "y"))
                .endsWith(" because no session policy allows the kms:Sign action");
    }

    // Trust

    @Test
    void trustsWhomATrustPolicyNames() {
        String trust = Asking.document(
                "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" + Asking.ALICE + "\"},\"Action\":\"sts:AssumeRole\"}",
                "{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":\"id.example.org\"},"
                        + "\"Action\":\"sts:AssumeRoleWithWebIdentity\","
                        + "\"Condition\":{\"StringEquals\":{\"id.example.org:aud\":\"keys\"}}}");
        PolicyDocument document = Asking.read(trust, Kind.TRUST);
        assertThat(asking().keyPolicy(document)
                        .to("sts:AssumeRole", Asking.ROLE)
                        .allowed())
                .isTrue();
        assertThat(asking().as(Asking.SESSION)
                        .keyPolicy(document)
                        .to("sts:AssumeRole", Asking.ROLE)
                        .allowed())
                .isFalse();
        RequestValues audience = new RequestValues().put("id.example.org:aud", "keys");
        var web = new Inquiry.Request("sts:AssumeRoleWithWebIdentity", Asking.ROLE, audience);
        assertThat(document.trusts("id.example.org", web)).isTrue();
        assertThat(document.trusts("evil.example.org", web)).isFalse();
        assertThat(document.trusts("id.example.org", new Inquiry.Request("sts:AssumeRole", Asking.ROLE, audience)))
                .isFalse();
        assertThat(document.trusts(
                        "id.example.org",
                        new Inquiry.Request("sts:AssumeRoleWithWebIdentity", Asking.ROLE, new RequestValues())))
                .isFalse();
        assertThat(PolicyDocument.unreadable(Kind.TRUST, "x").trusts("id.example.org", web))
                .isFalse();
    }
}
