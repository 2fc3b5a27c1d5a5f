package org.keymoot.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder;
import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CryptoResult;
import com.amazonaws.encryptionsdk.kmssdkv2.KmsMasterKey;
import com.amazonaws.encryptionsdk.kmssdkv2.KmsMasterKeyProvider;
import com.amazonaws.services.kms.AWSKMS;
import com.amazonaws.services.kms.AWSKMSClientBuilder;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.integration.awskms.AwsKmsAead;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Map;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DataKeyPairSpec;
import software.amazon.awssdk.services.kms.model.DataKeySpec;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyPairResponse;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyResponse;
import software.amazon.awssdk.services.kms.model.IncludeKeyMaterial;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.KeyAgreementAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsInvalidMacException;
import software.amazon.awssdk.services.kms.model.MacAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.ReEncryptResponse;
import tools.jackson.databind.JsonNode;

/// Encryption, MACs and key agreement as clients use them: the SDK, Debian's `aws`, Tink and the AWS Encryption SDK,
/// none of which knows that no party has the key.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EncryptionClusterTest {
    private static final SdkBytes PLAINTEXT = SdkBytes.fromUtf8String("attack at dawn");
    private static final Map<String, String> CONTEXT = Map.of("purpose", "test");

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static KmsClient kms;
    private static String key;

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"));
        kms = cluster.client();
        key = kms.createKey().keyMetadata().arn();
    }

    @AfterAll
    static void stop() throws Exception {
        kms.close();
        cluster.close();
    }

    private static SdkBytes encrypt() {
        return kms.encrypt(r -> r.keyId(key).plaintext(PLAINTEXT).encryptionContext(CONTEXT))
                .ciphertextBlob();
    }

    private static DecryptResponse decrypt(SdkBytes blob) {
        return kms.decrypt(r -> r.ciphertextBlob(blob).encryptionContext(CONTEXT));
    }

    @Test
    void encryptsAndDecryptsThroughTheSdk() {
        SdkBytes blob = encrypt();
        assertThat(decrypt(blob).plaintext()).isEqualTo(PLAINTEXT);
        assertThat(decrypt(blob).keyId()).isEqualTo(key);
        assertThatThrownBy(() -> kms.decrypt(r -> r.ciphertextBlob(blob)))
                .isInstanceOf(InvalidCiphertextException.class);
        String other = kms.createKey().keyMetadata().arn();
        ReEncryptResponse moved = kms.reEncrypt(r -> r.ciphertextBlob(blob)
                .sourceEncryptionContext(CONTEXT)
                .destinationKeyId(other)
                .destinationEncryptionContext(CONTEXT));
        assertThat(moved.sourceKeyId()).isEqualTo(key);
        assertThat(decrypt(moved.ciphertextBlob()).keyId()).isEqualTo(other);
        assertThat(decrypt(moved.ciphertextBlob()).plaintext()).isEqualTo(PLAINTEXT);
        assertThat(kms.generateRandom(r -> r.numberOfBytes(64)).plaintext().asByteArray())
                .hasSize(64);
    }

    @Test
    void makesDataKeysAndPairs() throws Exception {
        GenerateDataKeyResponse made = kms.generateDataKey(
                r -> r.keyId(key).keySpec(DataKeySpec.AES_256).encryptionContext(CONTEXT));
        assertThat(made.plaintext().asByteArray()).hasSize(32);
        assertThat(decrypt(made.ciphertextBlob()).plaintext()).isEqualTo(made.plaintext());
        SdkBytes sealed = kms.generateDataKeyWithoutPlaintext(
                        r -> r.keyId(key).numberOfBytes(48).encryptionContext(CONTEXT))
                .ciphertextBlob();
        assertThat(decrypt(sealed).plaintext().asByteArray()).hasSize(48);
        GenerateDataKeyPairResponse pair = kms.generateDataKeyPair(
                r -> r.keyId(key).keyPairSpec(DataKeyPairSpec.RSA_2048).encryptionContext(CONTEXT));
        KeyFactory rsa = KeyFactory.getInstance("RSA");
        byte[] secret = decrypt(pair.privateKeyCiphertextBlob()).plaintext().asByteArray();
        assertThat(secret).isEqualTo(pair.privateKeyPlaintext().asByteArray());
        var privateKey = (RSAPrivateCrtKey) rsa.generatePrivate(new PKCS8EncodedKeySpec(secret));
        var publicKey = (RSAPublicKey)
                rsa.generatePublic(new X509EncodedKeySpec(pair.publicKey().asByteArray()));
        assertThat(privateKey.getModulus()).isEqualTo(publicKey.getModulus());
    }

    @Test
    void authenticatesMessages() {
        String mac = kms.createKey(r -> r.keySpec(KeySpec.HMAC_512).keyUsage(KeyUsageType.GENERATE_VERIFY_MAC))
                .keyMetadata()
                .keyId();
        SdkBytes tag = kms.generateMac(r -> r.keyId(mac).message(PLAINTEXT).macAlgorithm(MacAlgorithmSpec.HMAC_SHA_512))
                .mac();
        assertThat(tag.asByteArray()).hasSize(64);
        assertThat(kms.verifyMac(r ->
                                r.keyId(mac).message(PLAINTEXT).mac(tag).macAlgorithm(MacAlgorithmSpec.HMAC_SHA_512))
                        .macValid())
                .isTrue();
        assertThatThrownBy(() -> kms.verifyMac(r -> r.keyId(mac)
                        .message(SdkBytes.fromUtf8String("attack at dusk"))
                        .mac(tag)
                        .macAlgorithm(MacAlgorithmSpec.HMAC_SHA_512)))
                .isInstanceOf(KmsInvalidMacException.class);
    }

    @Test
    void agreesOnASecretWithTheJdk() throws Exception {
        String agreeing = kms.createKey(r -> r.keySpec(KeySpec.ECC_NIST_P256).keyUsage(KeyUsageType.KEY_AGREEMENT))
                .keyMetadata()
                .keyId();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair mine = generator.generateKeyPair();
        byte[] theirs = kms.getPublicKey(r -> r.keyId(agreeing)).publicKey().asByteArray();
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(mine.getPrivate());
        agreement.doPhase(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(theirs)), true);
        assertThat(kms.deriveSharedSecret(r -> r.keyId(agreeing)
                                .keyAgreementAlgorithm(KeyAgreementAlgorithmSpec.ECDH)
                                .publicKey(
                                        SdkBytes.fromByteArray(mine.getPublic().getEncoded())))
                        .sharedSecret()
                        .asByteArray())
                .isEqualTo(agreement.generateSecret());
    }

    @Test
    void rotatesAndStillDecryptsWhatItEncryptedBefore() {
        String rotated = kms.createKey().keyMetadata().arn();
        SdkBytes old = kms.encrypt(r -> r.keyId(rotated).plaintext(PLAINTEXT)).ciphertextBlob();
        String before = kms.decrypt(r -> r.ciphertextBlob(old)).keyMaterialId();
        assertThat(kms.rotateKeyOnDemand(r -> r.keyId(rotated)).keyId()).isEqualTo(rotated);
        assertThat(kms.listKeyRotations(r -> r.keyId(rotated).includeKeyMaterial(IncludeKeyMaterial.ALL_KEY_MATERIAL))
                        .rotations())
                .hasSize(2);
        assertThat(kms.decrypt(r -> r.ciphertextBlob(old)).plaintext()).isEqualTo(PLAINTEXT);
        assertThat(kms.decrypt(r -> r.ciphertextBlob(old)).keyMaterialId()).isEqualTo(before);
        SdkBytes fresh = kms.encrypt(r -> r.keyId(rotated).plaintext(PLAINTEXT)).ciphertextBlob();
        assertThat(kms.decrypt(r -> r.ciphertextBlob(fresh)).keyMaterialId())
                .isNotEqualTo(before)
                .isEqualTo(kms.describeKey(r -> r.keyId(rotated)).keyMetadata().currentKeyMaterialId());
        kms.enableKeyRotation(r -> r.keyId(rotated).rotationPeriodInDays(90));
        assertThat(kms.getKeyRotationStatus(r -> r.keyId(rotated)).rotationPeriodInDays())
                .isEqualTo(90);
        kms.disableKeyRotation(r -> r.keyId(rotated));
        assertThat(kms.getKeyRotationStatus(r -> r.keyId(rotated)).keyRotationEnabled())
                .isFalse();
    }

    @Test
    void goesOnWhileAnyOnePartyIsKilled() throws Exception {
        SdkBytes blob = encrypt();
        for (int party = 1; party <= 3; party++) {
            cluster.kill("party-" + party);
            assertThat(decrypt(blob).plaintext()).isEqualTo(PLAINTEXT);
            assertThat(decrypt(encrypt()).plaintext()).isEqualTo(PLAINTEXT);
            cluster.awaitWhole();
        }
    }

    @Test
    void worksWithDebiansAwsCommandLine() throws Exception {
        Path work = Files.createDirectory(folder.resolve("printed"));
        String mac = kms.createKey(r -> r.keySpec(KeySpec.HMAC_256).keyUsage(KeyUsageType.GENERATE_VERIFY_MAC))
                .keyMetadata()
                .keyId();
        Shell.Result result = Shell.bash(
                        work, """
                        set -euo pipefail
                        eval "$(%s env --data %s)"
                        kms="aws --endpoint-url $AWS_ENDPOINT_URL kms"
                        key=%s
                        mac=%s
                        printf 'attack at dawn' > plain
                        $kms encrypt --key-id $key --plaintext fileb://plain --encryption-context purpose=test \
                            --query CiphertextBlob --output text | base64 -d > sealed
                        $kms re-encrypt --ciphertext-blob fileb://sealed --source-encryption-context purpose=test \
                            --destination-key-id $key --query CiphertextBlob --output text | base64 -d > moved
                        $kms decrypt --ciphertext-blob fileb://moved --query Plaintext --output text | base64 -d
                        $kms generate-data-key --key-id $key --key-spec AES_256 --query Plaintext --output text \
                            | base64 -d | wc -c
                        $kms generate-data-key-pair --key-id $key --key-pair-spec ECC_NIST_P384 \
                            --query PrivateKeyPlaintext --output text | base64 -d | openssl pkey -inform DER -noout
                        $kms generate-random --number-of-bytes 7 --query Plaintext --output text | base64 -d | wc -c
                        $kms generate-mac --key-id $mac --message fileb://plain --mac-algorithm HMAC_SHA_256 \
                            --query Mac --output text | base64 -d > tag
                        $kms verify-mac --key-id $mac --message fileb://plain --mac-algorithm HMAC_SHA_256 \
                            --mac fileb://tag --query MacValid --output text
                        $kms enable-key-rotation --key-id $key
                        $kms get-key-rotation-status --key-id $key --query KeyRotationEnabled --output text
                        """.formatted(Shell.repository().resolve("keymoot"), cluster.data(), key, mac))
                .mustSucceed();
        assertThat(result.out()).isEqualTo("attack at dawn32\n7\nTrue\nTrue\n");
    }

    /// Tink's own integration, which speaks through version 1 of the SDK.
    @Test
    void keepsTheKeysOfTinksEnvelopes() throws Exception {
        AeadConfig.register();
        System.setProperty("aws.java.v1.disableDeprecationAnnouncement", "true");
        JsonNode environment = cluster.environment();
        AWSKMS old = AWSKMSClientBuilder.standard()
                .withEndpointConfiguration(new AwsClientBuilder.EndpointConfiguration(
                        cluster.endpoint(), environment.path("AWS_REGION").stringValue()))
                .withCredentials(new AWSStaticCredentialsProvider(new BasicAWSCredentials(
                        environment.path("AWS_ACCESS_KEY_ID").stringValue(), cluster.secretAccessKey())))
                .build();
        try {
            Aead envelope = KmsEnvelopeAead.create(PredefinedAeadParameters.AES256_GCM, new AwsKmsAead(old, key));
            byte[] plaintext = "a larger file".repeat(1000).getBytes(StandardCharsets.UTF_8);
            byte[] sealed = envelope.encrypt(plaintext, new byte[] {1, 2, 3});
            assertThat(envelope.decrypt(sealed, new byte[] {1, 2, 3})).isEqualTo(plaintext);
            assertThatThrownBy(() -> envelope.decrypt(sealed, new byte[] {1, 2, 4}))
                    .isInstanceOf(GeneralSecurityException.class);
            sealed[40] ^= 1;
            assertThatThrownBy(() -> envelope.decrypt(sealed, new byte[] {1, 2, 3}))
                    .isInstanceOf(GeneralSecurityException.class);

            // The key itself with associated data, as Tink's key sets are kept.
            Aead direct = new AwsKmsAead(old, key);
            byte[] small = direct.encrypt(plaintext(), new byte[] {1});
            assertThat(direct.decrypt(small, new byte[] {1})).isEqualTo(plaintext());
            assertThatThrownBy(() -> direct.decrypt(small, new byte[] {2}))
                    .isInstanceOf(GeneralSecurityException.class);
            String another = kms.createKey().keyMetadata().arn();
            assertThatThrownBy(() -> new AwsKmsAead(old, another).decrypt(small, new byte[] {1}))
                    .isInstanceOf(GeneralSecurityException.class);
        } finally {
            old.shutdown();
        }
    }

    private static byte[] plaintext() {
        return PLAINTEXT.asByteArray();
    }

    @Test
    void keepsTheKeysOfTheAwsEncryptionSdk() {
        AwsCrypto crypto = AwsCrypto.standard();
        KmsMasterKeyProvider provider = KmsMasterKeyProvider.builder()
                .customRegionalClientSupplier(region -> kms)
                .buildStrict(key);
        byte[] plaintext = "a larger file".repeat(1000).getBytes(StandardCharsets.UTF_8);
        CryptoResult<byte[], KmsMasterKey> sealed = crypto.encryptData(provider, plaintext, CONTEXT);
        CryptoResult<byte[], KmsMasterKey> opened = crypto.decryptData(provider, sealed.getResult());
        assertThat(opened.getResult()).isEqualTo(plaintext);
        assertThat(opened.getEncryptionContext()).containsAllEntriesOf(CONTEXT);
        assertThat(opened.getMasterKeyIds()).isEqualTo(List.of(key));
    }
}
