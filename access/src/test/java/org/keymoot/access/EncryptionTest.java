package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.encryption.DataKeyPair;
import org.keymoot.access.encryption.EncryptionContext;
import tools.jackson.databind.JsonNode;

/// Encryption under keys of the parties: what comes back, what is bound to what, and in which words it is
/// refused.
final class EncryptionTest {
    private static final String CONTEXT = "\"EncryptionContext\":{\"Purpose\":\"test\",\"a\":\"\u00e9\"}";
    private static final String PLAINTEXT = Cluster.base64("attack at dawn");

    private final Cluster cluster = new Cluster();
    private String key = "";

    @BeforeEach
    void makeAKey() {
        key = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        tick();
    }

    private void tick() {
        cluster.now = cluster.now.plusSeconds(1);
    }

    private JsonNode call(String action, String... members) {
        tick();
        return cluster.call(action, object(members));
    }

    private AwsError refusal(String action, String... members) {
        tick();
        return cluster.refusal(action, object(members));
    }

    private static String object(String... members) {
        return "{" + String.join(",", members) + "}";
    }

    private static String keyId(String id) {
        return member("KeyId", id);
    }

    private static String member(String name, String value) {
        return "\"" + name + "\":\"" + value + "\"";
    }

    private String encrypt(String... more) {
        String[] members = Arrays.copyOf(more, more.length + 2);
        members[more.length] = keyId(key);
        members[more.length + 1] = member("Plaintext", PLAINTEXT);
        return call("Encrypt", members).at("/CiphertextBlob").stringValue();
    }

    private static String blob(String base64) {
        return member("CiphertextBlob", base64);
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    private String materialOf(String id) {
        return java.util.Objects.requireNonNull(cluster.directory
                        .key(Cluster.ACCOUNT, Cluster.REGION, id)
                        .currentMaterial())
                .id();
    }

    // Encrypt and Decrypt

    @Test
    void decryptsWhatItEncryptedAndFindsTheKeyInTheCiphertext() {
        JsonNode encrypted = call("Encrypt", keyId(key), member("Plaintext", PLAINTEXT), CONTEXT);
        assertThat(encrypted.at("/KeyId").stringValue()).isEqualTo(Cluster.arn(key));
        assertThat(encrypted.at("/EncryptionAlgorithm").stringValue()).isEqualTo("SYMMETRIC_DEFAULT");
        JsonNode decrypted =
                call("Decrypt", blob(encrypted.at("/CiphertextBlob").stringValue()), CONTEXT);
        assertThat(decrypted.at("/Plaintext").stringValue()).isEqualTo(PLAINTEXT);
        assertThat(decrypted.at("/KeyId").stringValue()).isEqualTo(Cluster.arn(key));
        assertThat(decrypted.at("/EncryptionAlgorithm").stringValue()).isEqualTo("SYMMETRIC_DEFAULT");
        assertThat(decrypted.at("/KeyMaterialId").stringValue()).isEqualTo(materialOf(key));
    }

    @Test
    void takesTheContextInAnyOrder() {
        String blob = encrypt("\"EncryptionContext\":{\"b\":\"2\",\"a\":\"1\"}");
        assertThat(call("Decrypt", blob(blob), "\"EncryptionContext\":{\"a\":\"1\",\"b\":\"2\"}")
                        .at("/Plaintext")
                        .stringValue())
                .isEqualTo(PLAINTEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"EncryptionContext\":{}",
                "\"EncryptionContext\":{\"Purpose\":\"test\"}",
                "\"EncryptionContext\":{\"purpose\":\"test\",\"a\":\"\u00e9\"}",
                "\"EncryptionContext\":{\"Purpose\":\"Test\",\"a\":\"\u00e9\"}",
                "\"EncryptionContext\":{\"Purpose\":\"testa\",\"\":\"\u00e9\"}",
                "\"EncryptionContext\":{\"Purpose\":\"test\",\"a\":\"e\u0301\"}",
                "\"EncryptionContext\":{\"Purpose\":\"test\",\"a\":\"\u00e9\",\"c\":\"\"}"
            })
    void decryptsOnlyUnderTheVeryContext(String other) {
        assertThat(refusal("Decrypt", blob(encrypt(CONTEXT)), other))
                .isEqualTo(AwsError.of("InvalidCiphertextException", null));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 4096})
    void sealsPlaintextsOfEveryLength(int length) {
        String plaintext = Cluster.base64(new byte[length]);
        JsonNode encrypted = call("Encrypt", keyId(key), member("Plaintext", plaintext));
        byte[] blob = bytes(encrypted.at("/CiphertextBlob").stringValue());
        assertThat(blob).hasSizeLessThanOrEqualTo(6144).hasSizeGreaterThan(length);
        assertThat(call("Decrypt", blob(Cluster.base64(blob))).at("/Plaintext").stringValue())
                .isEqualTo(plaintext);
    }

    @Test
    void refusesACiphertextOfWhichAnyByteIsChangedOrMissing() {
        byte[] blob = bytes(encrypt());
        for (int i = 0; i < blob.length; i++) {
            byte[] changed = blob.clone();
            changed[i] ^= 1;
            assertThat(refusal("Decrypt", blob(Cluster.base64(changed))))
                    .as("byte %d", i)
                    .isEqualTo(AwsError.of("InvalidCiphertextException", null));
        }
        for (int length : new int[] {1, 7, 8, 9, 40, 100, blob.length - 9, blob.length - 1}) {
            assertThat(refusal("Decrypt", blob(Cluster.base64(Arrays.copyOf(blob, length))))
                            .type())
                    .isEqualTo("InvalidCiphertextException");
        }
        assertThat(refusal("Decrypt", blob(Cluster.base64(Arrays.copyOf(blob, blob.length + 1))))
                        .type())
                .isEqualTo("InvalidCiphertextException");
    }

    /// Whoever changes a ciphertext can compute its check anew; the rest must hold without it.
    @Test
    void refusesEachChangeThatHidesBehindAFreshCheck() {
        byte[] blob = bytes(encrypt());
        for (int i = 0; i < blob.length - 8; i++) {
            byte[] changed = checked(i, blob);
            AwsError error = refusal("Decrypt", blob(Cluster.base64(changed)));
            assertThat(error.type()).as("byte %d", i).isIn("InvalidCiphertextException", "AccessDeniedException");
        }
    }

    private static byte[] checked(int position, byte[] blob) {
        byte[] body = Arrays.copyOf(blob, blob.length - 8);
        body[position] ^= 1;
        byte[] check = org.keymoot.crypto.transcript.Transcript.start(
                        org.keymoot.crypto.transcript.Tag.ENCRYPTION_CHECK)
                .bytes(body)
                .hash();
        byte[] changed = Arrays.copyOf(body, blob.length);
        System.arraycopy(check, 0, changed, body.length, 8);
        return changed;
    }

    @Test
    void neverGivesTheSameCiphertextTwiceEvenForTheVerySameSignedRequest() {
        SignedRequest request =
                cluster.signed("GenerateDataKey", object(keyId(key), member("KeySpec", "AES_256"), CONTEXT));
        Set<String> keys = new HashSet<>();
        Set<String> blobs = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            JsonNode answer = Cluster.json(cluster.execute(request));
            keys.add(answer.at("/Plaintext").stringValue());
            blobs.add(answer.at("/CiphertextBlob").stringValue());
        }
        assertThat(keys).hasSize(5);
        assertThat(blobs).hasSize(5);
        for (String one : blobs) {
            assertThat(keys)
                    .contains(
                            call("Decrypt", blob(one), CONTEXT).at("/Plaintext").stringValue());
        }
    }

    @Test
    void evaluatesAtAValueThatTheRequestDeterminesAndNoTwoRequestsShare() {
        Set<String> inputs = new HashSet<>();
        for (String body : List.of(
                object(keyId(key), member("Plaintext", PLAINTEXT)),
                object(keyId(key), member("Plaintext", PLAINTEXT), CONTEXT),
                object(keyId(key), member("Plaintext", Cluster.base64("other"))))) {
            tick();
            SignedRequest request = cluster.signed("Encrypt", body);
            Decision.Evaluate first = (Decision.Evaluate) Kms.decide(request, cluster.directory, cluster.now);
            Decision.Evaluate second =
                    (Decision.Evaluate) Kms.decide(request, cluster.directory, cluster.now.plusSeconds(9));
            assertThat(first.evaluations()).hasSize(1);
            assertThat(first.evaluations().getFirst().input())
                    .isEqualTo(second.evaluations().getFirst().input());
            inputs.add(Cluster.base64(first.evaluations().getFirst().input()));
        }
        assertThat(inputs).hasSize(3);
    }

    @Test
    void honoursTheKeyIdOfDecrypt() {
        String blob = encrypt();
        String other = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        call("CreateAlias", member("AliasName", "alias/a"), member("TargetKeyId", key));
        for (String name : List.of(key, Cluster.arn(key), "alias/a")) {
            assertThat(call("Decrypt", blob(blob), keyId(name)).at("/Plaintext").stringValue())
                    .isEqualTo(PLAINTEXT);
        }
        assertThat(refusal("Decrypt", blob(blob), keyId(other)))
                .isEqualTo(AwsError.of(
                        "IncorrectKeyException",
                        "The key ID in the request does not identify a CMK that can perform this operation."));
    }

    @Test
    void doesNotOpenOneKeysCiphertextUnderAnotherThatItsHeaderIsMadeToName() {
        byte[] blob = bytes(encrypt());
        String other = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        byte[] swapped = new String(blob, StandardCharsets.ISO_8859_1)
                .replace(key, other)
                .getBytes(StandardCharsets.ISO_8859_1);
        swapped[4] ^= 1;
        byte[] fixed = checked(4, swapped);
        assertThat(refusal("Decrypt", blob(Cluster.base64(fixed))))
                .isEqualTo(AwsError.of("InvalidCiphertextException", null));
    }

    @Test
    void tellsACallerOfAnotherAccountNothingAboutTheKeyOfACiphertext() {
        String blob = encrypt();
        String denial = "User: arn:aws:iam::210987654321:root is not authorized to perform: kms:Decrypt on the resource"
                + " associated with this ciphertext because the resource does not exist in this Region, no"
                + " resource-based policies allow access, or a resource-based policy explicitly denies access";
        AwsError existing = cluster.refusalAs("AKIAOTHER", "Decrypt", object(blob(blob)));
        assertThat(existing).isEqualTo(AwsError.of("AccessDeniedException", denial));
        call("ScheduleKeyDeletion", keyId(key), "\"PendingWindowInDays\":7");
        assertThat(cluster.refusalAs("AKIAOTHER", "Decrypt", object(blob(blob))))
                .isEqualTo(existing);
        cluster.now = cluster.now.plus(Duration.ofDays(8));
        assertThat(cluster.refusalAs("AKIAOTHER", "Decrypt", object(blob(blob))))
                .isEqualTo(existing);
        assertThat(cluster.refusal("Decrypt", object(blob(blob))).type()).isEqualTo("AccessDeniedException");
    }

    @Test
    void findsTheKeyOfACiphertextInItsOwnRegionOnly() {
        String blob = encrypt();
        SignedRequest elsewhere = Cluster.as("AKIAROOT", "eu-west-1").post("Decrypt", object(blob(blob)), cluster.now);
        assertThat(cluster.refusal(elsewhere).type()).isEqualTo("AccessDeniedException");
    }

    @Test
    void opensTheCiphertextOfOneReplicaWithAnother() {
        KeyRecord record = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, key);
        String id = "mrk-0123456789abcdef0123456789abcdef";
        for (String region : List.of("us-east-1", "eu-west-1")) {
            cluster.directory.put(KeyRecord.decode(RegisterName.key(Cluster.ACCOUNT, region, id), record.json())
                    .with("")
                    .materials(record.materials())
                    .multiRegion(new MultiRegion("us-east-1", new java.util.TreeSet<>(Set.of("eu-west-1"))))
                    .build());
        }
        String blob = call("Encrypt", keyId(id), member("Plaintext", PLAINTEXT))
                .at("/CiphertextBlob")
                .stringValue();
        for (String body : List.of(object(blob(blob)), object(blob(blob), keyId(id)))) {
            JsonNode opened = Cluster.json(
                    cluster.execute(Cluster.as("AKIAROOT", "eu-west-1").post("Decrypt", body, cluster.now)));
            assertThat(opened.at("/Plaintext").stringValue()).isEqualTo(PLAINTEXT);
            assertThat(opened.at("/KeyId").stringValue())
                    .contains(":eu-west-1:")
                    .endsWith(id);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Encrypt|ValidationException|1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
                "Decrypt|ValidationException|1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length less than or equal to 6144"
            })
    void limitsPlaintextAndCiphertext(String action, String type, String message) {
        String big = Cluster.base64(new byte[action.equals("Encrypt") ? 4097 : 6145]);
        assertThat(refusal(action, keyId(key), member(action.equals("Encrypt") ? "Plaintext" : "CiphertextBlob", big)))
                .isEqualTo(AwsError.of(type, message));
    }

    @Test
    void limitsTheContext() {
        String fits = "x".repeat(EncryptionContext.MAXIMUM_BYTES - 1);
        encrypt("\"EncryptionContext\":{\"a\":\"" + fits + "\"}");
        assertThat(refusal(
                                "Encrypt",
                                keyId(key),
                                member("Plaintext", PLAINTEXT),
                                "\"EncryptionContext\":{\"a\":\"" + fits + "x\"}")
                        .type())
                .isEqualTo("ValidationException");
        assertThat(refusal("Encrypt", keyId(key), member("Plaintext", PLAINTEXT), "\"EncryptionContext\":{\"a\":1}")
                        .type())
                .isEqualTo("SerializationException");
    }

    @Test
    void refusesTheAlgorithmsOfOtherKeys() {
        assertThat(refusal(
                        "Encrypt",
                        keyId(key),
                        member("Plaintext", PLAINTEXT),
                        member("EncryptionAlgorithm", "RSAES_OAEP_SHA_256")))
                .isEqualTo(AwsError.of(
                        "InvalidKeyUsageException",
                        "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT."));
        assertThat(refusal("Decrypt", blob(encrypt()), member("EncryptionAlgorithm", "RSAES_OAEP_SHA_1"))
                        .type())
                .isEqualTo("InvalidKeyUsageException");
    }

    @Test
    void refusesKeysThatAreForSomethingElse() {
        String signing = cluster.makeKey(KeySpec.ECC_NIST_P256);
        for (String[] call : new String[][] {
            {"Encrypt", member("Plaintext", PLAINTEXT)},
            {"GenerateDataKey", member("KeySpec", "AES_256")},
            {"GenerateDataKeyPair", member("KeyPairSpec", "ECC_NIST_P256")},
            {"GenerateMac", member("Message", PLAINTEXT), member("MacAlgorithm", "HMAC_SHA_256")},
            {"DeriveSharedSecret", member("KeyAgreementAlgorithm", "ECDH"), member("PublicKey", PLAINTEXT)}
        }) {
            String[] members = Arrays.copyOfRange(call, 1, call.length + 1);
            members[members.length - 1] = keyId(signing);
            assertThat(refusal(call[0], members))
                    .isEqualTo(AwsError.of(
                            "InvalidKeyUsageException",
                            Cluster.arn(signing) + " key usage is SIGN_VERIFY which is not valid for " + call[0]
                                    + "."));
        }
        assertThat(refusal(
                        "Sign", keyId(key), member("Message", PLAINTEXT), member("SigningAlgorithm", "ECDSA_SHA_256")))
                .isEqualTo(AwsError.of(
                        "InvalidKeyUsageException",
                        Cluster.arn(key) + " key usage is ENCRYPT_DECRYPT which is not valid for Sign."));
        assertThat(refusal("GetPublicKey", keyId(key)).type()).isEqualTo("UnsupportedOperationException");
    }

    @Test
    void workOnlyWhileTheKeyIsEnabled() {
        String blob = encrypt();
        call("DisableKey", keyId(key));
        AwsError disabled = AwsError.of("DisabledException", Cluster.arn(key) + " is disabled.");
        assertThat(refusal("Encrypt", keyId(key), member("Plaintext", PLAINTEXT)))
                .isEqualTo(disabled);
        assertThat(refusal("Decrypt", blob(blob))).isEqualTo(disabled);
        assertThat(refusal("ReEncrypt", blob(blob), member("DestinationKeyId", key)))
                .isEqualTo(disabled);
        assertThat(refusal("GenerateDataKey", keyId(key), member("KeySpec", "AES_256")))
                .isEqualTo(disabled);
        call("EnableKey", keyId(key));
        assertThat(call("Decrypt", blob(blob)).at("/Plaintext").stringValue()).isEqualTo(PLAINTEXT);
        call("ScheduleKeyDeletion", keyId(key));
        assertThat(refusal("Decrypt", blob(blob)))
                .isEqualTo(AwsError.of("KMSInvalidStateException", Cluster.arn(key) + " is pending deletion."));
    }

    @Test
    void endsADryRunOnceEverythingElseIsChecked() {
        AwsError dry = AwsError.of(
                "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
        String blob = encrypt();
        String mac = cluster.makeKey(KeySpec.HMAC_256);
        String flag = "\"DryRun\":true";
        assertThat(refusal("Encrypt", keyId(key), member("Plaintext", PLAINTEXT), flag))
                .isEqualTo(dry);
        assertThat(refusal("Decrypt", blob(blob), flag)).isEqualTo(dry);
        assertThat(refusal("ReEncrypt", blob(blob), member("DestinationKeyId", key), flag))
                .isEqualTo(dry);
        assertThat(refusal("GenerateDataKey", keyId(key), member("KeySpec", "AES_128"), flag))
                .isEqualTo(dry);
        assertThat(refusal("GenerateDataKeyPair", keyId(key), member("KeyPairSpec", "RSA_2048"), flag))
                .isEqualTo(dry);
        assertThat(refusal(
                        "GenerateMac",
                        keyId(mac),
                        member("Message", PLAINTEXT),
                        member("MacAlgorithm", "HMAC_SHA_256"),
                        flag))
                .isEqualTo(dry);
        call("DisableKey", keyId(key));
        assertThat(refusal("Encrypt", keyId(key), member("Plaintext", PLAINTEXT), flag)
                        .type())
                .isEqualTo("DisabledException");
    }

    @Test
    void leavesTheCiphertextAsideInADryRunThatSaysSo() {
        AwsError dry = AwsError.of(
                "DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
        String ignoring = "\"DryRun\":true,\"DryRunModifiers\":[\"IGNORE_CIPHERTEXT\"]";
        String to = member("DestinationKeyId", key);
        assertThat(refusal("Decrypt", keyId(key), ignoring)).isEqualTo(dry);
        assertThat(refusal("Decrypt", keyId(key), blob("AAAA"), ignoring)).isEqualTo(dry);
        assertThat(refusal("ReEncrypt", member("SourceKeyId", key), to, ignoring))
                .isEqualTo(dry);
        assertThat(refusal("Decrypt", ignoring).type()).isEqualTo("ValidationException");
        for (String incomplete : List.of(
                "\"DryRun\":true",
                "\"DryRun\":true,\"DryRunModifiers\":[]",
                "\"DryRunModifiers\":[\"IGNORE_CIPHERTEXT\"]")) {
            assertThat(refusal("Decrypt", keyId(key), incomplete).message())
                    .contains("Value null at 'ciphertextBlob' failed to satisfy constraint");
        }
        assertThat(refusal("Decrypt", keyId(key), "\"DryRun\":true,\"DryRunModifiers\":[\"X\"]", blob("AAAA"))
                        .message())
                .contains("Member must satisfy enum value set: [IGNORE_CIPHERTEXT]");
        String signing = cluster.makeKey(KeySpec.ECC_NIST_P256);
        assertThat(refusal("Decrypt", keyId(signing), ignoring).type()).isEqualTo("InvalidKeyUsageException");
        assertThat(refusal("Decrypt", keyId(key), member("EncryptionAlgorithm", "RSAES_OAEP_SHA_1"), ignoring)
                        .type())
                .isEqualTo("InvalidKeyUsageException");
        assertThat(cluster.refusalAs("AKIAALICE", "Decrypt", "{" + keyId(key) + "," + ignoring + "}")
                        .type())
                .isEqualTo("AccessDeniedException");
        call("DisableKey", keyId(key));
        assertThat(refusal("Decrypt", keyId(key), ignoring).type()).isEqualTo("DisabledException");
    }

    @Test
    void saysInTheMetadataHowResultsDifferWhateverTheDescriptionSays() {
        assertThat(call("DescribeKey", keyId(key))
                        .at("/KeyMetadata/KeymootResults")
                        .stringValue())
                .isEqualTo("DISTRIBUTED_PRF_AES_256_GCM");
        JsonNode mac = call(
                "CreateKey",
                member("KeySpec", "HMAC_256"),
                member("KeyUsage", "GENERATE_VERIFY_MAC"),
                member("Description", "mine"));
        assertThat(mac.at("/KeyMetadata/KeymootResults").stringValue()).isEqualTo("DISTRIBUTED_PRF");
        assertThat(mac.at("/KeyMetadata/Description").stringValue()).isEqualTo("mine");
        String signing = cluster.makeKey(KeySpec.ECC_NIST_P256);
        assertThat(call("DescribeKey", keyId(signing)).at("/KeyMetadata").has("KeymootResults"))
                .isFalse();
    }

    @Test
    void refusesAnswersForEnclaves() {
        String recipient = "\"Recipient\":{\"KeyEncryptionAlgorithm\":\"RSAES_OAEP_SHA_256\"}";
        assertThat(refusal("Decrypt", blob(encrypt()), recipient).type()).isEqualTo("UnsupportedOperationException");
        assertThat(refusal("GenerateDataKey", keyId(key), member("KeySpec", "AES_256"), recipient)
                        .type())
                .isEqualTo("UnsupportedOperationException");
        assertThat(refusal("GenerateRandom", "\"NumberOfBytes\":1", recipient).type())
                .isEqualTo("UnsupportedOperationException");
    }

    // ReEncrypt

    @Test
    void movesACiphertextToAnotherKeyAndContext() {
        String to = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        JsonNode moved = call(
                "ReEncrypt",
                blob(encrypt(CONTEXT)),
                CONTEXT.replace("EncryptionContext", "SourceEncryptionContext"),
                member("DestinationKeyId", to),
                "\"DestinationEncryptionContext\":{\"b\":\"2\"}");
        assertThat(moved.at("/KeyId").stringValue()).isEqualTo(Cluster.arn(to));
        assertThat(moved.at("/SourceKeyId").stringValue()).isEqualTo(Cluster.arn(key));
        assertThat(moved.at("/SourceKeyMaterialId").stringValue()).isEqualTo(materialOf(key));
        assertThat(moved.at("/DestinationKeyMaterialId").stringValue()).isEqualTo(materialOf(to));
        JsonNode opened = call(
                "Decrypt",
                blob(moved.at("/CiphertextBlob").stringValue()),
                "\"EncryptionContext\":{\"b\":\"2\"}",
                keyId(to));
        assertThat(opened.at("/Plaintext").stringValue()).isEqualTo(PLAINTEXT);
        assertThat(refusal("ReEncrypt", blob(encrypt(CONTEXT)), member("DestinationKeyId", to)))
                .isEqualTo(AwsError.of("InvalidCiphertextException", null));
        assertThat(refusal("ReEncrypt", blob(encrypt()), member("SourceKeyId", to), member("DestinationKeyId", key))
                        .type())
                .isEqualTo("IncorrectKeyException");
    }

    // Policies

    /// A key whose policy lets alice do what `statement` says, and the account everything.
    private String keyFor(String actions, String condition) {
        String policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
                + "\"arn:aws:iam::123456789012:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"},{\"Effect\":\"Allow\","
                + "\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:user/alice\"},\"Action\":[" + actions
                + "],\"Resource\":\"*\",\"Condition\":{" + condition + "}}]}";
        return call("CreateKey", "\"Policy\":" + KeyStatesTest.quoted(policy))
                .at("/KeyMetadata/KeyId")
                .stringValue();
    }

    private String refusedToAlice(String action, String... members) {
        tick();
        return cluster.refusalAs("AKIAALICE", action, object(members)).type();
    }

    private JsonNode asAlice(String action, String... members) {
        tick();
        return cluster.callAs("AKIAALICE", action, object(members));
    }

    @Test
    void letsPoliciesAskForTheContextAndTheAlgorithm() {
        key = keyFor(
                "\"kms:Decrypt\"",
                "\"StringEquals\":{\"kms:EncryptionContext:Purpose\":\"test\",\"kms:EncryptionAlgorithm\":"
                        + "\"SYMMETRIC_DEFAULT\"},\"ForAllValues:StringEquals\":{\"kms:EncryptionContextKeys\":"
                        + "[\"Purpose\",\"a\"]}");
        assertThat(asAlice("Decrypt", blob(encrypt(CONTEXT)), CONTEXT)
                        .at("/Plaintext")
                        .stringValue())
                .isEqualTo(PLAINTEXT);
        for (String other : List.of(
                "\"EncryptionContext\":{\"Purpose\":\"other\"}",
                "\"EncryptionContext\":{\"Purpose\":\"test\",\"b\":\"1\"}",
                "\"EncryptionContext\":{}")) {
            assertThat(refusedToAlice("Decrypt", blob(encrypt(other)), other)).isEqualTo("AccessDeniedException");
        }
        assertThat(refusedToAlice("Encrypt", keyId(key), member("Plaintext", PLAINTEXT), CONTEXT))
                .isEqualTo("AccessDeniedException");
    }

    @Test
    void asksForReEncryptionAtBothKeysWithTheContextOfEach() {
        String from = keyFor("\"kms:ReEncryptFrom\"", "\"StringEquals\":{\"kms:EncryptionContext:Purpose\":\"test\"}");
        String to = keyFor("\"kms:ReEncryptTo\"", "\"StringEquals\":{\"kms:EncryptionContext:Purpose\":\"new\"}");
        key = from;
        String source = "\"SourceEncryptionContext\":{\"Purpose\":\"test\"}";
        String destination = "\"DestinationEncryptionContext\":{\"Purpose\":\"new\"}";
        String blob = encrypt("\"EncryptionContext\":{\"Purpose\":\"test\"}");
        String moved = asAlice("ReEncrypt", blob(blob), source, destination, member("DestinationKeyId", to))
                .at("/CiphertextBlob")
                .stringValue();
        assertThat(refusedToAlice("Decrypt", blob(moved), "\"EncryptionContext\":{\"Purpose\":\"new\"}"))
                .isEqualTo("AccessDeniedException");
        assertThat(refusedToAlice(
                        "ReEncrypt",
                        blob(blob),
                        source,
                        destination.replace("new", "test"),
                        member("DestinationKeyId", to)))
                .isEqualTo("AccessDeniedException");
        assertThat(refusedToAlice("ReEncrypt", blob(blob), source, destination, member("DestinationKeyId", from)))
                .isEqualTo("AccessDeniedException");
        key = to;
        String inverse = encrypt("\"EncryptionContext\":{\"Purpose\":\"test\"}");
        assertThat(refusedToAlice("ReEncrypt", blob(inverse), source, destination, member("DestinationKeyId", to)))
                .isEqualTo("AccessDeniedException");
    }

    @Test
    void knowsWhetherAKeyIsReEncryptedToItself() {
        key = keyFor("\"kms:ReEncryptFrom\",\"kms:ReEncryptTo\"", "\"Bool\":{\"kms:ReEncryptOnSameKey\":\"true\"}");
        asAlice("ReEncrypt", blob(encrypt()), member("DestinationKeyId", key));
        String other =
                keyFor("\"kms:ReEncryptFrom\",\"kms:ReEncryptTo\"", "\"Bool\":{\"kms:ReEncryptOnSameKey\":\"true\"}");
        assertThat(refusedToAlice("ReEncrypt", blob(encrypt()), member("DestinationKeyId", other)))
                .isEqualTo("AccessDeniedException");
    }

    @Test
    void letsPoliciesAskForAlgorithmsSpecsAndPeriods() {
        key = keyFor("\"kms:*\"", "\"StringEquals\":{\"kms:DataKeyPairSpec\":\"ECC_NIST_P256\"}");
        asAlice("GenerateDataKeyPair", keyId(key), member("KeyPairSpec", "ECC_NIST_P256"));
        assertThat(refusedToAlice("GenerateDataKeyPair", keyId(key), member("KeyPairSpec", "RSA_2048")))
                .isEqualTo("AccessDeniedException");
        key = keyFor("\"kms:EnableKeyRotation\"", "\"NumericLessThan\":{\"kms:RotationPeriodInDays\":\"100\"}");
        asAlice("EnableKeyRotation", keyId(key), "\"RotationPeriodInDays\":90");
        assertThat(refusedToAlice("EnableKeyRotation", keyId(key))).isEqualTo("AccessDeniedException");
    }

    // Data keys

    @ParameterizedTest
    @CsvSource({"KeySpec,AES_256,32", "KeySpec,AES_128,16", "NumberOfBytes,1,1", "NumberOfBytes,1024,1024"})
    void makesDataKeysThatDecryptToThemselves(String member, String value, int length) {
        String asked = member.equals("KeySpec") ? member(member, value) : "\"NumberOfBytes\":" + value;
        JsonNode made = call("GenerateDataKey", keyId(key), asked, CONTEXT);
        assertThat(bytes(made.at("/Plaintext").stringValue())).hasSize(length);
        assertThat(made.at("/KeyMaterialId").stringValue()).isEqualTo(materialOf(key));
        assertThat(call("Decrypt", blob(made.at("/CiphertextBlob").stringValue()), CONTEXT)
                        .at("/Plaintext")
                        .stringValue())
                .isEqualTo(made.at("/Plaintext").stringValue());
        JsonNode sealed = call("GenerateDataKeyWithoutPlaintext", keyId(key), asked, CONTEXT);
        assertThat(sealed.has("Plaintext")).isFalse();
        assertThat(bytes(call("Decrypt", blob(sealed.at("/CiphertextBlob").stringValue()), CONTEXT)
                        .at("/Plaintext")
                        .stringValue()))
                .hasSize(length);
    }

    @Test
    void asksForTheLengthOfADataKeyOnceAndOnlyOnce() {
        AwsError either = AwsError.validation("Please specify either number of bytes or key spec.");
        assertThat(refusal("GenerateDataKey", keyId(key))).isEqualTo(either);
        assertThat(refusal("GenerateDataKey", keyId(key), member("KeySpec", "AES_256"), "\"NumberOfBytes\":32"))
                .isEqualTo(either);
        assertThat(refusal("GenerateDataKey", keyId(key), "\"NumberOfBytes\":1025"))
                .isEqualTo(AwsError.validation(
                        "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint:"
                                + " Member must have value less than or equal to 1024"));
    }

    @ParameterizedTest
    @EnumSource(
            value = DataKeyPair.Spec.class,
            names = {"RSA_3072", "RSA_4096"},
            mode = EnumSource.Mode.EXCLUDE)
    void makesDataKeyPairsThatFit(DataKeyPair.Spec spec) throws Exception {
        JsonNode made = call("GenerateDataKeyPair", keyId(key), member("KeyPairSpec", spec.name()), CONTEXT);
        assertThat(made.at("/KeyPairSpec").stringValue()).isEqualTo(spec.name());
        byte[] secret = bytes(made.at("/PrivateKeyPlaintext").stringValue());
        requirePair(spec, secret, bytes(made.at("/PublicKey").stringValue()));
        JsonNode opened =
                call("Decrypt", blob(made.at("/PrivateKeyCiphertextBlob").stringValue()), CONTEXT);
        assertThat(bytes(opened.at("/Plaintext").stringValue())).isEqualTo(secret);
        JsonNode sealed =
                call("GenerateDataKeyPairWithoutPlaintext", keyId(key), member("KeyPairSpec", spec.name()), CONTEXT);
        assertThat(sealed.has("PrivateKeyPlaintext")).isFalse();
        assertThat(sealed.at("/PublicKey").stringValue())
                .isNotEqualTo(made.at("/PublicKey").stringValue());
    }

    private static void requirePair(DataKeyPair.Spec spec, byte[] secret, byte[] shown)
            throws GeneralSecurityException, java.io.IOException {
        if (spec == DataKeyPair.Spec.ECC_SECG_P256K1) {
            requireSecp256k1Pair(secret, shown);
            return;
        }
        String name = spec.name();
        String algorithm = name.startsWith("RSA") ? "RSA" : name.endsWith("25519") ? "Ed25519" : "EC";
        KeyFactory factory = KeyFactory.getInstance(algorithm);
        PrivateKey privateKey = factory.generatePrivate(new PKCS8EncodedKeySpec(secret));
        PublicKey publicKey = factory.generatePublic(new X509EncodedKeySpec(shown));
        if (publicKey instanceof RSAPublicKey rsa) {
            assertThat(rsa.getModulus().bitLength()).isEqualTo(2048);
        }
        Signature signature = Signature.getInstance(
                algorithm.equals("RSA") ? "SHA256withRSA" : algorithm.equals("EC") ? "SHA256withECDSA" : "Ed25519");
        signature.initSign(privateKey);
        signature.update((byte) 1);
        byte[] made = signature.sign();
        signature.initVerify(publicKey);
        signature.update((byte) 1);
        assertThat(signature.verify(made)).isTrue();
    }

    private static void requireSecp256k1Pair(byte[] secret, byte[] shown) throws java.io.IOException {
        var info = PrivateKeyInfo.getInstance(new ASN1InputStream(new ByteArrayInputStream(secret)).readObject());
        var sec = org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(info.parsePrivateKey());
        BigInteger scalar = sec.getKey();
        byte[] point = SECNamedCurves.getByName("secp256k1")
                .getG()
                .multiply(scalar)
                .normalize()
                .getEncoded(false);
        assertThat(SubjectPublicKeyInfo.getInstance(shown).getPublicKeyData().getBytes())
                .isEqualTo(point);
        assertThat(info.getPrivateKeyAlgorithm())
                .isEqualTo(SubjectPublicKeyInfo.getInstance(shown).getAlgorithm());
        assertThat(java.util.Objects.requireNonNull(sec.getPublicKey()).getBytes())
                .isEqualTo(point);
    }

    @Test
    void makesAPairOfTheLargestSizeThatFitsACiphertext() {
        byte[] secret = DataKeyPair.fromSeed(DataKeyPair.Spec.ECC_NIST_P521, new byte[32])
                .privateKey();
        assertThat(DataKeyPair.fromSeed(DataKeyPair.Spec.ECC_NIST_P521, new byte[32])
                        .privateKey())
                .isEqualTo(secret);
        assertThat(refusal("GenerateDataKeyPair", keyId(key), member("KeyPairSpec", "SM2"))
                        .type())
                .isEqualTo("UnsupportedOperationException");
    }

    // Random

    @Test
    void drawsRandomBytes() {
        assertThat(bytes(call("GenerateRandom", "\"NumberOfBytes\":1024")
                        .at("/Plaintext")
                        .stringValue()))
                .hasSize(1024);
        assertThat(call("GenerateRandom", "\"NumberOfBytes\":32"))
                .isNotEqualTo(call("GenerateRandom", "\"NumberOfBytes\":32"));
        assertThat(refusal("GenerateRandom")).isEqualTo(AwsError.validation("NumberOfBytes is required."));
        assertThat(refusal("GenerateRandom", "\"NumberOfBytes\":0"))
                .isEqualTo(AwsError.validation(
                        "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint:"
                                + " Member must have value greater than or equal to 1"));
    }

    // MAC

    @ParameterizedTest
    @CsvSource({
        "HMAC_224,HMAC_SHA_224,28",
        "HMAC_256,HMAC_SHA_256,32",
        "HMAC_384,HMAC_SHA_384,48",
        "HMAC_512,HMAC_SHA_512,64"
    })
    void makesAndVerifiesMacs(KeySpec spec, String algorithm, int length) {
        String id = cluster.makeKey(spec);
        String[] asked = {keyId(id), member("Message", PLAINTEXT), member("MacAlgorithm", algorithm)};
        JsonNode made = call("GenerateMac", asked);
        byte[] mac = bytes(made.at("/Mac").stringValue());
        assertThat(mac).hasSize(length);
        assertThat(made.at("/KeyId").stringValue()).isEqualTo(Cluster.arn(id));
        assertThat(call("GenerateMac", asked)).isEqualTo(made);
        assertThat(call("VerifyMac", with(asked, member("Mac", Cluster.base64(mac))))
                        .at("/MacValid")
                        .booleanValue())
                .isTrue();
        for (int i = 0; i < mac.length; i++) {
            byte[] changed = mac.clone();
            changed[i] ^= 0x40;
            assertThat(refusal("VerifyMac", with(asked, member("Mac", Cluster.base64(changed)))))
                    .isEqualTo(AwsError.of("KMSInvalidMacException", null));
        }
        assertThat(refusal("VerifyMac", with(asked, member("Mac", Cluster.base64(Arrays.copyOf(mac, length - 1)))))
                        .type())
                .isEqualTo("KMSInvalidMacException");
        assertThat(refusal(
                                "VerifyMac",
                                keyId(id),
                                member("Message", Cluster.base64("other")),
                                member("MacAlgorithm", algorithm),
                                member("Mac", Cluster.base64(mac)))
                        .type())
                .isEqualTo("KMSInvalidMacException");
        String other = cluster.makeKey(spec);
        asked[0] = keyId(other);
        assertThat(call("GenerateMac", asked).at("/Mac")).isNotEqualTo(made.at("/Mac"));
    }

    private static String[] with(String[] members, String more) {
        String[] all = Arrays.copyOf(members, members.length + 1);
        all[members.length] = more;
        return all;
    }

    @Test
    void refusesMacsOfAnotherLengthAndOverlongMessages() {
        String id = cluster.makeKey(KeySpec.HMAC_224);
        assertThat(refusal(
                        "GenerateMac", keyId(id), member("Message", PLAINTEXT), member("MacAlgorithm", "HMAC_SHA_256")))
                .isEqualTo(AwsError.of(
                        "InvalidKeyUsageException", "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."));
        assertThat(refusal(
                                "GenerateMac",
                                keyId(id),
                                member("Message", Cluster.base64(new byte[4097])),
                                member("MacAlgorithm", "HMAC_SHA_224"))
                        .type())
                .isEqualTo("ValidationException");
        assertThat(call("DescribeKey", keyId(id))
                        .at("/KeyMetadata/MacAlgorithms/0")
                        .stringValue())
                .isEqualTo("HMAC_SHA_224");
    }

    @Test
    void saysInADescriptionThatNobodyGaveHowResultsDifferFromPlainHmac() {
        String id = call("CreateKey", member("KeySpec", "HMAC_256"), member("KeyUsage", "GENERATE_VERIFY_MAC"))
                .at("/KeyMetadata/KeyId")
                .stringValue();
        assertThat(call("DescribeKey", keyId(id)).at("/KeyMetadata/Description").stringValue())
                .contains("not the plain HMAC");
    }

    // Key agreement

    @ParameterizedTest
    @CsvSource({"ECC_NIST_P256,secp256r1", "ECC_SECG_P256K1,secp256k1"})
    void agreesOnASecretWithAClient(KeySpec spec, String curve) {
        String id = cluster.makeKey(spec, KeyUsage.KEY_AGREEMENT);
        var parameters = SECNamedCurves.getByName(curve);
        BigInteger mine = new BigInteger("123456789abcdef123456789abcdef123456789abcdef", 16);
        byte[] theirs = bytes(call("GetPublicKey", keyId(id)).at("/PublicKey").stringValue());
        byte[] point =
                SubjectPublicKeyInfo.getInstance(theirs).getPublicKeyData().getBytes();
        byte[] myPoint = parameters.getG().multiply(mine).normalize().getEncoded(false);
        byte[] myKey = Arrays.copyOf(theirs, theirs.length);
        System.arraycopy(myPoint, 0, myKey, myKey.length - myPoint.length, myPoint.length);
        JsonNode derived = call(
                "DeriveSharedSecret",
                keyId(id),
                member("KeyAgreementAlgorithm", "ECDH"),
                member("PublicKey", Cluster.base64(myKey)));
        byte[] expected = parameters
                .getCurve()
                .decodePoint(point)
                .multiply(mine)
                .normalize()
                .getAffineXCoord()
                .getEncoded();
        assertThat(bytes(derived.at("/SharedSecret").stringValue())).isEqualTo(expected);
        assertThat(derived.at("/KeyOrigin").stringValue()).isEqualTo("AWS_KMS");
        assertThat(call("DescribeKey", keyId(id))
                        .at("/KeyMetadata/KeyAgreementAlgorithms/0")
                        .stringValue())
                .isEqualTo("ECDH");
        myKey[myKey.length - 1] ^= 1;
        assertThat(refusal(
                                "DeriveSharedSecret",
                                keyId(id),
                                member("KeyAgreementAlgorithm", "ECDH"),
                                member("PublicKey", Cluster.base64(myKey)))
                        .type())
                .isEqualTo("ValidationException");
    }

    @Test
    void refusesAPointOfAnotherCurve() {
        String id = cluster.makeKey(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT);
        String other = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        String foreign = call("GetPublicKey", keyId(other)).at("/PublicKey").stringValue();
        assertThat(refusal(
                                "DeriveSharedSecret",
                                keyId(id),
                                member("KeyAgreementAlgorithm", "ECDH"),
                                member("PublicKey", foreign))
                        .type())
                .isEqualTo("ValidationException");
        assertThat(refusal(
                                "DeriveSharedSecret",
                                keyId(id),
                                member("KeyAgreementAlgorithm", "INVALID"),
                                member("PublicKey", foreign))
                        .message())
                .isEqualTo("1 validation error detected: Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy"
                        + " constraint: Member must satisfy enum value set: [ECDH]");
    }

    // Rotation

    @Test
    void rotatesOnDemandAndKeepsOldMaterialForWhatItEncrypted() {
        String old = encrypt(CONTEXT);
        String before = materialOf(key);
        tick();
        SignedRequest request = cluster.signed("RotateKeyOnDemand", object(keyId(key)));
        String answer = cluster.execute(request);
        assertThat(Cluster.json(answer).at("/KeyId").stringValue()).isEqualTo(Cluster.arn(key));
        assertThat(cluster.execute(request)).isEqualTo(answer);
        assertThat(materialOf(key)).isNotEqualTo(before);
        assertThat(call("DescribeKey", keyId(key))
                        .at("/KeyMetadata/CurrentKeyMaterialId")
                        .stringValue())
                .isEqualTo(materialOf(key));
        JsonNode opened = call("Decrypt", blob(old), CONTEXT);
        assertThat(opened.at("/Plaintext").stringValue()).isEqualTo(PLAINTEXT);
        assertThat(opened.at("/KeyMaterialId").stringValue()).isEqualTo(before);
        assertThat(call("Decrypt", blob(encrypt())).at("/KeyMaterialId").stringValue())
                .isEqualTo(materialOf(key));
        JsonNode rotations = call("ListKeyRotations", keyId(key));
        assertThat(rotations.at("/Rotations")).hasSize(1);
        assertThat(rotations.at("/Rotations/0/RotationType").stringValue()).isEqualTo("ON_DEMAND");
        assertThat(rotations.at("/Rotations/0/KeyMaterialId").stringValue()).isEqualTo(materialOf(key));
        JsonNode all = call("ListKeyRotations", keyId(key), member("IncludeKeyMaterial", "ALL_KEY_MATERIAL"));
        assertThat(all.at("/Rotations")).hasSize(2);
        assertThat(all.at("/Rotations/0/KeyMaterialState").stringValue()).isEqualTo("NON_CURRENT");
        assertThat(all.at("/Rotations/1/KeyMaterialState").stringValue()).isEqualTo("CURRENT");
        JsonNode page =
                call("ListKeyRotations", keyId(key), member("IncludeKeyMaterial", "ALL_KEY_MATERIAL"), "\"Limit\":1");
        assertThat(page.at("/Truncated").booleanValue()).isTrue();
        JsonNode rest = call(
                "ListKeyRotations",
                keyId(key),
                member("IncludeKeyMaterial", "ALL_KEY_MATERIAL"),
                member("Marker", page.at("/NextMarker").stringValue()));
        assertThat(rest.at("/Rotations")).hasSize(1);
        assertThat(rest.at("/Rotations/0")).isEqualTo(all.at("/Rotations/1"));
    }

    @Test
    void limitsRotationsOnDemand() {
        for (int i = 0; i < RotationActions.MAXIMUM_ON_DEMAND; i++) {
            call("RotateKeyOnDemand", keyId(key));
        }
        assertThat(refusal("RotateKeyOnDemand", keyId(key)))
                .isEqualTo(AwsError.of(
                        "LimitExceededException",
                        "The on-demand rotations limit has been reached for the given keyId. No more on-demand"
                                + " rotations can be performed for this key: " + Cluster.arn(key)));
    }

    @Test
    void rotatesBySchedule() {
        String old = encrypt();
        assertThat(call("GetKeyRotationStatus", keyId(key))
                        .at("/KeyRotationEnabled")
                        .booleanValue())
                .isFalse();
        call("EnableKeyRotation", keyId(key), "\"RotationPeriodInDays\":90");
        JsonNode status = call("GetKeyRotationStatus", keyId(key));
        assertThat(status.at("/KeyRotationEnabled").booleanValue()).isTrue();
        assertThat(status.at("/RotationPeriodInDays").intValue()).isEqualTo(90);
        RegisterName name = RegisterName.key(Cluster.ACCOUNT, Cluster.REGION, key);
        assertThat(Kms.rotation(cluster.directory, name, cluster.now)).isNull();
        cluster.now = cluster.now.plus(Duration.ofDays(90));
        assertThat(Kms.due(cluster.directory, "", cluster.now).rotation()).containsExactly(name);
        NewMaterial due = Kms.rotation(cluster.directory, name, cluster.now);
        assertThat(due).isNotNull();
        cluster.make(java.util.Objects.requireNonNull(due));
        assertThat(Kms.due(cluster.directory, "", cluster.now).rotation()).isEmpty();
        assertThat(call("ListKeyRotations", keyId(key))
                        .at("/Rotations/0/RotationType")
                        .stringValue())
                .isEqualTo("AUTOMATIC");
        assertThat(call("Decrypt", blob(old)).at("/Plaintext").stringValue()).isEqualTo(PLAINTEXT);
        cluster.now = cluster.now.plus(Duration.ofDays(90));
        call("DisableKeyRotation", keyId(key));
        assertThat(Kms.due(cluster.directory, "", cluster.now).rotation()).isEmpty();
        assertThat(call("GetKeyRotationStatus", keyId(key))
                        .at("/KeyRotationEnabled")
                        .booleanValue())
                .isFalse();
    }

    @Test
    void doesNotRotateAKeyThatIsDisabledOrAboutToBeDeleted() {
        call("EnableKeyRotation", keyId(key));
        cluster.now = cluster.now.plus(Duration.ofDays(365));
        call("DisableKey", keyId(key));
        assertThat(Kms.due(cluster.directory, "", cluster.now).rotation()).isEmpty();
        call("EnableKey", keyId(key));
        assertThat(Kms.due(cluster.directory, "", cluster.now).rotation()).hasSize(1);
        call("ScheduleKeyDeletion", keyId(key));
        assertThat(Kms.due(cluster.directory, "", cluster.now).rotation()).isEmpty();
        assertThat(call("GetKeyRotationStatus", keyId(key))
                        .at("/KeyRotationEnabled")
                        .booleanValue())
                .isFalse();
    }

    @Test
    void rotatesOnlySymmetricEncryptionKeys() {
        for (KeySpec spec : List.of(KeySpec.HMAC_256, KeySpec.ECC_NIST_P256)) {
            String other = cluster.makeKey(spec);
            for (String action : List.of("RotateKeyOnDemand", "EnableKeyRotation", "DisableKeyRotation")) {
                assertThat(refusal(action, keyId(other))).isEqualTo(AwsError.of("UnsupportedOperationException", null));
            }
            // Terraform asks this of every key, and takes a refusal for a fault.
            assertThat(call("GetKeyRotationStatus", keyId(other))
                            .at("/KeyRotationEnabled")
                            .booleanValue())
                    .isFalse();
        }
        assertThat(refusal("EnableKeyRotation", keyId(key), "\"RotationPeriodInDays\":89")
                        .type())
                .isEqualTo("ValidationException");
        assertThat(refusal("EnableKeyRotation", keyId(key), "\"RotationPeriodInDays\":2561")
                        .type())
                .isEqualTo("ValidationException");
    }

    @Test
    void turnsToImportedMaterialThatWaitsForItsRotation() {
        KeyRecord record = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, key);
        cluster.directory.put(record.with("").origin(KeyOrigin.EXTERNAL).build());
        assertThat(refusal("RotateKeyOnDemand", keyId(key)))
                .isEqualTo(AwsError.of(
                        "KMSInvalidStateException",
                        "No available key material pending rotation for the key: " + Cluster.arn(key) + "."));
        assertThat(refusal("EnableKeyRotation", keyId(key)))
                .isEqualTo(AwsError.of(
                        "UnsupportedOperationException",
                        Cluster.arn(key) + " origin is EXTERNAL which is not valid for this operation."));
        Material waiting = Material.current(
                        key, TestKey.of(KeySpec.SYMMETRIC_DEFAULT, 77).point(), cluster.now, null)
                .in(Material.State.PENDING_ROTATION);
        List<Material> both = List.of(record.materials().getFirst(), waiting);
        cluster.directory.put(
                record.with("").origin(KeyOrigin.EXTERNAL).materials(both).build());
        call("RotateKeyOnDemand", keyId(key));
        assertThat(materialOf(key)).isEqualTo(waiting.id());
    }
}
