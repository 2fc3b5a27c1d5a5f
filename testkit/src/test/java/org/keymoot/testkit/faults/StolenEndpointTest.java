package org.keymoot.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.TestIssuer;
import org.keymoot.access.TestSigner4a;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.GatewayGrpc;
import org.keymoot.api.gateway.v1.Header;
import org.keymoot.api.gateway.v1.OperatorGrpc;
import org.keymoot.api.gateway.v1.StatusRequest;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.api.mesh.v1.MeshGrpc;
import org.keymoot.platform.tls.ClusterTls;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.SpiffeId;
import org.keymoot.testkit.cluster.RunningCluster;
import org.keymoot.testkit.cluster.Shell;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whoever has the endpoint's certificate can hand on what clients signed, and nothing else; and each certificate opens
/// the one service that is for it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StolenEndpointTest {
    private static final long PATIENCE_SECONDS = 10;
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    static Path folder = Path.of("");

    private static RunningCluster cluster;
    private static KmsClient kms;
    private static Signer4 client;
    private static String clusterId = "";
    private static String key = "";
    private static String otherKey = "";
    private static int portBase;

    @BeforeAll
    static void start() throws Exception {
        cluster = RunningCluster.start(folder.resolve("cluster"));
        kms = cluster.client();
        Wire wire = new Wire(cluster.endpoint());
        JsonNode environment = cluster.environment();
        client = new Signer4(
                environment.path("AWS_ACCESS_KEY_ID").stringValue(), cluster.secretAccessKey(), wire.authority());
        JsonNode settings =
                JsonMapper.shared().readTree(cluster.data().resolve("dev.json").toFile());
        clusterId = settings.path("clusterId").stringValue();
        portBase = settings.path("portBase").intValue();
        key = Client.createKey(kms, KeySpec.ECC_SECG_P256_K1);
        otherKey = Client.createKey(kms, KeySpec.ECC_SECG_P256_K1);
        Client.signPatiently(kms, key, KeySpec.ECC_SECG_P256_K1, Client.message("warm"));
    }

    @AfterAll
    static void stop() throws Exception {
        kms.close();
        cluster.close();
    }

    @Test
    void whatTheClientSignedIsHandedOnAndSigned() throws Exception {
        byte[] body = body(key, "pay nobody");
        ClientAnswer answer = execute(1, request(client.headers("Sign", body, Instant.now()), body));
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
    }

    @Test
    void anotherMessageKeyActionCallerOrTargetIsSignedByNoParty() throws Exception {
        byte[] body = body(key, "pay nobody");
        Map<String, String> headers = client.headers("Sign", body, Instant.now());
        for (int party = 1; party <= 3; party++) {
            refused(party, headers, body(key, "pay the thief"));
            refused(party, headers, body(otherKey, "pay nobody"));
            for (String replaced : List.of("Authorization", "X-Amz-Target", "X-Amz-Date", "Host")) {
                Map<String, String> changed = new LinkedHashMap<>(headers);
                changed.put(
                        replaced,
                        switch (replaced) {
                            case "Authorization" ->
                                Objects.requireNonNull(headers.get("Authorization"))
                                        .replace(client.accessKeyId(), "AKIAAAAAAAAAAAAAAAAA");
                            case "X-Amz-Target" -> "TrentService.ScheduleKeyDeletion";
                            case "X-Amz-Date" -> "20400101T000000Z";
                            default -> "elsewhere:1";
                        });
                refused(party, changed, body);
                Map<String, String> without = new LinkedHashMap<>(headers);
                without.remove(replaced);
                refused(party, without, body);
            }
            ClientRequest otherTarget =
                    request(headers, body).toBuilder().setTarget("/other").build();
            assertThat(execute(party, otherTarget).getErrorType()).isNotEmpty();
            ClientRequest otherMethod =
                    request(headers, body).toBuilder().setMethod("PUT").build();
            assertThat(execute(party, otherMethod).getErrorType()).isNotEmpty();
        }
    }

    /// A request as a client signs it, and what a thief would rather have.
    private record Wish(String target, String signed, List<String> instead) {}

    @Test
    void noOtherContextGranteePolicyOrPayloadIsTakenThanTheClientSigned() throws Exception {
        String symmetric = kms.createKey().keyMetadata().keyId();
        String mine = sealed(symmetric, "mine");
        String others = sealed(symmetric, "others");
        String decrypt = "{\"CiphertextBlob\":\"%s\",\"EncryptionContext\":{\"of\":\"%s\"}}";
        String grant =
                "{\"KeyId\":\"%s\",\"GranteePrincipal\":\"arn:aws:iam::123456789012:user/%s\",\"Operations\":[%s]}";
        String policy = "{\"KeyId\":\"%s\",\"PolicyName\":\"default\",\"Policy\":%s}";
        String before = kms.getKeyPolicy(r -> r.keyId(key)).policy();
        String open = before.replaceAll("\"AWS\" *: *\"[^\"]*\"", "\"AWS\":\"*\"");
        assertThat(open).isNotEqualTo(before);
        List<Wish> wishes = List.of(
                new Wish(
                        "TrentService.Decrypt",
                        decrypt.formatted(mine, "mine"),
                        List.of(decrypt.formatted(others, "others"), decrypt.formatted(mine, "others"))),
                new Wish(
                        "TrentService.CreateGrant",
                        grant.formatted(key, "friend", "\"DescribeKey\""),
                        List.of(
                                grant.formatted(key, "thief", "\"DescribeKey\""),
                                grant.formatted(key, "friend", "\"DescribeKey\",\"Sign\""),
                                grant.formatted(otherKey, "friend", "\"DescribeKey\""))),
                new Wish(
                        "TrentService.PutKeyPolicy",
                        policy.formatted(key, JSON.writeValueAsString(before)),
                        List.of(
                                policy.formatted(key, JSON.writeValueAsString(open)),
                                policy.formatted(otherKey, JSON.writeValueAsString(before)))),
                new Wish(
                        "Keymoot.SignEthereum",
                        payment(key, 1, 5),
                        List.of(
                                payment(key, 1, 5_000_000),
                                payment(key, 2, 5),
                                payment(otherKey, 1, 5),
                                payment(key, 1, 5).replace("\"TRANSACTION\"", "\"MESSAGE\""))));
        for (Wish wish : wishes) {
            byte[] signed = wish.signed().getBytes(StandardCharsets.UTF_8);
            Map<String, String> covered = new LinkedHashMap<>();
            covered.put("Host", client.host());
            covered.put("Content-Type", "application/x-amz-json-1.1");
            covered.put("X-Amz-Target", wish.target());
            Map<String, String> headers = client.signed(covered, Map.of(), signed, Instant.now());
            for (int party = 1; party <= 3; party++) {
                for (String instead : wish.instead()) {
                    ClientAnswer answer = execute(party, request(headers, instead.getBytes(StandardCharsets.UTF_8)));
                    assertThat(answer.getErrorType())
                            .as("%s at party %d: %s", instead, party, answer.getBody())
                            .isEqualTo("InvalidSignatureException");
                    assertThat(answer.getBody().toStringUtf8())
                            .doesNotContain("\"Plaintext\"", "\"GrantId\"", "\"EthereumSignature\"");
                }
            }
            assertThat(kms.listGrants(r -> r.keyId(key)).grants()).isEmpty();
            assertThat(kms.listGrants(r -> r.keyId(otherKey)).grants()).isEmpty();
            assertThat(kms.getKeyPolicy(r -> r.keyId(key)).policy()).isEqualTo(before);
            // What the client did sign is as good as before.
            ClientAnswer answer = execute(1, request(headers, signed));
            assertThat(answer.getStatus())
                    .as(wish.target() + answer.getBody().toStringUtf8())
                    .isEqualTo(200);
            kms.listGrants(r -> r.keyId(key))
                    .grants()
                    .forEach(made -> kms.revokeGrant(r -> r.keyId(key).grantId(made.grantId())));
        }
    }

    private static String sealed(String symmetric, String context) {
        return Base64.getEncoder()
                .encodeToString(kms.encrypt(r -> r.keyId(symmetric)
                                .plaintext(SdkBytes.fromUtf8String("a secret of " + context))
                                .encryptionContext(Map.of("of", context)))
                        .ciphertextBlob()
                        .asByteArray());
    }

    private static String payment(String keyId, long nonce, long wei) throws Exception {
        Transaction transaction = new Transaction(
                BigInteger.ONE,
                BigInteger.valueOf(nonce),
                new Transaction.Legacy(BigInteger.TEN),
                BigInteger.valueOf(21_000),
                Address.parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
                BigInteger.valueOf(wei),
                "",
                List.of());
        return "{\"KeyId\":\"%s\",\"Kind\":\"TRANSACTION\",\"Transaction\":\"%s\"}"
                .formatted(keyId, Base64.getEncoder().encodeToString(transaction.encodeUnsigned()));
    }

    @Test
    void whatAKeyPairSignedIsHandedOnAndNothingElseIsSigned() throws Exception {
        JsonNode environment = cluster.environment();
        Map<String, String> variables = new LinkedHashMap<>();
        environment
                .properties()
                .forEach(variable ->
                        variables.put(variable.getKey(), variable.getValue().asString("")));
        try (IamClient iam = IamClient.builder()
                .endpointOverride(URI.create(cluster.endpoint()))
                .region(Region.AWS_GLOBAL)
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(client.accessKeyId(), cluster.secretAccessKey())))
                .httpClient(UrlConnectionHttpClient.create())
                .build()) {
            iam.createUser(r -> r.userName("keyholder"));
            iam.putUserPolicy(r -> r.userName("keyholder")
                    .policyName("sign")
                    .policyDocument("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                            + "\"Action\":\"kms:Sign\",\"Resource\":\"*\"}]}"));
        }
        JsonNode made = JsonMapper.shared()
                .readTree(Shell.keymoot(
                                variables,
                                "iam",
                                "create-access-key",
                                "--asymmetric",
                                "--user-name",
                                "keyholder",
                                "--json")
                        .mustSucceed()
                        .out());
        TestSigner4a signer = new TestSigner4a(
                made.path("accessKeyId").stringValue(),
                made.path("secretAccessKey").stringValue(),
                "us-east-1",
                "kms");
        byte[] body = body(key, "pay nobody");
        Map<String, String> headers = new LinkedHashMap<>();
        signer.post(
                        Map.of(
                                "content-type",
                                "application/x-amz-json-1.1",
                                "host",
                                "kms.example.org",
                                "x-amz-target",
                                "TrentService.Sign"),
                        body,
                        Instant.now())
                .headers()
                .forEach(header -> headers.put(header.name(), header.value()));
        assertThat(execute(1, request(headers, body)).getStatus()).isEqualTo(200);
        String authorization = Objects.requireNonNull(headers.get("Authorization"));
        List<Map.Entry<String, String>> lies = List.of(
                Map.entry("Authorization", authorization.replace(signer.accessKeyId(), client.accessKeyId())),
                Map.entry("Authorization", authorization.replace("AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256")),
                Map.entry("Authorization", authorization.replaceAll("Signature=.*", "Signature=3006020101020101")),
                Map.entry("x-amz-region-set", "*"),
                Map.entry("x-amz-target", "TrentService.ScheduleKeyDeletion"),
                Map.entry("x-amz-date", "20400101T000000Z"),
                Map.entry("host", "elsewhere:1"));
        for (int party = 1; party <= 3; party++) {
            refused(party, headers, body(key, "pay the thief"));
            refused(party, headers, body(otherKey, "pay nobody"));
            for (var lie : lies) {
                Map<String, String> changed = new LinkedHashMap<>(headers);
                changed.put(lie.getKey(), lie.getValue());
                refused(party, changed, body);
            }
        }
    }

    /// Nobody signs this request, so that the endpoint could have written it: all that counts is the token in it.
    @Test
    void aTokenThatNoKnownProviderSignedLetsNobodyIn() throws Exception {
        long now = Instant.now().getEpochSecond();
        String token = new TestIssuer("ES256", "k1")
                .token(
                        "{\"iss\":\"https://thief.example.org\",\"sub\":\"root\",\"aud\":\"sts.amazonaws.com\",\"iat\":%d,\"exp\":%d}"
                                .formatted(now, now + 600));
        byte[] form =
                ("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fx"
                                + "&RoleSessionName=thief&WebIdentityToken=" + token)
                        .getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = Map.of("Host", "sts", "Content-Type", "application/x-www-form-urlencoded");
        for (int party = 1; party <= 3; party++) {
            ClientAnswer answer = execute(party, request(headers, form));
            assertThat(answer.getErrorType()).isEqualTo("InvalidIdentityToken");
            assertThat(answer.getBody().toStringUtf8()).doesNotContain("SessionToken");
            byte[] other = new String(form, StandardCharsets.UTF_8)
                    .replace("AssumeRoleWithWebIdentity", "AssumeRole")
                    .getBytes(StandardCharsets.UTF_8);
            assertThat(execute(party, request(headers, other)).getErrorType()).isEqualTo("MissingAuthenticationToken");
        }
    }

    @Test
    void aRequestKeptForMoreThanFiveMinutesIsSignedByNoParty() throws Exception {
        byte[] body = body(key, "kept");
        Map<String, String> headers = client.headers("Sign", body, Instant.now().minus(Duration.ofSeconds(301)));
        for (int party = 1; party <= 3; party++) {
            ClientAnswer answer = execute(party, request(headers, body));
            assertThat(answer.getErrorType()).isEqualTo("InvalidSignatureException");
        }
    }

    @Test
    void aRequestBeyondItsLimitsIsRefusedByTheParty() throws Exception {
        byte[] body = body(key, "x".repeat(500_000));
        ClientAnswer answer = execute(1, request(client.headers("Sign", body, Instant.now()), body));
        assertThat(answer.getStatus()).isBetween(400, 499);
        byte[] huge = new byte[4 << 20];
        assertThatThrownBy(() -> execute(1, request(Map.of(), huge))).isInstanceOf(StatusRuntimeException.class);
        byte[] good = body(key, "still here");
        assertThat(execute(1, request(client.headers("Sign", good, Instant.now()), good))
                        .getStatus())
                .isEqualTo(200);
    }

    @Test
    void eachCertificateOpensOnlyTheServiceThatIsForIt() throws Exception {
        Path endpoint = cluster.data().resolve("endpoint");
        Path operator = cluster.data().resolve("operator");
        Path party1 = cluster.data().resolve("party-1");
        for (Path folderOfCaller : List.of(endpoint, operator)) {
            assertThat(linkTo(2, folderOfCaller)).isEqualTo(Status.Code.PERMISSION_DENIED);
        }
        for (Path folderOfCaller : List.of(endpoint, party1)) {
            assertThat(operatorStatusOf(2, tls(folderOfCaller))).isEqualTo(Status.Code.PERMISSION_DENIED);
        }
        for (Path folderOfCaller : List.of(operator, party1)) {
            assertThat(gatewayOf(2, tls(folderOfCaller))).isEqualTo(Status.Code.PERMISSION_DENIED);
        }
        assertThat(operatorStatusOf(2, tls(operator))).isEqualTo(Status.Code.OK);
        assertThat(gatewayOf(2, tls(endpoint))).isEqualTo(Status.Code.OK);
        // A party of higher index is dialled and may not dial.
        assertThat(linkTo(2, cluster.data().resolve("party-3"))).isEqualTo(Status.Code.PERMISSION_DENIED);
    }

    @Test
    void noCertificateOrOneOfAnotherClusterOpensNothing() throws Exception {
        SslContext none = GrpcSslContexts.forClient()
                .trustManager(cluster.data().resolve("ca/root.pem").toFile())
                .build();
        assertThat(operatorStatusOf(2, none)).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(gatewayOf(2, none)).isEqualTo(Status.Code.UNAVAILABLE);
        Path strangers = folder.resolve("strangers");
        try (RunningCluster other = RunningCluster.start(strangers)) {
            for (String role : List.of("endpoint", "operator", "party-1")) {
                NodeIdentity identity = NodeIdentity.load(
                        other.data().resolve(role).resolve("chain.pem"),
                        other.data().resolve(role).resolve("key.pem"));
                // It believes our root, so that only our side can refuse.
                SslContext stranger = new ClusterTls(
                                () -> identity,
                                ClusterTrust.load(cluster.data().resolve("endpoint/ca.pem"), InstantSource.system()))
                        .grpcClient(SpiffeId.party(clusterId, 2));
                assertThat(operatorStatusOf(2, stranger)).as(role).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(gatewayOf(2, stranger)).as(role).isEqualTo(Status.Code.UNAVAILABLE);
            }
        }
    }

    private static void refused(int party, Map<String, String> headers, byte[] body) throws Exception {
        ClientAnswer answer = execute(party, request(headers, body));
        assertThat(answer.getErrorType()).as("party %d", party).isNotEmpty();
        assertThat(answer.getStatus()).isBetween(400, 499);
        assertThat(answer.getBody().toStringUtf8()).doesNotContain("\"Signature\"");
    }

    private static byte[] body(String keyId, String message) {
        return "{\"KeyId\":\"%s\",\"Message\":\"%s\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"}"
                .formatted(keyId, Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.UTF_8)))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static ClientRequest request(Map<String, String> headers, byte[] body) {
        ClientRequest.Builder request = ClientRequest.newBuilder()
                .setMethod("POST")
                .setTarget("/")
                .setBody(ByteString.copyFrom(body))
                .setSourceAddress("127.0.0.1")
                .setRequestId("stolen");
        headers.forEach((name, value) ->
                request.addHeaders(Header.newBuilder().setName(name).setValue(value)));
        return request.build();
    }

    private static SslContext tls(Path identityFolder) throws Exception {
        NodeIdentity identity =
                NodeIdentity.load(identityFolder.resolve("chain.pem"), identityFolder.resolve("key.pem"));
        return new ClusterTls(
                        () -> identity, ClusterTrust.load(identityFolder.resolve("ca.pem"), InstantSource.system()))
                .grpcClient(id -> id.cluster().equals(clusterId), "a certificate of this cluster");
    }

    private static ManagedChannel channel(int party, SslContext tls) {
        return NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", portBase + 10 * party))
                .sslContext(tls)
                .overrideAuthority("localhost")
                .build();
    }

    private static ClientAnswer execute(int party, ClientRequest request) throws Exception {
        ManagedChannel channel = channel(party, tls(cluster.data().resolve("endpoint")));
        try {
            return GatewayGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .execute(request);
        } finally {
            channel.shutdownNow();
        }
    }

    private static Status.Code gatewayOf(int party, SslContext tls) {
        ManagedChannel channel = channel(party, tls);
        try {
            ClientAnswer answer = GatewayGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .execute(request(Map.of(), new byte[0]));
            assertThat(answer.getErrorType()).isNotEmpty();
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }

    private static Status.Code operatorStatusOf(int party, SslContext tls) {
        ManagedChannel channel = channel(party, tls);
        try {
            OperatorGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .status(StatusRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }

    private static Status.Code linkTo(int party, Path identityFolder) throws Exception {
        ManagedChannel channel = channel(party, tls(identityFolder));
        BlockingQueue<Status.Code> end = new ArrayBlockingQueue<>(10);
        try {
            StreamObserver<MeshFrame> frames = MeshGrpc.newStub(channel).link(new StreamObserver<>() {
                @Override
                public void onNext(MeshFrame frame) {
                    end.add(Status.Code.OK);
                }

                @Override
                public void onError(Throwable cause) {
                    end.add(Status.fromThrowable(cause).getCode());
                }

                @Override
                public void onCompleted() {
                    end.add(Status.Code.OK);
                }
            });
            frames.onNext(MeshFrame.getDefaultInstance());
            Status.Code code = end.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return code == null ? Status.Code.DEADLINE_EXCEEDED : code;
        } finally {
            channel.shutdownNow();
        }
    }
}
