package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.StreamSupport;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// RSA keys as AWS's clients use them; the JDK checks what comes out and makes what goes in.
class RsaKeysTest {
    private static final byte[] MESSAGE = "attack at dawn".getBytes(StandardCharsets.UTF_8);

    private final Cluster cluster = new Cluster();

    private String signing() {
        return cluster.makeKey(KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY);
    }

    private String encrypting(KeySpec spec) {
        return cluster.makeKey(spec, KeyUsage.ENCRYPT_DECRYPT);
    }

    private PublicKey publicKey(String keyId) throws GeneralSecurityException {
        byte[] der = bytes(cluster.call("GetPublicKey", "{\"KeyId\":\"" + keyId + "\"}"), "PublicKey");
        return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
    }

    private static byte[] bytes(JsonNode answer, String member) {
        return Base64.getDecoder().decode(answer.required(member).stringValue());
    }

    private static String sign(String keyId, byte[] message, String type, String algorithm, String... more) {
        return "{\"KeyId\":\"%s\",\"Message\":\"%s\",\"MessageType\":\"%s\",\"SigningAlgorithm\":\"%s\"%s}"
                .formatted(keyId, Cluster.base64(message), type, algorithm, String.join("", more));
    }

    private static String hash(String algorithm) {
        return "SHA-" + algorithm.substring(algorithm.length() - 3);
    }

    private static Signature jdk(String algorithm) throws GeneralSecurityException {
        String hash = hash(algorithm);
        if (!algorithm.contains("PSS")) {
            return Signature.getInstance(hash.replace("-", "") + "withRSA");
        }
        Signature signature = Signature.getInstance("RSASSA-PSS");
        int length = Integer.parseInt(hash.substring(4)) / 8;
        signature.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), length, 1));
        return signature;
    }

    @ParameterizedTest
    @EnumSource(value = SigningAlgorithm.class, names = "RSASSA_.*", mode = EnumSource.Mode.MATCH_ALL)
    void signsAsTheJdkVerifies(SigningAlgorithm algorithm) throws Exception {
        String keyId = signing();
        String name = algorithm.name();
        byte[] digest = MessageDigest.getInstance(hash(name)).digest(MESSAGE);
        for (String request : List.of(sign(keyId, MESSAGE, "RAW", name), sign(keyId, digest, "DIGEST", name))) {
            JsonNode answer = cluster.call("Sign", request);
            assertThat(answer.required("SigningAlgorithm").stringValue()).isEqualTo(name);
            assertThat(answer.required("KeyId").stringValue()).isEqualTo(Cluster.arn(keyId));
            byte[] signature = bytes(answer, "Signature");
            Signature verifier = jdk(name);
            verifier.initVerify(publicKey(keyId));
            verifier.update(MESSAGE);
            assertThat(verifier.verify(signature)).isTrue();
            String with = ",\"Signature\":\"" + Cluster.base64(signature) + "\"";
            assertThat(cluster.call("Verify", sign(keyId, digest, "DIGEST", name, with))
                            .required("SignatureValid")
                            .booleanValue())
                    .isTrue();
            for (byte[] wrong : List.of(
                    flipped(signature, 0),
                    flipped(signature, 255),
                    Arrays.copyOf(signature, 255),
                    Arrays.copyOf(signature, 257))) {
                String other = ",\"Signature\":\"" + Cluster.base64(wrong) + "\"";
                assertThat(cluster.refusal("Verify", sign(keyId, MESSAGE, "RAW", name, other)))
                        .isEqualTo(AwsError.of("KMSInvalidSignatureException", null));
            }
        }
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] out = bytes.clone();
        out[at] ^= 1;
        return out;
    }

    /// A signature with another padding, hash or length of salt is none.
    @Test
    void verifiesOnlyTheAlgorithmThatWasAskedFor() {
        String keyId = signing();
        byte[] signature = bytes(cluster.call("Sign", sign(keyId, MESSAGE, "RAW", "RSASSA_PSS_SHA_256")), "Signature");
        String with = ",\"Signature\":\"" + Cluster.base64(signature) + "\"";
        for (String other : List.of("RSASSA_PSS_SHA_384", "RSASSA_PKCS1_V1_5_SHA_256")) {
            assertThat(cluster.refusal("Verify", sign(keyId, MESSAGE, "RAW", other, with))
                            .type())
                    .isEqualTo("KMSInvalidSignatureException");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "RSASSA_PKCS1_V1_5_SHA_256,31",
        "RSASSA_PKCS1_V1_5_SHA_512,32",
        "RSASSA_PSS_SHA_256,48",
        "RSASSA_PSS_SHA_384,32",
        "RSASSA_PSS_SHA_512,65"
    })
    void refusesDigestsOfOtherLengths(String algorithm, int length) {
        assertThat(cluster.refusal("Sign", sign(signing(), new byte[length], "DIGEST", algorithm)))
                .isEqualTo(AwsError.validation("Digest is invalid length for algorithm " + algorithm + "."));
    }

    @Test
    void refusesWhatAnRsaKeyCannotDo() {
        String keyId = signing();
        assertThat(cluster.refusal("Sign", sign(keyId, MESSAGE, "RAW", "ECDSA_SHA_256")))
                .isEqualTo(AwsError.of(
                        "InvalidKeyUsageException", "Algorithm ECDSA_SHA_256 is incompatible with key spec RSA_2048."));
        assertThat(cluster.refusal("Sign", sign(keyId, MESSAGE, "EXTERNAL_MU", "RSASSA_PSS_SHA_256"))
                        .type())
                .isEqualTo("ValidationException");
        assertThat(cluster.refusal("Sign", sign(keyId, new byte[4097], "RAW", "RSASSA_PSS_SHA_256"))
                        .type())
                .isEqualTo("ValidationException");
        String plain =
                "{\"KeyId\":\"" + keyId + "\",\"Plaintext\":\"AAAA\",\"EncryptionAlgorithm\":\"RSAES_OAEP_SHA_1\"}";
        assertThat(cluster.refusal("Encrypt", plain).type()).isEqualTo("InvalidKeyUsageException");
        String decrypting = encrypting(KeySpec.RSA_2048);
        assertThat(cluster.refusal("Sign", sign(decrypting, MESSAGE, "RAW", "RSASSA_PSS_SHA_256"))
                        .type())
                .isEqualTo("InvalidKeyUsageException");
        assertThat(cluster.refusal("GenerateDataKey", "{\"KeyId\":\"" + decrypting + "\",\"KeySpec\":\"AES_256\"}")
                        .type())
                .isEqualTo("InvalidKeyUsageException");
        assertThat(cluster.refusal("EnableKeyRotation", "{\"KeyId\":\"" + decrypting + "\"}")
                        .type())
                .isEqualTo("UnsupportedOperationException");
    }

    @Test
    void saysThatTheKeyWasDealtAndWhatItCanDo() {
        String made = "{\"KeySpec\":\"RSA_3072\",\"KeyUsage\":\"SIGN_VERIFY\"}";
        JsonNode metadata = cluster.call("CreateKey", made).required("KeyMetadata");
        assertThat(metadata.required("KeymootMaking").stringValue()).isEqualTo("DEALT");
        assertThat(metadata.required("Description").stringValue()).startsWith("Dealt: one party");
        assertThat(metadata.required("KeySpec").stringValue()).isEqualTo("RSA_3072");
        assertThat(texts(metadata.required("SigningAlgorithms")))
                .containsExactly(
                        "RSASSA_PKCS1_V1_5_SHA_256",
                        "RSASSA_PKCS1_V1_5_SHA_384",
                        "RSASSA_PKCS1_V1_5_SHA_512",
                        "RSASSA_PSS_SHA_256",
                        "RSASSA_PSS_SHA_384",
                        "RSASSA_PSS_SHA_512");
        JsonNode decrypting = cluster.call("DescribeKey", "{\"KeyId\":\"" + encrypting(KeySpec.RSA_2048) + "\"}")
                .required("KeyMetadata");
        assertThat(texts(decrypting.required("EncryptionAlgorithms")))
                .containsExactly("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256");
        assertThat(decrypting.has("SigningAlgorithms")).isFalse();
        assertThat(decrypting.has("CurrentKeyMaterialId")).isFalse();
        assertThat(decrypting.required("KeymootMaking").stringValue()).isEqualTo("DEALT");
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::stringValue)
                .toList();
    }

    private static String encrypt(String keyId, byte[] plaintext, String algorithm, String... more) {
        return "{\"KeyId\":\"%s\",\"Plaintext\":\"%s\",\"EncryptionAlgorithm\":\"%s\"%s}"
                .formatted(keyId, Cluster.base64(plaintext), algorithm, String.join("", more));
    }

    private static String decrypt(String keyId, byte[] blob, String algorithm, String... more) {
        return "{\"KeyId\":\"%s\",\"CiphertextBlob\":\"%s\",\"EncryptionAlgorithm\":\"%s\"%s}"
                .formatted(keyId, Cluster.base64(blob), algorithm, String.join("", more));
    }

    /// AWS's limits, in AWS's words.
    @ParameterizedTest
    @CsvSource({
        "RSA_2048,RSAES_OAEP_SHA_1,214",
        "RSA_2048,RSAES_OAEP_SHA_256,190",
        "RSA_3072,RSAES_OAEP_SHA_1,342",
        "RSA_3072,RSAES_OAEP_SHA_256,318",
        "RSA_4096,RSAES_OAEP_SHA_1,470",
        "RSA_4096,RSAES_OAEP_SHA_256,446"
    })
    void encryptsAndDecryptsUpToTheLimit(KeySpec spec, String algorithm, int limit) throws Exception {
        String keyId = encrypting(spec);
        for (byte[] plaintext : List.of(MESSAGE, new byte[limit])) {
            JsonNode sealed = cluster.call("Encrypt", encrypt(keyId, plaintext, algorithm));
            assertThat(sealed.required("EncryptionAlgorithm").stringValue()).isEqualTo(algorithm);
            byte[] blob = bytes(sealed, "CiphertextBlob");
            assertThat(blob).hasSize(spec.modulusBits() / 8);
            JsonNode opened = cluster.call("Decrypt", decrypt(keyId, blob, algorithm));
            assertThat(bytes(opened, "Plaintext")).isEqualTo(plaintext);
            assertThat(opened.required("EncryptionAlgorithm").stringValue()).isEqualTo(algorithm);
            assertThat(opened.required("KeyId").stringValue()).isEqualTo(Cluster.arn(keyId));
            assertThat(opened.has("KeyMaterialId")).isFalse();
            byte[] outside = jdkEncrypt(publicKey(keyId), plaintext, algorithm);
            assertThat(bytes(cluster.call("Decrypt", decrypt(keyId, outside, algorithm)), "Plaintext"))
                    .isEqualTo(plaintext);
        }
        assertThat(cluster.refusal("Encrypt", encrypt(keyId, new byte[limit + 1], algorithm)))
                .isEqualTo(AwsError.validation("Algorithm " + algorithm + " and key spec " + spec
                        + " cannot encrypt data larger than " + limit + " bytes."));
    }

    private static byte[] jdkEncrypt(PublicKey key, byte[] plaintext, String algorithm)
            throws GeneralSecurityException {
        String hash = algorithm.endsWith("256") ? "SHA-256" : "SHA-1";
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                key,
                new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT));
        return cipher.doFinal(plaintext);
    }

    @Test
    void encryptsTheSameDifferently() {
        String keyId = encrypting(KeySpec.RSA_2048);
        String request = encrypt(keyId, MESSAGE, "RSAES_OAEP_SHA_256");
        assertThat(bytes(cluster.call("Encrypt", request), "CiphertextBlob"))
                .isNotEqualTo(bytes(cluster.call("Encrypt", request), "CiphertextBlob"));
    }

    /// Whatever is wrong with a ciphertext, AWS says one thing only.
    @Test
    void tellsNothingOfAWrongCiphertext() throws Exception {
        String keyId = encrypting(KeySpec.RSA_2048);
        byte[] blob = jdkEncrypt(publicKey(keyId), MESSAGE, "RSAES_OAEP_SHA_256");
        BigInteger n = ((RSAPublicKey) publicKey(keyId)).getModulus();
        byte[] modulus = Arrays.copyOfRange(n.toByteArray(), 1, 257);
        byte[] minusOne = Arrays.copyOfRange(n.subtract(BigInteger.ONE).toByteArray(), 1, 257);
        byte[] one = new byte[256];
        one[255] = 1;
        AwsError invalid = AwsError.of("InvalidCiphertextException", null);
        for (byte[] wrong : List.of(
                flipped(blob, 255),
                flipped(blob, 100),
                Arrays.copyOf(blob, 255),
                Arrays.copyOf(blob, 257),
                new byte[256],
                one,
                minusOne,
                modulus)) {
            assertThat(cluster.refusal("Decrypt", decrypt(keyId, wrong, "RSAES_OAEP_SHA_256")))
                    .isEqualTo(invalid);
        }
        assertThat(cluster.refusal("Decrypt", decrypt(keyId, blob, "RSAES_OAEP_SHA_1")))
                .isEqualTo(invalid);
        String nameless =
                "{\"CiphertextBlob\":\"" + Cluster.base64(blob) + "\",\"EncryptionAlgorithm\":\"RSAES_OAEP_SHA_256\"}";
        assertThat(cluster.refusal("Decrypt", nameless)).isEqualTo(invalid);
    }

    @Test
    void refusesTheDefaultAlgorithmAndContexts() throws Exception {
        String keyId = encrypting(KeySpec.RSA_2048);
        byte[] blob = jdkEncrypt(publicKey(keyId), MESSAGE, "RSAES_OAEP_SHA_256");
        AwsError incompatible = AwsError.of(
                "InvalidKeyUsageException", "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.");
        assertThat(cluster.refusal("Encrypt", "{\"KeyId\":\"" + keyId + "\",\"Plaintext\":\"AAAA\"}"))
                .isEqualTo(incompatible);
        assertThat(cluster.refusal(
                        "Decrypt", "{\"KeyId\":\"" + keyId + "\",\"CiphertextBlob\":\"" + Cluster.base64(blob) + "\"}"))
                .isEqualTo(incompatible);
        String context = ",\"EncryptionContext\":{\"a\":\"b\"}";
        for (String refused : List.of("Encrypt", "Decrypt")) {
            String request = refused.equals("Encrypt")
                    ? encrypt(keyId, MESSAGE, "RSAES_OAEP_SHA_1", context)
                    : decrypt(keyId, blob, "RSAES_OAEP_SHA_1", context);
            assertThat(cluster.refusal(refused, request).type()).isEqualTo("ValidationException");
            String dry = request.replace(context, ",\"DryRun\":true");
            assertThat(cluster.refusal(refused, dry).type()).isEqualTo("DryRunOperationException");
        }
        cluster.call("DisableKey", "{\"KeyId\":\"" + keyId + "\"}");
        assertThat(cluster.refusal("Decrypt", decrypt(keyId, blob, "RSAES_OAEP_SHA_256"))
                        .type())
                .isEqualTo("DisabledException");
    }

    @Test
    void reEncryptsToAndFromSymmetricKeysAndOtherRsaKeys() {
        String rsa = encrypting(KeySpec.RSA_2048);
        String longer = encrypting(KeySpec.RSA_3072);
        String symmetric = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        byte[] blob = bytes(
                cluster.call(
                        "Encrypt",
                        "{\"KeyId\":\"" + symmetric + "\",\"Plaintext\":\"" + Cluster.base64(MESSAGE) + "\"}"),
                "CiphertextBlob");
        JsonNode toRsa = cluster.call("ReEncrypt", reEncrypt(blob, null, rsa, "RSAES_OAEP_SHA_256"));
        assertThat(toRsa.required("DestinationEncryptionAlgorithm").stringValue())
                .isEqualTo("RSAES_OAEP_SHA_256");
        assertThat(toRsa.has("DestinationKeyMaterialId")).isFalse();
        assertThat(toRsa.has("SourceKeyMaterialId")).isTrue();
        JsonNode toLonger =
                cluster.call("ReEncrypt", reEncrypt(bytes(toRsa, "CiphertextBlob"), rsa, longer, "RSAES_OAEP_SHA_1"));
        assertThat(toLonger.required("SourceEncryptionAlgorithm").stringValue()).isEqualTo("RSAES_OAEP_SHA_256");
        assertThat(toLonger.required("SourceKeyId").stringValue()).isEqualTo(Cluster.arn(rsa));
        JsonNode back = cluster.call(
                "ReEncrypt",
                reEncrypt(bytes(toLonger, "CiphertextBlob"), longer, symmetric, null)
                        .replace("SHA_256", "SHA_1"));
        assertThat(back.has("SourceKeyMaterialId")).isFalse();
        String open = "{\"CiphertextBlob\":\"" + Cluster.base64(bytes(back, "CiphertextBlob")) + "\"}";
        assertThat(bytes(cluster.call("Decrypt", open), "Plaintext")).isEqualTo(MESSAGE);
    }

    private static String reEncrypt(byte[] blob, @Nullable String from, String to, @Nullable String algorithm) {
        return "{\"CiphertextBlob\":\"%s\",\"DestinationKeyId\":\"%s\"%s%s}"
                .formatted(
                        Cluster.base64(blob),
                        to,
                        from == null
                                ? ""
                                : ",\"SourceKeyId\":\"" + from
                                        + "\",\"SourceEncryptionAlgorithm\":\"RSAES_OAEP_SHA_256\"",
                        algorithm == null ? "" : ",\"DestinationEncryptionAlgorithm\":\"" + algorithm + "\"");
    }

    @Test
    void whatIsTooLargeForTheDestinationIsRefused() {
        String rsa = encrypting(KeySpec.RSA_2048);
        String symmetric = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        byte[] blob = bytes(
                cluster.call(
                        "Encrypt",
                        "{\"KeyId\":\"" + symmetric + "\",\"Plaintext\":\"" + Cluster.base64(new byte[191]) + "\"}"),
                "CiphertextBlob");
        assertThat(cluster.refusal("ReEncrypt", reEncrypt(blob, null, rsa, "RSAES_OAEP_SHA_256"))
                        .type())
                .isEqualTo("ValidationException");
    }

    /// A material whose bytes are no key of the spec never gets into a register.
    @Test
    void aPublicKeyOfAnotherLengthOrEncodingFitsNoKey() {
        KeyRecord key = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, signing());
        assertThat(key.publicSide()).isEqualTo(key.rsaPublicKey().encode());
        for (byte[] wrong : List.of(
                TestKey.of(KeySpec.RSA_3072).publicSide(),
                TestKey.of(KeySpec.ECC_NIST_P256).publicSide(),
                flipped(key.publicSide(), 3),
                new byte[0])) {
            KeyRecord made = key.created(wrong);
            assertThatThrownBy(made::publicSide).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /// Policies tell algorithms apart, and the two sides of ReEncrypt.
    @Test
    void policiesAllowSingleAlgorithms() throws Exception {
        String signing = policed("SIGN_VERIFY", "kms:SigningAlgorithm", "RSASSA_PSS_SHA_256");
        cluster.callAs("AKIAALICE", "Sign", sign(signing, MESSAGE, "RAW", "RSASSA_PSS_SHA_256"));
        assertThat(cluster.refusalAs("AKIAALICE", "Sign", sign(signing, MESSAGE, "RAW", "RSASSA_PSS_SHA_512"))
                        .type())
                .isEqualTo("AccessDeniedException");
        String decrypting = policed("ENCRYPT_DECRYPT", "kms:EncryptionAlgorithm", "RSAES_OAEP_SHA_256");
        byte[] blob = jdkEncrypt(publicKey(decrypting), MESSAGE, "RSAES_OAEP_SHA_256");
        assertThat(bytes(
                        cluster.callAs("AKIAALICE", "Decrypt", decrypt(decrypting, blob, "RSAES_OAEP_SHA_256")),
                        "Plaintext"))
                .isEqualTo(MESSAGE);
        for (String request : List.of(
                decrypt(decrypting, blob, "RSAES_OAEP_SHA_1"),
                // Who may not use the key learns nothing of the ciphertext either.
                decrypt(decrypting, new byte[3], "RSAES_OAEP_SHA_1"))) {
            assertThat(cluster.refusalAs("AKIAALICE", "Decrypt", request).type())
                    .isEqualTo("AccessDeniedException");
        }
    }

    private String policed(String usage, String conditionKey, String value) {
        String policy = """
                {"Version":"2012-10-17","Statement":[
                  {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"kms:*","Resource":"*"},
                  {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:user/alice"},"Action":"kms:*","Resource":"*",
                   "Condition":{"StringEquals":{"%s":"%s"}}}]}""".formatted(Cluster.ACCOUNT, Cluster.ACCOUNT, conditionKey, value);
        return cluster.call(
                        "CreateKey",
                        "{\"KeySpec\":\"RSA_2048\",\"KeyUsage\":\"" + usage + "\",\"Policy\":"
                                + KeyStatesTest.quoted(policy) + "}")
                .at("/KeyMetadata/KeyId")
                .stringValue();
    }

    /// A replica signs with the same key.
    @Test
    void livesInSeveralRegions() throws Exception {
        String made = "{\"KeySpec\":\"RSA_2048\",\"KeyUsage\":\"SIGN_VERIFY\",\"MultiRegion\":true}";
        String keyId = cluster.call("CreateKey", made).at("/KeyMetadata/KeyId").stringValue();
        cluster.call("ReplicateKey", "{\"KeyId\":\"" + keyId + "\",\"ReplicaRegion\":\"eu-west-1\"}");
        SignedRequest there = Cluster.as("AKIAROOT", "eu-west-1")
                .post("Sign", sign(keyId, MESSAGE, "RAW", "RSASSA_PKCS1_V1_5_SHA_256"), cluster.now);
        Signature verifier = jdk("RSASSA_PKCS1_V1_5_SHA_256");
        verifier.initVerify(publicKey(keyId));
        verifier.update(MESSAGE);
        assertThat(verifier.verify(bytes(Cluster.json(cluster.execute(there)), "Signature")))
                .isTrue();
    }

    @Test
    void materialFromOutsideIsNotTaken() {
        String made = "{\"KeySpec\":\"RSA_2048\",\"KeyUsage\":\"SIGN_VERIFY\",\"Origin\":\"EXTERNAL\"}";
        assertThat(cluster.refusal("CreateKey", made).type()).isEqualTo("UnsupportedOperationException");
    }
}
