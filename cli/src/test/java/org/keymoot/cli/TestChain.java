package org.keymoot.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.SignedTransaction;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// A chain of one node over JSON-RPC that keeps balances and nonces, has a pool, and takes only transactions whose
/// signatures are right.
public final class TestChain implements AutoCloseable {
    public static final BigInteger ETHER = BigInteger.TEN.pow(18);
    private static final BigInteger BASE_FEE = BigInteger.valueOf(7_000_000_000L);
    private static final BigInteger GAS = BigInteger.valueOf(21_000);

    public final Map<Address, BigInteger> balances = new HashMap<>();
    public final List<SignedTransaction> blocks = new ArrayList<>();
    final List<String> sent = new ArrayList<>();
    private final Map<Address, TreeMap<BigInteger, SignedTransaction>> pool = new HashMap<>();
    private final Map<Address, BigInteger> nonces = new HashMap<>();
    private final HttpServer server;

    /// Blocks come by themselves.
    volatile boolean mining = true;

    /// Blocks have a base fee.
    volatile boolean london = true;

    /// The count of pending transactions leaves out the pool, as some nodes do, and what waits there is not told.
    volatile boolean hidesPool;

    /// How many transactions from now on get no answer.
    public volatile int lostAnswers;

    /// How many transactions from now on are taken, and are said to be refused.
    volatile int lies;

    /// How many transactions from now on do not arrive, and get no answer.
    volatile int lostQuestions;

    public TestChain() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public synchronized BigInteger balance(Address address) {
        return balances.getOrDefault(address, BigInteger.ZERO);
    }

    private BigInteger nonce(Address address) {
        return nonces.getOrDefault(address, BigInteger.ZERO);
    }

    /// What a node refuses.
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        Refusal(String why) {
            super(why);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body;
        try {
            JsonNode call = JsonReader.read(exchange.getRequestBody().readAllBytes());
            String method = call.required("method").asString();
            boolean sending = method.equals("eth_sendRawTransaction");
            if (sending && lostQuestions > 0) {
                lostQuestions--;
                exchange.close();
                return;
            }
            body = answer(call, method);
            if (sending && lostAnswers > 0) {
                lostAnswers--;
                exchange.close();
                return;
            }
        } catch (InvalidJsonException e) {
            throw new IOException(e);
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private synchronized String answer(JsonNode call, String method) {
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", call.required("id").asInt());
        try {
            answer.put("result", result(method, call.required("params")));
        } catch (Refusal | InvalidEthereumData e) {
            answer.put("error", Map.of("code", -32000, "message", String.valueOf(e.getMessage())));
        }
        return Output.toJson(answer);
    }

    private @Nullable Object result(String method, JsonNode parameters) throws Refusal, InvalidEthereumData {
        return switch (method) {
            case "eth_chainId" -> "0x539";
            case "eth_getBalance" ->
                Hex.of(balance(Address.parse(parameters.get(0).asString())));
            case "eth_getTransactionCount" -> {
                Address address = Address.parse(parameters.get(0).asString());
                BigInteger count = nonce(address);
                boolean pending = parameters.get(1).asString().equals("pending") && !hidesPool;
                while (pending && waiting(address).containsKey(count)) {
                    count = count.add(BigInteger.ONE);
                }
                yield Hex.of(count);
            }
            case "eth_gasPrice" -> Hex.of(BASE_FEE);
            case "eth_maxPriorityFeePerGas" -> "0x3b9aca00";
            case "eth_getBlockByNumber" -> london ? Map.of("baseFeePerGas", Hex.of(BASE_FEE)) : Map.of("number", "0x1");
            case "eth_estimateGas" -> Hex.of(GAS);
            case "eth_sendRawTransaction" -> take(parameters.get(0).asString());
            case "eth_getTransactionByHash" -> {
                String hash = parameters.get(0).asString();
                boolean known = block(hash) >= 0
                        || !hidesPool
                                && pool.values().stream()
                                        .flatMap(all -> all.values().stream())
                                        .anyMatch(waiting ->
                                                Hex.of(waiting.hash()).equals(hash));
                yield known ? Map.of("hash", hash) : null;
            }
            case "eth_getTransactionReceipt" -> {
                int block = block(parameters.get(0).asString());
                yield block < 0 ? null : Map.of("status", "0x1", "blockNumber", Hex.of(BigInteger.valueOf(block + 1)));
            }
            default -> throw new Refusal("the method " + method + " does not exist");
        };
    }

    private int block(String hash) {
        for (int i = 0; i < blocks.size(); i++) {
            if (Hex.of(blocks.get(i).hash()).equals(hash)) {
                return i;
            }
        }
        return -1;
    }

    private TreeMap<BigInteger, SignedTransaction> waiting(Address address) {
        return pool.computeIfAbsent(address, none -> new TreeMap<>());
    }

    private String take(String raw) throws Refusal, InvalidEthereumData {
        SignedTransaction signed = SignedTransaction.decode(Hex.bytes(raw));
        Transaction transaction = signed.transaction();
        Address sender = signed.sender();
        if (transaction.chainId() == null || !transaction.chainId().equals(BigInteger.valueOf(1337))) {
            throw new Refusal("invalid chain id");
        }
        if (transaction.nonce().compareTo(nonce(sender)) < 0) {
            throw new Refusal(block(Hex.of(signed.hash())) >= 0 ? "already known" : "nonce too low");
        }
        if (balance(sender).compareTo(transaction.mostSpent()) < 0) {
            throw new Refusal("insufficient funds for gas * price + value");
        }
        SignedTransaction present = waiting(sender).get(transaction.nonce());
        if (present != null && present.equals(signed)) {
            throw new Refusal("already known");
        }
        if (present != null) {
            BigInteger least = present.transaction()
                    .fee()
                    .mostPerGas()
                    .multiply(BigInteger.valueOf(11))
                    .divide(BigInteger.TEN);
            if (transaction.fee().mostPerGas().compareTo(least) < 0) {
                throw new Refusal("replacement transaction underpriced");
            }
        }
        waiting(sender).put(transaction.nonce(), signed);
        sent.add(Hex.of(signed.hash()));
        if (lies > 0) {
            lies--;
            throw new Refusal("replacement transaction underpriced");
        }
        if (mining) {
            mine();
        }
        return Hex.of(signed.hash());
    }

    /// Puts into blocks what waits and has no gap before it.
    synchronized void mine() throws InvalidEthereumData {
        for (Map.Entry<Address, TreeMap<BigInteger, SignedTransaction>> entry : pool.entrySet()) {
            Address sender = entry.getKey();
            SignedTransaction next = entry.getValue().remove(nonce(sender));
            while (next != null) {
                Transaction transaction = next.transaction();
                BigInteger price = london ? BASE_FEE : transaction.fee().mostPerGas();
                BigInteger cost = transaction.value().add(price.multiply(GAS));
                balances.merge(sender, cost.negate(), BigInteger::add);
                balances.merge(
                        java.util.Objects.requireNonNull(transaction.to()), transaction.value(), BigInteger::add);
                nonces.merge(sender, BigInteger.ONE, BigInteger::add);
                blocks.add(next);
                next = entry.getValue().remove(nonce(sender));
            }
        }
    }

    /// Forgets what waits, as a node does that starts again.
    synchronized void dropPool() {
        pool.clear();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
