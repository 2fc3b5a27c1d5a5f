package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.iam.IamAction;
import org.keymoot.access.iam.StsAction;
import org.keymoot.access.json.JsonReader;

class RedactionTest {
    private static final String CANARY = "canary-5f2e";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Plaintext",
                "CiphertextBlob",
                "Message",
                "Mac",
                "Signature",
                "GrantTokens",
                "GrantToken",
                "EncryptedKeyMaterial",
                "ImportToken",
                "Transaction",
                "TypedData",
                "PublicKey",
                "Recipient",
                "KeyStorePassword",
                "ANewParameter"
            })
    void whatIsOrMayBeSecretIsLeftOut(String member) throws Exception {
        Map<String, Object> kept = Redaction.parameters(
                JsonReader.read("{\"KeyId\":\"alias/a\",\"%s\":\"%s\"}".formatted(member, CANARY)));
        assertThat(kept).containsExactly(Map.entry("keyId", "alias/a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"WebIdentityToken", "SAMLAssertion", "TokenCode", "Password", "AuthenticationCode1", "Action"})
    void ofAFormAsWell(String parameter) {
        assertThat(Redaction.parameters(Map.of("UserName", "alice", parameter, CANARY)))
                .containsExactly(Map.entry("userName", "alice"));
    }

    @Test
    void namesHaveASmallFirstLetterExceptTheClientsOwn() throws Exception {
        assertThat(Redaction.parameters(JsonReader.read("""
                {"EncryptionContext": {"Purpose": "Test"}, "NumberOfBytes": 32, "DryRun": true,
                 "Tags": [{"TagKey": "Team", "TagValue": "blue"}],
                 "Constraints": {"EncryptionContextSubset": {"Purpose": "Test"}}}""")))
                .isEqualTo(Map.of(
                        "encryptionContext", Map.of("Purpose", "Test"),
                        "numberOfBytes", 32L,
                        "dryRun", true,
                        "tags", List.of(Map.of("tagKey", "Team", "tagValue", "blue")),
                        "constraints", Map.of("encryptionContextSubset", Map.of("Purpose", "Test"))));
    }

    @Test
    void listsOfAFormAreListsInTheirOrder() {
        Map<String, String> form = new TreeMap<>();
        for (int i = 1; i <= 11; i++) {
            form.put("TagKeys.member." + i, "k" + i);
        }
        form.put("Tags.member.1.Key", "Team");
        form.put("Tags.member.1.Value", "blue");
        Map<String, Object> kept = Redaction.parameters(form);
        assertThat(kept.get("tagKeys"))
                .isEqualTo(List.of("k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10", "k11"));
        assertThat(kept.get("tags")).isEqualTo(List.of(Map.of("key", "Team", "value", "blue")));
    }

    @Test
    void whatIsKeptIsBoundedWhateverIsSent() throws Exception {
        String policy = "ü".repeat(30_000);
        Map<String, Object> kept =
                Redaction.parameters(JsonReader.read("{\"KeyId\":\"k\",\"Policy\":\"%s\"}".formatted(policy)));
        assertThat(kept).containsEntry("policy", "(30000 characters)").containsEntry("keyId", "k");
        StringBuilder many = new StringBuilder("{\"EncryptionContext\":{\"n\":\"v\"");
        for (int i = 0; i < 20_000; i++) {
            many.append(",\"n").append(i).append("\":\"v\"");
        }
        assertThat(Redaction.parameters(JsonReader.read(many + "}}")).toString().length())
                .isLessThan(2 * Redaction.MAXIMUM_PARAMETERS);
    }

    @Test
    void answersOfChangesAreKeptWithoutTheirSecrets() {
        assertThat(Redaction.response(
                        Action.CREATE_GRANT, "{\"GrantId\":\"g\",\"GrantToken\":\"%s\"}".formatted(CANARY)))
                .containsExactly(Map.entry("grantId", "g"));
        assertThat(Redaction.response(IamAction.CREATE_ACCESS_KEY, """
                        <AccessKey><UserName>alice</UserName><AccessKeyId>AKIA</AccessKeyId>
                        <SecretAccessKey>%s</SecretAccessKey></AccessKey>""".formatted(CANARY)))
                .isEqualTo(Map.of("accessKey", Map.of("userName", "alice", "accessKeyId", "AKIA")));
        assertThat(String.valueOf(Redaction.response(StsAction.ASSUME_ROLE, """
                        <Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>%1$s</SecretAccessKey>
                        <SessionToken>%1$s</SessionToken></Credentials>""".formatted(CANARY))))
                .contains("ASIA")
                .doesNotContain(CANARY);
        assertThat(Redaction.response(Action.DECRYPT, "{\"Plaintext\":\"%s\"}".formatted(CANARY)))
                .isNull();
        assertThat(Redaction.response(Action.GENERATE_RANDOM, "{\"Plaintext\":\"%s\"}".formatted(CANARY)))
                .isNull();
    }

    @Test
    void anActionThatWritesIsNotReadOnly() {
        assertThat(
                        Stream.of(Action.values(), IamAction.values())
                                .flatMap(Arrays::stream)
                                .map(ServiceAction.class::cast)
                                .filter(
                                        action -> action.aws()
                                                .matches(
                                                        "(Create|Delete|Put|Update|Enable|Disable|Tag|Untag|Schedule|Cancel|Attach|Detach"
                                                                + "|Add|Remove|Set|Replicate|Retire|Revoke|Rotate|Import|Reserve|Settle|Acquire|Release).*")))
                .isNotEmpty()
                .noneMatch(Redaction::isReadOnly);
        assertThat(Stream.of(Action.SIGN, Action.DECRYPT, Action.LIST_KEYS, IamAction.GET_USER, StsAction.ASSUME_ROLE))
                .allMatch(Redaction::isReadOnly);
    }
}
