package org.keymoot.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.TestIssuer;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.auth.aws.scheme.AwsV4aAuthScheme;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4aHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.RegionSet;
import software.amazon.awssdk.http.auth.spi.scheme.AuthSchemeOption;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.services.sts.model.AssumeRoleWithWebIdentityResponse;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.ExpiredTokenException;
import software.amazon.awssdk.services.sts.model.InvalidIdentityTokenException;
import software.amazon.awssdk.services.sts.model.StsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Callers for whom the parties hold no secret: those that an identity provider vouches for, and those that sign with a
/// private key. Through AWS's own clients, unmodified.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FederationTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ISSUER = "https://oidc.example.org/id/7";
    private static final String PROVIDER = "arn:aws:iam::123456789012:oidc-provider/oidc.example.org/id/7";
    private static final String ROLE = "arn:aws:iam::123456789012:role/agent";
    private static final String SUBJECT = "system:serviceaccount:bridge:updater";
    private static final String ALIAS = "alias/staging-updater-signer";
    private static final TestIssuer IDP = new TestIssuer("RS256", "k1");

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static Map<String, String> environment = Map.of();
    private static IamClient iam;
    private static KmsClient kms;

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"));
        environment = new LinkedHashMap<>();
        for (var variable : cluster.environment().properties()) {
            environment.put(variable.getKey(), variable.getValue().asString(""));
        }
        AwsCredentialsProvider root = StaticCredentialsProvider.create(AwsBasicCredentials.create(
                environment.getOrDefault("AWS_ACCESS_KEY_ID", ""),
                environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "")));
        iam = IamClient.builder()
                .endpointOverride(URI.create(cluster.endpoint()))
                .region(Region.AWS_GLOBAL)
                .credentialsProvider(root)
                .httpClient(UrlConnectionHttpClient.create())
                .build();
        kms = kms(root);
        String key = kms.createKey(r -> r.keySpec(KeySpec.ECC_SECG_P256_K1).keyUsage(KeyUsageType.SIGN_VERIFY))
                .keyMetadata()
                .keyId();
        kms.createAlias(r -> r.aliasName(ALIAS).targetKeyId(key));
    }

    @AfterAll
    static void stop() throws Exception {
        iam.close();
        kms.close();
        cluster.close();
    }

    private static KmsClient kms(AwsCredentialsProvider credentials) {
        return KmsClient.builder()
                .endpointOverride(URI.create(cluster.endpoint()))
                .region(Region.US_EAST_1)
                .credentialsProvider(credentials)
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }

    private static StsClient anonymous() {
        return StsClient.builder()
                .endpointOverride(URI.create(cluster.endpoint()))
                .region(Region.US_EAST_1)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }

    /// The same client with the other scheme of AWS's SDK, signed by AWS's own native library.
    private static KmsClient byKeyPair(AwsCredentials credentials, String regionSet) {
        return KmsClient.builder()
                .endpointOverride(URI.create(cluster.endpoint()))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .httpClient(UrlConnectionHttpClient.create())
                .putAuthScheme(AwsV4aAuthScheme.create())
                .authSchemeProvider(parameters -> List.of(AuthSchemeOption.builder()
                        .schemeId(AwsV4aAuthScheme.SCHEME_ID)
                        .putSignerProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "kms")
                        .putSignerProperty(AwsV4aHttpSigner.REGION_SET, RegionSet.create(regionSet))
                        .build()))
                .build();
    }

    private static void sign(KmsClient client) {
        client.sign(r -> r.keyId(ALIAS)
                .message(SdkBytes.fromUtf8String("update"))
                .messageType(MessageType.RAW)
                .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256));
    }

    private static String policy(String principal, String action, String condition) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"," + principal + "\"Action\":\""
                + action + "\"," + (principal.isEmpty() ? "\"Resource\":\"*\"," : "") + "\"Condition\":" + condition
                + "}]}";
    }

    private static String signerPolicy() {
        return policy("", "kms:Sign", "{\"ForAnyValue:StringLike\":{\"kms:ResourceAliases\":\"alias/staging-*\"}}");
    }

    private static String token(long lifeSeconds, String subject) {
        long now = Instant.now().getEpochSecond();
        return IDP.token("{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"sts.amazonaws.com\",\"iat\":%d,\"exp\":%d}"
                .formatted(ISSUER, subject, now - 60, now + lifeSeconds));
    }

    private static AssumeRoleWithWebIdentityResponse assume(StsClient sts, String token) {
        return sts.assumeRoleWithWebIdentity(
                r -> r.roleArn(ROLE).roleSessionName("pod-1").webIdentityToken(token));
    }

    private static String code(Throwable failure) {
        return failure instanceof StsException e ? e.awsErrorDetails().errorCode() : failure.toString();
    }

    @Test
    void aTokenOfAnIdentityProviderTakesOnARoleThroughAwsClients() throws Exception {
        aws(
                        environment,
                        "iam",
                        "create-open-id-connect-provider",
                        "--url",
                        ISSUER,
                        "--client-id-list",
                        "sts.amazonaws.com",
                        "--thumbprint-list",
                        "a".repeat(40))
                .mustSucceed();
        String trust = policy(
                "\"Principal\":{\"Federated\":\"" + PROVIDER + "\"},",
                "sts:AssumeRoleWithWebIdentity",
                "{\"StringEquals\":{\"oidc.example.org/id/7:sub\":\"" + SUBJECT + "\"}}");
        iam.createRole(r -> r.roleName("agent").assumeRolePolicyDocument(trust));
        iam.putRolePolicy(r -> r.roleName("agent").policyName("sign").policyDocument(signerPolicy()));
        try (StsClient sts = anonymous()) {
            assertThatThrownBy(() -> assume(sts, token(600, SUBJECT)))
                    .isInstanceOf(InvalidIdentityTokenException.class)
                    .hasMessageContaining("keymoot iam oidc-keys");
            Path keys = Files.writeString(folder.resolve("keys.json"), IDP.keySet());
            Shell.keymoot(environment, "iam", "oidc-keys", "--issuer", ISSUER, "--jwks", keys.toString())
                    .mustSucceed();

            // Each party in turn is asked, and each must have the keys.
            Credentials session = assume(sts, token(600, SUBJECT)).credentials();
            for (int i = 0; i < 2; i++) {
                session = assume(sts, token(600, SUBJECT)).credentials();
            }
            try (KmsClient agent = kms(StaticCredentialsProvider.create(AwsSessionCredentials.create(
                    session.accessKeyId(), session.secretAccessKey(), session.sessionToken())))) {
                for (int i = 0; i < 3; i++) {
                    sign(agent);
                }
                assertThatThrownBy(agent::listKeys).isInstanceOf(KmsException.class);
            }
            assertThatThrownBy(() -> assume(sts, token(-1, SUBJECT))).isInstanceOf(ExpiredTokenException.class);
            assertThatThrownBy(() -> assume(sts, token(600, "somebody")))
                    .satisfies(e -> assertThat(code(e)).isEqualTo("AccessDenied"));
            assertThatThrownBy(() -> assume(
                            sts,
                            new TestIssuer("RS256", "k1")
                                    .token(
                                            "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"sts.amazonaws.com\",\"iat\":1,\"exp\":9999999999}"
                                                    .formatted(ISSUER, SUBJECT))))
                    .isInstanceOf(InvalidIdentityTokenException.class);

            // As a pod's SDK does it: the token in a file, the session kept fresh by the SDK.
            Path file = Files.writeString(folder.resolve("token"), token(600, SUBJECT));
            try (StsWebIdentityTokenFileCredentialsProvider pod = StsWebIdentityTokenFileCredentialsProvider.builder()
                            .stsClient(sts)
                            .roleArn(ROLE)
                            .roleSessionName("pod-2")
                            .webIdentityTokenFile(file)
                            .build();
                    KmsClient agent = kms(pod)) {
                sign(agent);
            }
        }

        JsonNode taken = JSON.readTree(aws(
                        Map.of("AWS_DEFAULT_REGION", "us-east-1"),
                        "sts",
                        "assume-role-with-web-identity",
                        "--role-arn",
                        ROLE,
                        "--role-session-name",
                        "pod-3",
                        "--web-identity-token",
                        token(600, SUBJECT))
                .mustSucceed()
                .out());
        assertThat(taken.at("/AssumedRoleUser/Arn").stringValue())
                .isEqualTo("arn:aws:sts::123456789012:assumed-role/agent/pod-3");
        assertThat(taken.path("SubjectFromWebIdentityToken").stringValue()).isEqualTo(SUBJECT);
        assertThat(taken.path("Provider").stringValue()).isEqualTo(ISSUER);

        // Without a provider its sessions are over, at every party.
        iam.deleteOpenIDConnectProvider(r -> r.openIDConnectProviderArn(PROVIDER));
        Map<String, String> over = new LinkedHashMap<>();
        over.put("AWS_DEFAULT_REGION", "us-east-1");
        over.put("AWS_ACCESS_KEY_ID", taken.at("/Credentials/AccessKeyId").stringValue());
        over.put(
                "AWS_SECRET_ACCESS_KEY",
                taken.at("/Credentials/SecretAccessKey").stringValue());
        over.put("AWS_SESSION_TOKEN", taken.at("/Credentials/SessionToken").stringValue());
        assertThat(aws(over, "sts", "get-caller-identity").err()).contains("InvalidClientTokenId");
    }

    private static Shell.Result aws(Map<String, String> variables, String... arguments) throws Exception {
        List<String> line =
                new java.util.ArrayList<>(List.of("aws", "--endpoint-url", cluster.endpoint(), "--output", "json"));
        line.addAll(List.of(arguments));
        return Shell.run(folder, variables, "", line);
    }

    @Test
    void anAccessKeyWithoutASecretAtAnyPartySignsThroughTheSdk() throws Exception {
        iam.createUser(r -> r.userName("watcher"));
        iam.putUserPolicy(r -> r.userName("watcher").policyName("sign").policyDocument(signerPolicy()));
        JsonNode made = JSON.readTree(Shell.keymoot(
                        environment, "iam", "create-access-key", "--asymmetric", "--user-name", "watcher", "--json")
                .mustSucceed()
                .out());
        AwsCredentials credentials = AwsBasicCredentials.create(
                made.path("accessKeyId").stringValue(),
                made.path("secretAccessKey").stringValue());
        try (KmsClient watcher = byKeyPair(credentials, "us-east-1")) {
            for (int i = 0; i < 3; i++) {
                sign(watcher);
            }
            assertThatThrownBy(watcher::listKeys)
                    .isInstanceOfSatisfying(
                            KmsException.class,
                            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("AccessDeniedException"));
        }
        // In another Region there is no such key, and a set of all Regions names none.
        try (KmsClient elsewhere = byKeyPair(credentials, "eu-west-1");
                KmsClient anywhere = byKeyPair(credentials, "*");
                KmsClient byMac = kms(StaticCredentialsProvider.create(credentials))) {
            assertThat(refusal(elsewhere)).isEqualTo("NotFoundException");
            assertThat(refusal(anywhere)).isEqualTo("InvalidSignatureException");
            assertThat(refusal(byMac)).isEqualTo("InvalidSignatureException");
        }
        try (var files = Files.walk(cluster.data())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain(credentials.secretAccessKey());
            }
        }
        iam.deleteAccessKey(r -> r.userName("watcher").accessKeyId(credentials.accessKeyId()));
        try (KmsClient watcher = byKeyPair(credentials, "us-east-1")) {
            for (int i = 0; i < 3; i++) {
                assertThat(refusal(watcher)).isEqualTo("UnrecognizedClientException");
            }
        }
    }

    private static String refusal(KmsClient client) {
        try {
            sign(client);
            return "signed";
        } catch (KmsException e) {
            return e.awsErrorDetails().errorCode();
        }
    }
}
