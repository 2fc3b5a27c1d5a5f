package org.keymoot.cli.ethereum;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.Transaction;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.cli.Output;
import tools.jackson.databind.JsonNode;

/// A node of a chain, over JSON-RPC. Questions are asked again when an answer is lost; a transaction is sent once by
/// each call.
public final class EthereumNode implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int MAX_ATTEMPTS = 4;
    private static final BigInteger PRIORITY_WHERE_NOT_TOLD = BigInteger.valueOf(1_000_000_000L);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final URI url;

    public EthereumNode(URI url) {
        this.url = url;
    }

    /// The fate of a transaction that is in a block.
    public record Receipt(boolean success, BigInteger block) {}

    public BigInteger chainId() {
        return quantity(ask("eth_chainId"));
    }

    public BigInteger balance(Address address) {
        return quantity(ask("eth_getBalance", address.checksummed(), "latest"));
    }

    /// @param block `latest` for what is in blocks, `pending` to count what waits as well
    public BigInteger transactionCount(Address address, String block) {
        return quantity(ask("eth_getTransactionCount", address.checksummed(), block));
    }

    /// What a transaction pays for gas: EIP-1559's two fees where blocks have a base fee, one price elsewhere.
    public Transaction.Fee fee() {
        JsonNode base = ask("eth_getBlockByNumber", "latest", false).path("baseFeePerGas");
        if (!base.isString()) {
            return new Transaction.Legacy(quantity(ask("eth_gasPrice")));
        }
        BigInteger priority;
        try {
            priority = quantity(ask("eth_maxPriorityFeePerGas"));
        } catch (RpcRefusal e) {
            priority = PRIORITY_WHERE_NOT_TOLD;
        }
        return new Transaction.Dynamic(priority, quantity(base).shiftLeft(1).add(priority));
    }

    public BigInteger estimateGas(Address from, Address to, BigInteger value) {
        return estimateGas(from, to, value, "");
    }

    /// @param to null where a contract is made
    /// @param data hexadecimal without prefix
    public BigInteger estimateGas(Address from, @Nullable Address to, BigInteger value, String data) {
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("from", from.checksummed());
        if (to != null) {
            call.put("to", to.checksummed());
        }
        call.put("value", Hex.of(value));
        if (!data.isEmpty()) {
            call.put("data", "0x" + data);
        }
        return quantity(ask("eth_estimateGas", call));
    }

    /// Sends a signed transaction once.
    ///
    /// @throws RpcRefusal when the node does not take it
    /// @throws IOException when it is not known whether the node took it
    public void send(byte[] raw) throws IOException {
        once("eth_sendRawTransaction", Hex.of(raw));
    }

    /// Whether the node knows the transaction, in a block or waiting for one.
    public boolean knows(String hash) {
        return ask("eth_getTransactionByHash", hash).isObject();
    }

    public @Nullable Receipt receipt(String hash) {
        JsonNode receipt = ask("eth_getTransactionReceipt", hash);
        return receipt.isObject()
                ? new Receipt(quantity(receipt.path("status")).signum() != 0, quantity(receipt.path("blockNumber")))
                : null;
    }

    private static BigInteger quantity(JsonNode node) {
        try {
            return Hex.quantity(node.asString(""));
        } catch (InvalidEthereumData e) {
            throw new CliFailure(
                    ExitCode.INTEGRITY,
                    "the node answered with no number: " + e.getMessage(),
                    "check that --rpc names the JSON-RPC address of an Ethereum node",
                    e);
        }
    }

    private JsonNode ask(String method, Object... parameters) {
        IOException last = null;
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            try {
                return once(method, parameters);
            } catch (IOException e) {
                last = e;
                pause(attempt);
            }
        }
        throw new CliFailure(
                ExitCode.RETRY_LATER,
                "the node %s did not answer %s: %s".formatted(url.getHost(), method, String.valueOf(last)),
                "check --rpc and the node, then run it again");
    }

    private static void pause(int attempt) {
        try {
            Thread.sleep(200L << attempt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliFailure(ExitCode.RETRY_LATER, "interrupted", "run it again", e);
        }
    }

    private JsonNode once(String method, Object... parameters) throws IOException {
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("jsonrpc", "2.0");
        call.put("id", 1);
        call.put("method", method);
        call.put("params", List.of(parameters));
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Output.toJson(call)))
                .build();
        JsonNode answer;
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            answer = JsonReader.read(response.body());
        } catch (InvalidJsonException e) {
            throw new IOException("an answer that is no JSON", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        JsonNode error = answer.path("error");
        if (error.isObject()) {
            throw new RpcRefusal(
                    method, error.path("code").asInt(0), error.path("message").asString(""));
        }
        JsonNode result = answer.get("result");
        if (result == null) {
            throw new IOException("an answer without result");
        }
        return result;
    }

    @Override
    public void close() {
        http.close();
    }
}
