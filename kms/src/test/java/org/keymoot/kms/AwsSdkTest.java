package org.keymoot.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.access.Cluster;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.AlreadyExistsException;
import software.amazon.awssdk.services.kms.model.CreateKeyResponse;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.DryRunOperationException;
import software.amazon.awssdk.services.kms.model.IncorrectKeyException;
import software.amazon.awssdk.services.kms.model.InvalidCiphertextException;
import software.amazon.awssdk.services.kms.model.InvalidKeyUsageException;
import software.amazon.awssdk.services.kms.model.InvalidMarkerException;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.KmsInvalidSignatureException;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.MalformedPolicyDocumentException;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.NotFoundException;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.Tag;
import software.amazon.awssdk.services.kms.model.TagException;
import software.amazon.awssdk.services.kms.model.UnsupportedOperationException;

/// Every action offered, called by AWS's own SDK, unmodified, through HTTP and gRPC.
final class AwsSdkTest {
    private static final SdkBytes MESSAGE = SdkBytes.fromUtf8String("a message");

    @SuppressWarnings("NullAway.Init")
    private static TestEndpoint endpoint;

    @SuppressWarnings("NullAway.Init")
    private static KmsClient kms;

    @BeforeAll
    static void start() throws IOException {
        endpoint = new TestEndpoint();
        kms = endpoint.root();
    }

    @AfterAll
    static void stop() {
        kms.close();
        endpoint.close();
    }

    private static KeyMetadata key(KeySpec spec) {
        return kms.createKey(request -> request.keySpec(spec).keyUsage(KeyUsageType.SIGN_VERIFY))
                .keyMetadata();
    }

    private static KeyMetadata key() {
        return key(KeySpec.ECC_NIST_P256);
    }

    private static KeyMetadata describe(String keyId) {
        return kms.describeKey(request -> request.keyId(keyId)).keyMetadata();
    }

    @Test
    void createsAndDescribesAKey() {
        Instant before = Instant.now();
        CreateKeyResponse made = kms.createKey(request -> request.keySpec(KeySpec.ECC_SECG_P256_K1)
                .keyUsage(KeyUsageType.SIGN_VERIFY)
                .description("for the bridge – ü")
                .tags(Tag.builder().tagKey("environment").tagValue("staging").build()));
        KeyMetadata metadata = made.keyMetadata();
        assertThat(metadata.arn()).isEqualTo("arn:aws:kms:us-east-1:123456789012:key/" + metadata.keyId());
        assertThat(metadata.awsAccountId()).isEqualTo("123456789012");
        assertThat(metadata.keyState()).isEqualTo(KeyState.ENABLED);
        assertThat(metadata.enabled()).isTrue();
        assertThat(metadata.description()).isEqualTo("for the bridge – ü");
        assertThat(metadata.keySpec()).isEqualTo(KeySpec.ECC_SECG_P256_K1);
        assertThat(metadata.signingAlgorithms()).containsExactly(SigningAlgorithmSpec.ECDSA_SHA_256);
        assertThat(metadata.multiRegion()).isFalse();
        assertThat(metadata.creationDate())
                .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
        for (String keyId : List.of(metadata.keyId(), metadata.arn())) {
            assertThat(describe(keyId)).isEqualTo(metadata);
        }
        assertThat(made.sdkHttpResponse().firstMatchingHeader("x-amzn-RequestId"))
                .isPresent();
        assertThat(made.responseMetadata().requestId()).isNotEqualTo("UNKNOWN");
    }

    @Test
    @SuppressWarnings("deprecation")
    void takesTheDeprecatedNameOfTheKeySpec() {
        assertThat(kms.createKey(request -> request.customerMasterKeySpec("ECC_SECG_P256K1")
                                .keyUsage(KeyUsageType.SIGN_VERIFY)
                                .bypassPolicyLockoutSafetyCheck(false))
                        .keyMetadata()
                        .keySpec())
                .isEqualTo(KeySpec.ECC_SECG_P256_K1);
    }

    @ParameterizedTest
    @EnumSource(
            value = KeySpec.class,
            names = {"ECC_NIST_P256", "ECC_SECG_P256_K1"})
    void signsMessagesAndDigestsAndVerifiesThem(KeySpec spec) throws Exception {
        String keyId = key(spec).keyId();
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(MESSAGE.asByteArray());
        SdkBytes signature = kms.sign(request ->
                        request.keyId(keyId).message(MESSAGE).signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256))
                .signature();
        assertThat(kms.verify(request -> request.keyId(keyId)
                                .message(SdkBytes.fromByteArray(digest))
                                .messageType(MessageType.DIGEST)
                                .signature(signature)
                                .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256))
                        .signatureValid())
                .isTrue();
        SdkBytes ofDigest = kms.sign(request -> request.keyId(keyId)
                        .message(SdkBytes.fromByteArray(digest))
                        .messageType(MessageType.DIGEST)
                        .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256))
                .signature();
        assertThat(kms.verify(request -> request.keyId(keyId)
                                .message(MESSAGE)
                                .messageType(MessageType.RAW)
                                .signature(ofDigest)
                                .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256))
                        .signatureValid())
                .isTrue();
        assertThatThrownBy(() -> kms.verify(request -> request.keyId(keyId)
                        .message(SdkBytes.fromUtf8String("another message"))
                        .signature(signature)
                        .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256)))
                .isInstanceOf(KmsInvalidSignatureException.class);
    }

    @Test
    void signsWithEd25519AndAnyoneCanVerifyIt() throws Exception {
        String keyId = key(KeySpec.ECC_NIST_EDWARDS25519).keyId();
        SdkBytes signature = kms.sign(request -> request.keyId(keyId)
                        .message(MESSAGE)
                        .messageType(MessageType.RAW)
                        .signingAlgorithm(SigningAlgorithmSpec.ED25519_SHA_512))
                .signature();
        byte[] der =
                kms.getPublicKey(request -> request.keyId(keyId)).publicKey().asByteArray();
        PublicKey publicKey = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(publicKey);
        verifier.update(MESSAGE.asByteArray());
        assertThat(verifier.verify(signature.asByteArray())).isTrue();
        assertThat(kms.verify(request -> request.keyId(keyId)
                                .message(MESSAGE)
                                .signature(signature)
                                .signingAlgorithm(SigningAlgorithmSpec.ED25519_SHA_512))
                        .signatureValid())
                .isTrue();
        assertThatThrownBy(() -> kms.sign(request -> request.keyId(keyId)
                        .message(MESSAGE)
                        .messageType(MessageType.DIGEST)
                        .signingAlgorithm(SigningAlgorithmSpec.ED25519_SHA_512)))
                .isInstanceOf(KmsException.class)
                .hasMessageContaining("MessageType DIGEST is not compatible");
    }

    @Test
    void showsThePublicKeySoThatOthersCanVerify() throws Exception {
        KeyMetadata metadata = key();
        var shown = kms.getPublicKey(request -> request.keyId(metadata.keyId()));
        assertThat(shown.keyId()).isEqualTo(metadata.arn());
        assertThat(shown.keyUsage()).isEqualTo(KeyUsageType.SIGN_VERIFY);
        assertThat(shown.signingAlgorithms()).containsExactly(SigningAlgorithmSpec.ECDSA_SHA_256);
        SdkBytes signature = kms.sign(request -> request.keyId(metadata.arn())
                        .message(MESSAGE)
                        .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256))
                .signature();
        Signature verifier = Signature.getInstance("SHA256withECDSA");
        verifier.initVerify(KeyFactory.getInstance("EC")
                .generatePublic(new X509EncodedKeySpec(shown.publicKey().asByteArray())));
        verifier.update(MESSAGE.asByteArray());
        assertThat(verifier.verify(signature.asByteArray())).isTrue();
    }

    @Test
    void saysWhatASignatureWouldMeetWithoutMakingIt() {
        String keyId = key().keyId();
        assertThatThrownBy(() -> kms.sign(request -> request.keyId(keyId)
                        .message(MESSAGE)
                        .dryRun(true)
                        .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256)))
                .isInstanceOf(DryRunOperationException.class)
                .hasMessageContaining("The request would have succeeded, but the DryRun option is set.");
        assertThatThrownBy(() -> kms.sign(request ->
                        request.keyId(keyId).message(MESSAGE).signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_512)))
                .isInstanceOf(InvalidKeyUsageException.class)
                .hasMessageContaining("Algorithm ECDSA_SHA_512 is incompatible with key spec ECC_NIST_P256.");
        assertThatThrownBy(() -> kms.sign(request -> request.keyId(keyId)
                        .message(MESSAGE)
                        .messageType(MessageType.DIGEST)
                        .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256)))
                .hasMessageContaining("Digest is invalid length for algorithm ECDSA_SHA_256.");
    }

    @Test
    void namesKeysByAliases() {
        KeyMetadata first = key();
        KeyMetadata second = key();
        kms.createAlias(
                request -> request.aliasName("alias/staging/updater-signer").targetKeyId(first.keyId()));
        assertThat(describe("alias/staging/updater-signer").keyId()).isEqualTo(first.keyId());
        assertThat(describe("arn:aws:kms:us-east-1:123456789012:alias/staging/updater-signer")
                        .keyId())
                .isEqualTo(first.keyId());
        assertThatThrownBy(() -> kms.createAlias(request ->
                        request.aliasName("alias/staging/updater-signer").targetKeyId(second.keyId())))
                .isInstanceOf(AlreadyExistsException.class);
        kms.updateAlias(
                request -> request.aliasName("alias/staging/updater-signer").targetKeyId(second.arn()));
        assertThat(describe("alias/staging/updater-signer").keyId()).isEqualTo(second.keyId());
        var aliases = kms.listAliases(request -> request.keyId(second.keyId())).aliases();
        assertThat(aliases).hasSize(1);
        assertThat(aliases.getFirst().targetKeyId()).isEqualTo(second.keyId());
        assertThat(aliases.getFirst().lastUpdatedDate())
                .isAfterOrEqualTo(aliases.getFirst().creationDate());
        kms.deleteAlias(request -> request.aliasName("alias/staging/updater-signer"));
        assertThatThrownBy(() -> describe("alias/staging/updater-signer"))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining(
                        "Alias arn:aws:kms:us-east-1:123456789012:alias/staging/updater-signer is not found.");
        kms.createAlias(
                request -> request.aliasName("alias/staging/updater-signer").targetKeyId(first.keyId()));
        assertThat(describe("alias/staging/updater-signer").keyId()).isEqualTo(first.keyId());
    }

    @Test
    void listsKeysAndAliasesPageByPage() {
        try (KmsClient elsewhere = endpoint.client("AKIAROOT", Cluster.SECRET, "eu-north-7")) {
            List<String> made = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                String keyId = elsewhere
                        .createKey(request ->
                                request.keySpec(KeySpec.ECC_NIST_P256).keyUsage(KeyUsageType.SIGN_VERIFY))
                        .keyMetadata()
                        .keyId();
                made.add(keyId);
                String alias = "alias/a" + i;
                elsewhere.createAlias(request -> request.aliasName(alias).targetKeyId(keyId));
            }
            List<String> listed = elsewhere.listKeysPaginator(request -> request.limit(3)).keys().stream()
                    .map(entry -> entry.keyId())
                    .toList();
            assertThat(listed).containsExactlyInAnyOrderElementsOf(made);
            List<String> aliases = elsewhere.listAliasesPaginator(request -> request.limit(2)).aliases().stream()
                    .map(entry -> entry.aliasName())
                    .toList();
            assertThat(aliases).hasSize(7).isSorted();
            var first = elsewhere.listKeys(request -> request.limit(7));
            assertThat(first.truncated()).isFalse();
            assertThat(first.nextMarker()).isNull();
            assertThatThrownBy(() -> elsewhere.listKeys(request -> request.marker("!!")))
                    .isInstanceOf(InvalidMarkerException.class);
        }
    }

    @Test
    void keepsRegionsAndAccountsApart() {
        KeyMetadata metadata = key();
        try (KmsClient elsewhere = endpoint.client("AKIAROOT", Cluster.SECRET, "ap-south-1");
                KmsClient stranger = endpoint.client("AKIAOTHER", Cluster.SECRET, Cluster.REGION)) {
            assertThatThrownBy(() -> elsewhere.describeKey(request -> request.keyId(metadata.keyId())))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining(
                            "Key 'arn:aws:kms:ap-south-1:123456789012:key/" + metadata.keyId() + "' does not exist");
            assertThatThrownBy(() -> elsewhere.describeKey(request -> request.keyId(metadata.arn())))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("Invalid arn us-east-1");
            assertThatThrownBy(() -> stranger.describeKey(request -> request.keyId(metadata.arn())))
                    .hasMessageContaining(
                            "is not authorized to perform: kms:DescribeKey on resource: " + metadata.arn());
            assertThat(stranger.listKeys().keys()).isEmpty();
        }
    }

    @Test
    void switchesKeysOffAndOn() {
        String keyId = key().keyId();
        kms.disableKey(request -> request.keyId(keyId));
        assertThat(describe(keyId).keyState()).isEqualTo(KeyState.DISABLED);
        assertThatThrownBy(() -> kms.sign(request ->
                        request.keyId(keyId).message(MESSAGE).signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256)))
                .isInstanceOf(DisabledException.class)
                .hasMessageContaining("is disabled.");
        kms.enableKey(request -> request.keyId(keyId));
        assertThat(describe(keyId).enabled()).isTrue();
    }

    @Test
    void schedulesAndCancelsDeletion() {
        KeyMetadata metadata = key();
        String keyId = metadata.keyId();
        var scheduled = kms.scheduleKeyDeletion(request -> request.keyId(keyId).pendingWindowInDays(7));
        assertThat(scheduled.keyId()).isEqualTo(metadata.arn());
        assertThat(scheduled.keyState()).isEqualTo(KeyState.PENDING_DELETION);
        assertThat(scheduled.pendingWindowInDays()).isEqualTo(7);
        assertThat(scheduled.deletionDate())
                .isBetween(
                        Instant.now().plus(Duration.ofDays(7)).minusSeconds(10),
                        Instant.now().plus(Duration.ofDays(7)));
        assertThat(describe(keyId).deletionDate()).isEqualTo(scheduled.deletionDate());
        assertThatThrownBy(() -> kms.scheduleKeyDeletion(request -> request.keyId(keyId)))
                .isInstanceOf(KmsInvalidStateException.class)
                .hasMessageContaining("is pending deletion.");
        assertThat(kms.cancelKeyDeletion(request -> request.keyId(keyId)).keyId())
                .isEqualTo(metadata.arn());
        assertThat(describe(keyId).keyState()).isEqualTo(KeyState.DISABLED);
        assertThatThrownBy(() ->
                        kms.scheduleKeyDeletion(request -> request.keyId(keyId).pendingWindowInDays(6)))
                .hasMessageContaining("PendingWindowInDays must be between 7 and 30 (inclusive).");
    }

    @Test
    void tagsKeys() {
        String keyId = key().keyId();
        kms.tagResource(request -> request.keyId(keyId)
                .tags(
                        Tag.builder().tagKey("b").tagValue("1").build(),
                        Tag.builder().tagKey("a").tagValue("").build()));
        assertThat(kms.listResourceTags(request -> request.keyId(keyId)).tags())
                .containsExactly(
                        Tag.builder().tagKey("a").tagValue("").build(),
                        Tag.builder().tagKey("b").tagValue("1").build());
        var page = kms.listResourceTags(request -> request.keyId(keyId).limit(1));
        assertThat(page.truncated()).isTrue();
        assertThat(kms.listResourceTags(request -> request.keyId(keyId).marker(page.nextMarker()))
                        .tags())
                .extracting(Tag::tagKey)
                .containsExactly("b");
        kms.untagResource(request -> request.keyId(keyId).tagKeys("a", "none"));
        assertThat(kms.listResourceTags(request -> request.keyId(keyId)).tags()).hasSize(1);
        assertThatThrownBy(() -> kms.tagResource(request -> request.keyId(keyId)
                        .tags(Tag.builder().tagKey("aws:x").tagValue("1").build())))
                .isInstanceOf(TagException.class)
                .hasMessageContaining("Tags beginning with aws: are reserved");
    }

    @Test
    void showsAndChangesPolicies() {
        String keyId = key().keyId();
        var shown = kms.getKeyPolicy(request -> request.keyId(keyId));
        assertThat(shown.policy()).contains("Enable IAM User Permissions").contains("arn:aws:iam::123456789012:root");
        assertThat(shown.policyName()).isEqualTo("default");
        assertThat(kms.listKeyPolicies(request -> request.keyId(keyId)).policyNames())
                .containsExactly("default");
        String policy = shown.policy().replace("kms:*", "kms:[PGD]*").replace("[PGD]", "*");
        kms.putKeyPolicy(request -> request.keyId(keyId).policyName("default").policy(policy));
        assertThat(kms.getKeyPolicy(request -> request.keyId(keyId)).policy()).isEqualTo(policy);
        String lockout = shown.policy().replace("kms:*", "kms:Sign");
        assertThatThrownBy(
                        () -> kms.putKeyPolicy(request -> request.keyId(keyId).policy(lockout)))
                .isInstanceOf(MalformedPolicyDocumentException.class)
                .hasMessageContaining("The new key policy will not allow you to update the key policy in the future.");
        kms.putKeyPolicy(request -> request.keyId(keyId).policy(lockout).bypassPolicyLockoutSafetyCheck(true));
        assertThatThrownBy(() -> describe(keyId))
                .isInstanceOf(KmsException.class)
                .satisfies(e -> assertThat(((KmsException) e).awsErrorDetails().errorCode())
                        .isEqualTo("AccessDeniedException"));
    }

    @Test
    void letsAUserInWhomThePolicyNames() {
        String keyId = key().keyId();
        try (KmsClient alice = endpoint.client("AKIAALICE", Cluster.SECRET, Cluster.REGION)) {
            assertThatThrownBy(() -> alice.getPublicKey(request -> request.keyId(keyId)))
                    .hasMessageContaining("User: arn:aws:iam::123456789012:user/alice is not authorized to perform:"
                            + " kms:GetPublicKey on resource: arn:aws:kms:us-east-1:123456789012:key/" + keyId
                            + " because no identity-based policy allows the kms:GetPublicKey action");
            String policy = kms.getKeyPolicy(request -> request.keyId(keyId)).policy();
            String open = policy.replace(
                    "\"Statement\" : [",
                    "\"Statement\" : [{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
                            + "\"arn:aws:iam::123456789012:user/alice\"},\"Action\":\"kms:GetPublicKey\","
                            + "\"Resource\":\"*\"},");
            kms.putKeyPolicy(request -> request.keyId(keyId).policy(open));
            assertThat(alice.getPublicKey(request -> request.keyId(keyId)).publicKey())
                    .isNotNull();
            assertThatThrownBy(() -> alice.listKeys())
                    .hasMessageContaining(
                            "is not authorized to perform: kms:ListKeys on resource: * because no identity-based policy");
        }
    }

    @Test
    void changesDescriptions() {
        String keyId = key().keyId();
        kms.updateKeyDescription(request -> request.keyId(keyId).description("new"));
        assertThat(describe(keyId).description()).isEqualTo("new");
    }

    @Test
    void encryptsAndTellsTheErrorsOfDecryptionApart() {
        String keyId = kms.createKey().keyMetadata().keyId();
        SdkBytes blob = kms.encrypt(
                        request -> request.keyId(keyId).plaintext(MESSAGE).encryptionContext(Map.of("purpose", "test")))
                .ciphertextBlob();
        assertThat(kms.decrypt(request -> request.ciphertextBlob(blob).encryptionContext(Map.of("purpose", "test")))
                        .plaintext())
                .isEqualTo(MESSAGE);
        assertThatThrownBy(() -> kms.decrypt(request -> request.ciphertextBlob(blob)))
                .isInstanceOf(InvalidCiphertextException.class);
        String other = kms.createKey().keyMetadata().keyId();
        assertThatThrownBy(() ->
                        kms.decrypt(request -> request.ciphertextBlob(blob).keyId(other)))
                .isInstanceOf(IncorrectKeyException.class);
        try (KmsClient stranger = endpoint.client("AKIAOTHER", Cluster.SECRET, Cluster.REGION)) {
            assertThatThrownBy(() -> stranger.decrypt(request -> request.ciphertextBlob(blob)))
                    .isInstanceOf(KmsException.class)
                    .hasMessageContaining("on the resource associated with this ciphertext");
        }
    }

    @Test
    void refusesWhatItDoesNotOfferInAwsWords() {
        String keyId = key().keyId();
        assertThatThrownBy(() -> kms.encrypt(request -> request.keyId(keyId).plaintext(MESSAGE)))
                .isInstanceOf(InvalidKeyUsageException.class)
                .hasMessageContaining("key usage is SIGN_VERIFY which is not valid for Encrypt.");
        assertThatThrownBy(() ->
                        kms.createKey(request -> request.keySpec(KeySpec.SM2).keyUsage(KeyUsageType.SIGN_VERIFY)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("SYMMETRIC_DEFAULT");
        assertThatThrownBy(() -> kms.describeCustomKeyStores()).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> describe("fake-key-id"))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("Invalid keyId 'fake-key-id'");
    }

    @Test
    void refusesAWrongSecret() {
        try (KmsClient wrong = endpoint.client("AKIAROOT", "guess", Cluster.REGION);
                KmsClient unknown = endpoint.client("AKIANOBODY", "guess", Cluster.REGION)) {
            assertThatThrownBy(() -> wrong.listKeys())
                    .satisfies(
                            e -> assertThat(((KmsException) e).awsErrorDetails().errorCode())
                                    .isEqualTo("InvalidSignatureException"));
            assertThatThrownBy(() -> unknown.listKeys())
                    .satisfies(
                            e -> assertThat(((KmsException) e).awsErrorDetails().errorCode())
                                    .isEqualTo("UnrecognizedClientException"));
        }
    }

    @Test
    void signsEveryMessageLengthUpToTheLimit() {
        String keyId = key(KeySpec.ECC_NIST_EDWARDS25519).keyId();
        for (int length : new int[] {1, 4095, 4096}) {
            SdkBytes message = SdkBytes.fromByteArray("x".repeat(length).getBytes(StandardCharsets.US_ASCII));
            assertThat(kms.sign(request -> request.keyId(keyId)
                                    .message(message)
                                    .signingAlgorithm(SigningAlgorithmSpec.ED25519_SHA_512))
                            .signature()
                            .asByteArray())
                    .hasSize(64);
        }
        assertThatThrownBy(() -> kms.sign(request -> request.keyId(keyId)
                        .message(SdkBytes.fromByteArray(new byte[4097]))
                        .signingAlgorithm(SigningAlgorithmSpec.ED25519_SHA_512)))
                .hasMessageContaining(
                        "Value at 'message' failed to satisfy constraint: Member must have length less than"
                                + " or equal to 4096");
    }
}
