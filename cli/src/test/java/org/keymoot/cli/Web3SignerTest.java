package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.PersonalMessage;
import org.keymoot.access.ethereum.RecoverableSignature;
import org.keymoot.access.ethereum.SignedTransaction;
import org.keymoot.access.ethereum.TypedData;
import org.keymoot.cli.aws.AwsSettings;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.ethereum.EthereumSigner;
import org.keymoot.cli.web3signer.Web3SignerConfig;
import org.keymoot.crypto.keccak.Keccak256;
import org.keymoot.platform.config.HostPort;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.http.HttpServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class Web3SignerTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder = Path.of("");

    private final HttpClient http = HttpClient.newHttpClient();
    private WholeKeyKms kms;
    private KmsClient client;
    private HttpServer server;
    private EthereumSigner signer;

    @BeforeEach
    void start() throws IOException {
        kms = new WholeKeyKms(folder);
        AwsSettings settings = new AwsSettings(Map.of(), "test");
        client = new KmsClient(
                settings.endpoint(null),
                settings.region(null),
                settings.credentials(true),
                null,
                InstantSource.system());
        String key = client.call("CreateKey", Map.of("KeySpec", "ECC_SECG_P256K1", "KeyUsage", "SIGN_VERIFY"))
                .at("/KeyMetadata/KeyId")
                .asString();
        signer = EthereumSigner.open(client, key);
        Path token = folder.resolve("token");
        Files.createFile(token, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(token, TOKEN + "\n");
        server = Web3SignerCommand.start(config(Optional.empty()), client);
    }

    private Web3SignerConfig config(Optional<String> leaseHolder) {
        return new Web3SignerConfig(
                new HostPort("127.0.0.1", 0),
                List.of(signer.keyArn()),
                1337,
                leaseHolder,
                Optional.of(folder.resolve("token")),
                Optional.empty());
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
        kms.close();
        http.close();
    }

    private HttpResponse<String> send(String path, String body, String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.address().getPort() + path));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!body.isEmpty()) {
            request.POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode rpc(String method, String parameters) throws Exception {
        HttpResponse<String> response = send(
                "/",
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" + method + "\",\"params\":" + parameters + "}",
                TOKEN);
        JsonNode answer = JsonMapper.builder().build().readTree(response.body());
        assertThat(answer.required("id").asInt()).isEqualTo(7);
        return answer;
    }

    private Address recovered(String signature, byte[] digest) throws Exception {
        return RecoverableSignature.decode(Hex.bytes(signature)).signer(digest);
    }

    @Test
    void answersTheHttpApiAsWeb3signerDoes() throws Exception {
        assertThat(send("/upcheck", "", "").body().strip()).isEqualTo("OK");
        assertThat(send("/healthcheck", "", "").body()).contains("\"UP\"");
        String keys = send("/api/v1/eth1/publicKeys", "", TOKEN).body();
        assertThat(keys).contains("0x" + signer.publicKeyHex());
        String path = "/api/v1/eth1/sign/0x" + signer.publicKeyHex();
        HttpResponse<String> signed = send(path, "{\"data\":\"0x48656c6c6f\"}", TOKEN);
        assertThat(recovered(signed.body().strip(), Keccak256.hash("Hello".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(signer.address());
        assertThat(send("/api/v1/eth1/sign/0x00", "{\"data\":\"0x\"}", TOKEN).statusCode())
                .isEqualTo(404);
        assertThat(send(path, "{\"data\":\"0x4\"}", TOKEN).statusCode()).isEqualTo(400);
        assertThat(send(path, "{", TOKEN).statusCode()).isEqualTo(400);
    }

    @Test
    void answersTheJsonRpcMethods() throws Exception {
        assertThat(rpc("eth_accounts", "[]").required("result").get(0).asString())
                .isEqualTo(signer.address().checksummed());
        assertThat(rpc("eth_chainId", "[]").required("result").asString()).isEqualTo("0x539");
        String address = '"' + signer.address().checksummed() + '"';
        String message = rpc("eth_sign", "[" + address + ",\"0x6869\"]")
                .required("result")
                .asString();
        assertThat(recovered(message, PersonalMessage.digest("hi".getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(signer.address());
        String raw = rpc(
                        "eth_signTransaction",
                        "[{\"from\":" + address + ",\"to\":" + address
                                + ",\"nonce\":\"0x0\",\"gas\":\"0x5208\",\"gasPrice\":\"0x1\",\"value\":\"0x1\"}]")
                .required("result")
                .asString();
        SignedTransaction transaction = SignedTransaction.decode(Hex.bytes(raw));
        assertThat(transaction.sender()).isEqualTo(signer.address());
        assertThat(transaction.transaction().chainId()).isEqualTo(1337);
        String data = "{\"types\":{\"A\":[{\"name\":\"x\",\"type\":\"uint8\"}]},\"primaryType\":\"A\",\"domain\":{},"
                + "\"message\":{\"x\":1}}";
        byte[] digest = TypedData.parse(data.getBytes(StandardCharsets.UTF_8)).digest();
        String typed = rpc("eth_signTypedData", "[" + address + "," + data + "]")
                .required("result")
                .asString();
        assertThat(recovered(typed, digest)).isEqualTo(signer.address());
        assertThat(rpc("eth_sendTransaction", "[]").at("/error/code").asInt()).isEqualTo(-32601);
        assertThat(rpc("eth_sign", "[\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\",\"0x\"]")
                        .at("/error/message")
                        .asString())
                .contains("no key");
    }

    @Test
    void answersSeveralCallsInOneRequestEachByItsId() throws Exception {
        JsonNode answers = JsonMapper.shared()
                .readTree(send("/", "[{\"id\":1,\"method\":\"eth_chainId\"},{\"id\":2,\"method\":\"none\"},7]", TOKEN)
                        .body());
        assertThat(answers.size()).isEqualTo(3);
        assertThat(answers.at("/0/id").asInt()).isEqualTo(1);
        assertThat(answers.at("/0/result").asString()).isEqualTo("0x539");
        assertThat(answers.at("/1/id").asInt()).isEqualTo(2);
        assertThat(answers.at("/1/error/code").asInt()).isEqualTo(-32601);
        assertThat(answers.at("/2/error/code").asInt()).isEqualTo(-32600);
        for (String wrong : List.of("[]", "[" + "1,".repeat(100) + "1]")) {
            assertThat(JsonMapper.shared()
                            .readTree(send("/", wrong, TOKEN).body())
                            .at("/error/code")
                            .asInt())
                    .isEqualTo(-32600);
        }
    }

    @Test
    void signsForNobodyWithoutTheToken() throws Exception {
        kms.calls.clear();
        for (String token : List.of("", "0".repeat(32), TOKEN + "0", TOKEN.substring(1))) {
            assertThat(send("/api/v1/eth1/publicKeys", "", token).statusCode()).isEqualTo(401);
            assertThat(send("/api/v1/eth1/sign/0x" + signer.publicKeyHex(), "{\"data\":\"0x\"}", token)
                            .statusCode())
                    .isEqualTo(401);
            assertThat(send("/", "{\"method\":\"eth_accounts\"}", token).statusCode())
                    .isEqualTo(401);
        }
        assertThat(kms.calls).isEmpty();
        assertThatThrownBy(() -> new Web3SignerConfig(
                        new HostPort("127.0.0.1", 0),
                        List.of("a"),
                        0,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()))
                .hasMessageContaining("anyone could sign");
    }

    @Test
    void aKeyWithRulesSignsWhatTheyAllowAndNoBareHash() throws Exception {
        client.keymoot("PutSignRules", Map.of("KeyId", signer.keyArn(), "Rules", "{\"messages\":true}"));
        String address = '"' + signer.address().checksummed() + '"';
        assertThat(rpc("eth_sign", "[" + address + ",\"0x6869\"]").has("result"))
                .isTrue();
        HttpResponse<String> bare = send("/api/v1/eth1/sign/0x" + signer.publicKeyHex(), "{\"data\":\"0x\"}", TOKEN);
        assertThat(bare.statusCode()).isEqualTo(403);
        assertThat(bare.body()).contains("SignRulesException");
    }

    @Test
    void holdsTheNonceLeaseThatTheRulesDemandWhereItIsToldTo() throws Exception {
        client.keymoot(
                "PutSignRules",
                Map.of(
                        "KeyId",
                        signer.keyArn(),
                        "Rules",
                        "{\"transactions\":{\"chains\":[1337],\"lease\":true},\"digests\":true}"));
        String address = '"' + signer.address().checksummed() + '"';
        String pay = "[{\"from\":" + address + ",\"to\":" + address
                + ",\"nonce\":\"0x%d\",\"gas\":\"0x5208\",\"gasPrice\":\"0x1\",\"value\":\"0x1\"}]";
        assertThat(rpc("eth_signTransaction", pay.formatted(0))
                        .at("/error/message")
                        .asString())
                .contains("demand a nonce lease");
        server.close();
        server = Web3SignerCommand.start(config(Optional.of("relayer-0")), client);
        kms.calls.clear();
        assertThat(rpc("eth_signTransaction", pay.formatted(0)).has("result")).isTrue();
        assertThat(rpc("eth_signTransaction", pay.formatted(1)).has("result")).isTrue();
        assertThat(kms.calls).containsExactly("AcquireNonceLease", "SignEthereum", "SignEthereum");
        server.close();
        server = Web3SignerCommand.start(config(Optional.of("relayer-1")), client);
        assertThat(rpc("eth_signTransaction", pay.formatted(2))
                        .at("/error/message")
                        .asString())
                .contains("'relayer-0' holds the nonce lease");
        assertThatThrownBy(() -> config(Optional.of("a b"))).hasMessageContaining("leaseHolder");
    }

    /// A key with a certificate of its own making.
    private KeyStore selfSigned(String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "SAN=dns:localhost",
                        "-validity",
                        "2")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        return keys;
    }

    private Path pem(String name, String type, byte[] der) throws IOException {
        String text = "-----BEGIN %s-----%n%s%n-----END %s-----%n"
                .formatted(type, Base64.getMimeEncoder().encodeToString(der), type);
        Path file = folder.resolve(name);
        PrivateFiles.create(file, ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        return file;
    }

    /// @param own null for a client without a certificate
    private static HttpClient trusting(KeyStore server, @Nullable KeyStore own) throws Exception {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        roots.setCertificateEntry("root", server.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, own == null ? null : "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    @Test
    void withClientRootsOnlyAClientWithACertificateOfTheirsIsAnswered() throws Exception {
        KeyStore own = selfSigned("server");
        KeyStore agent = selfSigned("agent");
        Web3SignerConfig.Tls tls = new Web3SignerConfig.Tls(
                pem("server.pem", "CERTIFICATE", own.getCertificate("server").getEncoded()),
                pem(
                        "server.key",
                        "PRIVATE KEY",
                        own.getKey("server", "changeit".toCharArray()).getEncoded()),
                Optional.of(pem(
                        "roots.pem",
                        "CERTIFICATE",
                        agent.getCertificate("agent").getEncoded())));
        try (HttpServer mutual = Web3SignerCommand.start(
                        new Web3SignerConfig(
                                new HostPort("127.0.0.1", 0),
                                List.of(signer.keyArn()),
                                0,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.of(tls)),
                        client);
                HttpClient known = trusting(own, agent);
                HttpClient nameless = trusting(own, null);
                HttpClient stranger = trusting(own, selfSigned("stranger"))) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://localhost:" + mutual.address().getPort() + "/api/v1/eth1/publicKeys"))
                    .build();
            assertThat(known.send(request, HttpResponse.BodyHandlers.ofString()).body())
                    .contains(signer.publicKeyHex());
            for (HttpClient other : List.of(nameless, stranger)) {
                assertThatThrownBy(() -> other.send(request, HttpResponse.BodyHandlers.ofString()))
                        .isInstanceOf(IOException.class);
            }
        }
    }
}
