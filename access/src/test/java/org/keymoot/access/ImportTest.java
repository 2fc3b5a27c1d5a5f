package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.encryption.DataKeyPair;
import org.keymoot.access.imported.ShareSealing;
import org.keymoot.access.policy.KeyPolicy;
import tools.jackson.databind.JsonNode;

/// Keys that clients bring, by AWS's own flow and in shares: what is asked, refused and written.
final class ImportTest {
    private static final byte[] MATERIAL =
            "0123456789abcdef0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private final Cluster cluster = new Cluster();

    private String external(String members) {
        cluster.now = cluster.now.plusSeconds(1);
        return cluster.call("CreateKey", "{\"Origin\":\"EXTERNAL\"" + members + "}")
                .at("/KeyMetadata/KeyId")
                .stringValue();
    }

    private String importing(String keyId, String members) {
        cluster.now = cluster.now.plusSeconds(1);
        return "{\"KeyId\":\"" + keyId + "\"" + members + "}";
    }

    private String wrapped(String keyId, byte[] material) {
        cluster.now = cluster.now.plusSeconds(1);
        return Wrapped.with(
                Wrapped.parameters(cluster, keyId, "RSAES_OAEP_SHA_256", "RSA_2048"), "RSAES_OAEP_SHA_256", material);
    }

    private JsonNode describe(String keyId) {
        return cluster.call("DescribeKey", "{\"KeyId\":\"" + keyId + "\"}").at("/KeyMetadata");
    }

    private static String validTo(Instant at) {
        return ",\"ExpirationModel\":\"KEY_MATERIAL_EXPIRES\",\"ValidTo\":" + at.getEpochSecond();
    }

    @Test
    void makesAKeyWithoutMaterialThatWaitsForIt() {
        String key = external("");
        JsonNode metadata = describe(key);
        assertThat(metadata.at("/KeyState").stringValue()).isEqualTo("PendingImport");
        assertThat(metadata.at("/Origin").stringValue()).isEqualTo("EXTERNAL");
        assertThat(metadata.at("/Enabled").booleanValue()).isFalse();
        assertThat(metadata.has("ExpirationModel")).isFalse();
        assertThat(cluster.refusal("Encrypt", "{\"KeyId\":\"" + key + "\",\"Plaintext\":\"AAAA\"}"))
                .isEqualTo(AwsError.of("KMSInvalidStateException", Cluster.arn(key) + " is pending import."));
    }

    @ParameterizedTest
    @CsvSource({
        "RSAES_OAEP_SHA_1, RSA_2048",
        "RSAES_OAEP_SHA_256, RSA_3072",
        "RSA_AES_KEY_WRAP_SHA_1, RSA_2048",
        "RSA_AES_KEY_WRAP_SHA_256, RSA_4096"
    })
    void takesMaterialInEachOfAwssWrappings(String algorithm, String spec) {
        String key = external("");
        JsonNode parameters = Wrapped.parameters(cluster, key, algorithm, spec);
        assertThat(parameters.at("/KeyId").stringValue()).isEqualTo(Cluster.arn(key));
        assertThat(parameters.at("/ParametersValidTo").doubleValue())
                .isEqualTo(cluster.now.plus(Duration.ofHours(24)).toEpochMilli() / 1000.0);
        JsonNode answer = cluster.call(
                "ImportKeyMaterial",
                importing(
                        key,
                        Wrapped.with(parameters, algorithm, MATERIAL)
                                + ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\""));
        assertThat(answer.at("/KeyId").stringValue()).isEqualTo(Cluster.arn(key));
        JsonNode metadata = describe(key);
        assertThat(metadata.at("/KeyState").stringValue()).isEqualTo("Enabled");
        assertThat(metadata.at("/ExpirationModel").stringValue()).isEqualTo("KEY_MATERIAL_DOES_NOT_EXPIRE");
        assertThat(metadata.at("/CurrentKeyMaterialId").stringValue())
                .isEqualTo(answer.at("/KeyMaterialId").stringValue())
                .matches("[0-9a-f]{64}");
        assertThat(metadata.at("/KeymootDealing").stringValue()).contains("party 1", "whole");
    }

    @ParameterizedTest
    @CsvSource({
        "RSAES_PKCS1_V1_5, RSA_2048, The wrapping algorithm RSAES_PKCS1_V1_5 is not supported.",
        "SM2PKE, RSA_2048, The wrapping algorithm SM2PKE is not supported.",
        "RSAES_OAEP_SHA_256, SM2, The wrapping key spec SM2 is not supported."
    })
    void refusesWrappingsThatAwsRefuses(String algorithm, String spec, String message) {
        String key = external("");
        assertThat(cluster.refusal(
                        "GetParametersForImport",
                        importing(
                                key,
                                ",\"WrappingAlgorithm\":\"" + algorithm + "\",\"WrappingKeySpec\":\"" + spec + "\"")))
                .isEqualTo(AwsError.of("UnsupportedOperationException", message));
    }

    @Test
    void refusesKeysThatAreNotForImportedMaterial() {
        String own = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        AwsError refusal = AwsError.of(
                "UnsupportedOperationException",
                Cluster.arn(own) + " origin is AWS_KMS which is not valid for this operation.");
        assertThat(cluster.refusal("GetParametersForImport", importing(own, Wrapped.PARAMETERS)))
                .isEqualTo(refusal);
        assertThat(cluster.refusal("DeleteImportedKeyMaterial", importing(own, "")))
                .isEqualTo(refusal);
        String members = wrapped(external(""), MATERIAL);
        assertThat(cluster.refusal("ImportKeyMaterial", importing(own, members)))
                .isEqualTo(refusal);
    }

    @Test
    void keepsThePrivateKeyOfASecp256k1KeyItsSignaturesAndItsAddress() {
        DataKeyPair pair = DataKeyPair.fromSeed(DataKeyPair.Spec.ECC_SECG_P256K1, MATERIAL);
        String key = external(",\"KeySpec\":\"ECC_SECG_P256K1\",\"KeyUsage\":\"SIGN_VERIFY\"");
        assertThat(Wrapped.bring(cluster, key, pair.privateKey()).has("KeyMaterialId"))
                .isFalse();
        assertThat(Base64.getDecoder()
                        .decode(cluster.call("GetPublicKey", "{\"KeyId\":\"" + key + "\"}")
                                .at("/PublicKey")
                                .stringValue()))
                .isEqualTo(pair.publicKey());
    }

    @Test
    void takesPrivateKeysOfTheJdk() throws Exception {
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec("secp256r1"));
        for (KeyPair pair : new KeyPair[] {
            ec.generateKeyPair(), KeyPairGenerator.getInstance("Ed25519").generateKeyPair()
        }) {
            boolean edwards = pair.getPublic().getAlgorithm().startsWith("Ed");
            String key = external(",\"KeySpec\":\"" + (edwards ? "ECC_NIST_EDWARDS25519" : "ECC_NIST_P256")
                    + "\",\"KeyUsage\":\"SIGN_VERIFY\"");
            Wrapped.bring(cluster, key, pair.getPrivate().getEncoded());
            assertThat(Base64.getDecoder()
                            .decode(cluster.call("GetPublicKey", "{\"KeyId\":\"" + key + "\"}")
                                    .at("/PublicKey")
                                    .stringValue()))
                    .isEqualTo(pair.getPublic().getEncoded());
        }
    }

    @Test
    void refusesWhatIsNoMaterialOfTheSpec() {
        String symmetric = external("");
        for (byte[] bad : new byte[][] {new byte[16], new byte[31], new byte[33]}) {
            assertThat(cluster.refusal("ImportKeyMaterial", importing(symmetric, wrappedForGood(symmetric, bad)))
                            .type())
                    .isEqualTo("IncorrectKeyMaterialException");
        }
        String signing = external(",\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\"");
        byte[] other =
                DataKeyPair.fromSeed(DataKeyPair.Spec.ECC_SECG_P256K1, MATERIAL).privateKey();
        byte[] right =
                DataKeyPair.fromSeed(DataKeyPair.Spec.ECC_NIST_P256, MATERIAL).privateKey();
        byte[] cut = Arrays.copyOf(right, right.length - 1);
        byte[] longer = Arrays.copyOf(right, right.length + 1);
        for (byte[] bad : new byte[][] {other, cut, longer, new byte[0], {0x30}, {0x30, (byte) 0x84, 1, 1, 1, 1}}) {
            assertThat(cluster.refusal("ImportKeyMaterial", importing(signing, wrappedForGood(signing, bad)))
                            .type())
                    .isEqualTo("IncorrectKeyMaterialException");
        }
        byte[] changed = other.clone();
        changed[changed.length - 1] ^= 1;
        String secp = external(",\"KeySpec\":\"ECC_SECG_P256K1\",\"KeyUsage\":\"SIGN_VERIFY\"");
        assertThat(cluster.refusal("ImportKeyMaterial", importing(secp, wrappedForGood(secp, changed))))
                .isEqualTo(AwsError.of(
                        "IncorrectKeyMaterialException",
                        "The private key does not belong to the public key beside it."));
        assertThat(describe(secp).at("/KeyState").stringValue()).isEqualTo("PendingImport");
    }

    private String wrappedForGood(String key, byte[] material) {
        return wrapped(key, material) + ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\"";
    }

    @Test
    void refusesTokensThatAreForgedForAnotherKeyOrTooOld() {
        String key = external("");
        String other = external("");
        JsonNode parameters = Wrapped.parameters(cluster, key, "RSAES_OAEP_SHA_256", "RSA_2048");
        String members = Wrapped.with(parameters, "RSAES_OAEP_SHA_256", MATERIAL)
                + ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\"";
        assertThat(cluster.refusal("ImportKeyMaterial", importing(other, members))
                        .type())
                .isEqualTo("InvalidImportTokenException");
        byte[] token = Base64.getDecoder().decode(parameters.at("/ImportToken").stringValue());
        for (int at = 0; at < token.length; at++) {
            byte[] forged = token.clone();
            forged[at] ^= 1;
            AwsError refusal = cluster.refusal(
                    "ImportKeyMaterial",
                    importing(key, members.replace(Cluster.base64(token), Cluster.base64(forged))));
            assertThat(refusal.type())
                    .as("byte %d", at)
                    .isIn("InvalidImportTokenException", "ExpiredImportTokenException");
        }
        assertThat(cluster.refusal(
                                "ImportKeyMaterial",
                                importing(key, members.replace(Cluster.base64(token), Cluster.base64(new byte[3]))))
                        .type())
                .isEqualTo("InvalidImportTokenException");
        cluster.now = cluster.now.plus(Duration.ofHours(24));
        assertThat(cluster.refusal("ImportKeyMaterial", importing(key, members)).type())
                .isEqualTo("ExpiredImportTokenException");
    }

    @Test
    void refusesMaterialThatIsWrappedWithAnotherKeyOrInAnotherWay() {
        String key = external("");
        JsonNode parameters = Wrapped.parameters(cluster, key, "RSAES_OAEP_SHA_1", "RSA_2048");
        assertThat(cluster.refusal(
                        "ImportKeyMaterial",
                        importing(
                                key,
                                Wrapped.with(parameters, "RSAES_OAEP_SHA_256", MATERIAL)
                                        + ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\"")))
                .isEqualTo(AwsError.of("InvalidCiphertextException", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",\"ExpirationModel\":\"KEY_MATERIAL_EXPIRES\"",
                ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\",\"ValidTo\":1795363200",
                ",\"ValidTo\":1",
                ",\"ValidTo\":1895363200",
                ",\"ExpirationModel\":\"SOMETIMES\"",
                ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\",\"KeyMaterialId\":\"x\"",
                ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\",\"KeyMaterialDescription\":\"<\"",
                ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\",\"ImportType\":\"OTHER\""
            })
    void refusesExpirationsAndDescriptionsThatMakeNoSense(String members) {
        String key = external("");
        assertThat(cluster.refusal("ImportKeyMaterial", importing(key, wrapped(key, MATERIAL) + members))
                        .type())
                .isEqualTo("ValidationException");
    }

    @Test
    void losesItsMaterialWhenItExpiresAndTakesOnlyTheSameBack() {
        String key = external("");
        Instant end = cluster.now.plus(Duration.ofHours(1));
        String id = cluster.call("ImportKeyMaterial", importing(key, wrapped(key, MATERIAL) + validTo(end)))
                .at("/KeyMaterialId")
                .stringValue();
        assertThat(describe(key).at("/ValidTo").doubleValue()).isEqualTo(end.getEpochSecond());
        String blob = cluster.call("Encrypt", "{\"KeyId\":\"" + key + "\",\"Plaintext\":\"AAAA\"}")
                .at("/CiphertextBlob")
                .stringValue();
        RegisterName register = RegisterName.key(Cluster.ACCOUNT, Cluster.REGION, key);
        assertThat(Kms.due(cluster.directory, "", cluster.now).expiry()).isEmpty();
        assertThat(Kms.expiry(cluster.directory, register, cluster.now)).isNull();

        cluster.now = end;
        assertThat(describe(key).at("/KeyState").stringValue()).isEqualTo("PendingImport");
        String decrypt = "{\"CiphertextBlob\":\"" + blob + "\"}";
        assertThat(cluster.refusal("Decrypt", decrypt).type()).isEqualTo("KMSInvalidStateException");
        assertThat(Kms.due(cluster.directory, "", cluster.now).expiry()).containsExactly(register);
        cluster.directory.commit(
                java.util.Objects.requireNonNull(Kms.expiry(cluster.directory, register, cluster.now)));
        assertThat(Kms.due(cluster.directory, "", cluster.now).expiry()).isEmpty();
        assertThat(cluster.directory
                        .key(Cluster.ACCOUNT, Cluster.REGION, key)
                        .materials()
                        .getFirst()
                        .present())
                .isFalse();

        assertThat(cluster.refusal("ImportKeyMaterial", importing(key, wrappedForGood(key, new byte[32])))
                        .type())
                .isEqualTo("IncorrectKeyMaterialException");
        assertThat(cluster.call("ImportKeyMaterial", importing(key, wrappedForGood(key, MATERIAL)))
                        .at("/KeyMaterialId")
                        .stringValue())
                .isEqualTo(id);
        assertThat(describe(key).at("/KeyState").stringValue()).isEqualTo("Enabled");
        assertThat(cluster.call("Decrypt", decrypt).at("/Plaintext").stringValue())
                .isEqualTo("AAAA");
    }

    @Test
    void takesMaterialAwayOnDemandAndAnswersExactRetriesAlike() {
        String key = external("");
        SignedRequest request = cluster.signed("ImportKeyMaterial", importing(key, wrappedForGood(key, MATERIAL)));
        String first = cluster.execute(request);
        assertThat(cluster.execute(request)).isEqualTo(first);
        JsonNode answer = cluster.call("DeleteImportedKeyMaterial", importing(key, ""));
        assertThat(answer.at("/KeyMaterialId").stringValue())
                .isEqualTo(Cluster.json(first).at("/KeyMaterialId").stringValue());
        assertThat(describe(key).at("/KeyState").stringValue()).isEqualTo("PendingImport");
        assertThat(describe(key).has("ExpirationModel")).isFalse();
        cluster.call("DeleteImportedKeyMaterial", importing(key, ""));
        cluster.call("ScheduleKeyDeletion", importing(key, ""));
        cluster.call("CancelKeyDeletion", importing(key, ""));
        assertThat(describe(key).at("/KeyState").stringValue()).isEqualTo("PendingImport");
    }

    @Test
    void staysDisabledWhenItsMaterialIsImportedAgain() {
        String key = external("");
        Wrapped.bring(cluster, key, MATERIAL);
        cluster.call("DisableKey", importing(key, ""));
        cluster.call("ImportKeyMaterial", importing(key, wrappedForGood(key, MATERIAL)));
        assertThat(describe(key).at("/KeyState").stringValue()).isEqualTo("Disabled");
    }

    @Test
    void rotatesToNewMaterialThatWasImportedForIt() {
        String key = external("");
        String old = Wrapped.bring(cluster, key, MATERIAL).at("/KeyMaterialId").stringValue();
        String blob = cluster.call("Encrypt", "{\"KeyId\":\"" + key + "\",\"Plaintext\":\"AAAA\"}")
                .at("/CiphertextBlob")
                .stringValue();
        assertThat(cluster.refusal(
                                "ImportKeyMaterial",
                                importing(key, wrappedForGood(key, MATERIAL) + ",\"ImportType\":\"NEW_KEY_MATERIAL\""))
                        .type())
                .isEqualTo("IncorrectKeyMaterialException");
        String fresh = cluster.call(
                        "ImportKeyMaterial",
                        importing(
                                key,
                                wrappedForGood(key, new byte[32])
                                        + ",\"ImportType\":\"NEW_KEY_MATERIAL\",\"KeyMaterialDescription\":\"2027\""))
                .at("/KeyMaterialId")
                .stringValue();
        assertThat(describe(key).at("/CurrentKeyMaterialId").stringValue()).isEqualTo(old);
        AwsError another = cluster.refusal(
                "ImportKeyMaterial",
                importing(
                        key,
                        wrappedForGood(key, Arrays.copyOf(new byte[] {1}, 32))
                                + ",\"ImportType\":\"NEW_KEY_MATERIAL\""));
        assertThat(another.type()).isEqualTo("KMSInvalidStateException");
        assertThat(another.message())
                .matches("New key material \\(id: [0-9a-f]{64}\\) cannot be imported into KMS key " + key
                        + ", because another key material \\(id: " + fresh + "\\) is pending rotation\\.");
        cluster.call("RotateKeyOnDemand", importing(key, ""));
        assertThat(describe(key).at("/CurrentKeyMaterialId").stringValue()).isEqualTo(fresh);
        JsonNode listed =
                cluster.call("ListKeyRotations", importing(key, ",\"IncludeKeyMaterial\":\"ALL_KEY_MATERIAL\""));
        assertThat(listed.at("/Rotations/0/ImportState").stringValue()).isEqualTo("IMPORTED");
        assertThat(listed.at("/Rotations/1/KeyMaterialDescription").stringValue())
                .isEqualTo("2027");
        // Without any one of its materials the key cannot be used.
        cluster.call("DeleteImportedKeyMaterial", importing(key, ",\"KeyMaterialId\":\"" + old + "\""));
        assertThat(describe(key).at("/KeyState").stringValue()).isEqualTo("PendingImport");
        cluster.call(
                "ImportKeyMaterial",
                importing(key, wrappedForGood(key, MATERIAL) + ",\"KeyMaterialId\":\"" + old + "\""));
        assertThat(describe(key).at("/KeyState").stringValue()).isEqualTo("Enabled");
        assertThat(cluster.call("Decrypt", "{\"CiphertextBlob\":\"" + blob + "\"}")
                        .at("/Plaintext")
                        .stringValue())
                .isEqualTo("AAAA");
    }

    @ParameterizedTest
    @CsvSource({
        "GetParametersForImport, kms:WrappingAlgorithm, RSAES_OAEP_SHA_256, RSA_AES_KEY_WRAP_SHA_1",
        "GetParametersForImport, kms:WrappingKeySpec, RSA_2048, RSA_4096",
        "GetParametersForImport, kms:KeyOrigin, EXTERNAL, AWS_KMS",
        "ImportKeyMaterial, kms:ExpirationModel, KEY_MATERIAL_DOES_NOT_EXPIRE, KEY_MATERIAL_EXPIRES"
    })
    void letsPoliciesLookAtHowMaterialComes(String action, String condition, String right, String wrong) {
        for (boolean allowed : new boolean[] {true, false}) {
            String key = external("");
            String policy = KeyPolicy.defaultDocument(Cluster.ACCOUNT).replaceFirst("\\}\\s*]\\s*}\\s*$", """
                            },{"Effect":"Allow","Principal":{"AWS":"%s"},"Action":"kms:%s","Resource":"*",
                            "Condition":{"StringEquals":{"%s":"%s"}}}]}""".formatted(
                            Cluster.user("alice").arn(), action, condition, allowed ? right : wrong));
            String members = action.equals("ImportKeyMaterial") ? wrappedForGood(key, MATERIAL) : Wrapped.PARAMETERS;
            cluster.call("PutKeyPolicy", importing(key, ",\"Policy\":" + KeyStatesTest.quoted(policy)));
            if (allowed) {
                cluster.callAs("AKIAALICE", action, importing(key, members));
            } else {
                assertThat(cluster.refusalAs("AKIAALICE", action, importing(key, members))
                                .type())
                        .isEqualTo("AccessDeniedException");
            }
        }
    }

    @Test
    void letsPoliciesLookAtWhenMaterialExpires() {
        String key = external("");
        Instant limit = cluster.now.plus(Duration.ofDays(10));
        String policy =
                KeyPolicy.defaultDocument(Cluster.ACCOUNT).replaceFirst("\\}\\s*]\\s*}\\s*$", """
                        },{"Effect":"Deny","Principal":"*","Action":"kms:ImportKeyMaterial","Resource":"*",
                        "Condition":{"DateGreaterThan":{"kms:ValidTo":"%s"}}}]}""".formatted(limit));
        cluster.call("PutKeyPolicy", importing(key, ",\"Policy\":" + KeyStatesTest.quoted(policy)));
        assertThat(cluster.refusal(
                                "ImportKeyMaterial",
                                importing(key, wrapped(key, MATERIAL) + validTo(limit.plus(Duration.ofDays(1)))))
                        .type())
                .isEqualTo("AccessDeniedException");
        cluster.call(
                "ImportKeyMaterial", importing(key, wrapped(key, MATERIAL) + validTo(limit.minus(Duration.ofDays(1)))));
    }

    @Test
    void offersAWrappingKeyOfEachPartyForSharesAndTakesNothingLess() {
        String key = external("");
        SignedRequest asking = ownAction("GetParametersForSplitImport", importing(key, ""));
        JsonNode parameters = Cluster.json(cluster.execute(asking));
        assertThat(parameters.at("/Parties").size()).isEqualTo(3);
        assertThat(parameters.at("/ReconstructionThreshold").intValue()).isEqualTo(2);
        String tokens = "[\"%s\",\"%s\",\"%s\"]"
                .formatted(
                        parameters.at("/Parties/0/ImportToken").stringValue(),
                        parameters.at("/Parties/1/ImportToken").stringValue(),
                        parameters.at("/Parties/2/ImportToken").stringValue());
        String swapped = "[\"%s\",\"%s\",\"%s\"]"
                .formatted(
                        parameters.at("/Parties/1/ImportToken").stringValue(),
                        parameters.at("/Parties/0/ImportToken").stringValue(),
                        parameters.at("/Parties/2/ImportToken").stringValue());
        String share = Cluster.base64(new byte[ShareSealing.SEALED_BYTES]);
        String shares = "[\"%s\",\"%s\",\"%s\"]".formatted(share, share, share);
        String model = ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\"";
        String commitment = ",\"Commitment\":\"" + Cluster.base64(new byte[64]) + "\"";
        assertThat(cluster.refusal(ownAction(
                                "ImportKeyShares",
                                importing(
                                        key,
                                        commitment + model + ",\"ImportTokens\":" + swapped + ",\"EncryptedShares\":"
                                                + shares)))
                        .type())
                .isEqualTo("InvalidImportTokenException");
        assertThat(cluster.refusal(ownAction(
                                "ImportKeyShares",
                                importing(
                                        key,
                                        commitment + model + ",\"ImportTokens\":" + tokens + ",\"EncryptedShares\":[\""
                                                + share + "\"]")))
                        .type())
                .isEqualTo("ValidationException");
        assertThat(cluster.refusal(ownAction(
                                "ImportKeyShares",
                                importing(
                                        key,
                                        ",\"Commitment\":\"" + Cluster.base64(new byte[32]) + "\"" + model
                                                + ",\"ImportTokens\":" + tokens + ",\"EncryptedShares\":" + shares)))
                        .type())
                .isEqualTo("ValidationException");
        Decision decision = Kms.decide(
                ownAction(
                        "ImportKeyShares",
                        importing(
                                key,
                                commitment + model + ",\"ImportTokens\":" + tokens + ",\"EncryptedShares\":" + shares)),
                cluster.directory,
                cluster.now);
        assertThat(decision).isInstanceOf(Decision.ImportMaterial.class);
        assertThat(((Decision.ImportMaterial) decision).material().dealer()).isZero();
        // A token for shares is none for a whole key, and the reverse.
        assertThat(cluster.refusal(
                                "ImportKeyMaterial",
                                importing(
                                        key,
                                        model + ",\"EncryptedKeyMaterial\":\"AAAA\",\"ImportToken\":\""
                                                + parameters
                                                        .at("/Parties/0/ImportToken")
                                                        .stringValue() + "\""))
                        .type())
                .isEqualTo("InvalidImportTokenException");
    }

    private SignedRequest ownAction(String action, String body) {
        return cluster.signed("Keymoot." + action, body);
    }
}
