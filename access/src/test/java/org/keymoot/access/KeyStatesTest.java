package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.keymoot.access.imported.ShareSealing;
import org.keymoot.access.policy.KeyPolicy;
import tools.jackson.databind.JsonNode;

/// Every action on a key in every state, decided by the real thing, against AWS's table and the reference page.
final class KeyStatesTest {
    private static final Path PAGE = Path.of("..", "docs", "reference", "kms-states.md");
    private static final String REWRITE = "keymoot.write.reference";
    private static final String AWAY = "eu-west-1";
    private static final String RULES = ",\"Rules\":" + quoted("{\"messages\":true}");
    private static final String HOLDER = ",\"ChainId\":\"1\",\"Holder\":\"a\"";

    /// The actions that take a key, Keymoot's own among them. Of the others some need none, and the rest are not
    /// offered.
    static List<Action> onKeys() {
        return Arrays.stream(Action.values())
                .filter(Action::supported)
                .filter(action -> switch (action) {
                    case CREATE_KEY, GENERATE_RANDOM, LIST_KEYS, LIST_RETIRABLE_GRANTS -> false;
                    default -> true;
                })
                .toList();
    }

    /// What AWS does, by action and state; only where its guide says so.
    private static Map<String, Map<KeyState, String>> aws() {
        Map<String, Map<KeyState, String>> table = new TreeMap<>();
        List<String> lines = resource("key-states.tsv")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
        String[] states = lines.getFirst().split("\t");
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split("\t");
            Map<KeyState, String> row = new EnumMap<>(KeyState.class);
            for (int i = 1; i < cells.length; i++) {
                if (!cells[i].equals("-")) {
                    row.put(KeyState.of(states[i]), cells[i]);
                }
            }
            table.put(cells[0], row);
        }
        return table;
    }

    @Test
    void knowsFortyActionsOfAws() {
        assertThat(aws()).hasSize(40);
        assertThat(aws().keySet())
                .allSatisfy(action -> assertThat(Action.find(action)).isNotNull());
    }

    @ParameterizedTest
    @MethodSource("onKeys")
    void doesInEachStateWhatAwsDoes(Action action) {
        Map<KeyState, String> expected = action.own() ? Map.of() : aws().getOrDefault(action.aws(), Map.of());
        Map<KeyState, String> found = row(action);
        found.forEach((state, word) -> {
            // The guide speaks of both kinds of pending deletion in one column.
            KeyState column = state == KeyState.PENDING_REPLICA_DELETION ? KeyState.PENDING_DELETION : state;
            String wanted = expected.get(column);
            if (wanted == null) {
                return;
            }
            String meant = switch (wanted) {
                case "origin" -> state == KeyState.PENDING_IMPORT ? "unsupported" : "ok";
                case "target" -> "deleting";
                case "material" -> "ok";
                default -> wanted;
            };
            assertThat(word)
                    .as("%s on a key that is %s", shown(action), state.aws())
                    .isEqualTo(meant);
        });
    }

    /// The other half of "target": an alias may leave a key whose deletion is pending.
    @Test
    void movesAnAliasAwayFromAKeyThatIsPendingDeletion() {
        Cluster cluster = new Cluster();
        String from = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        String to = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + from + "\"}");
        enter(cluster, from, KeyState.PENDING_DELETION);
        cluster.call("UpdateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + to + "\"}");
        assertThat(cluster.call("DescribeKey", "{\"KeyId\":\"alias/a\"}")
                        .at("/KeyMetadata/KeyId")
                        .stringValue())
                .isEqualTo(to);
    }

    @Test
    void isShownInTheReference() throws IOException {
        String page = page();
        if (Boolean.getBoolean(REWRITE)) {
            Files.createDirectories(Objects.requireNonNull(PAGE.getParent()));
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("%s is made from the code: run this test with -D%s=true", PAGE, REWRITE)
                .isEqualTo(page);
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Key states

                What each action does with a key in each state. This page is made from the code by `KeyStatesTest`, which also compares
                it with the table of AWS's guide: every cell that AWS's table has is the same here, except the states of custom key
                stores, which do not exist here.

                - **ok**: the action works.
                - **disabled**: `DisabledException`, "… is disabled."
                - **creating**, **importing**, **updating**, **deleting**: `KMSInvalidStateException`, "… is creating.", "… is pending
                  import.", "… is updating.", "… is pending deletion." or "… is pending replica deletion."
                - **not-deleting**: `KMSInvalidStateException`, "… is not pending deletion."
                - **unsupported**: `UnsupportedOperationException`; a key with imported material is not rotated.

                """);
        page.append("| action |");
        for (KeyState state : KeyState.values()) {
            page.append(' ').append(state.aws()).append(" |");
        }
        page.append("\n|---|").append("---|".repeat(KeyState.values().length)).append('\n');
        List<Action> actions = new ArrayList<>(onKeys());
        actions.sort(Comparator.comparing(KeyStatesTest::shown));
        for (Action action : actions) {
            page.append("| ").append(shown(action)).append(" |");
            row(action).forEach((state, word) -> page.append(' ').append(word).append(" |"));
            page.append('\n');
        }
        return page.toString();
    }

    private static String shown(Action action) {
        return action.own() ? action.target() : action.aws();
    }

    private static Map<KeyState, String> row(Action action) {
        Map<KeyState, String> row = new LinkedHashMap<>();
        for (KeyState state : KeyState.values()) {
            row.put(state, outcome(action, state));
        }
        return row;
    }

    private static String outcome(Action action, KeyState state) {
        Cluster cluster = new Cluster();
        String keyId = made(cluster, action);
        String body = body(cluster, action, keyId);
        enter(cluster, keyId, state);
        cluster.now = cluster.now.plusSeconds(1);
        return switch (cluster.outcome(cluster.signed(action.target(), body))) {
            case EvaluatedAnswer.Success success -> "ok";
            case EvaluatedAnswer.Failure failure -> word(failure.error(), Cluster.arn(keyId));
        };
    }

    private static String word(AwsError error, String arn) {
        String message = Objects.requireNonNullElse(error.message(), "");
        assertThat(message).startsWith(arn);
        String what = error.type() + message.substring(arn.length());
        return switch (what) {
            case "DisabledException is disabled." -> "disabled";
            case "KMSInvalidStateException is creating." -> "creating";
            case "KMSInvalidStateException is updating." -> "updating";
            case "KMSInvalidStateException is pending import." -> "importing";
            case "KMSInvalidStateException is pending deletion.",
                    "KMSInvalidStateException is pending replica deletion." -> "deleting";
            case "KMSInvalidStateException is not pending deletion." -> "not-deleting";
            case "UnsupportedOperationException origin is EXTERNAL which is not valid for this operation." ->
                "unsupported";
            default -> throw new AssertionError(error);
        };
    }

    static void enter(Cluster cluster, String keyId, KeyState state) {
        KeyRecord key = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, keyId);
        KeyRecord.Builder next = key.with("");
        switch (state) {
            case ENABLED, DISABLED, CREATING, UPDATING -> next.state(state);
            case PENDING_IMPORT -> next.state(state).origin(KeyOrigin.EXTERNAL);
            case PENDING_DELETION -> next.deletion(cluster.now.plus(Duration.ofDays(7)), 7);
            case PENDING_REPLICA_DELETION -> next.deletionAfterReplicas(7);
        }
        cluster.directory.put(next.build());
    }

    /// A key that the action is for.
    static String made(Cluster cluster, Action action) {
        String wanted = switch (action) {
            case ENCRYPT,
                    DECRYPT,
                    RE_ENCRYPT,
                    GENERATE_DATA_KEY,
                    GENERATE_DATA_KEY_PAIR,
                    GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT,
                    GENERATE_DATA_KEY_WITHOUT_PLAINTEXT,
                    ENABLE_KEY_ROTATION,
                    DISABLE_KEY_ROTATION,
                    GET_KEY_ROTATION_STATUS,
                    LIST_KEY_ROTATIONS,
                    ROTATE_KEY_ON_DEMAND -> "{}";
            case GENERATE_MAC, VERIFY_MAC -> "{\"KeySpec\":\"HMAC_256\",\"KeyUsage\":\"GENERATE_VERIFY_MAC\"}";
            case DERIVE_SHARED_SECRET -> "{\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"KEY_AGREEMENT\"}";
            case REPLICATE_KEY, UPDATE_PRIMARY_REGION ->
                "{\"KeySpec\":\"ECC_SECG_P256K1\",\"KeyUsage\":\"SIGN_VERIFY\",\"MultiRegion\":true}";
            case GET_PARAMETERS_FOR_IMPORT,
                    GET_PARAMETERS_FOR_SPLIT_IMPORT,
                    IMPORT_KEY_MATERIAL,
                    IMPORT_KEY_SHARES,
                    DELETE_IMPORTED_KEY_MATERIAL -> "{\"Origin\":\"EXTERNAL\"}";
            default -> "{\"KeySpec\":\"ECC_SECG_P256K1\",\"KeyUsage\":\"SIGN_VERIFY\"}";
        };
        String made = cluster.call("CreateKey", wanted).at("/KeyMetadata/KeyId").stringValue();
        if (wanted.contains("EXTERNAL")) {
            Wrapped.bring(cluster, made, new byte[32]);
        }
        return made;
    }

    /// A request that succeeds with an enabled key, or with one that is pending deletion.
    static String body(Cluster cluster, Action action, String keyId) {
        String key = "\"KeyId\":\"" + keyId + "\"";
        String sign = key + ",\"Message\":\"" + Cluster.base64(new byte[32])
                + "\",\"MessageType\":\"DIGEST\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"";
        String mac = key + ",\"Message\":\"AAAA\",\"MacAlgorithm\":\"HMAC_SHA_256\"";
        String members = switch (action) {
            case CREATE_ALIAS -> "\"AliasName\":\"alias/new\",\"TargetKeyId\":\"" + keyId + "\"";
            case UPDATE_ALIAS -> {
                String other = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
                alias(cluster, other);
                yield "\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + keyId + "\"";
            }
            case DELETE_ALIAS -> {
                alias(cluster, keyId);
                yield "\"AliasName\":\"alias/a\"";
            }
            case PUT_KEY_POLICY -> key + ",\"Policy\":" + quoted(KeyPolicy.defaultDocument(Cluster.ACCOUNT));
            case SIGN -> sign;
            case VERIFY ->
                sign + ",\"Signature\":"
                        + quoted(cluster.call("Sign", "{" + sign + "}")
                                .at("/Signature")
                                .stringValue());
            case GENERATE_MAC -> mac;
            case VERIFY_MAC ->
                mac + ",\"Mac\":"
                        + quoted(cluster.call("GenerateMac", "{" + mac + "}")
                                .at("/Mac")
                                .stringValue());
            case ENCRYPT -> key + ",\"Plaintext\":\"AAAA\"";
            case DECRYPT -> key + "," + ciphertext(cluster, keyId);
            case RE_ENCRYPT -> "\"DestinationKeyId\":\"" + keyId + "\"," + ciphertext(cluster, keyId);
            case GENERATE_DATA_KEY, GENERATE_DATA_KEY_WITHOUT_PLAINTEXT -> key + ",\"KeySpec\":\"AES_256\"";
            case GENERATE_DATA_KEY_PAIR, GENERATE_DATA_KEY_PAIR_WITHOUT_PLAINTEXT ->
                key + ",\"KeyPairSpec\":\"ECC_NIST_P256\"";
            case DERIVE_SHARED_SECRET -> {
                String other = cluster.makeKey(KeySpec.ECC_NIST_P256);
                yield key + ",\"KeyAgreementAlgorithm\":\"ECDH\",\"PublicKey\":"
                        + quoted(cluster.call("GetPublicKey", "{\"KeyId\":\"" + other + "\"}")
                                .at("/PublicKey")
                                .stringValue());
            }
            case GET_PARAMETERS_FOR_IMPORT -> key + Wrapped.PARAMETERS;
            case IMPORT_KEY_MATERIAL -> key + Wrapped.with(cluster, keyId, new byte[32]);
            case IMPORT_KEY_SHARES -> key + shares(cluster, key);
            case PUT_SIGN_RULES -> key + RULES;
            case GET_SIGN_RULES, DELETE_SIGN_RULES -> {
                cluster.call(Action.PUT_SIGN_RULES.target(), "{" + key + RULES + "}");
                yield key;
            }
            case SIGN_ETHEREUM -> {
                cluster.call(Action.PUT_SIGN_RULES.target(), "{" + key + RULES + "}");
                yield key + ",\"Kind\":\"MESSAGE\",\"Message\":\"AAAA\"";
            }
            case ACQUIRE_NONCE_LEASE -> key + HOLDER;
            case GET_NONCE_LEASE, RELEASE_NONCE_LEASE, RESERVE_NONCE -> {
                cluster.call(Action.ACQUIRE_NONCE_LEASE.target(), "{" + key + HOLDER + "}");
                yield key + HOLDER;
            }
            case SETTLE_NONCE -> {
                cluster.call(Action.ACQUIRE_NONCE_LEASE.target(), "{" + key + HOLDER + "}");
                cluster.call(Action.RESERVE_NONCE.target(), "{" + key + HOLDER + "}");
                yield key + HOLDER + ",\"Nonce\":\"0\",\"Outcome\":\"COMMITTED\"";
            }
            case TAG_RESOURCE -> key + ",\"Tags\":[{\"TagKey\":\"a\",\"TagValue\":\"b\"}]";
            case UNTAG_RESOURCE -> key + ",\"TagKeys\":[\"a\"]";
            case UPDATE_KEY_DESCRIPTION -> key + ",\"Description\":\"d\"";
            case CREATE_GRANT -> key + "," + grant();
            case REVOKE_GRANT, RETIRE_GRANT ->
                key + ",\"GrantId\":"
                        + quoted(cluster.call("CreateGrant", "{" + key + "," + grant() + "}")
                                .at("/GrantId")
                                .stringValue());
            case REPLICATE_KEY -> key + ",\"ReplicaRegion\":\"" + AWAY + "\"";
            case UPDATE_PRIMARY_REGION -> {
                cluster.call("ReplicateKey", "{" + key + ",\"ReplicaRegion\":\"" + AWAY + "\"}");
                yield key + ",\"PrimaryRegion\":\"" + AWAY + "\"";
            }
            default -> key;
        };
        return "{" + members + "}";
    }

    /// Tokens of all parties, with shares that only those could open.
    private static String shares(Cluster cluster, String key) {
        JsonNode parties = cluster.call(Action.GET_PARAMETERS_FOR_SPLIT_IMPORT.target(), "{" + key + "}")
                .at("/Parties");
        List<String> tokens = new ArrayList<>();
        List<String> sealed = new ArrayList<>();
        for (JsonNode party : parties) {
            tokens.add(quoted(party.at("/ImportToken").stringValue()));
            sealed.add(quoted(Cluster.base64(new byte[ShareSealing.SEALED_BYTES])));
        }
        return ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\",\"Commitment\":"
                + quoted(Cluster.base64(new byte[64])) + ",\"ImportTokens\":" + tokens + ",\"EncryptedShares\":"
                + sealed;
    }

    private static void alias(Cluster cluster, String keyId) {
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + keyId + "\"}");
    }

    private static String grant() {
        return "\"GranteePrincipal\":\"arn:aws:iam::" + Cluster.ACCOUNT
                + ":user/alice\",\"Operations\":[\"DescribeKey\"]";
    }

    private static String ciphertext(Cluster cluster, String keyId) {
        return "\"CiphertextBlob\":"
                + quoted(cluster.call("Encrypt", "{\"KeyId\":\"" + keyId + "\",\"Plaintext\":\"AAAA\"}")
                        .at("/CiphertextBlob")
                        .stringValue());
    }

    private static String resource(String name) {
        try (var stream = Objects.requireNonNull(KeyStatesTest.class.getResourceAsStream(name))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<String> lines(String name) {
        return resource(name).lines().filter(line -> !line.startsWith("#") && !line.isBlank());
    }

    static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
