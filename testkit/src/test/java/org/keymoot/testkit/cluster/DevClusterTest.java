package org.keymoot.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsInvalidSignatureException;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.NotFoundException;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.Tag;
import tools.jackson.databind.JsonNode;

/// The first minute of a user, and what must survive it: one cluster of three processes and an endpoint.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DevClusterTest {
    private static final byte[] MESSAGE = "pay nobody".getBytes(StandardCharsets.UTF_8);
    private static final BouncyCastleProvider BC = new BouncyCastleProvider();

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

    @Test
    void theThreePrintedCommandsWorkWithDebiansAwsCommandLine() throws Exception {
        Path work = Files.createDirectory(folder.resolve("printed"));
        StringBuilder script = new StringBuilder(
                "eval \"$(%s env --data %s)\"\n".formatted(Shell.repository().resolve("keymoot"), cluster.data()));
        for (JsonNode command : cluster.screen().path("nextCommands")) {
            script.append(command.stringValue()).append('\n');
        }
        Shell.Result result = Shell.bash(work, script.toString()).mustSucceed();
        assertThat(result.out()).endsWith("Verified OK\n");
    }

    @Test
    void everyKeySpecSignsAndVerifiesThroughTheSdk() throws Exception {
        for (KeySpec spec : List.of(KeySpec.ECC_SECG_P256_K1, KeySpec.ECC_NIST_P256, KeySpec.ECC_NIST_EDWARDS25519)) {
            String key = createKey(spec);
            SigningAlgorithmSpec algorithm = algorithm(spec);
            byte[] signature = sign(key, algorithm, MESSAGE);
            assertThat(verifies(publicKey(key), spec, MESSAGE, signature))
                    .as("%s", spec)
                    .isTrue();
            assertThat(kms.verify(r -> r.keyId(key)
                                    .message(SdkBytes.fromByteArray(MESSAGE))
                                    .signature(SdkBytes.fromByteArray(signature))
                                    .signingAlgorithm(algorithm))
                            .signatureValid())
                    .isTrue();
            assertThatThrownBy(() -> kms.verify(r -> r.keyId(key)
                            .message(SdkBytes.fromUtf8String("pay somebody"))
                            .signature(SdkBytes.fromByteArray(signature))
                            .signingAlgorithm(algorithm)))
                    .isInstanceOf(KmsInvalidSignatureException.class);
        }
    }

    @Test
    void aDigestIsSignedAsItIs() throws Exception {
        String key = createKey(KeySpec.ECC_SECG_P256_K1);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(MESSAGE);
        byte[] signature = kms.sign(r -> r.keyId(key)
                        .message(SdkBytes.fromByteArray(digest))
                        .messageType(MessageType.DIGEST)
                        .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256))
                .signature()
                .asByteArray();
        assertThat(verifies(publicKey(key), KeySpec.ECC_SECG_P256_K1, MESSAGE, signature))
                .isTrue();
    }

    @Test
    void aliasesTagsStatesAndPoliciesBehaveAsInAws() throws Exception {
        String key = createKey(KeySpec.ECC_NIST_EDWARDS25519);
        kms.createAlias(r -> r.aliasName("alias/states").targetKeyId(key));
        assertThat(kms.describeKey(r -> r.keyId("alias/states")).keyMetadata().keyId())
                .isEqualTo(key);
        assertThat(kms.listAliases(r -> r.keyId(key)).aliases()).hasSize(1);

        kms.tagResource(r ->
                r.keyId(key).tags(Tag.builder().tagKey("team").tagValue("blue").build()));
        assertThat(kms.listResourceTags(r -> r.keyId(key)).tags())
                .extracting(Tag::tagKey)
                .containsExactly("team");

        assertThat(kms.getKeyPolicy(r -> r.keyId(key).policyName("default")).policy())
                .contains("kms:*");

        kms.disableKey(r -> r.keyId(key));
        assertThatThrownBy(() -> sign("alias/states", SigningAlgorithmSpec.ED25519_SHA_512, MESSAGE))
                .isInstanceOf(DisabledException.class);
        kms.enableKey(r -> r.keyId(key));
        assertThat(sign("alias/states", SigningAlgorithmSpec.ED25519_SHA_512, MESSAGE))
                .hasSize(64);

        kms.scheduleKeyDeletion(r -> r.keyId(key).pendingWindowInDays(7));
        assertThatThrownBy(() -> sign(key, SigningAlgorithmSpec.ED25519_SHA_512, MESSAGE))
                .isInstanceOf(KmsInvalidStateException.class);
        kms.cancelKeyDeletion(r -> r.keyId(key));
        kms.enableKey(r -> r.keyId(key));
        assertThat(sign(key, SigningAlgorithmSpec.ED25519_SHA_512, MESSAGE)).hasSize(64);
        kms.deleteAlias(r -> r.aliasName("alias/states"));
        assertThatThrownBy(() -> kms.describeKey(r -> r.keyId("alias/states"))).isInstanceOf(NotFoundException.class);
    }

    @Test
    void signingGoesOnWhileAnyOnePartyIsKilledAndItCatchesUp() throws Exception {
        String ecdsa = createKey(KeySpec.ECC_SECG_P256_K1);
        String eddsa = createKey(KeySpec.ECC_NIST_EDWARDS25519);
        for (int party = 1; party <= 3; party++) {
            cluster.kill("party-" + party);
            byte[] first = sign(ecdsa, SigningAlgorithmSpec.ECDSA_SHA_256, MESSAGE);
            assertThat(verifies(publicKey(ecdsa), KeySpec.ECC_SECG_P256_K1, MESSAGE, first))
                    .isTrue();
            assertThat(sign(eddsa, SigningAlgorithmSpec.ED25519_SHA_512, MESSAGE))
                    .hasSize(64);
            // A change made while it is away must hold for it when it is back.
            String description = "while " + party + " is away";
            kms.updateKeyDescription(r -> r.keyId(ecdsa).description(description));
            cluster.awaitWhole();
            assertThat(kms.describeKey(r -> r.keyId(ecdsa)).keyMetadata().description())
                    .isEqualTo(description);
        }
        assertThat(cluster.status().path("margin").intValue()).isEqualTo(1);
    }

    @Test
    void keysSurviveARestartOfTheWholeCluster() throws Exception {
        String key = createKey(KeySpec.ECC_NIST_P256);
        PublicKey before = publicKey(key);
        cluster.down();
        cluster.up();
        byte[] signature = sign(key, SigningAlgorithmSpec.ECDSA_SHA_256, MESSAGE);
        assertThat(publicKey(key)).isEqualTo(before);
        assertThat(verifies(before, KeySpec.ECC_NIST_P256, MESSAGE, signature)).isTrue();
    }

    @Test
    void aSecondClusterWithAnotherAccountAndRegionLivesBesideTheFirst() throws Exception {
        String mine = createKey(KeySpec.ECC_NIST_EDWARDS25519);
        try (RunningCluster second = RunningCluster.start(
                        folder.resolve("second"), "--account", "210987654321", "--region", "eu-central-1");
                KmsClient other = second.client()) {
            String arn = other.createKey(
                            r -> r.keySpec(KeySpec.ECC_NIST_EDWARDS25519).keyUsage(KeyUsageType.SIGN_VERIFY))
                    .keyMetadata()
                    .arn();
            assertThat(arn).startsWith("arn:aws:kms:eu-central-1:210987654321:key/");
            assertThatThrownBy(() -> other.describeKey(r -> r.keyId(mine))).isInstanceOf(NotFoundException.class);
        }
        assertThat(sign(mine, SigningAlgorithmSpec.ED25519_SHA_512, MESSAGE)).hasSize(64);
    }

    @Test
    void ctrlCEndsEveryProcessOfAClusterInTheForeground() throws Exception {
        try (RunningCluster foreground = RunningCluster.startInForeground(folder.resolve("foreground"))) {
            List<ProcessHandle> processes = foreground.processes();
            assertThat(processes).hasSize(4).allMatch(ProcessHandle::isAlive);
            foreground.interrupt();
            RunningCluster.await(
                    "all processes ended",
                    Duration.ofSeconds(30),
                    () -> processes.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void theAuditChainsOfAllPartiesHoldAndAgree() throws Exception {
        String key = createKey(KeySpec.ECC_NIST_EDWARDS25519);
        sign(key, SigningAlgorithmSpec.ED25519_SHA_512, MESSAGE);
        Shell.Result result =
                Shell.keymoot("audit", "verify", "--data", cluster.data().toString());
        assertThat(result.exitCode()).as(result.out()).isZero();
        assertThat(result.out()).contains("all chains hold and agree");
    }

    @Test
    void noSecretIsInLogsOrInTheProcessTable() throws Exception {
        sign(createKey(KeySpec.ECC_SECG_P256_K1), SigningAlgorithmSpec.ECDSA_SHA_256, MESSAGE);
        String secret = cluster.secretAccessKey();
        try (Stream<Path> logs = Files.walk(cluster.data().resolve("logs"))) {
            for (Path log : logs.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(log)).as("%s", log).doesNotContain(secret);
            }
        }
        for (String process : List.of("party-1", "party-2", "party-3", "endpoint")) {
            Path proc = Path.of("/proc", Long.toString(cluster.pid(process)));
            for (String file : List.of("cmdline", "environ")) {
                assertThat(Files.readString(proc.resolve(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain(secret);
            }
        }
    }

    @Test
    void malformedRequestsGetAwsErrorsAndNoStackTrace() throws Exception {
        for (String body : List.of("", "{", "[]", "{\"KeyId\":", "\u0000\u0001", "x".repeat(1 << 20))) {
            HttpResponse<String> answer = post(body, "TrentService.Sign");
            assertThat(answer.statusCode()).isBetween(400, 499);
            assertThat(answer.body()).contains("__type").doesNotContain("Exception in", "at org.", "java.");
        }
        assertThat(post("{}", "TrentService.Sign").body()).contains("MissingAuthenticationTokenException");
        assertThat(post("{}", "TrentService.Nonsense").statusCode()).isEqualTo(400);
    }

    private static HttpResponse<String> post(String body, String target) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(cluster.endpoint() + "/"))
                            .header("Content-Type", "application/x-amz-json-1.1")
                            .header("X-Amz-Target", target)
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static String createKey(KeySpec spec) {
        return kms.createKey(r -> r.keySpec(spec).keyUsage(KeyUsageType.SIGN_VERIFY))
                .keyMetadata()
                .keyId();
    }

    private static SigningAlgorithmSpec algorithm(KeySpec spec) {
        return spec == KeySpec.ECC_NIST_EDWARDS25519
                ? SigningAlgorithmSpec.ED25519_SHA_512
                : SigningAlgorithmSpec.ECDSA_SHA_256;
    }

    private static byte[] sign(String key, SigningAlgorithmSpec algorithm, byte[] message) {
        return kms.sign(r -> r.keyId(key)
                        .message(SdkBytes.fromByteArray(message))
                        .messageType(MessageType.RAW)
                        .signingAlgorithm(algorithm))
                .signature()
                .asByteArray();
    }

    private static PublicKey publicKey(String key) throws GeneralSecurityException {
        byte[] der = kms.getPublicKey(r -> r.keyId(key)).publicKey().asByteArray();
        String name = der.length == 44 ? "Ed25519" : "EC";
        return KeyFactory.getInstance(name, BC).generatePublic(new X509EncodedKeySpec(der));
    }

    /// Verification by BouncyCastle, which shares no code with ours.
    private static boolean verifies(PublicKey key, KeySpec spec, byte[] message, byte[] signature)
            throws GeneralSecurityException {
        Signature verifier =
                Signature.getInstance(spec == KeySpec.ECC_NIST_EDWARDS25519 ? "Ed25519" : "SHA256withECDSA", BC);
        verifier.initVerify(key);
        verifier.update(message);
        return verifier.verify(signature);
    }
}
