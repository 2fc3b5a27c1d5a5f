package org.keymoot.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.testkit.cluster.RunningCluster;
import org.keymoot.testkit.cluster.Shell;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.AlgorithmSpec;
import software.amazon.awssdk.services.kms.model.ExpirationModelType;
import software.amazon.awssdk.services.kms.model.GetParametersForImportResponse;
import software.amazon.awssdk.services.kms.model.IncorrectKeyMaterialException;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.OriginType;
import software.amazon.awssdk.services.kms.model.WrappingKeySpec;

/// Keys of other people's making, brought by the unmodified SDK and by the command line, and looked for wherever they
/// must not be.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImportedKeysTest {
    private static final BouncyCastleProvider BC = new BouncyCastleProvider();
    private static final byte[] MESSAGE = Client.message("a message to be signed");

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static KmsClient kms;

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"), Map.of("KEYMOOT_LOG_LEVEL", "TRACE"));
        kms = cluster.client();
    }

    @AfterAll
    static void stop() throws Exception {
        kms.close();
        cluster.close();
    }

    @Test
    void aSecp256k1KeyKeepsItsPublicKeyAndSigns() throws Exception {
        KeyPair pair = secp256k1();
        String key = external(KeySpec.ECC_SECG_P256_K1);
        bring(
                key,
                WrappingKeySpec.RSA_3072,
                AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256,
                pair.getPrivate().getEncoded(),
                null);
        assertThat(Client.publicKey(kms, key)).isEqualTo(pair.getPublic());
        byte[] signature = Client.signPatiently(kms, key, KeySpec.ECC_SECG_P256_K1, MESSAGE);
        assertThat(Client.verifies(pair.getPublic(), KeySpec.ECC_SECG_P256_K1, MESSAGE, signature))
                .isTrue();
        assertNowhere(scalar(pair));
    }

    @Test
    void aSymmetricKeyExpiresAndOpensWhatItSealedOnceItIsBroughtAgain() throws Exception {
        byte[] material = new byte[32];
        new SecureRandom().nextBytes(material);
        String key = external(KeySpec.SYMMETRIC_DEFAULT);
        Instant end = Instant.now().plusSeconds(8);
        bring(key, WrappingKeySpec.RSA_2048, AlgorithmSpec.RSAES_OAEP_SHA_256, material, end);
        SdkBytes plaintext = SdkBytes.fromUtf8String("attack at dawn");
        SdkBytes sealed = kms.encrypt(r -> r.keyId(key).plaintext(plaintext)).ciphertextBlob();
        KeyMetadata metadata = kms.describeKey(r -> r.keyId(key)).keyMetadata();
        assertThat(metadata.origin()).isEqualTo(OriginType.EXTERNAL);
        assertThat(metadata.expirationModel()).isEqualTo(ExpirationModelType.KEY_MATERIAL_EXPIRES);
        assertThat(metadata.validTo()).isEqualTo(end.truncatedTo(java.time.temporal.ChronoUnit.MILLIS));
        RunningCluster.await(
                "the material to expire",
                Duration.ofSeconds(30),
                () -> kms.describeKey(r -> r.keyId(key)).keyMetadata().keyState() == KeyState.PENDING_IMPORT);
        assertThatThrownBy(() -> kms.decrypt(r -> r.ciphertextBlob(sealed)))
                .isInstanceOf(KmsInvalidStateException.class);
        assertThatThrownBy(
                        () -> bring(key, WrappingKeySpec.RSA_2048, AlgorithmSpec.RSAES_OAEP_SHA_1, new byte[32], null))
                .isInstanceOf(IncorrectKeyMaterialException.class);
        bring(key, WrappingKeySpec.RSA_2048, AlgorithmSpec.RSAES_OAEP_SHA_1, material, null);
        assertThat(kms.decrypt(r -> r.ciphertextBlob(sealed)).plaintext()).isEqualTo(plaintext);
        assertNowhere(material);
        kms.deleteImportedKeyMaterial(r -> r.keyId(key));
        assertThat(kms.describeKey(r -> r.keyId(key)).keyMetadata().keyState()).isEqualTo(KeyState.PENDING_IMPORT);
    }

    @Test
    void aKeyThatTheCommandLineSplitsIsInNoPartysMemory() throws Exception {
        KeyPair pair = secp256k1();
        String key = external(KeySpec.ECC_SECG_P256_K1);
        String line = "'%s' kms import-key --key-id %s --file - --data '%s'"
                .formatted(Shell.repository().resolve("keymoot"), key, cluster.data());
        String digits = HexFormat.of().formatHex(scalar(pair));
        Shell.Result refused = importing("printf %s", digits.substring(2), line);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("holds no key").doesNotContain(digits.substring(2));
        assertThat(importing("printf '0x%s\\n'", digits, line).mustSucceed().out())
                .contains("no party had the key whole");
        assertThat(Client.publicKey(kms, key)).isEqualTo(pair.getPublic());
        byte[] signature = Client.signPatiently(kms, key, KeySpec.ECC_SECG_P256_K1, MESSAGE);
        assertThat(Client.verifies(pair.getPublic(), KeySpec.ECC_SECG_P256_K1, MESSAGE, signature))
                .isTrue();
        assertNowhere(scalar(pair));
        byte[] scalar = scalar(pair);
        byte[] reversed = new byte[scalar.length];
        for (int i = 0; i < scalar.length; i++) {
            reversed[i] = scalar[scalar.length - 1 - i];
        }
        Map<String, byte[]> needles = new TreeMap<>(Map.of("key", scalar, "key, reversed", reversed));
        // What a party does have in memory shows that the search finds what is there.
        needles.putAll(ProcessMemory.textNeedles("id", key));
        for (String process : List.of("party-1", "party-2", "party-3")) {
            List<ProcessMemory.Hit> hits = ProcessMemory.find(cluster.pid(process), needles);
            assertThat(hits)
                    .as(process)
                    .isNotEmpty()
                    .allMatch(hit -> hit.needle().startsWith("id"));
        }
    }

    @Test
    void theCommandLineRefusesPartiesThatItsRootDoesNotVouchFor() throws Exception {
        String key = external(KeySpec.SYMMETRIC_DEFAULT);
        Path other = folder.resolve("other-root.pem");
        Shell.bash(
                        folder,
                        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=other"
                                + " -keyout /dev/null -out '" + other + "' 2>/dev/null")
                .mustSucceed();
        String line = "'%s' kms import-key --key-id %s --file - --roots '%s'"
                .formatted(Shell.repository().resolve("keymoot"), key, other);
        Shell.Result refused = importing("printf %s", "00".repeat(31) + "01", line);
        assertThat(refused.exitCode()).as(refused.err()).isEqualTo(7);
        assertThat(kms.describeKey(r -> r.keyId(key)).keyMetadata().keyState()).isEqualTo(KeyState.PENDING_IMPORT);
    }

    private static Shell.Result importing(String print, String digits, String line) throws Exception {
        return Shell.bash(folder, """
                export AWS_ENDPOINT_URL=%s AWS_REGION=%s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY='%s'
                %s %s | %s
                """.formatted(
                        cluster.endpoint(),
                        cluster.environment().path("AWS_REGION").stringValue(),
                        cluster.environment().path("AWS_ACCESS_KEY_ID").stringValue(),
                        cluster.secretAccessKey(),
                        print,
                        digits,
                        line));
    }

    private static KeyPair secp256k1() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", BC);
        generator.initialize(new ECGenParameterSpec("secp256k1"));
        return generator.generateKeyPair();
    }

    private static byte[] scalar(KeyPair pair) {
        byte[] number = ((ECPrivateKey) pair.getPrivate()).getS().toByteArray();
        byte[] scalar = new byte[32];
        int length = Math.min(32, number.length);
        System.arraycopy(number, number.length - length, scalar, 32 - length, length);
        return scalar;
    }

    private static String external(KeySpec spec) {
        return kms.createKey(r -> r.origin(OriginType.EXTERNAL)
                        .keySpec(spec)
                        .keyUsage(
                                spec == KeySpec.SYMMETRIC_DEFAULT
                                        ? KeyUsageType.ENCRYPT_DECRYPT
                                        : KeyUsageType.SIGN_VERIFY))
                .keyMetadata()
                .keyId();
    }

    private static void bring(
            String key,
            WrappingKeySpec spec,
            AlgorithmSpec algorithm,
            byte[] material,
            @org.jspecify.annotations.Nullable Instant validTo)
            throws Exception {
        GetParametersForImportResponse parameters = kms.getParametersForImport(
                r -> r.keyId(key).wrappingKeySpec(spec).wrappingAlgorithm(algorithm));
        PublicKey wrappingKey = KeyFactory.getInstance("RSA")
                .generatePublic(new X509EncodedKeySpec(parameters.publicKey().asByteArray()));
        byte[] wrapped = wrap(algorithm, wrappingKey, material);
        kms.importKeyMaterial(r -> r.keyId(key)
                .importToken(parameters.importToken())
                .encryptedKeyMaterial(SdkBytes.fromByteArray(wrapped))
                .expirationModel(
                        validTo == null
                                ? ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE
                                : ExpirationModelType.KEY_MATERIAL_EXPIRES)
                .validTo(validTo));
    }

    private static byte[] wrap(AlgorithmSpec algorithm, PublicKey key, byte[] material) throws Exception {
        boolean old = algorithm.toString().endsWith("SHA_1");
        Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
        rsa.init(
                Cipher.ENCRYPT_MODE,
                key,
                new OAEPParameterSpec(
                        old ? "SHA-1" : "SHA-256",
                        "MGF1",
                        old ? MGF1ParameterSpec.SHA1 : MGF1ParameterSpec.SHA256,
                        PSource.PSpecified.DEFAULT));
        if (algorithm.toString().startsWith("RSAES")) {
            return rsa.doFinal(material);
        }
        byte[] aes = new byte[32];
        new SecureRandom().nextBytes(aes);
        Cipher inner = Cipher.getInstance("AES/KWP/NoPadding");
        inner.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(aes, "AES"));
        byte[] second = inner.doFinal(material);
        byte[] first = rsa.doFinal(aes);
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /// Looks through every file of the cluster, the talkative logs and the stores included.
    private static void assertNowhere(byte[] secret) throws Exception {
        List<String> needles = List.of(
                new String(secret, StandardCharsets.ISO_8859_1),
                HexFormat.of().formatHex(secret),
                HexFormat.of().withUpperCase().formatHex(secret),
                // What stands around it decides about the first and last digits.
                Base64.getEncoder().encodeToString(secret).substring(0, 40));
        List<String> holders = new ArrayList<>();
        int looked = 0;
        try (Stream<Path> files = Files.walk(cluster.data())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file, StandardCharsets.ISO_8859_1);
                looked++;
                if (needles.stream().anyMatch(content::contains)) {
                    holders.add(file.toString());
                }
            }
        }
        assertThat(looked).isGreaterThan(20);
        assertThat(holders).isEmpty();
    }
}
