package org.keymoot.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.keymoot.bench.KmsConnection.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the load driver asks for, over and over: one request to one key.
enum LoadScenario {
    ED25519_SIGN("Sign", "ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
    ECDSA_SIGN("Sign", "ECC_SECG_P256K1", "SIGN_VERIFY"),
    P256_SIGN("Sign", "ECC_NIST_P256", "SIGN_VERIFY"),
    ENCRYPT("Encrypt", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    DECRYPT("Decrypt", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    GENERATE_DATA_KEY("GenerateDataKey", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    GENERATE_MAC("GenerateMac", "HMAC_256", "GENERATE_VERIFY_MAC"),
    DESCRIBE_KEY("DescribeKey", "ECC_SECG_P256K1", "SIGN_VERIFY"),
    GET_PUBLIC_KEY("GetPublicKey", "ECC_SECG_P256K1", "SIGN_VERIFY");

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CONTENT =
            Base64.getEncoder().encodeToString("what is to be kept or signed".getBytes(StandardCharsets.UTF_8));

    private final String action;
    private final String spec;
    private final String usage;

    LoadScenario(String action, String spec, String usage) {
        this.action = action;
        this.spec = spec;
        this.usage = usage;
    }

    String action() {
        return action;
    }

    /// The name on the command line.
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static LoadScenario of(String option) {
        return Arrays.stream(values())
                .filter(scenario -> scenario.option().equals(option))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "there is no scenario '%s'; there are %s".formatted(option, options())));
    }

    static String options() {
        return String.join(
                ", ", Arrays.stream(values()).map(LoadScenario::option).toList());
    }

    /// Whether its signatures use up what the parties prepare beforehand.
    boolean usesStock() {
        return this == ECDSA_SIGN || this == P256_SIGN;
    }

    Map<String, Object> createKey() {
        return Map.of("KeySpec", spec, "KeyUsage", usage);
    }

    /// The request's body, and before it whatever it builds on: Decrypt needs a ciphertext.
    String request(KmsConnection connection, String key) throws IOException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("KeyId", key);
        switch (this) {
            case ED25519_SIGN, ECDSA_SIGN, P256_SIGN -> {
                body.put("Message", CONTENT);
                body.put("MessageType", "RAW");
                body.put("SigningAlgorithm", signingAlgorithm());
            }
            case ENCRYPT -> body.put("Plaintext", CONTENT);
            case DECRYPT -> body.put("CiphertextBlob", text(connection, ENCRYPT, key, "CiphertextBlob"));
            case GENERATE_DATA_KEY -> body.put("KeySpec", "AES_256");
            case GENERATE_MAC -> {
                body.put("Message", CONTENT);
                body.put("MacAlgorithm", "HMAC_SHA_256");
            }
            case DESCRIBE_KEY, GET_PUBLIC_KEY -> {}
        }
        return JSON.writeValueAsString(body);
    }

    /// Checks one answer by the action that undoes or verifies it.
    void check(KmsConnection connection, String key, String request) throws IOException {
        JsonNode answer = mustSucceed(connection, action, request);
        boolean holds = switch (this) {
            case ED25519_SIGN, ECDSA_SIGN, P256_SIGN -> {
                Map<String, Object> verify = new LinkedHashMap<>();
                verify.put("KeyId", key);
                verify.put("Message", CONTENT);
                verify.put("MessageType", "RAW");
                verify.put("SigningAlgorithm", signingAlgorithm());
                verify.put("Signature", answer.path("Signature").asString(""));
                yield mustSucceed(connection, "Verify", JSON.writeValueAsString(verify))
                        .path("SignatureValid")
                        .asBoolean(false);
            }
            case ENCRYPT, GENERATE_DATA_KEY -> {
                String opened = mustSucceed(
                                connection,
                                "Decrypt",
                                JSON.writeValueAsString(Map.of(
                                        "CiphertextBlob",
                                        answer.path("CiphertextBlob").asString(""))))
                        .path("Plaintext")
                        .asString("");
                yield opened.equals(
                        this == ENCRYPT ? CONTENT : answer.path("Plaintext").asString(" "));
            }
            case DECRYPT -> answer.path("Plaintext").asString("").equals(CONTENT);
            case GENERATE_MAC -> {
                Map<String, Object> verify = new LinkedHashMap<>();
                verify.put("KeyId", key);
                verify.put("Message", CONTENT);
                verify.put("MacAlgorithm", "HMAC_SHA_256");
                verify.put("Mac", answer.path("Mac").asString(""));
                yield mustSucceed(connection, "VerifyMac", JSON.writeValueAsString(verify))
                        .path("MacValid")
                        .asBoolean(false);
            }
            case DESCRIBE_KEY ->
                answer.path("KeyMetadata").path("KeyId").asString("").equals(key);
            case GET_PUBLIC_KEY -> !answer.path("PublicKey").asString("").isEmpty();
        };
        if (!holds) {
            throw new IOException("%s was answered with what does not hold: %s".formatted(action, answer));
        }
    }

    private String signingAlgorithm() {
        return this == ED25519_SIGN ? "ED25519_SHA_512" : "ECDSA_SHA_256";
    }

    private static String text(KmsConnection connection, LoadScenario scenario, String key, String member)
            throws IOException {
        return mustSucceed(connection, scenario.action, scenario.request(connection, key))
                .path(member)
                .asString("");
    }

    private static JsonNode mustSucceed(KmsConnection connection, String action, String request) throws IOException {
        Answer answer = connection.call(action, request);
        if (answer.status() != 200) {
            throw new IOException("%s was answered %s".formatted(action, answer));
        }
        return JSON.readTree(answer.body());
    }
}
