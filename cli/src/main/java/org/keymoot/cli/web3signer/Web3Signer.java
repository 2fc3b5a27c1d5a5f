package org.keymoot.cli.web3signer;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.access.ethereum.TypedData;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.Output;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.ethereum.EthereumSigner;
import org.keymoot.cli.ethereum.TransactionJson;
import org.keymoot.crypto.keccak.Keccak256;
import org.keymoot.platform.http.Exchange;
import org.keymoot.platform.http.HttpAnswer;
import org.keymoot.platform.http.HttpHandler;
import org.keymoot.platform.http.Router;
import tools.jackson.databind.JsonNode;

/// Answers web3signer's eth1 calls with keys of a KMS endpoint: the HTTP API and the JSON-RPC methods.
public final class Web3Signer implements HttpHandler {
    private static final int INVALID_REQUEST = -32600;
    private static final int NO_METHOD = -32601;
    private static final int INVALID_PARAMETERS = -32602;
    private static final int REFUSED = -32000;
    private static final int MOST_CALLS = 100;
    private static final String BEARER = "Bearer ";

    /// How long a lease runs on after the last transaction.
    private static final Duration LEASE = Duration.ofMinutes(5);

    private final Map<String, EthereumSigner> byPublicKey = new LinkedHashMap<>();
    private final Map<Address, EthereumSigner> byAddress = new LinkedHashMap<>();
    private final @Nullable BigInteger chainId;
    private final byte @Nullable [] token;
    private final @Nullable String leaseHolder;
    private final InstantSource clock;

    /// When leases were taken last, by the key's address and the chain.
    private final Map<String, Instant> leased = new ConcurrentHashMap<>();

    private final Router router;

    /// @param chainId of transactions that name none; null to refuse them
    /// @param token null where client certificates are demanded instead
    /// @param leaseHolder null where transactions are signed without a nonce lease
    public Web3Signer(
            List<EthereumSigner> signers,
            @Nullable BigInteger chainId,
            byte @Nullable [] token,
            @Nullable String leaseHolder,
            InstantSource clock) {
        for (EthereumSigner signer : signers) {
            byPublicKey.put(signer.publicKeyHex(), signer);
            byAddress.put(signer.address(), signer);
        }
        this.chainId = chainId;
        this.token = token == null ? null : token.clone();
        this.leaseHolder = leaseHolder;
        this.clock = clock;
        this.router = new Router()
                .route("GET", "/upcheck", exchange -> HttpAnswer.text(200, "OK"))
                .route(
                        "GET",
                        "/healthcheck",
                        exchange -> json(200, Map.of("status", "UP", "outcome", "UP", "checks", List.of())))
                .route("GET", "/api/v1/eth1/publicKeys", guarded(exchange -> json(200, publicKeys())))
                .route("POST", "/api/v1/eth1/sign/{identifier}", guarded(this::sign))
                .route("POST", "/", guarded(this::call));
    }

    @Override
    public HttpAnswer handle(Exchange exchange) {
        return router.handle(exchange);
    }

    private HttpHandler guarded(HttpHandler handler) {
        return exchange -> {
            if (token == null ? exchange.peerCertificates().isEmpty() : !hasToken(exchange)) {
                return HttpAnswer.text(401, "the bearer token is missing or wrong")
                        .with("WWW-Authenticate", "Bearer");
            }
            return handler.handle(exchange);
        };
    }

    private boolean hasToken(Exchange exchange) {
        Optional<String> header = exchange.header("Authorization");
        return header.isPresent()
                && header.get().startsWith(BEARER)
                && MessageDigest.isEqual(
                        header.get().substring(BEARER.length()).getBytes(StandardCharsets.UTF_8), token);
    }

    private List<String> publicKeys() {
        return byPublicKey.keySet().stream().map(key -> "0x" + key).toList();
    }

    /// Signs the hash of the data, as web3signer does.
    private HttpAnswer sign(Exchange exchange) {
        String identifier =
                exchange.pathParameters().getOrDefault("identifier", "").toLowerCase(Locale.ROOT);
        EthereumSigner signer = byPublicKey.get(identifier.startsWith("0x") ? identifier.substring(2) : identifier);
        if (signer == null) {
            return HttpAnswer.text(404, "Public Key not found");
        }
        try {
            JsonNode data = JsonReader.read(exchange.body()).path("data");
            if (!data.isString()) {
                return HttpAnswer.text(400, "expected the member data with hexadecimal digits");
            }
            byte[] digest = Keccak256.hash(Hex.bytes(data.stringValue()));
            return HttpAnswer.text(200, Hex.of(signer.signDigest(digest).encode()));
        } catch (InvalidJsonException | InvalidEthereumData e) {
            return HttpAnswer.text(400, String.valueOf(e.getMessage()));
        } catch (AwsCallFailure e) {
            return HttpAnswer.text(e.status() >= 500 ? 503 : 403, e.type() + ": " + e.getMessage());
        } catch (CliFailure e) {
            return HttpAnswer.text(e.exitCode() == ExitCode.RETRY_LATER ? 503 : 500, String.valueOf(e.getMessage()));
        }
    }

    /// One JSON-RPC call or, as ethers sends what it asks at nearly the same time, a list of them.
    private HttpAnswer call(Exchange exchange) {
        JsonNode request;
        try {
            request = JsonReader.read(exchange.body());
        } catch (InvalidJsonException e) {
            return json(200, error(null, INVALID_REQUEST, "the request is no JSON: " + e.getMessage()));
        }
        if (!request.isArray()) {
            return json(200, answer(request));
        }
        if (request.isEmpty() || request.size() > MOST_CALLS) {
            return json(
                    200,
                    error(
                            null,
                            INVALID_REQUEST,
                            "expected 1 to %d calls in one request but found %d"
                                    .formatted(MOST_CALLS, request.size())));
        }
        return json(200, request.values().stream().map(this::answer).toList());
    }

    private Map<String, @Nullable Object> answer(JsonNode call) {
        JsonNode id = call.get("id");
        if (!call.isObject() || !call.path("method").isString()) {
            return error(id, INVALID_REQUEST, "expected a JSON-RPC call with a method");
        }
        try {
            return switch (call.path("method").stringValue()) {
                case "eth_accounts" ->
                    result(
                            id,
                            byAddress.keySet().stream()
                                    .map(Address::checksummed)
                                    .toList());
                case "eth_chainId" -> result(id, Hex.of(chain()));
                case "eth_sign" -> result(id, ethSign(parameters(call, 2)));
                case "eth_signTransaction" -> result(id, ethSignTransaction(parameters(call, 1)));
                case "eth_signTypedData", "eth_signTypedData_v4" -> result(id, ethSignTypedData(parameters(call, 2)));
                default ->
                    error(
                            id,
                            NO_METHOD,
                            "there is no method " + call.path("method").stringValue());
            };
        } catch (InvalidEthereumData e) {
            return error(id, INVALID_PARAMETERS, String.valueOf(e.getMessage()));
        } catch (AwsCallFailure e) {
            return error(id, REFUSED, e.type() + ": " + e.getMessage());
        } catch (CliFailure e) {
            return error(id, REFUSED, String.valueOf(e.getMessage()));
        }
    }

    private static List<JsonNode> parameters(JsonNode call, int count) throws InvalidEthereumData {
        List<JsonNode> parameters = new ArrayList<>(call.path("params").values());
        if (parameters.size() != count) {
            throw new InvalidEthereumData("expected %d parameters but found %d".formatted(count, parameters.size()));
        }
        return parameters;
    }

    /// Wallets' libraries ask for the chain before they have anything signed.
    private BigInteger chain() throws InvalidEthereumData {
        if (chainId == null) {
            throw new InvalidEthereumData("expected the setting chainId: this signer knows no chain");
        }
        return chainId;
    }

    private String ethSign(List<JsonNode> parameters) throws InvalidEthereumData {
        byte[] message = Hex.bytes(parameters.get(1).asString(""));
        return Hex.of(signer(parameters.get(0)).signMessage(message).encode());
    }

    private String ethSignTransaction(List<JsonNode> parameters) throws InvalidEthereumData {
        JsonNode given = parameters.getFirst();
        EthereumSigner signer = signer(given.path("from"));
        Transaction transaction = TransactionJson.read(given, chainId);
        BigInteger chain = transaction.chainId();
        if (leaseHolder == null || chain == null) {
            return Hex.of(signer.sign(transaction).encode());
        }
        hold(signer, chain, leaseHolder);
        return Hex.of(signer.sign(transaction, leaseHolder).encode());
    }

    /// Takes the lease, or keeps it once half of its time is over.
    private void hold(EthereumSigner signer, BigInteger chain, String holder) {
        String name = signer.address() + "/" + chain;
        Instant now = clock.instant();
        Instant before = leased.get(name);
        if (before == null || now.isAfter(before.plus(LEASE.dividedBy(2)))) {
            signer.lease(chain, holder, LEASE);
            leased.put(name, now);
        }
    }

    private String ethSignTypedData(List<JsonNode> parameters) throws InvalidEthereumData {
        JsonNode given = parameters.get(1);
        String text = given.isString() ? given.stringValue() : given.toString();
        TypedData data = TypedData.parse(text.getBytes(StandardCharsets.UTF_8));
        return Hex.of(signer(parameters.get(0)).signTypedData(data, text).encode());
    }

    private EthereumSigner signer(JsonNode address) throws InvalidEthereumData {
        EthereumSigner signer = byAddress.get(Address.parse(address.asString("")));
        if (signer == null) {
            throw new InvalidEthereumData("no key of this signer has the address " + address.asString(""));
        }
        return signer;
    }

    private static Map<String, @Nullable Object> result(@Nullable JsonNode id, Object result) {
        return answer(id, "result", result);
    }

    private static Map<String, @Nullable Object> error(@Nullable JsonNode id, int code, String message) {
        return answer(id, "error", Map.of("code", code, "message", message));
    }

    private static Map<String, @Nullable Object> answer(@Nullable JsonNode id, String member, Object value) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", id);
        answer.put(member, value);
        return answer;
    }

    private static HttpAnswer json(int status, Object value) {
        return HttpAnswer.json(status, Output.toJson(value).getBytes(StandardCharsets.UTF_8));
    }
}
