package org.keymoot.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.EncryptionAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;

/// RSA keys as clients use them: what they sign the JDK and OpenSSL verify, what those encrypt they decrypt.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RsaClusterTest {
    private static final SdkBytes MESSAGE = SdkBytes.fromUtf8String("attack at dawn");

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static KmsClient kms;

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"));
        kms = cluster.client();
    }

    @AfterAll
    static void stop() throws Exception {
        kms.close();
        cluster.close();
    }

    private static KeyMetadata create(KeySpec spec, KeyUsageType usage) {
        return kms.createKey(r -> r.keySpec(spec).keyUsage(usage)).keyMetadata();
    }

    private static PublicKey publicKey(String key) throws GeneralSecurityException {
        return KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(
                        kms.getPublicKey(r -> r.keyId(key)).publicKey().asByteArray()));
    }

    private static void signAndVerify(String key, PublicKey publicKey, SigningAlgorithmSpec algorithm)
            throws GeneralSecurityException {
        String name = algorithm.toString();
        String bits = name.substring(name.length() - 3);
        SdkBytes digest =
                SdkBytes.fromByteArray(MessageDigest.getInstance("SHA-" + bits).digest(MESSAGE.asByteArray()));
        byte[] signature = kms.sign(r -> r.keyId(key)
                        .message(digest)
                        .messageType(MessageType.DIGEST)
                        .signingAlgorithm(algorithm))
                .signature()
                .asByteArray();
        Signature verifier = Signature.getInstance(name.contains("PSS") ? "RSASSA-PSS" : "SHA" + bits + "withRSA");
        if (name.contains("PSS")) {
            verifier.setParameter(new PSSParameterSpec(
                    "SHA-" + bits, "MGF1", new MGF1ParameterSpec("SHA-" + bits), Integer.parseInt(bits) / 8, 1));
        }
        verifier.initVerify(publicKey);
        verifier.update(MESSAGE.asByteArray());
        assertThat(verifier.verify(signature)).as(name).isTrue();
        assertThat(kms.verify(r -> r.keyId(key)
                                .message(MESSAGE)
                                .signature(SdkBytes.fromByteArray(signature))
                                .signingAlgorithm(algorithm))
                        .signatureValid())
                .isTrue();
    }

    private static SdkBytes encryptOutside(PublicKey key, String hash) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                key,
                new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT));
        return SdkBytes.fromByteArray(cipher.doFinal(MESSAGE.asByteArray()));
    }

    private static SdkBytes decrypt(String key, SdkBytes blob, EncryptionAlgorithmSpec algorithm) {
        return kms.decrypt(r -> r.keyId(key).ciphertextBlob(blob).encryptionAlgorithm(algorithm))
                .plaintext();
    }

    @Test
    void signsWithEveryAlgorithmAndDebiansToolsVerify() throws Exception {
        KeyMetadata made = create(KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY);
        assertThat(made.description()).startsWith("Dealt");
        assertThat(made.signingAlgorithms()).hasSize(6);
        PublicKey publicKey = publicKey(made.keyId());
        for (SigningAlgorithmSpec algorithm : made.signingAlgorithms()) {
            signAndVerify(made.keyId(), publicKey, algorithm);
        }
        Path work = Files.createDirectory(folder.resolve("signed"));
        Shell.Result result = Shell.bash(
                        work, """
                        eval "$(%s env --data %s)"
                        kms="aws --endpoint-url $AWS_ENDPOINT_URL kms"
                        key=%s
                        printf 'attack at dawn' > plain
                        $kms get-public-key --key-id $key --query PublicKey --output text | base64 -d > public.der
                        $kms sign --key-id $key --message fileb://plain --signing-algorithm RSASSA_PSS_SHA_512 \
                            --query Signature --output text | base64 -d > signature
                        openssl dgst -sha512 -verify public.der -keyform DER -sigopt rsa_padding_mode:pss \
                            -sigopt rsa_pss_saltlen:digest -signature signature plain
                        $kms describe-key --key-id $key --query KeyMetadata.KeySpec --output text
                        """.formatted(Shell.repository().resolve("keymoot"), cluster.data(), made.keyId()))
                .mustSucceed();
        assertThat(result.out()).isEqualTo("Verified OK\nRSA_2048\n");
    }

    @Test
    void decryptsWhatOthersEncryptedAlsoWithoutAPartyThatIsKilled() throws Exception {
        String key = create(KeySpec.RSA_2048, KeyUsageType.ENCRYPT_DECRYPT).arn();
        PublicKey publicKey = publicKey(key);
        SdkBytes blob = encryptOutside(publicKey, "SHA-256");
        assertThat(decrypt(key, encryptOutside(publicKey, "SHA-1"), EncryptionAlgorithmSpec.RSAES_OAEP_SHA_1))
                .isEqualTo(MESSAGE);
        assertThat(decrypt(key, blob, EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256))
                .isEqualTo(MESSAGE);
        cluster.kill("party-2");
        for (int i = 0; i < 3; i++) {
            assertThat(decrypt(key, blob, EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256))
                    .isEqualTo(MESSAGE);
        }
        cluster.awaitWhole();
        assertThatThrownBy(() -> decrypt(key, blob, EncryptionAlgorithmSpec.RSAES_OAEP_SHA_1))
                .isInstanceOf(InvalidCiphertextException.class);
        SdkBytes ours = kms.encrypt(r ->
                        r.keyId(key).plaintext(MESSAGE).encryptionAlgorithm(EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256))
                .ciphertextBlob();
        String symmetric = kms.createKey().keyMetadata().arn();
        SdkBytes moved = kms.reEncrypt(r -> r.ciphertextBlob(ours)
                        .sourceKeyId(key)
                        .sourceEncryptionAlgorithm(EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256)
                        .destinationKeyId(symmetric))
                .ciphertextBlob();
        assertThat(kms.decrypt(r -> r.ciphertextBlob(moved)).plaintext()).isEqualTo(MESSAGE);
    }

    /// The dealer is killed while it makes a key: there is a whole key afterwards or none.
    @Test
    @Tag("slow")
    void aDealerThatIsKilledLeavesAWholeKeyOrNone() throws Exception {
        Thread killer = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(Duration.ofMillis(700));
                cluster.kill("party-2");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        List<KeyMetadata> made = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            try {
                made.add(create(KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY));
            } catch (KmsException e) {
                assertThat(e.statusCode()).isGreaterThanOrEqualTo(500);
            }
        }
        killer.join();
        cluster.awaitWhole();
        assertThat(kms.listKeysPaginator().keys().stream().map(entry -> entry.keyId()))
                .containsAll(made.stream().map(KeyMetadata::keyId).toList());
        for (var entry : kms.listKeysPaginator().keys()) {
            KeyMetadata key = kms.describeKey(r -> r.keyId(entry.keyId())).keyMetadata();
            if (key.keyUsage() == KeyUsageType.SIGN_VERIFY) {
                for (int i = 0; i < 3; i++) {
                    signAndVerify(key.keyId(), publicKey(key.keyId()), SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256);
                }
            }
        }
    }

    @Test
    @Tag("slow")
    void longerKeysAreMadeInTheTimeThatClientsWait() throws Exception {
        for (KeySpec spec : List.of(KeySpec.RSA_3072, KeySpec.RSA_4096)) {
            long start = System.nanoTime();
            KeyMetadata made = create(spec, KeyUsageType.SIGN_VERIFY);
            System.out.printf("%s made in %.1f s%n", spec, (System.nanoTime() - start) / 1e9);
            PublicKey publicKey = publicKey(made.keyId());
            for (SigningAlgorithmSpec algorithm : made.signingAlgorithms()) {
                start = System.nanoTime();
                signAndVerify(made.keyId(), publicKey, algorithm);
                System.out.printf("%s %s in %.2f s%n", spec, algorithm, (System.nanoTime() - start) / 1e9);
            }
        }
    }
}
