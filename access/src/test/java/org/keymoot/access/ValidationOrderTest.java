package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Of two things that are wrong with a request, the one that AWS looks at first is answered: for every action.
final class ValidationOrderTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String NOBODY = "12345678-1234-1234-1234-123456789012";
    private static final Pattern MISSING =
            Pattern.compile("Value null at '([a-zA-Z]+)' failed to satisfy constraint: Member must not be null");

    /// The members that the model requires, without those that some requests need and others do not.
    private static final Map<String, Set<String>> REQUIRED = Map.ofEntries(
            Map.entry("AcquireNonceLease", Set.of("keyId", "chainId", "holder")),
            Map.entry("CreateAlias", Set.of("aliasName", "targetKeyId")),
            Map.entry("CreateGrant", Set.of("keyId", "operations")),
            Map.entry("CreateKey", Set.of()),
            Map.entry("DeleteAlias", Set.of("aliasName")),
            Map.entry("DeriveSharedSecret", Set.of("keyId", "keyAgreementAlgorithm", "publicKey")),
            Map.entry("Encrypt", Set.of("keyId", "plaintext")),
            Map.entry("GenerateDataKeyPair", Set.of("keyId", "keyPairSpec")),
            Map.entry("GenerateDataKeyPairWithoutPlaintext", Set.of("keyId", "keyPairSpec")),
            Map.entry("GenerateMac", Set.of("message", "keyId", "macAlgorithm")),
            Map.entry("GenerateRandom", Set.of()),
            Map.entry("GetNonceLease", Set.of("keyId", "chainId")),
            Map.entry("GetParametersForImport", Set.of("keyId", "wrappingAlgorithm", "wrappingKeySpec")),
            Map.entry("ImportKeyMaterial", Set.of("keyId", "importToken", "encryptedKeyMaterial")),
            Map.entry("ImportKeyShares", Set.of("keyId", "commitment", "importTokens", "encryptedShares")),
            Map.entry("ListAliases", Set.of()),
            Map.entry("ListKeys", Set.of()),
            Map.entry("ListRetirableGrants", Set.of("retiringPrincipal")),
            Map.entry("PutKeyPolicy", Set.of("keyId", "policy")),
            Map.entry("PutSignRules", Set.of("keyId", "rules")),
            Map.entry("ReleaseNonceLease", Set.of("keyId", "chainId", "holder")),
            Map.entry("ReplicateKey", Set.of("keyId", "replicaRegion")),
            Map.entry("ReserveNonce", Set.of("keyId", "chainId", "holder")),
            Map.entry("RetireGrant", Set.of()),
            Map.entry("RevokeGrant", Set.of("keyId", "grantId")),
            Map.entry("SettleNonce", Set.of("keyId", "chainId", "holder", "nonce", "outcome")),
            Map.entry("SignEthereum", Set.of("keyId", "kind")),
            Map.entry("Sign", Set.of("keyId", "message", "signingAlgorithm")),
            Map.entry("TagResource", Set.of("keyId", "tags")),
            Map.entry("UntagResource", Set.of("keyId", "tagKeys")),
            Map.entry("UpdateAlias", Set.of("aliasName", "targetKeyId")),
            Map.entry("UpdateKeyDescription", Set.of("keyId", "description")),
            Map.entry("UpdatePrimaryRegion", Set.of("keyId", "primaryRegion")),
            Map.entry("Verify", Set.of("keyId", "message", "signature", "signingAlgorithm")),
            Map.entry("VerifyMac", Set.of("message", "keyId", "macAlgorithm", "mac")));

    private final Cluster cluster = new Cluster();

    static Stream<Action> onKeys() {
        return KeyStatesTest.onKeys().stream();
    }

    static Stream<Action> supported() {
        return Stream.of(Action.values()).filter(Action::supported);
    }

    /// The actions of the key itself, with a member that names it.
    static Stream<Arguments> naming() {
        return onKeys().filter(action -> action != Action.DELETE_ALIAS)
                .map(action -> Arguments.of(
                        action,
                        switch (action) {
                            case CREATE_ALIAS, UPDATE_ALIAS -> "TargetKeyId";
                            case RE_ENCRYPT -> "DestinationKeyId";
                            default -> "KeyId";
                        }));
    }

    private String request(Action action, Consumer<ObjectNode> change) {
        String keyId = KeyStatesTest.made(cluster, action);
        ObjectNode body = (ObjectNode) JSON.readTree(KeyStatesTest.body(cluster, action, keyId));
        change.accept(body);
        cluster.now = cluster.now.plusSeconds(1);
        return body.toString();
    }

    @ParameterizedTest
    @EnumSource(Action.class)
    void authenticatesBeforeAnythingElse(Action action) {
        AwsError error = cluster.refusal(
                Cluster.as("AKIANOBODY", Cluster.REGION).post(action.target() + "x", "no JSON", cluster.now));
        assertThat(error.type()).isEqualTo("UnrecognizedClientException");
    }

    @ParameterizedTest
    @EnumSource(Action.class)
    void knowsTheTargetBeforeItReadsTheBody(Action action) {
        assertThat(cluster.refusal(action.target() + "x", "no JSON").type()).isEqualTo("UnknownOperationException");
    }

    @ParameterizedTest
    @MethodSource("supported")
    void readsTheBodyBeforeItsMembers(Action action) {
        for (String body :
                List.of("", "no JSON", "[]", "\"a\"", "{\"KeyId\":\"\"", "{\"KeyId\":\"a\",\"KeyId\":\"b\"}")) {
            assertThat(cluster.refusal(action.target(), body).type()).as(body).isEqualTo("SerializationException");
        }
    }

    @ParameterizedTest
    @MethodSource("supported")
    void namesEveryMissingMemberAtOnce(Action action) {
        Set<String> required = REQUIRED.getOrDefault(action.aws(), Set.of("keyId"));
        EvaluatedAnswer outcome = cluster.outcome(cluster.signed(action.target(), "{}"));
        Set<String> missing = new HashSet<>();
        if (outcome instanceof EvaluatedAnswer.Failure failure) {
            String message = Objects.requireNonNullElse(failure.error().message(), "");
            Matcher matcher = MISSING.matcher(message);
            while (matcher.find()) {
                missing.add(matcher.group(1));
            }
            if (!missing.isEmpty()) {
                String count = missing.size() == 1 ? "1 validation error" : missing.size() + " validation errors";
                assertThat(failure.error().type()).isEqualTo("ValidationException");
                assertThat(message).startsWith(count + " detected: ");
            }
        }
        switch (action) {
            case DECRYPT, RE_ENCRYPT ->
                // A dry run may leave the ciphertext out, so the model does not require it.
                assertThat(missing).isSubsetOf("ciphertextBlob", "destinationKeyId");
            default -> assertThat(missing).isEqualTo(required);
        }
    }

    @ParameterizedTest
    @MethodSource("naming")
    void checksMembersBeforeItLooksForTheKey(Action action, String member) {
        AwsError error = cluster.refusal(action.target(), request(action, body -> body.put(member, "a".repeat(2049))));
        String shown = member.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + member.substring(1);
        assertThat(error)
                .isEqualTo(AwsError.validation("1 validation error detected: Value at '" + shown
                        + "' failed to satisfy constraint: Member must have length less than or equal to 2048"));
    }

    @ParameterizedTest
    @MethodSource("naming")
    void takesTypesBeforeConstraints(Action action, String member) {
        String wrong = request(action, body -> {
            body.put(member, 7);
            body.put("Limit", 0);
        });
        assertThat(cluster.refusal(action.target(), wrong))
                .isEqualTo(AwsError.serialization("NUMBER_VALUE can not be converted to a String"));
    }

    @ParameterizedTest
    @MethodSource("naming")
    void looksForTheKeyBeforeThePermission(Action action, String member) {
        String body = request(action, node -> node.put(member, NOBODY));
        AwsError error = cluster.refusalAs("AKIAALICE", action.target(), body);
        assertThat(error)
                .isEqualTo(AwsError.of("NotFoundException", "Key '" + Cluster.arn(NOBODY) + "' does not exist"));
    }

    @ParameterizedTest
    @MethodSource("onKeys")
    void asksForThePermissionBeforeTheState(Action action) {
        for (KeyState state : List.of(KeyState.CREATING, KeyState.DISABLED, KeyState.PENDING_DELETION)) {
            String keyId = KeyStatesTest.made(cluster, action);
            String body = KeyStatesTest.body(cluster, action, keyId);
            KeyStatesTest.enter(cluster, keyId, state);
            AwsError error = cluster.refusalAs("AKIAALICE", action.target(), body);
            assertThat(error.type()).as("%s: %s", state, error).isEqualTo("AccessDeniedException");
            cluster.now = cluster.now.plusSeconds(1);
            if (action == Action.DELETE_ALIAS || action == Action.UPDATE_ALIAS) {
                cluster.call("DeleteAlias", "{\"AliasName\":\"alias/a\"}");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("onKeys")
    void ignoresMembersThatTheModelDoesNotHave(Action action) {
        String body = request(action, node -> node.put("NoSuchMember", 1));
        KeyState state = action == Action.CANCEL_KEY_DELETION ? KeyState.PENDING_DELETION : KeyState.ENABLED;
        if (state != KeyState.ENABLED) {
            KeyStatesTest.enter(cluster, JSON.readTree(body).at("/KeyId").asString(), state);
        }
        assertThat(cluster.outcome(cluster.signed(action.target(), body))).isInstanceOf(EvaluatedAnswer.Success.class);
    }

    // Pages

    /// What makes several entries to list, and how they are listed.
    static Stream<Arguments> pages() {
        return Stream.of(
                Arguments.of("ListKeys", "Keys", "KeyId"),
                Arguments.of("ListAliases", "Aliases", "AliasName"),
                Arguments.of("ListGrants", "Grants", "GrantId"),
                Arguments.of("ListRetirableGrants", "Grants", "GrantId"),
                Arguments.of("ListResourceTags", "Tags", "TagKey"),
                Arguments.of("ListKeyRotations", "Rotations", "KeyMaterialId"),
                Arguments.of("ListKeyPolicies", "PolicyNames", ""));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void showsEachEntryOnceWhateverThePagesSize(String action, String list, String name) {
        String alice = "arn:aws:iam::" + Cluster.ACCOUNT + ":user/alice";
        String keyId = cluster.call("CreateKey", "{}").at("/KeyMetadata/KeyId").stringValue();
        String key = "\"KeyId\":\"" + keyId + "\"";
        for (int i = 0; i < 5; i++) {
            cluster.now = cluster.now.plusSeconds(1);
            cluster.call("CreateKey", "{}");
            cluster.call("CreateAlias", "{\"AliasName\":\"alias/a" + i + "\",\"TargetKeyId\":\"" + keyId + "\"}");
            cluster.call("TagResource", "{" + key + ",\"Tags\":[{\"TagKey\":\"k" + i + "\",\"TagValue\":\"v\"}]}");
            cluster.call("RotateKeyOnDemand", "{" + key + "}");
            cluster.call(
                    "CreateGrant",
                    "{" + key + ",\"GranteePrincipal\":\"" + alice + "\",\"RetiringPrincipal\":\"" + alice
                            + "\",\"Operations\":[\"Decrypt\"]}");
        }
        String base = switch (action) {
            case "ListKeys" -> "";
            case "ListRetirableGrants" -> "\"RetiringPrincipal\":\"" + alice + "\",";
            default -> key + ",";
        };
        Map<Integer, List<String>> seen = new TreeMap<>();
        for (int limit : new int[] {1, 2, 3, 50}) {
            List<String> names = new ArrayList<>();
            String marker = "";
            do {
                ObjectNode page = (ObjectNode) cluster.call(
                        action,
                        "{" + base + "\"Limit\":" + limit + (marker.isEmpty() ? "" : ",\"Marker\":\"" + marker + "\"")
                                + "}");
                assertThat(page.at("/" + list).size()).isLessThanOrEqualTo(limit);
                page.at("/" + list)
                        .forEach(entry -> names.add(
                                name.isEmpty()
                                        ? entry.asString()
                                        : entry.path(name).asString()));
                marker = page.at("/NextMarker").stringValue("");
                assertThat(page.at("/Truncated").booleanValue()).isEqualTo(!marker.isEmpty());
            } while (!marker.isEmpty());
            assertThat(names).doesNotHaveDuplicates();
            seen.put(limit, names);
        }
        assertThat(seen.get(50)).hasSizeGreaterThanOrEqualTo(name.isEmpty() ? 1 : 5);
        assertThat(Set.copyOf(seen.values())).hasSize(1);
        assertThat(cluster.refusal(action, "{" + base + "\"Marker\":\"!\"}").type())
                .isEqualTo("InvalidMarkerException");
        assertThat(cluster.refusal(action, "{" + base + "\"Limit\":0}").type()).isEqualTo("ValidationException");
        assertThat(cluster.refusal(action, "{" + base + "\"Limit\":1001}").type())
                .isEqualTo("ValidationException");
    }

    /// A body full of faults is not answered, or recorded, with more text than it has.
    @Test
    void tellsTenOfManyBreaches() {
        Cluster many = new Cluster();
        String key = many.makeKey(KeySpec.ECC_NIST_P256);
        String empty = "\"\",".repeat(80_000);
        for (String body : List.of(
                "\"TagKeys\":[" + empty + "\"\"]",
                "\"TagKeys\":[" + ("\"" + "k".repeat(1000) + "\",").repeat(200) + "\"\"]")) {
            AwsError error = many.refusal("UntagResource", "{\"KeyId\":\"" + key + "\"," + body + "}");
            assertThat(error.type()).isEqualTo("ValidationException");
            assertThat(error.message())
                    .matches("(?s)[0-9]{3,5} validation errors detected: .*")
                    .hasSizeLessThan(20_000);
            assertThat(String.valueOf(error.message()).split("failed to satisfy", -1))
                    .hasSize(Breaches.MOST_TOLD + 1);
        }
        AwsError tokens =
                many.refusal("DescribeKey", "{\"KeyId\":\"" + key + "\",\"GrantTokens\":[" + empty + "\"\"]}");
        assertThat(tokens.message()).hasSizeLessThan(2000);
    }
}
