package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Each action offered in each state that a key can have, against AWS's table.
final class KeyStatesTest {
    private final Cluster cluster = new Cluster();

    static Stream<Arguments> cells() {
        var stream = Objects.requireNonNull(KeyStatesTest.class.getResourceAsStream("key-states.tsv"));
        try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            List<Arguments> cells = reader.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .map(cell -> Arguments.of(cell[0], KeyState.of(cell[1]), cell[2], cell[3]))
                    .toList();
            return cells.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest(name = "{0} on {1}: {2} {3}")
    @MethodSource("cells")
    void followsTheTable(String action, KeyState state, String outcome, String footnotes) {
        String keyId = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        String other = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        String signature = Cluster.base64(cluster.wholeKey(keyId).sign(new byte[32]));
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/there\",\"TargetKeyId\":\"" + keyId + "\"}");
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/elsewhere\",\"TargetKeyId\":\"" + other + "\"}");
        enter(keyId, state);
        cluster.now = cluster.now.plusSeconds(1);
        SignedRequest request = cluster.signed(action, body(action, keyId, signature));
        String arn = Cluster.arn(keyId);
        if (outcome.equals("ok")) {
            cluster.execute(request);
            return;
        }
        AwsError error = cluster.refusal(request);
        AwsError expected = switch (footnotes) {
            case "1" -> AwsError.of("DisabledException", arn + " is disabled.");
            case "2,3", "3", "10" -> AwsError.of("KMSInvalidStateException", arn + " is pending deletion.");
            case "4" -> AwsError.of("KMSInvalidStateException", arn + " is not pending deletion.");
            case "14" -> AwsError.of("KMSInvalidStateException", arn + " is creating.");
            default -> throw new AssertionError("footnote " + footnotes);
        };
        assertThat(error).isEqualTo(expected);
    }

    /// The other half of footnote 10: an alias may leave a key whose deletion is pending.
    @Test
    void movesAnAliasAwayFromAKeyThatIsPendingDeletion() {
        String from = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        String to = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + from + "\"}");
        enter(from, KeyState.PENDING_DELETION);
        cluster.call("UpdateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + to + "\"}");
        assertThat(cluster.call("DescribeKey", "{\"KeyId\":\"alias/a\"}")
                        .at("/KeyMetadata/KeyId")
                        .stringValue())
                .isEqualTo(to);
    }

    private void enter(String keyId, KeyState state) {
        KeyRecord key = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, keyId);
        cluster.directory.put(
                switch (state) {
                    case ENABLED -> key;
                    case DISABLED -> key.withState(KeyState.DISABLED, "");
                    case PENDING_REPLICA_DELETION ->
                        key.with("").deletionAfterReplicas(7).build();
                    case PENDING_DELETION -> key.withDeletion(cluster.now.plus(Duration.ofDays(7)), 7, "");
                    case CREATING, PENDING_IMPORT, UPDATING -> key.withState(state, "");
                });
    }

    private static String body(String action, String keyId, String signature) {
        String key = "\"KeyId\":\"" + keyId + "\"";
        String message = ",\"Message\":\"" + Cluster.base64(new byte[32])
                + "\",\"MessageType\":\"DIGEST\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"";
        return switch (action) {
            case "CreateAlias" -> "{\"AliasName\":\"alias/new\",\"TargetKeyId\":\"" + keyId + "\"}";
            case "UpdateAlias" -> "{\"AliasName\":\"alias/elsewhere\",\"TargetKeyId\":\"" + keyId + "\"}";
            case "DeleteAlias" -> "{\"AliasName\":\"alias/there\"}";
            case "PutKeyPolicy" ->
                "{" + key + ",\"Policy\":"
                        + quoted(org.keymoot.access.policy.KeyPolicy.defaultDocument(Cluster.ACCOUNT)) + "}";
            case "Sign" -> "{" + key + message + "}";
            case "Verify" -> "{" + key + message + ",\"Signature\":\"" + signature + "\"}";
            case "TagResource" -> "{" + key + ",\"Tags\":[{\"TagKey\":\"a\",\"TagValue\":\"b\"}]}";
            case "UntagResource" -> "{" + key + ",\"TagKeys\":[\"a\"]}";
            case "UpdateKeyDescription" -> "{" + key + ",\"Description\":\"d\"}";
            default -> "{" + key + "}";
        };
    }

    static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
