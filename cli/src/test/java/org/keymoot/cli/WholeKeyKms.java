package org.keymoot.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.Decision;
import org.keymoot.access.Kms;
import org.keymoot.access.MemoryDirectory;
import org.keymoot.access.Principal;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.Service;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.TestCredential;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;

/// A KMS endpoint that decides as the parties do and signs with whole keys, over HTTP in this process.
final class WholeKeyKms implements AutoCloseable {
    static final String ACCOUNT = "123456789012";
    static final String REGION = "us-east-1";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final X9ECParameters SECP256K1 = SECNamedCurves.getByName("secp256k1");

    final MemoryDirectory directory = new MemoryDirectory();
    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, BigInteger> secrets = new HashMap<>();
    private final HttpServer server;
    private final String homeBefore = System.getProperty("user.home");

    /// How many of the three parties answer.
    volatile int answering = 3;

    /// The action that fails next, and how.
    volatile @Nullable Fault fault;

    /// @param after whether the action is carried out before the fault
    /// @param status 0 closes the connection without an answer
    record Fault(String action, boolean after, int status, String type) {}

    WholeKeyKms(Path folder) throws IOException {
        directory.add("AKIAROOT", new TestCredential(Principal.root(ACCOUNT), SECRET, true));
        Path aws = Files.createDirectories(folder.resolve(".aws"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
        Files.writeString(aws.resolve("credentials"), """
                [default]
                aws_access_key_id = AKIANOBODY
                aws_secret_access_key = nothing

                [test]
                # as the command line of AWS writes it
                aws_access_key_id = AKIAROOT
                aws_secret_access_key = %s
                """.formatted(SECRET));
        Files.writeString(
                aws.resolve("config"), """
                [profile test]
                region = %s
                endpoint_url = http://127.0.0.1:%d
                """.formatted(REGION, server.getAddress().getPort()));
        System.setProperty("user.home", folder.toString());
    }

    private void handle(HttpExchange exchange) throws IOException {
        if (exchange.getRequestURI().getPath().equals("/health")) {
            reply(exchange, 200, "{\"parties\":3,\"partiesAnswering\":" + answering + ",\"status\":\"ok\"}");
            return;
        }
        List<SignedRequest.Header> headers = new ArrayList<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> values.forEach(value -> headers.add(new SignedRequest.Header(name, value))));
        SignedRequest request = new SignedRequest(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                headers,
                exchange.getRequestBody().readAllBytes(),
                "127.0.0.1");
        Service service = Service.of(request);
        String action = action(service, request);
        calls.add(action);
        Fault planned = fault;
        if (planned != null && planned.action().equals(action)) {
            fault = null;
            if (planned.after()) {
                execute(request);
            }
            if (planned.status() == 0) {
                exchange.close();
                return;
            }
            answer(exchange, new AwsError(planned.status(), planned.type(), "planned"));
            return;
        }
        try {
            reply(exchange, 200, service.success(service.action(action), execute(request), "id"));
        } catch (Refusal e) {
            AwsError said = service.inItsWords(e.error);
            reply(exchange, said.status(), service.failure(said, "id"));
        }
    }

    private static String action(Service service, SignedRequest request) {
        if (service == Service.KMS) {
            String target = request.header("x-amz-target").getFirst();
            return target.substring(target.indexOf('.') + 1);
        }
        String form = new String(request.body(), StandardCharsets.UTF_8);
        return form.substring("Action=".length(), form.indexOf('&'));
    }

    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient AwsError error;

        Refusal(AwsError error) {
            super(error.type());
            this.error = error;
        }
    }

    private synchronized String execute(SignedRequest request) {
        return switch (Kms.decide(request, directory, Instant.now())) {
            case Decision.Refused refused -> throw new Refusal(refused.error());
            case Decision.Answer answer -> answer.json();
            case Decision.Change change -> {
                for (RegisterWrite write : change.writes()) {
                    directory.commit(write);
                }
                yield change.json();
            }
            case Decision.Reserve reserve -> {
                directory.commit(reserve.write());
                yield execute(request);
            }
            case Decision.MakeKey make -> {
                BigInteger secret = new BigInteger(250, new SecureRandom()).add(BigInteger.ONE);
                secrets.put(make.draft().keyId(), secret);
                Point point = point(make.draft().spec().group(), secret);
                directory.commit(make.write(point));
                yield make.answer(point);
            }
            case Decision.SignWith sign ->
                sign.answer(ecdsa(Objects.requireNonNull(secrets.get(sign.key().keyId())), sign.payload()));
            case Decision.IssueSecret issue -> {
                directory.commit(issue.write().apply(directory.keep(issue.register(), "s".repeat(40))));
                yield Objects.requireNonNull(issue.shown()).apply("s".repeat(40));
            }
            default -> throw new AssertionError("no request of these tests needs more than signing");
        };
    }

    private static Point point(GroupId group, BigInteger secret) {
        X9ECParameters curve = group == GroupId.SECP256K1 ? SECP256K1 : SECNamedCurves.getByName("secp256r1");
        try {
            return Group.of(group)
                    .decode(curve.getG().multiply(secret).normalize().getEncoded(true));
        } catch (InvalidEncodingException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] ecdsa(BigInteger secret, byte[] digest) {
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
        signer.init(true, new ECPrivateKeyParameters(secret, new ECDomainParameters(SECP256K1)));
        BigInteger[] pair = signer.generateSignature(digest);
        var field = Group.of(GroupId.SECP256K1).scalars();
        return new EcdsaSignature(field.of(pair[0]), field.of(pair[1]))
                .withLowS()
                .encodeDer();
    }

    private static void answer(HttpExchange exchange, AwsError error) throws IOException {
        reply(exchange, error.status(), error.json());
    }

    private static void reply(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        System.setProperty("user.home", homeBefore);
    }
}
