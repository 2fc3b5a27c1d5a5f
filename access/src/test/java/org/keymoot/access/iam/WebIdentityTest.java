package org.keymoot.access.iam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.access.iam.Account.allow;
import static org.keymoot.access.iam.Account.session;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.AwsError;
import org.keymoot.access.Cluster;
import org.keymoot.access.Decision;
import org.keymoot.access.Kms;
import org.keymoot.access.Service;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.TestIssuer;
import org.keymoot.access.iam.Account.Keys;
import org.keymoot.access.iam.Account.Reply;

/// Whom a token of an identity provider lets in, and in which words the others are turned away.
class WebIdentityTest {
    private static final String ISSUER = "https://oidc.example.org/id/7";
    private static final String PROVIDER = "arn:aws:iam::" + Cluster.ACCOUNT + ":oidc-provider/oidc.example.org/id/7";
    private static final String ROLE = "arn:aws:iam::" + Cluster.ACCOUNT + ":role/agent";
    private static final String SUBJECT = "system:serviceaccount:bridge:updater";
    private static final TestIssuer RSA = new TestIssuer("RS256", "k1");

    private final Account account = new Account();

    @BeforeEach
    void aProviderAndARoleThatTrustsIt() {
        account.iam(
                "CreateOpenIDConnectProvider",
                "Url",
                ISSUER,
                "ClientIDList.member.1",
                "sts.amazonaws.com",
                "ThumbprintList.member.1",
                "a".repeat(40),
                "JsonWebKeySet",
                RSA.keySet());
        account.iam("CreateRole", "RoleName", "agent", "AssumeRolePolicyDocument", trust(SUBJECT));
        account.iam("PutRolePolicy", "RoleName", "agent", "PolicyName", "keys", "PolicyDocument", allow("kms:*", "*"));
    }

    private static String trust(String subject) {
        return statement(
                "\"StringEquals\":{\"oidc.example.org/id/7:sub\":\"" + subject
                        + "\",\"oidc.example.org/id/7:aud\":\"sts.amazonaws.com\"}",
                "sts:AssumeRoleWithWebIdentity");
    }

    private static String statement(String condition, String action) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Federated\":\""
                + PROVIDER + "\"},\"Action\":[\"" + action.replace(",", "\",\"") + "\"],\"Condition\":{" + condition
                + "}}]}";
    }

    private String claims(String more) {
        long now = account.cluster.now.getEpochSecond();
        return "{\"iss\":\"" + ISSUER + "\",\"sub\":\"" + SUBJECT + "\",\"aud\":[\"sts.amazonaws.com\"],\"iat\":" + now
                + ",\"nbf\":" + now + ",\"exp\":" + (now + 600) + more + "}";
    }

    private String[] parameters(String token, String... more) {
        String[] all = new String[more.length + 6];
        System.arraycopy(
                new String[] {"RoleArn", ROLE, "RoleSessionName", "pod-1", "WebIdentityToken", token}, 0, all, 0, 6);
        System.arraycopy(more, 0, all, 6, more.length);
        return all;
    }

    private SignedRequest request(String token, String... more) {
        return account.unsigned("AssumeRoleWithWebIdentity", parameters(token, more));
    }

    private Reply assume(String token, String... more) {
        return account.carryOut(Service.STS, "AssumeRoleWithWebIdentity", request(token, more));
    }

    private AwsError refusal(String token, String... more) {
        return account.refusal(request(token, more));
    }

    @Test
    void aTokenOfAKnownProviderTakesOnTheRole() {
        Reply reply = assume(RSA.token(claims("")));
        assertThat(reply.text("//SubjectFromWebIdentityToken")).isEqualTo(SUBJECT);
        assertThat(reply.text("//Audience")).isEqualTo("sts.amazonaws.com");
        assertThat(reply.text("//Provider")).isEqualTo(ISSUER);
        assertThat(reply.text("//AssumedRoleUser/Arn")).isEqualTo("arn:aws:sts::123456789012:assumed-role/agent/pod-1");
        Keys keys = session(reply);
        assertThat(account.sts(keys, "GetCallerIdentity").text("//Arn"))
                .isEqualTo("arn:aws:sts::123456789012:assumed-role/agent/pod-1");
        account.cluster.execute(account.kms(keys, "ListKeys", "{}"));
        assertThat(account.refusalAs(keys, Service.IAM, "ListUsers").type()).isEqualTo("AccessDenied");
        // The session outlives the token.
        account.pass(Duration.ofMinutes(30));
        account.cluster.execute(account.kms(keys, "ListKeys", "{}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ES256", "ES384", "EdDSA"})
    void tokensOfTheOtherAlgorithmsAreTakenAsWell(String algorithm) {
        TestIssuer issuer = new TestIssuer(algorithm, "k2");
        account.iam(
                "PutOpenIDConnectProviderKeys",
                "OpenIDConnectProviderArn",
                PROVIDER,
                "JsonWebKeySet",
                "{\"keys\":[" + RSA.jwk() + "," + issuer.jwk() + "]}");
        assume(issuer.token(claims("")));
        String token = issuer.token(claims(""));
        for (int i = token.lastIndexOf('.') + 1; i < token.length(); i++) {
            char other = token.charAt(i) == 'A' ? 'B' : 'A';
            assertThat(refusal(token.substring(0, i) + other + token.substring(i + 1))
                            .type())
                    .as("%d", i)
                    .isEqualTo("InvalidIdentityToken");
        }
    }

    /// Each character of a token, changed.
    @Test
    void everyChangeOfATokenIsRefused() {
        String token = RSA.token(claims(""));
        for (int i = 0; i < token.length(); i++) {
            char other = token.charAt(i) == 'A' ? 'B' : 'A';
            AwsError error = refusal(token.substring(0, i) + other + token.substring(i + 1));
            assertThat(error.status()).as("%d", i).isBetween(400, 403);
        }
    }

    @Test
    void neitherNoSignatureNorAMacUnderThePublicKeyIsASignature() throws Exception {
        String none = TestIssuer.base64("{\"alg\":\"none\"}") + "." + TestIssuer.base64(claims("")) + ".";
        assertThat(refusal(none).type()).isEqualTo("InvalidIdentityToken");
        String content = TestIssuer.base64("{\"alg\":\"HS256\",\"kid\":\"k1\"}") + "." + TestIssuer.base64(claims(""));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(RSA.encodedPublicKey(), "HmacSHA256"));
        String forged = content + "." + TestIssuer.base64(mac.doFinal(content.getBytes(StandardCharsets.US_ASCII)));
        assertThat(refusal(forged).type()).isEqualTo("InvalidIdentityToken");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"alg\":\"RS256\"}",
                "{\"alg\":\"RS256\",\"kid\":\"k9\"}",
                "{\"alg\":\"RS384\",\"kid\":\"k1\"}",
                "{\"alg\":\"ES256\",\"kid\":\"k1\"}",
                "{\"alg\":\"RS256\",\"kid\":\"k1\",\"crit\":[\"exp\"]}",
                "{\"alg\":\"RS256\",\"kid\":\"k1\",\"kid\":\"k1\"}",
                "{\"alg\":\"rs256\",\"kid\":\"k1\"}",
                "{\"alg\":\"RS256\",\"kid\":1}",
                "{\"kid\":\"k1\"}",
                "[]",
                "x",
            })
    void aHeaderThatNamesAnotherKeyOrAlgorithmIsRefused(String header) {
        assertThat(refusal(RSA.token(header, claims(""))).type()).isEqualTo("InvalidIdentityToken");
    }

    @Test
    void aKeyInTheTokenCountsForNothing() {
        TestIssuer thief = new TestIssuer("RS256", "k1");
        String header =
                "{\"alg\":\"RS256\",\"kid\":\"k1\",\"jku\":\"https://thief.example.org/\",\"jwk\":" + thief.jwk() + "}";
        assertThat(refusal(thief.token(header, claims(""))).message()).contains("does not verify");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"exp\":EXP|\"exp\":NOW|ExpiredTokenException|Token expired: current date/time",
                "\"exp\":EXP|\"exp\":\"soon\"|InvalidIdentityToken|not a valid JWT",
                "\"exp\":EXP|\"exp\":1e99|InvalidIdentityToken|not a valid JWT",
                "\"exp\":EXP|\"x\":1|InvalidIdentityToken|Missing a required claim: exp",
                "\"nbf\":NOW|\"nbf\":EXP|IDPRejectedClaim|not valid yet",
                "\"iat\":NOW|\"iat\":EXP|IDPRejectedClaim|not valid yet",
                "\"iat\":NOW|\"x\":1|InvalidIdentityToken|Missing a required claim: iat",
                "\"aud\":[\"sts.amazonaws.com\"]|\"aud\":\"another\"|InvalidIdentityToken|Incorrect token audience",
                "\"aud\":[\"sts.amazonaws.com\"]|\"aud\":[]|InvalidIdentityToken|Missing a required claim: aud",
                "\"aud\":[\"sts.amazonaws.com\"]|\"aud\":\"sts.amazonaws.com\",\"azp\":\"other\"|InvalidIdentityToken|Incorrect token audience",
                "\"iss\":\"https://oidc.example.org/id/7\"|\"iss\":\"https://oidc.example.org/id/8\"|InvalidIdentityToken|No OpenIDConnect provider found in your account for https://oidc.example.org/id/8",
                "\"iss\":\"https://oidc.example.org/id/7\"|\"iss\":\"oidc.example.org/id/7\"|InvalidIdentityToken|No OpenIDConnect provider found",
                "\"iss\":\"https://oidc.example.org/id/7\"|\"iss\":\"https://oidc.example.org/id/7/\"|InvalidIdentityToken|No OpenIDConnect provider found",
                "\"sub\":\"system:serviceaccount:bridge:updater\"|\"sub\":\"\"|InvalidIdentityToken|Missing a required claim: sub",
                "\"sub\":\"system:serviceaccount:bridge:updater\"|\"sub\":\"system:serviceaccount:bridge:other\"|AccessDenied|Not authorized to perform sts:AssumeRoleWithWebIdentity",
                "\"sub\":\"system:serviceaccount:bridge:updater\"|\"sub\":\"x\",\"sub\":\"system:serviceaccount:bridge:updater\"|InvalidIdentityToken|not a valid JWT",
            })
    void aClaimThatDoesNotFitIsRefusedInAwsWords(String part, String instead, String type, String message) {
        long now = account.cluster.now.getEpochSecond();
        String exp = Long.toString(now + 600);
        String good = claims("");
        String bad = good.replace(
                part.replace("EXP", exp).replace("NOW", Long.toString(now)),
                instead.replace("EXP", exp).replace("NOW", Long.toString(now)));
        assertThat(bad).isNotEqualTo(good);
        AwsError error = refusal(RSA.token(bad));
        assertThat(error.type()).isEqualTo(type);
        assertThat(error.message()).contains(message);
        assertThat(error.status())
                .isEqualTo(type.equals("AccessDenied") || type.equals("IDPRejectedClaim") ? 403 : 400);
    }

    @Test
    void onlyARoleThatTrustsTheProviderIsTakenOn() {
        String token = RSA.token(claims(""));
        account.iam("UpdateAssumeRolePolicy", "RoleName", "agent", "PolicyDocument", Account.trust(Cluster.ACCOUNT));
        assertThat(refusal(token))
                .isEqualTo(
                        new AwsError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"));
        account.iam("UpdateAssumeRolePolicy", "RoleName", "agent", "PolicyDocument", trust("*"));
        assertThat(refusal(token).type()).isEqualTo("AccessDenied");
        String byPattern = statement(
                "\"StringLike\":{\"oidc.example.org/id/7:sub\":\"system:serviceaccount:bridge:*\"}",
                "sts:AssumeRoleWithWebIdentity");
        account.iam("UpdateAssumeRolePolicy", "RoleName", "agent", "PolicyDocument", byPattern);
        assume(token);
        account.iam(
                "UpdateAssumeRolePolicy",
                "RoleName",
                "agent",
                "PolicyDocument",
                byPattern.replace("id/7\"}", "id/8\"}"));
        assertThat(refusal(token).type()).isEqualTo("AccessDenied");
        account.iam(
                "UpdateAssumeRolePolicy",
                "RoleName",
                "agent",
                "PolicyDocument",
                byPattern.replace("AssumeRoleWithWebIdentity", "AssumeRole"));
        assertThat(refusal(token).type()).isEqualTo("AccessDenied");
        SignedRequest elsewhere = account.unsigned(
                "AssumeRoleWithWebIdentity",
                "RoleArn",
                ROLE.replace(Cluster.ACCOUNT, Cluster.OTHER_ACCOUNT),
                "RoleSessionName",
                "pod-1",
                "WebIdentityToken",
                token);
        assertThat(account.refusal(elsewhere).message()).startsWith("No OpenIDConnect provider found");
    }

    @Test
    void howTheSubjectWasAuthenticatedCanBeAskedFor() {
        account.iam(
                "UpdateAssumeRolePolicy",
                "RoleName",
                "agent",
                "PolicyDocument",
                statement(
                        "\"ForAnyValue:StringEquals\":{\"oidc.example.org/id/7:amr\":\"mfa\"}",
                        "sts:AssumeRoleWithWebIdentity"));
        assertThat(refusal(RSA.token(claims(""))).type()).isEqualTo("AccessDenied");
        assertThat(refusal(RSA.token(claims(",\"amr\":[\"pwd\"]"))).type()).isEqualTo("AccessDenied");
        assume(RSA.token(claims(",\"amr\":[\"pwd\",\"mfa\"]")));
    }

    @Test
    void tagsAndSourceOfATokenNeedTheirOwnPermissionAndReachPolicies() {
        String more = ",\"https://aws.amazon.com/tags\":{\"principal_tags\":{\"team\":[\"bridge\"]},"
                + "\"transitive_tag_keys\":[\"team\"]},\"https://aws.amazon.com/source_identity\":\"alice\"";
        assertThat(refusal(RSA.token(claims(more))).message()).isEqualTo("Not authorized to perform sts:TagSession");
        account.iam(
                "UpdateAssumeRolePolicy",
                "RoleName",
                "agent",
                "PolicyDocument",
                statement(
                        "\"StringLike\":{\"oidc.example.org/id/7:sub\":\"*\"}",
                        "sts:AssumeRoleWithWebIdentity,sts:TagSession,sts:SetSourceIdentity"));
        account.iam(
                "PutRolePolicy",
                "RoleName",
                "agent",
                "PolicyName",
                "keys",
                "PolicyDocument",
                allow("kms:ListKeys", "*")
                        .replace(
                                "\"*\"}",
                                "\"*\",\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/team\":\"bridge\","
                                        + "\"aws:SourceIdentity\":\"alice\",\"oidc.example.org/id/7:sub\":\"" + SUBJECT
                                        + "\",\"aws:FederatedProvider\":\"" + PROVIDER + "\"}}}"));
        Reply reply = assume(RSA.token(claims(more)));
        assertThat(reply.text("//SourceIdentity")).isEqualTo("alice");
        account.cluster.execute(account.kms(session(reply), "ListKeys", "{}"));
        Keys plain = session(assume(RSA.token(claims(""))));
        assertThat(account.cluster.refusal(account.kms(plain, "ListKeys", "{}")).type())
                .isEqualTo("AccessDeniedException");
    }

    @Test
    void aSessionEndsWithTheKeyTheAudienceAndTheProviderOfItsToken() {
        Keys keys = session(assume(RSA.token(claims(""))));
        TestIssuer next = new TestIssuer("ES256", "k2");
        String put = "{\"keys\":[" + RSA.jwk() + "," + next.jwk() + "]}";
        account.iam("PutOpenIDConnectProviderKeys", "OpenIDConnectProviderArn", PROVIDER, "JsonWebKeySet", put);
        account.cluster.execute(account.kms(keys, "ListKeys", "{}"));
        account.iam(
                "RemoveClientIDFromOpenIDConnectProvider",
                "OpenIDConnectProviderArn",
                PROVIDER,
                "ClientID",
                "sts.amazonaws.com");
        assertThat(account.cluster.refusal(account.kms(keys, "ListKeys", "{}")).type())
                .isEqualTo("UnrecognizedClientException");
        account.iam(
                "AddClientIDToOpenIDConnectProvider",
                "OpenIDConnectProviderArn",
                PROVIDER,
                "ClientID",
                "sts.amazonaws.com");
        account.cluster.execute(account.kms(keys, "ListKeys", "{}"));
        account.iam(
                "PutOpenIDConnectProviderKeys", "OpenIDConnectProviderArn", PROVIDER, "JsonWebKeySet", next.keySet());
        assertThat(account.cluster.refusal(account.kms(keys, "ListKeys", "{}")).type())
                .isEqualTo("UnrecognizedClientException");
        assertThat(refusal(RSA.token(claims(""))).message()).contains("keymoot iam oidc-keys");
        Keys later = session(assume(next.token(claims(""))));
        account.iam("DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn", PROVIDER);
        assertThat(account.cluster.refusal(account.kms(later, "ListKeys", "{}")).type())
                .isEqualTo("UnrecognizedClientException");
    }

    @Test
    void onlyThisActionGoesUnsigned() {
        for (String action : List.of("AssumeRole", "GetSessionToken", "GetCallerIdentity", "GetFederationToken")) {
            assertThat(account.refusal(account.unsigned(action, parameters("abcd")))
                            .type())
                    .isEqualTo("MissingAuthenticationToken");
        }
        SignedRequest good = request(RSA.token(claims("")));
        SignedRequest elsewhere = new SignedRequest("POST", "/?x=1", good.headers(), good.body(), good.sourceAddress());
        assertThat(account.refusal(elsewhere).type()).isEqualTo("MissingAuthenticationToken");
        byte[] twice = (new String(good.body(), StandardCharsets.US_ASCII) + "&Action=AssumeRole")
                .getBytes(StandardCharsets.US_ASCII);
        assertThat(account.refusal(new SignedRequest("POST", "/", good.headers(), twice, good.sourceAddress()))
                        .type())
                .isEqualTo("MalformedInput");
        // One that is signed as well has to be signed well.
        Keys wrong = new Keys("AKIAROOT", "wrong", null);
        assertThat(account.refusalAs(wrong, Service.STS, "AssumeRoleWithWebIdentity", parameters("abcd"))
                        .type())
                .isEqualTo("SignatureDoesNotMatch");
        account.as(Account.ROOT, Service.STS, "AssumeRoleWithWebIdentity", parameters(RSA.token(claims(""))));
    }

    @Test
    void theAuditRecordSaysWhoWasLetInByWhom() {
        session(assume(RSA.token(claims(""))));
        Decision decision = Kms.decide(request(RSA.token(claims(""))), account.cluster.directory, account.cluster.now);
        assertThat(decision).isInstanceOf(Decision.Answer.class);
        assertThat(decision.context().decidedBy()).contains(SUBJECT).contains(PROVIDER);
        assertThat(decision.context().principal())
                .isNotNull()
                .satisfies(principal ->
                        assertThat(principal.arn()).isEqualTo("arn:aws:sts::123456789012:assumed-role/agent/pod-1"));
        assertThat(decision.context().resource()).isEqualTo(ROLE);
    }

    @Test
    void limitsOfTheSessionAreKept() {
        String token = RSA.token(claims(""));
        assertThat(refusal(token, "DurationSeconds", "7200").message()).contains("MaxSessionDuration");
        assertThat(refusal(token, "DurationSeconds", "60").type()).isEqualTo("ValidationError");
        assertThat(refusal(token, "ProviderId", "www.amazon.com").type()).isEqualTo("InvalidIdentityToken");
        Keys keys = session(assume(token, "Policy", allow("kms:ListAliases", "*"), "DurationSeconds", "900"));
        account.cluster.execute(account.kms(keys, "ListAliases", "{}"));
        assertThat(account.cluster.refusal(account.kms(keys, "ListKeys", "{}")).type())
                .isEqualTo("AccessDeniedException");
        account.pass(Duration.ofSeconds(900));
        assertThat(account.cluster
                        .refusal(account.kms(keys, "ListAliases", "{}"))
                        .type())
                .isEqualTo("ExpiredTokenException");
        assertThat(refusal(token).type()).isEqualTo("ExpiredTokenException");
        assertThat(refusal("x".repeat(20_001)).type()).isEqualTo("ValidationError");
    }

    @Test
    void aProviderIsMadeShownChangedAndDeleted() {
        Reply shown = account.iam("GetOpenIDConnectProvider", "OpenIDConnectProviderArn", PROVIDER);
        assertThat(shown.text("//Url")).isEqualTo("oidc.example.org/id/7");
        assertThat(shown.texts("//ClientIDList/member")).containsExactly("sts.amazonaws.com");
        assertThat(shown.texts("//ThumbprintList/member")).containsExactly("a".repeat(40));
        assertThat(account.refusal("CreateOpenIDConnectProvider", "Url", ISSUER).type())
                .isEqualTo("EntityAlreadyExists");
        account.iam(
                "UpdateOpenIDConnectProviderThumbprint",
                "OpenIDConnectProviderArn",
                PROVIDER,
                "ThumbprintList.member.1",
                "B".repeat(40));
        account.iam("AddClientIDToOpenIDConnectProvider", "OpenIDConnectProviderArn", PROVIDER, "ClientID", "two");
        account.iam("AddClientIDToOpenIDConnectProvider", "OpenIDConnectProviderArn", PROVIDER, "ClientID", "two");
        account.iam(
                "TagOpenIDConnectProvider",
                "OpenIDConnectProviderArn",
                PROVIDER,
                "Tags.member.1.Key",
                "team",
                "Tags.member.1.Value",
                "bridge");
        shown = account.iam("GetOpenIDConnectProvider", "OpenIDConnectProviderArn", PROVIDER);
        assertThat(shown.texts("//ClientIDList/member")).containsExactly("sts.amazonaws.com", "two");
        assertThat(shown.texts("//ThumbprintList/member")).containsExactly("B".repeat(40));
        assertThat(shown.text("//Tags/member/Value")).isEqualTo("bridge");
        account.iam("UntagOpenIDConnectProvider", "OpenIDConnectProviderArn", PROVIDER, "TagKeys.member.1", "team");
        assertThat(account.iam("ListOpenIDConnectProviderTags", "OpenIDConnectProviderArn", PROVIDER)
                        .texts("//Tags/member"))
                .isEmpty();
        assertThat(account.iam("ListOpenIDConnectProviders").texts("//Arn")).containsExactly(PROVIDER);
        account.iam("DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn", PROVIDER);
        account.iam("DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn", PROVIDER);
        assertThat(account.refusal("GetOpenIDConnectProvider", "OpenIDConnectProviderArn", PROVIDER)
                        .type())
                .isEqualTo("NoSuchEntity");
        account.iam("CreateOpenIDConnectProvider", "Url", ISSUER);
        assertThat(refusal(RSA.token(claims(""))).message()).contains("keymoot iam oidc-keys");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://oidc.example.org",
                "https://",
                "https://oidc.example.org/?q",
                "https://oidc.example.org/#f",
                "https://user@oidc.example.org",
                "https://oidc.example.org/a b",
            })
    void aUrlThatIsNoIssuerIsRefused(String url) {
        assertThat(account.refusal("CreateOpenIDConnectProvider", "Url", url).type())
                .isEqualTo("ValidationError");
    }

    @Test
    void aKeySetThatCannotBeTrustedIsRefused() {
        String jwk = RSA.jwk();
        for (String set : List.of(
                "{}",
                "nonsense",
                "{\"keys\":[]}",
                "{\"keys\":[1]}",
                "{\"keys\":[" + jwk + "," + jwk + "]}",
                "{\"keys\":[" + jwk.replace("\"use\":\"sig\"", "\"use\":\"enc\"") + "]}",
                "{\"keys\":[" + jwk.replace("\"kty\"", "\"d\":\"AQAB\",\"kty\"") + "]}",
                "{\"keys\":[" + jwk.replace("\"AQAB\"", "\"AQ\"") + "]}",
                "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"" + TestIssuer.base64(new byte[] {1, 1}) + "\",\"e\":\"AQAB\"}]}",
                "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
                "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" + TestIssuer.base64(new byte[32])
                        + "\",\"y\":\"" + TestIssuer.base64(new byte[32]) + "\"}]}",
                "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + TestIssuer.base64(new byte[31]) + "\"}]}",
                "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" + TestIssuer.base64(new byte[32])
                        + "\"}]}")) {
            assertThat(account.refusal(
                                    "PutOpenIDConnectProviderKeys",
                                    "OpenIDConnectProviderArn",
                                    PROVIDER,
                                    "JsonWebKeySet",
                                    set)
                            .type())
                    .as(set)
                    .isEqualTo("InvalidInput");
        }
        assume(RSA.token(claims("")));
    }

    @Test
    void handingKeysOverNeedsItsOwnPermission() {
        Keys alice = account.user("alice");
        account.iam(
                "PutUserPolicy",
                "UserName",
                "alice",
                "PolicyName",
                "p",
                "PolicyDocument",
                allow("iam:CreateOpenIDConnectProvider", "*"));
        assertThat(account.refusalAs(
                                alice,
                                Service.IAM,
                                "CreateOpenIDConnectProvider",
                                "Url",
                                "https://two.example.org",
                                "JsonWebKeySet",
                                RSA.keySet())
                        .message())
                .contains("iam:PutOpenIDConnectProviderKeys");
        account.as(alice, Service.IAM, "CreateOpenIDConnectProvider", "Url", "https://two.example.org");
    }

    @Test
    void noSessionTokenShowsTheIdentityToken() {
        String token = RSA.token(claims(""));
        Keys keys = session(assume(token));
        String payload = token.split("\\.", -1)[1];
        byte[] sealed = Base64.getDecoder().decode(keys.token());
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain(payload.substring(0, 20));
    }
}
