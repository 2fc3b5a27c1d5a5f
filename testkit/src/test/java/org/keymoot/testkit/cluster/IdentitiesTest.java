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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.iam.model.EntityAlreadyExistsException;
import software.amazon.awssdk.services.iam.model.MalformedPolicyDocumentException;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.MessageType;
import software.amazon.awssdk.services.kms.model.SigningAlgorithmSpec;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.StsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The guide's users, groups and policies on a real cluster, managed with Debian's `aws` and used through the AWS SDK.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IdentitiesTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ACCOUNT = "123456789012";

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static AwsCredentials root;
    private static KmsClient kms;
    private static IamClient iam;

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"));
        JsonNode environment = cluster.environment();
        root = AwsBasicCredentials.create(
                environment.path("AWS_ACCESS_KEY_ID").stringValue(),
                environment.path("AWS_SECRET_ACCESS_KEY").stringValue());
        kms = kms(root);
        iam = iam(root);
    }

    @AfterAll
    static void stop() throws Exception {
        iam.close();
        kms.close();
        cluster.close();
    }

    private static KmsClient kms(AwsCredentials credentials) {
        return KmsClient.builder()
                .endpointOverride(URI.create(cluster.endpoint()))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }

    private static IamClient iam(AwsCredentials credentials) {
        return IamClient.builder()
                .endpointOverride(URI.create(cluster.endpoint()))
                .region(Region.AWS_GLOBAL)
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }

    private static StsClient sts(AwsCredentials credentials) {
        return StsClient.builder()
                .endpointOverride(URI.create(cluster.endpoint()))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }

    /// Debian's `aws` with these credentials.
    private static Shell.Result aws(AwsCredentials credentials, String... arguments) throws Exception {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("AWS_ACCESS_KEY_ID", credentials.accessKeyId());
        environment.put("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey());
        environment.put("AWS_DEFAULT_REGION", "us-east-1");
        if (credentials instanceof AwsSessionCredentials session) {
            environment.put("AWS_SESSION_TOKEN", session.sessionToken());
        }
        List<String> line = new ArrayList<>(List.of("aws", "--endpoint-url", cluster.endpoint(), "--output", "json"));
        line.addAll(List.of(arguments));
        return Shell.run(folder, environment, "", line);
    }

    private static JsonNode awsAsRoot(String... arguments) throws Exception {
        String out = aws(root, arguments).mustSucceed().out();
        return JSON.readTree(out.isBlank() ? "{}" : out);
    }

    private static AwsCredentials accessKey(String user) {
        AccessKey key = iam.createAccessKey(r -> r.userName(user)).accessKey();
        return AwsBasicCredentials.create(key.accessKeyId(), key.secretAccessKey());
    }

    private static String signingKey(String alias) {
        String id = kms.createKey(r -> r.keySpec(KeySpec.ECC_SECG_P256_K1)
                        .keyUsage(KeyUsageType.SIGN_VERIFY)
                        .description(alias))
                .keyMetadata()
                .keyId();
        kms.createAlias(r -> r.aliasName(alias).targetKeyId(id));
        return id;
    }

    private static void sign(KmsClient client, String key) {
        client.sign(r -> r.keyId(key)
                .message(SdkBytes.fromUtf8String("update"))
                .messageType(MessageType.RAW)
                .signingAlgorithm(SigningAlgorithmSpec.ECDSA_SHA_256));
    }

    private static String signerPolicy(String pattern) {
        return """
                {"Version": "2012-10-17",
                 "Statement": [{
                   "Sid": "Sign",
                   "Effect": "Allow",
                   "Action": ["kms:GetPublicKey", "kms:Sign"],
                   "Resource": "arn:aws:kms:*:%s:key/*",
                   "Condition": {"ForAnyValue:StringLike": {"kms:ResourceAliases": "%s"}}
                 }]}""".formatted(ACCOUNT, pattern);
    }

    @Test
    void theGuidesUsersSignWithTheirEnvironmentsKeysAndNoOthers() throws Exception {
        signingKey("alias/staging-updater-signer");
        String production = signingKey("alias/production-updater-signer");
        for (String environment : List.of("staging", "production")) {
            awsAsRoot("iam", "create-user", "--user-name", "optics-signer-" + environment);
            awsAsRoot("iam", "create-group", "--group-name", environment + "-signer");
            awsAsRoot(
                    "iam",
                    "add-user-to-group",
                    "--group-name",
                    environment + "-signer",
                    "--user-name",
                    "optics-signer-" + environment);
            for (String role : List.of("processor", "relayer", "updater", "watcher")) {
                Path document = folder.resolve(environment + "-" + role + ".json");
                Files.writeString(document, signerPolicy("alias/" + environment + "-" + role + "*"));
                String arn = awsAsRoot(
                                "iam",
                                "create-policy",
                                "--policy-name",
                                environment + "-" + role + "-signer",
                                "--policy-document",
                                "file://" + document)
                        .at("/Policy/Arn")
                        .stringValue();
                awsAsRoot("iam", "attach-group-policy", "--group-name", environment + "-signer", "--policy-arn", arn);
            }
        }
        JsonNode made = awsAsRoot("iam", "create-access-key", "--user-name", "optics-signer-staging")
                .path("AccessKey");
        AwsCredentials staging = AwsBasicCredentials.create(
                made.path("AccessKeyId").stringValue(),
                made.path("SecretAccessKey").stringValue());
        try (KmsClient signer = kms(staging)) {
            // Each party in turn leads one of these, and must know the new user.
            for (int i = 0; i < 3; i++) {
                sign(signer, "alias/staging-updater-signer");
            }
            assertThatThrownBy(() -> sign(signer, "alias/production-updater-signer"))
                    .isInstanceOfSatisfying(KmsException.class, e -> {
                        assertThat(e.awsErrorDetails().errorCode()).isEqualTo("AccessDeniedException");
                        assertThat(e.awsErrorDetails().errorMessage())
                                .isEqualTo("User: arn:aws:iam::123456789012:user/optics-signer-staging is not"
                                        + " authorized to perform: kms:Sign on resource:"
                                        + " arn:aws:kms:us-east-1:123456789012:key/" + production
                                        + " because no identity-based policy allows the kms:Sign action");
                    });
        }
        Shell.Result denied = aws(staging, "iam", "list-users");
        assertThat(denied.exitCode()).isNotZero();
        assertThat(denied.err()).contains("(AccessDenied) when calling the ListUsers operation");

        // What a simulation says of it.
        Shell.Result simulated = Shell.keymoot(
                "iam",
                "simulate",
                "--data",
                cluster.data().toString(),
                "--principal",
                "arn:aws:iam::123456789012:user/optics-signer-staging",
                "--action",
                "kms:Sign",
                "--resource",
                "arn:aws:kms:us-east-1:123456789012:key/" + production);
        assertThat(simulated.exitCode()).isEqualTo(4);
        assertThat(simulated.out()).startsWith("implicitDeny");

        // A switched-off key signs nothing any more, at any party.
        awsAsRoot(
                "iam",
                "delete-access-key",
                "--user-name",
                "optics-signer-staging",
                "--access-key-id",
                staging.accessKeyId());
        try (KmsClient signer = kms(staging)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> sign(signer, "alias/staging-updater-signer"))
                        .isInstanceOfSatisfying(
                                KmsException.class,
                                e -> assertThat(e.awsErrorDetails().errorCode())
                                        .isEqualTo("UnrecognizedClientException"));
            }
        }
    }

    @Test
    void whatTerraformsProviderAsksForIsAnswered() {
        new TerraformCalls(iam, kms, ACCOUNT).run();
    }

    @Test
    void aRoleTakenOnSignsUntilItsSessionEnds() {
        String key = signingKey("alias/staging-watcher-signer");
        iam.createUser(r -> r.userName("operator"));
        AwsCredentials operator = accessKey("operator");
        iam.createRole(r -> r.roleName("watcher").assumeRolePolicyDocument("""
                {"Version": "2012-10-17",
                 "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::%s:user/operator"},
                                "Action": "sts:AssumeRole"}]}""".formatted(ACCOUNT)));
        iam.putRolePolicy(
                r -> r.roleName("watcher").policyName("sign").policyDocument(signerPolicy("alias/staging-watcher*")));
        Credentials session;
        try (StsClient sts = sts(operator)) {
            assertThat(sts.getCallerIdentity().arn()).isEqualTo("arn:aws:iam::123456789012:user/operator");
            session = sts.assumeRole(r ->
                            r.roleArn("arn:aws:iam::123456789012:role/watcher").roleSessionName("night"))
                    .credentials();
            assertThatThrownBy(() -> sts.assumeRole(r ->
                            r.roleArn("arn:aws:iam::123456789012:role/none").roleSessionName("night")))
                    .isInstanceOfSatisfying(
                            StsException.class,
                            e -> assertThat(e.awsErrorDetails().errorCode()).isEqualTo("AccessDenied"));
        }
        AwsSessionCredentials credentials =
                AwsSessionCredentials.create(session.accessKeyId(), session.secretAccessKey(), session.sessionToken());
        try (StsClient sts = sts(credentials);
                KmsClient signer = kms(credentials)) {
            for (int i = 0; i < 3; i++) {
                assertThat(sts.getCallerIdentity().arn())
                        .isEqualTo("arn:aws:sts::123456789012:assumed-role/watcher/night");
                sign(signer, key);
            }
            iam.deleteRolePolicy(r -> r.roleName("watcher").policyName("sign"));
            iam.deleteRole(r -> r.roleName("watcher"));
            assertThatThrownBy(() -> sign(signer, key)).isInstanceOf(KmsException.class);
        }
    }

    @Test
    void aPartyThatWasAwayLearnsAnAccessKeyWhenItIsUsed() throws Exception {
        cluster.kill("party-3");
        iam.createUser(r -> r.userName("latecomer"));
        AwsCredentials latecomer = accessKey("latecomer");
        // The development cluster starts a party again whose process ended.
        cluster.awaitWhole();
        try (StsClient sts = sts(latecomer)) {
            for (int i = 0; i < 6; i++) {
                assertThat(sts.getCallerIdentity().arn()).isEqualTo("arn:aws:iam::123456789012:user/latecomer");
            }
        }
    }

    @Test
    void theSdkSeesAwsErrorsAsItsOwnExceptions() {
        iam.createUser(r -> r.userName("twice"));
        assertThatThrownBy(() -> iam.createUser(r -> r.userName("twice")))
                .isInstanceOf(EntityAlreadyExistsException.class);
        assertThatThrownBy(() -> iam.getUser(r -> r.userName("nobody"))).isInstanceOf(NoSuchEntityException.class);
        assertThatThrownBy(() -> iam.createPolicy(r -> r.policyName("bad").policyDocument("{}")))
                .isInstanceOf(MalformedPolicyDocumentException.class);
        assertThat(iam.listUsersPaginator(r -> r.maxItems(1)).users().stream().map(user -> user.userName()))
                .contains("twice");
    }

    @Test
    void anAccountMadeByTheOperatorIsANamespaceOfItsOwn() throws Exception {
        Path csv = folder.resolve("root.csv");
        Shell.keymoot(
                        "account",
                        "create",
                        "--data",
                        cluster.data().toString(),
                        "--account",
                        "210987654321",
                        "--csv",
                        csv.toString())
                .mustSucceed();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(csv)))
                .isEqualTo("rw-------");
        List<String> lines = Files.readAllLines(csv);
        assertThat(lines.getFirst()).isEqualTo("Access key ID,Secret access key");
        String[] key = lines.get(1).split(",", 2);
        AwsCredentials other = AwsBasicCredentials.create(key[0], key[1]);
        signingKey("alias/of-the-first-account");
        try (StsClient sts = sts(other);
                KmsClient client = kms(other);
                IamClient users = iam(other)) {
            for (int i = 0; i < 3; i++) {
                assertThat(sts.getCallerIdentity().arn()).isEqualTo("arn:aws:iam::210987654321:root");
            }
            assertThat(client.listKeys().keys()).isEmpty();
            users.createUser(r -> r.userName("alice"));
            assertThat(users.listUsers().users()).hasSize(1);
        }
        Shell.Result again =
                Shell.keymoot("account", "create", "--data", cluster.data().toString(), "--account", "210987654321");
        assertThat(again.exitCode()).isEqualTo(6);
        Shell.keymoot("account", "delete-key", "--data", cluster.data().toString(), key[0])
                .mustSucceed();
        try (StsClient sts = sts(other)) {
            assertThatThrownBy(sts::getCallerIdentity).isInstanceOf(StsException.class);
        }
    }

    @Test
    void formsThatAreNonsenseAreAnsweredInXmlWithoutA5xx() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        for (String body : List.of("", "Action=ListUsers&Version=2010-05-08", "%zz", "<xml/>", "Action=&Version=")) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create(cluster.endpoint()))
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .header(
                                    "Authorization",
                                    "AWS4-HMAC-SHA256 Credential=AKIANOBODY/20260101/us-east-1/iam/aws4_request,"
                                            + " SignedHeaders=host, Signature=" + "0".repeat(64))
                            .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isBetween(400, 499);
            assertThat(answer.headers().firstValue("Content-Type")).contains("text/xml");
            assertThat(answer.body()).startsWith("<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">");
        }
    }

    @Test
    void noSecretIsInAnyFileOfAnyParty() throws Exception {
        iam.createUser(r -> r.userName("canary"));
        AwsCredentials canary = accessKey("canary");
        byte[] secret = canary.secretAccessKey().getBytes(StandardCharsets.US_ASCII);
        try (var files = Files.walk(cluster.data())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(indexOf(read(file), secret)).as("%s", file).isEqualTo(-1);
            }
        }
    }

    private static byte[] read(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    }

    private static int indexOf(byte[] text, byte[] wanted) {
        return new String(text, StandardCharsets.ISO_8859_1).indexOf(new String(wanted, StandardCharsets.ISO_8859_1));
    }
}
