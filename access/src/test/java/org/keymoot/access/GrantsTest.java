package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Grants through their whole lives, and whom they let do what.
final class GrantsTest {
    private static final String ALICE = "arn:aws:iam::" + Cluster.ACCOUNT + ":user/alice";
    private static final String BOB = "arn:aws:iam::" + Cluster.ACCOUNT + ":user/bob";
    private static final String SIGN = "\"Message\":\"" + Cluster.base64(new byte[32])
            + "\",\"MessageType\":\"DIGEST\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"";

    private final Cluster cluster = new Cluster();
    private String key = "";

    @BeforeEach
    void makeKey() {
        cluster.directory.add("AKIABOB", new TestCredential(Cluster.user("bob"), Cluster.SECRET, true));
        cluster.directory.add(
                "AKIACAROL",
                new TestCredential(
                        new Principal(Cluster.OTHER_ACCOUNT, "arn:aws:iam::" + Cluster.OTHER_ACCOUNT + ":user/carol"),
                        Cluster.SECRET,
                        true));
        key = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
    }

    private String with(String more) {
        return "{\"KeyId\":\"" + key + "\"" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    private static String grant(String grantee, String... operations) {
        return "\"GranteePrincipal\":\"" + grantee + "\",\"Operations\":[\"" + String.join("\",\"", operations) + "\"]";
    }

    private JsonNode create(String more) {
        cluster.now = cluster.now.plusSeconds(1);
        return cluster.call("CreateGrant", with(more));
    }

    private String createId(String more) {
        return create(more).at("/GrantId").stringValue();
    }

    private boolean may(String accessKey, String action, String more) {
        cluster.now = cluster.now.plusSeconds(1);
        Decision decision = Kms.decide(
                Cluster.as(accessKey, Cluster.REGION).post(action, with(more), cluster.now),
                cluster.directory,
                cluster.now);
        if (decision instanceof Decision.Refused refused) {
            assertThat(refused.error().type()).isEqualTo("AccessDeniedException");
            return false;
        }
        return true;
    }

    // What a grant allows

    @Test
    void letsTheGranteeDoWhatTheGrantSaysAndNobodyElse() {
        assertThat(may("AKIAALICE", "Sign", SIGN)).isFalse();
        String id = createId(grant(ALICE, "Sign", "DescribeKey"));
        assertThat(may("AKIAALICE", "Sign", SIGN)).isTrue();
        assertThat(may("AKIAALICE", "DescribeKey", "")).isTrue();
        assertThat(may("AKIAALICE", "GetPublicKey", "")).isFalse();
        assertThat(may("AKIAALICE", "DisableKey", "")).isFalse();
        assertThat(may("AKIABOB", "Sign", SIGN)).isFalse();
        cluster.call("RevokeGrant", with("\"GrantId\":\"" + id + "\""));
        assertThat(may("AKIAALICE", "Sign", SIGN)).isFalse();
    }

    @Test
    void saysInTheAuditContextWhichGrantDecided() {
        String id = createId(grant(ALICE, "Sign"));
        Decision decision = Kms.decide(
                Cluster.as("AKIAALICE", Cluster.REGION).post("Sign", with(SIGN), cluster.now),
                cluster.directory,
                cluster.now);
        assertThat(decision.context().decidedBy()).isEqualTo("grant " + id);
    }

    @Test
    void standsOnTheRegisterOfTheGrantSoThatPeersCatchUpByIt() {
        String id = createId(grant(ALICE, "Sign"));
        createId(grant(ALICE, "Verify"));
        List<String> read = new ArrayList<>();
        Recording view = new Recording(cluster.directory, read);
        Kms.decide(Cluster.as("AKIAALICE", Cluster.REGION).post("Sign", with(SIGN), cluster.now), view, cluster.now);
        assertThat(read.stream().filter(name -> name.startsWith("grant/")))
                .containsExactly("grant/" + Cluster.ACCOUNT + "/" + Cluster.REGION + "/" + key + "/" + id);
    }

    @Test
    void worksAcrossAccounts() {
        create(grant("arn:aws:iam::" + Cluster.OTHER_ACCOUNT + ":user/carol", "Sign"));
        String arn = Cluster.arn(key);
        assertThat(cluster.callAs("AKIACAROL", "Sign", "{\"KeyId\":\"" + arn + "\"," + SIGN + "}")
                        .at("/KeyId")
                        .stringValue())
                .isEqualTo(arn);
    }

    @Test
    void bindsEncryptionToTheContextOfTheGrant() {
        key = cluster.call("CreateKey", "{}").at("/KeyMetadata/KeyId").stringValue();
        create(grant(ALICE, "Encrypt", "CreateGrant")
                + ",\"Constraints\":{\"EncryptionContextSubset\":{\"Stage\":\"test\"}}");
        String plain = "\"Plaintext\":\"AAAA\",\"EncryptionContext\":";
        assertThat(may("AKIAALICE", "Encrypt", plain + "{\"Stage\":\"test\",\"more\":\"x\"}"))
                .isTrue();
        for (String other : List.of("{}", "{\"Stage\":\"Test\"}", "{\"stage\":\"test\"}", "{\"more\":\"test\"}")) {
            assertThat(may("AKIAALICE", "Encrypt", plain + other)).as(other).isFalse();
        }
        assertThat(may("AKIAALICE", "Encrypt", "\"Plaintext\":\"AAAA\"")).isFalse();
        assertThat(may("AKIAALICE", "CreateGrant", grant(BOB, "Encrypt"))).isFalse();
        String stricter = ",\"Constraints\":{\"EncryptionContextEquals\":{\"Stage\":\"test\"}}";
        assertThat(may("AKIAALICE", "CreateGrant", grant(BOB, "Encrypt") + stricter))
                .isTrue();
        JsonNode listed = cluster.call("ListGrants", with("")).at("/Grants/0/Constraints");
        assertThat(listed.at("/EncryptionContextSubset/Stage").stringValue()).isEqualTo("test");
    }

    /// It would look like a constraint to a policy that asks for one, and constrain nothing.
    @Test
    void takesAnEmptyConstraintForNone() {
        String policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\""
                + Cluster.ACCOUNT
                + "\"},\"Action\":\"kms:*\",\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\""
                + ALICE + "\"},\"Action\":\"kms:CreateGrant\",\"Resource\":\"*\",\"Condition\":{"
                + "\"StringLike\":{\"kms:GrantConstraintType\":\"*\"}}}]}";
        key = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        cluster.call("PutKeyPolicy", with("\"Policy\":" + KeyStatesTest.quoted(policy)));
        String grant = grant(BOB, "Decrypt") + ",\"Constraints\":";
        for (String type : List.of("EncryptionContextSubset", "EncryptionContextEquals")) {
            assertThat(may("AKIAALICE", "CreateGrant", grant + "{\"" + type + "\":{\"a\":\"b\"}}"))
                    .isTrue();
            assertThat(may("AKIAALICE", "CreateGrant", grant + "{\"" + type + "\":{}}"))
                    .isFalse();
        }
        create(grant + "{\"EncryptionContextSubset\":{}}");
        assertThat(cluster.call("ListGrants", with("")).at("/Grants/0").has("Constraints"))
                .isFalse();
    }

    @Test
    void showsPoliciesWhatAGrantWouldBe() {
        String policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\""
                + Cluster.ACCOUNT
                + "\"},\"Action\":\"kms:*\",\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\""
                + ALICE + "\"},\"Action\":\"kms:CreateGrant\",\"Resource\":\"*\",\"Condition\":{"
                + "\"ForAllValues:StringEquals\":{\"kms:GrantOperations\":[\"Sign\",\"Verify\"]},"
                + "\"StringEquals\":{\"kms:GranteePrincipal\":\"" + BOB + "\",\"kms:RetiringPrincipal\":\"" + ALICE
                + "\"},\"Bool\":{\"kms:GrantIsForAWSResource\":\"false\"},\"Null\":{\"kms:GrantConstraintType\":\"true\"}}}]}";
        cluster.call("PutKeyPolicy", with("\"Policy\":" + KeyStatesTest.quoted(policy)));
        String retiring = ",\"RetiringPrincipal\":\"" + ALICE + "\"";
        assertThat(may("AKIAALICE", "CreateGrant", grant(BOB, "Sign") + retiring))
                .isTrue();
        assertThat(may("AKIAALICE", "CreateGrant", grant(BOB, "Sign"))).isFalse();
        assertThat(may("AKIAALICE", "CreateGrant", grant(BOB, "Sign", "GetPublicKey") + retiring))
                .isFalse();
        assertThat(may("AKIAALICE", "CreateGrant", grant(ALICE, "Sign") + retiring))
                .isFalse();
    }

    @Test
    void overridesNoDenyOfTheKeyPolicy() {
        create(grant(ALICE, "Sign"));
        String policy = "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" + Cluster.ACCOUNT
                + "\"},\"Action\":\"kms:*\",\"Resource\":\"*\"},{\"Effect\":\"Deny\",\"Principal\":{\"AWS\":\"" + ALICE
                + "\"},\"Action\":\"kms:Sign\",\"Resource\":\"*\"}]}";
        cluster.call("PutKeyPolicy", with("\"Policy\":" + KeyStatesTest.quoted(policy)));
        assertThat(may("AKIAALICE", "Sign", SIGN)).isFalse();
    }

    // Making grants

    @Test
    void makesOneGrantForEachRequestWithoutAName() {
        String first = createId(grant(ALICE, "Sign"));
        assertThat(createId(grant(ALICE, "Sign"))).isNotEqualTo(first);
        assertThat(cluster.call("ListGrants", with("")).at("/Grants")).hasSize(2);
    }

    @Test
    void makesOneGrantOfEqualRequestsWithANameUntilItIsRevoked() {
        JsonNode first = create(grant(ALICE, "Sign", "Verify") + ",\"Name\":\"n\"");
        JsonNode again = create(grant(ALICE, "Verify", "Sign") + ",\"Name\":\"n\"");
        String id = first.at("/GrantId").stringValue();
        assertThat(again.at("/GrantId").stringValue()).isEqualTo(id);
        assertThat(again.at("/GrantToken")).isNotEqualTo(first.at("/GrantToken"));
        assertThat(createId(grant(ALICE, "Sign") + ",\"Name\":\"n\"")).isNotEqualTo(id);
        assertThat(createId(grant(BOB, "Sign", "Verify") + ",\"Name\":\"n\"")).isNotEqualTo(id);
        assertThat(createId(grant(ALICE, "Sign", "Verify") + ",\"Name\":\"m\"")).isNotEqualTo(id);
        cluster.call("RevokeGrant", with("\"GrantId\":\"" + id + "\""));
        String next = createId(grant(ALICE, "Sign", "Verify") + ",\"Name\":\"n\"");
        assertThat(next).isNotEqualTo(id);
        assertThat(createId(grant(ALICE, "Sign", "Verify") + ",\"Name\":\"n\"")).isEqualTo(next);
    }

    @Test
    void answersAnExactRetryAsItAnsweredTheFirst() {
        for (String name : List.of("", ",\"Name\":\"n\"")) {
            cluster.now = cluster.now.plusSeconds(1);
            SignedRequest request = cluster.signed("CreateGrant", with(grant(ALICE, "Sign") + name));
            String first = cluster.execute(request);
            assertThat(cluster.execute(request)).isEqualTo(first);
            String id = Cluster.json(first).at("/GrantId").stringValue();
            cluster.now = cluster.now.plusSeconds(1);
            SignedRequest revoke = cluster.signed("RevokeGrant", with("\"GrantId\":\"" + id + "\""));
            assertThat(cluster.execute(revoke)).isEqualTo(cluster.execute(revoke));
            assertThat(cluster.execute(request)).as("after it was revoked").isEqualTo(first);
        }
        assertThat(cluster.call("ListGrants", with("")).at("/Grants")).isEmpty();
    }

    @Test
    void bringsNoGrantBackByAReplayOfARequestThatFoundItThere() {
        String id = createId(grant(ALICE, "Sign") + ",\"Name\":\"n\"");
        cluster.now = cluster.now.plusSeconds(1);
        SignedRequest repeat = cluster.signed("CreateGrant", with(grant(ALICE, "Sign") + ",\"Name\":\"n\""));
        String answer = cluster.execute(repeat);
        cluster.call("RevokeGrant", with("\"GrantId\":\"" + id + "\""));
        assertThat(cluster.execute(repeat)).isEqualTo(answer);
        assertThat(may("AKIAALICE", "Sign", SIGN)).isFalse();
    }

    /// Whoever may make a grant again and again must not keep others from revoking it.
    @Test
    void aGrantThatIsMadeAgainAndAgainCanBeRevoked() {
        String id = createId(grant(ALICE, "Sign") + ",\"Name\":\"n\"");
        SignedRequest second = cluster.signed("CreateGrant", with(grant(ALICE, "Sign") + ",\"Name\":\"n\""));
        for (int i = 0; i <= Repeats.MAXIMUM; i++) {
            assertThat(createId(grant(ALICE, "Sign") + ",\"Name\":\"n\"")).isEqualTo(id);
        }
        cluster.now = cluster.now.plusSeconds(1);
        cluster.call("RevokeGrant", with("\"GrantId\":\"" + id + "\""));
        createId(grant(ALICE, "Sign"));
        assertThat(cluster.execute(second)).contains(id);
        assertThat(cluster.call("ListGrants", with("")).at("/Grants")).hasSize(1);
    }

    /// A replayed revocation is committed anew, so that its answer, too, waits for a commit quorum.
    @Test
    void writesARevocationAgainWhenItIsReplayed() {
        String id = createId(grant(ALICE, "Sign"));
        SignedRequest revoke = cluster.signed("RevokeGrant", with("\"GrantId\":\"" + id + "\""));
        cluster.execute(revoke);
        Decision again = Kms.decide(revoke, cluster.directory, cluster.now);
        assertThat(((Decision.Change) again).writes().getFirst().version()).isEqualTo(3);
    }

    @Test
    void letsAGranteePassOnNoMoreThanItHas() {
        create(grant(ALICE, "CreateGrant", "Sign", "DescribeKey"));
        assertThat(may("AKIAALICE", "CreateGrant", grant(BOB, "Sign"))).isTrue();
        assertThat(may("AKIAALICE", "CreateGrant", grant(BOB, "Sign", "CreateGrant")))
                .isTrue();
        assertThat(may("AKIAALICE", "CreateGrant", grant(BOB, "Verify"))).isFalse();
        assertThat(may("AKIAALICE", "CreateGrant", grant(BOB, "Sign", "Verify")))
                .isFalse();
        assertThat(may("AKIABOB", "CreateGrant", grant(ALICE, "Sign"))).isFalse();
    }

    @Test
    void comparesConstraintsWhenAGranteePassesOn() {
        GrantConstraints none = GrantConstraints.NONE;
        GrantConstraints a = new GrantConstraints(new TreeMap<>(Map.of("a", "1")), null);
        GrantConstraints ab = new GrantConstraints(new TreeMap<>(Map.of("a", "1", "b", "2")), null);
        GrantConstraints onlyA = new GrantConstraints(null, new TreeMap<>(Map.of("a", "1")));
        GrantConstraints onlyAb = new GrantConstraints(null, new TreeMap<>(Map.of("a", "1", "b", "2")));
        for (GrantConstraints each : List.of(none, a, ab, onlyA, onlyAb)) {
            assertThat(none.allowAllOf(each)).isTrue();
            assertThat(each.allowAllOf(each)).isTrue();
        }
        for (GrantConstraints each : List.of(a, ab, onlyA, onlyAb)) {
            assertThat(each.allowAllOf(none)).isFalse();
        }
        assertThat(a.allowAllOf(ab)).isTrue();
        assertThat(a.allowAllOf(onlyA)).isTrue();
        assertThat(a.allowAllOf(onlyAb)).isTrue();
        assertThat(ab.allowAllOf(a)).isFalse();
        assertThat(ab.allowAllOf(onlyA)).isFalse();
        assertThat(onlyA.allowAllOf(a)).isFalse();
        assertThat(onlyA.allowAllOf(onlyAb)).isFalse();
    }

    @Test
    void comparesContextsWithRegardToCase() {
        GrantConstraints subset = new GrantConstraints(new TreeMap<>(Map.of("a", "1")), null);
        GrantConstraints equals = new GrantConstraints(null, new TreeMap<>(Map.of("a", "1")));
        Map<String, String> same = Map.of("a", "1");
        Map<String, String> more = Map.of("a", "1", "b", "2");
        assertThat(subset.allow(same)).isTrue();
        assertThat(subset.allow(more)).isTrue();
        assertThat(equals.allow(same)).isTrue();
        assertThat(equals.allow(more)).isFalse();
        for (Map<String, String> other :
                List.of(Map.<String, String>of(), Map.of("A", "1"), Map.of("a", "x"), Map.of("b", "1"))) {
            assertThat(subset.allow(other)).isFalse();
            assertThat(equals.allow(other)).isFalse();
            assertThat(GrantConstraints.NONE.allow(other)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(KeySpec.class)
    void allowsOnlyWhatTheKeyCanDo(KeySpec spec) {
        for (KeyUsage usage : spec.usages()) {
            KeyRecord draft = KeyRecord.draft(RegisterName.key(Cluster.ACCOUNT, Cluster.REGION, key), spec, usage)
                    .build();
            EnumSet<GrantOperation> fitting = EnumSet.noneOf(GrantOperation.class);
            for (GrantOperation operation : GrantOperation.values()) {
                if (operation.fits(draft)) {
                    fitting.add(operation);
                }
            }
            EnumSet<GrantOperation> expected =
                    EnumSet.of(GrantOperation.CREATE_GRANT, GrantOperation.RETIRE_GRANT, GrantOperation.DESCRIBE_KEY);
            switch (usage) {
                case ENCRYPT_DECRYPT -> {
                    expected.addAll(EnumSet.of(
                            GrantOperation.DECRYPT,
                            GrantOperation.ENCRYPT,
                            GrantOperation.RE_ENCRYPT_FROM,
                            GrantOperation.RE_ENCRYPT_TO));
                    expected.addAll(
                            spec.isRsa()
                                    ? EnumSet.of(GrantOperation.GET_PUBLIC_KEY)
                                    : EnumSet.of(
                                            GrantOperation.GENERATE_DATA_KEY,
                                            GrantOperation.GENERATE_DATA_KEY_WITHOUT_PLAINTEXT,
                                            GrantOperation.GENERATE_DATA_KEY_PAIR,
                                            GrantOperation.GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT));
                }
                case SIGN_VERIFY ->
                    expected.addAll(
                            EnumSet.of(GrantOperation.SIGN, GrantOperation.VERIFY, GrantOperation.GET_PUBLIC_KEY));
                case GENERATE_VERIFY_MAC ->
                    expected.addAll(EnumSet.of(GrantOperation.GENERATE_MAC, GrantOperation.VERIFY_MAC));
                case KEY_AGREEMENT ->
                    expected.addAll(EnumSet.of(GrantOperation.DERIVE_SHARED_SECRET, GrantOperation.GET_PUBLIC_KEY));
            }
            assertThat(fitting).as("%s %s", spec, usage).isEqualTo(expected);
        }
        assertThat(cluster.refusal("CreateGrant", with(grant(ALICE, "Decrypt"))).type())
                .isEqualTo("ValidationException");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"Operations\":[\"Sign\"]|ValidationException",
                "\"GranteePrincipal\":\"arn:aws:iam::123456789012:user/a\"|ValidationException",
                "\"GranteePrincipal\":\"arn:aws:iam::123456789012:user/a\",\"Operations\":[\"sign\"]|ValidationException",
                "\"GranteePrincipal\":\"arn:aws:iam::123456789012:user/a\",\"Operations\":[]|ValidationException",
                "\"GranteePrincipal\":\"arn:aws:iam::123456789012:user/a\",\"Operations\":\"Sign\"|SerializationException",
                "\"GranteePrincipal\":\"arn:aws:iam::123456789012:group/a\",\"Operations\":[\"Sign\"]|InvalidArnException",
                "\"GranteePrincipal\":\"alice\",\"Operations\":[\"Sign\"]|InvalidArnException",
                "\"GranteePrincipal\":\"a b\",\"Operations\":[\"Sign\"]|ValidationException",
                "\"GranteeServicePrincipal\":\"s3.amazonaws.com\",\"Operations\":[\"Sign\"]|UnsupportedOperationException",
                "\"GranteePrincipal\":\"arn:aws:iam::123456789012:user/a\",\"Operations\":[\"Sign\"],\"Constraints\":{\"EncryptionContextSubset\":{\"a\":\"b\"}}|ValidationException",
                "\"GranteePrincipal\":\"arn:aws:iam::123456789012:user/a\",\"Operations\":[\"Sign\"],\"Constraints\":{\"EncryptionContextSubset\":{\"a\":1}}|SerializationException",
                "\"GranteePrincipal\":\"arn:aws:iam::123456789012:user/a\",\"Operations\":[\"Sign\"],\"DryRun\":true|DryRunOperationException",
                "\"GranteePrincipal\":\"arn:aws:iam::123456789012:user/a\",\"Operations\":[\"Sign\"],\"GrantTokens\":[\"x\"]|InvalidGrantTokenException"
            })
    void refusesWhatIsNoGrant(String more, String type) {
        assertThat(cluster.refusal("CreateGrant", with(more)).type()).isEqualTo(type);
        assertThat(cluster.call("ListGrants", with("")).at("/Grants")).isEmpty();
    }

    // Tokens

    @Test
    void findsTheGrantByItsTokenWithoutSearching() {
        JsonNode made = create(grant(ALICE, "Sign"));
        String token = made.at("/GrantToken").stringValue();
        String body = with(SIGN + ",\"GrantTokens\":[\"" + token + "\"]");
        Recording view = new Recording(cluster.directory, new ArrayList<>());
        Decision decision =
                Kms.decide(Cluster.as("AKIAALICE", Cluster.REGION).post("Sign", body, cluster.now), view, cluster.now);
        assertThat(decision).isInstanceOf(Decision.SignWith.class);
        assertThat(view.listed).isZero();
    }

    @Test
    void lendsNothingToWhoHoldsATokenOnly() {
        String token = create(grant(ALICE, "Sign")).at("/GrantToken").stringValue();
        assertThat(may("AKIABOB", "Sign", SIGN + ",\"GrantTokens\":[\"" + token + "\"]"))
                .isFalse();
    }

    @Test
    void refusesTokensThatWereNeverGiven() {
        String token = create(grant(ALICE, "Sign")).at("/GrantToken").stringValue();
        String other = token.substring(0, 30) + (token.charAt(30) == 'A' ? 'B' : 'A') + token.substring(31);
        for (String bad : List.of("x", other, token.substring(1), token + "AA", "=")) {
            assertThat(cluster.refusalAs("AKIAALICE", "Sign", with(SIGN + ",\"GrantTokens\":[\"" + bad + "\"]"))
                            .type())
                    .as(bad)
                    .isEqualTo("InvalidGrantTokenException");
        }
    }

    @Test
    void allowsNothingByTheTokenOfARevokedGrant() {
        JsonNode made = create(grant(ALICE, "Sign"));
        cluster.call("RevokeGrant", with("\"GrantId\":\"" + made.at("/GrantId").stringValue() + "\""));
        assertThat(may(
                        "AKIAALICE",
                        "Sign",
                        SIGN + ",\"GrantTokens\":[\"" + made.at("/GrantToken").stringValue() + "\"]"))
                .isFalse();
    }

    // Ending grants

    @Test
    void letsTheRetiringPrincipalRetireByTokenOrById() {
        for (boolean byToken : new boolean[] {true, false}) {
            JsonNode made = create(grant(ALICE, "Sign") + ",\"RetiringPrincipal\":\"" + BOB + "\"");
            String how = byToken
                    ? "{\"GrantToken\":\"" + made.at("/GrantToken").stringValue() + "\"}"
                    : "{\"KeyId\":\"" + Cluster.arn(key) + "\",\"GrantId\":\""
                            + made.at("/GrantId").stringValue() + "\"}";
            assertThat(cluster.refusalAs("AKIAALICE", "RetireGrant", how).type())
                    .isEqualTo("AccessDeniedException");
            assertThat(cluster.refusalAs("AKIAOTHER", "RetireGrant", how).type())
                    .isEqualTo("AccessDeniedException");
            cluster.callAs("AKIABOB", "RetireGrant", how);
            assertThat(may("AKIAALICE", "Sign", SIGN)).isFalse();
            assertThat(cluster.refusalAs("AKIABOB", "RetireGrant", how).type()).isEqualTo("NotFoundException");
        }
    }

    @Test
    void letsTheGranteeRetireOnlyWhereTheGrantSaysSo() {
        String mine = createId(grant(ALICE, "Sign", "RetireGrant"));
        String others = createId(grant(ALICE, "Sign"));
        assertThat(cluster.refusalAs("AKIAALICE", "RetireGrant", with("\"GrantId\":\"" + others + "\""))
                        .type())
                .isEqualTo("AccessDeniedException");
        cluster.callAs("AKIAALICE", "RetireGrant", with("\"GrantId\":\"" + mine + "\""));
        cluster.call("RetireGrant", with("\"GrantId\":\"" + others + "\""));
        assertThat(cluster.call("ListGrants", with("")).at("/Grants")).isEmpty();
    }

    @Test
    void refusesToEndAGrantThatIsNotThere() {
        String id = createId(grant(ALICE, "Sign"));
        cluster.call("RevokeGrant", with("\"GrantId\":\"" + id + "\""));
        cluster.now = cluster.now.plusSeconds(1);
        for (String action : List.of("RevokeGrant", "RetireGrant")) {
            assertThat(cluster.refusal(action, with("\"GrantId\":\"" + id + "\""))
                            .type())
                    .isEqualTo("NotFoundException");
            assertThat(cluster.refusal(action, with("\"GrantId\":\"" + "0".repeat(64) + "\""))
                            .type())
                    .isEqualTo("NotFoundException");
            assertThat(cluster.refusal(action, with("\"GrantId\":\"x\"")).type())
                    .isEqualTo("InvalidGrantIdException");
        }
        assertThat(cluster.refusal("RetireGrant", "{}").type()).isEqualTo("ValidationException");
        assertThat(cluster.refusal("RetireGrant", with("")).type()).isEqualTo("ValidationException");
    }

    // Listing

    @Test
    void listsGrantsByGranteeByIdAndPageByPage() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            ids.add(createId(grant(i % 2 == 0 ? ALICE : BOB, "Sign")));
        }
        assertThat(pages("ListGrants", with(""))).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(pages("ListGrants", with("\"GranteePrincipal\":\"" + BOB + "\"")))
                .hasSize(60);
        assertThat(pages("ListGrants", with("\"GrantId\":\"" + ids.get(7) + "\"")))
                .containsExactly(ids.get(7));
        JsonNode entry = cluster.call("ListGrants", with("\"GrantId\":\"" + ids.get(7) + "\""))
                .at("/Grants/0");
        assertThat(entry.at("/KeyId").stringValue()).isEqualTo(Cluster.arn(key));
        assertThat(entry.at("/GranteePrincipal").stringValue()).isEqualTo(BOB);
        assertThat(entry.at("/IssuingAccount").stringValue()).isEqualTo("arn:aws:iam::" + Cluster.ACCOUNT + ":root");
        assertThat(entry.at("/Operations/0").stringValue()).isEqualTo("Sign");
    }

    @Test
    void listsWhatAPrincipalMayRetireOverAllKeysAndAccounts() {
        String first = createId(grant(ALICE, "Sign") + ",\"RetiringPrincipal\":\"" + BOB + "\"");
        createId(grant(ALICE, "Sign") + ",\"RetiringPrincipal\":\"" + ALICE + "\"");
        createId(grant(ALICE, "Sign"));
        cluster.now = cluster.now.plusSeconds(1);
        key = cluster.makeKey(KeySpec.ECC_NIST_P256);
        String second = createId(grant(ALICE, "Sign") + ",\"RetiringPrincipal\":\"" + BOB + "\"");
        assertThat(pages("ListRetirableGrants", "{\"RetiringPrincipal\":\"" + BOB + "\"}"))
                .containsExactlyInAnyOrder(first, second);
        assertThat(cluster.refusalAs("AKIAOTHER", "ListRetirableGrants", "{\"RetiringPrincipal\":\"" + BOB + "\"}")
                        .type())
                .isEqualTo("AccessDeniedException");
    }

    private List<String> pages(String action, String body) {
        List<String> ids = new ArrayList<>();
        String marker = "";
        do {
            JsonNode page = cluster.call(
                    action,
                    marker.isEmpty() ? body : body.substring(0, body.length() - 1) + ",\"Marker\":\"" + marker + "\"}");
            page.at("/Grants").forEach(entry -> ids.add(entry.at("/GrantId").stringValue()));
            marker = page.at("/NextMarker").stringValue("");
            assertThat(page.at("/Truncated").booleanValue()).isEqualTo(!marker.isEmpty());
        } while (!marker.isEmpty());
        return ids;
    }

    // Registers

    @Test
    void keepsRecordsThroughTheirRegisters() {
        GrantRecord grant = new GrantRecord(
                Cluster.ACCOUNT,
                Cluster.REGION,
                key,
                GrantRecord.id(ALICE, "seed"),
                "name",
                ALICE,
                BOB,
                EnumSet.allOf(GrantOperation.class),
                new GrantConstraints(new TreeMap<>(Map.of("a", "ä")), new TreeMap<>()),
                cluster.now.truncatedTo(java.time.temporal.ChronoUnit.MILLIS),
                "x",
                new TreeMap<>(Map.of("z", "12")),
                null);
        assertThat(GrantRecord.decode(grant.register(), grant.json())).isEqualTo(grant);
        GrantRecord ended = grant.ended("y");
        assertThat(RegisterValue.isLive(ended.json())).isFalse();
        assertThat(GrantRecord.decode(ended.register(), ended.json())).isEqualTo(ended);
        assertThat(RegisterTerm.of(ended.register(), ended.json())).isEmpty();
        assertThat(RegisterTerm.of(grant.register(), grant.json()))
                .containsExactly(RegisterTerm.retirableBy(Cluster.REGION, BOB));
    }

    @Test
    void limitsTheGrantsOfAKey() {
        String id = createId(grant(ALICE, "Sign"));
        RegisterName register = GrantRecord.register(RegisterName.key(Cluster.ACCOUNT, Cluster.REGION, key), id);
        String json = Objects.requireNonNull(cluster.directory.read(register)).json();
        for (int i = 1; i < GrantActions.MAXIMUM_PER_KEY; i++) {
            cluster.directory.commit(new RegisterWrite(
                    GrantRecord.register(
                            RegisterName.key(Cluster.ACCOUNT, Cluster.REGION, key),
                            GrantRecord.id("somebody " + i, "")),
                    0,
                    json));
        }
        cluster.now = cluster.now.plusSeconds(1);
        assertThat(cluster.refusal("CreateGrant", with(grant(BOB, "Sign"))).type())
                .isEqualTo("LimitExceededException");
        long begun = System.nanoTime();
        assertThat(may("AKIAALICE", "Sign", SIGN)).isTrue();
        assertThat(System.nanoTime() - begun)
                .as("nanoseconds among 50,000 grants")
                .isLessThan(500_000_000);
    }

    /// Notes which registers are read and how often is listed.
    private static final class Recording implements DirectoryView {
        private final DirectoryView view;
        private final List<String> read;
        private int listed;

        Recording(DirectoryView view, List<String> read) {
            this.view = view;
            this.read = read;
        }

        @Override
        public @Nullable RegisterValue read(RegisterName name) {
            read.add(name.text());
            return view.read(name);
        }

        @Override
        public List<Entry> list(String prefix, String after, int limit) {
            listed++;
            return view.list(prefix, after, limit);
        }

        @Override
        public @Nullable Credential credential(String accessKeyId) {
            return view.credential(accessKeyId);
        }

        @Override
        public int parties() {
            return view.parties();
        }

        @Override
        public int reconstructionThreshold() {
            return view.reconstructionThreshold();
        }
    }
}
