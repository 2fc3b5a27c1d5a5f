package org.keymoot.cli.ethereum;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.AccessListEntry;
import org.keymoot.access.ethereum.Address;
import org.keymoot.access.ethereum.Hex;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.Transaction;
import tools.jackson.databind.JsonNode;

/// A transaction as the JSON of `eth_signTransaction` has it; quantities are decimal or hexadecimal after `0x`.
///
/// It keeps true: nonce, gas limit and fee are given by the caller, never guessed, and an unknown member is refused.
public final class TransactionJson {
    private static final Set<String> KNOWN = Set.of(
            "from",
            "to",
            "value",
            "data",
            "input",
            "nonce",
            "gas",
            "gasLimit",
            "gasPrice",
            "maxFeePerGas",
            "maxPriorityFeePerGas",
            "chainId",
            "type",
            "accessList");

    private final JsonNode node;

    private TransactionJson(JsonNode node) {
        this.node = node;
    }

    /// @param chain the chain when the JSON names none; null to demand it
    public static Transaction read(JsonNode node, @Nullable BigInteger chain) throws InvalidEthereumData {
        if (!node.isObject()) {
            throw new InvalidEthereumData("expected a transaction as a JSON object");
        }
        for (String member : node.propertyNames()) {
            if (!KNOWN.contains(member)) {
                throw new InvalidEthereumData("expected only members of a transaction but found '" + member + "'");
            }
        }
        return new TransactionJson(node).transaction(chain);
    }

    private Transaction transaction(@Nullable BigInteger chain) throws InvalidEthereumData {
        List<AccessListEntry> accessList = accessList();
        JsonNode to = node.path("to");
        String data = text("data", text("input", "0x"));
        BigInteger chainId = has("chainId") ? quantity("chainId") : chain;
        if (chainId == null) {
            throw new InvalidEthereumData("expected chainId: without it any chain would take the transaction");
        }
        try {
            return new Transaction(
                    chainId,
                    quantity("nonce"),
                    fee(!accessList.isEmpty()),
                    has("gas") ? quantity("gas") : quantity("gasLimit"),
                    to.isMissingNode() || to.isNull() || to.asString("").isEmpty()
                            ? null
                            : Address.parse(to.asString("")),
                    has("value") ? quantity("value") : BigInteger.ZERO,
                    HexFormat.of().formatHex(Hex.bytes(data)),
                    accessList);
        } catch (IllegalArgumentException e) {
            throw new InvalidEthereumData("the transaction breaks a rule: " + e.getMessage());
        }
    }

    private Transaction.Fee fee(boolean listed) throws InvalidEthereumData {
        String type = text("type", "");
        if (has("gasPrice") && has("maxFeePerGas")) {
            throw new InvalidEthereumData("expected gasPrice or maxFeePerGas but found both");
        }
        if (has("maxFeePerGas")) {
            expectType(type, "0x2");
            return new Transaction.Dynamic(quantity("maxPriorityFeePerGas"), quantity("maxFeePerGas"));
        }
        if (listed || type.equals("0x1") || type.equals("1")) {
            expectType(type, "0x1");
            return new Transaction.Listed(quantity("gasPrice"));
        }
        expectType(type, "0x0");
        return new Transaction.Legacy(quantity("gasPrice"));
    }

    private static void expectType(String given, String fitting) throws InvalidEthereumData {
        if (!given.isEmpty() && !given.equals(fitting) && !given.equals(fitting.substring(2))) {
            throw new InvalidEthereumData(
                    "expected the type " + fitting + " from the transaction's fees but found " + given);
        }
    }

    private List<AccessListEntry> accessList() throws InvalidEthereumData {
        List<AccessListEntry> entries = new ArrayList<>();
        for (JsonNode entry : node.path("accessList")) {
            List<String> keys = new ArrayList<>();
            for (JsonNode key : entry.path("storageKeys")) {
                byte[] bytes = Hex.bytes(key.asString(""));
                if (bytes.length != 32) {
                    throw new InvalidEthereumData("expected storage keys of 32 bytes");
                }
                keys.add(HexFormat.of().formatHex(bytes));
            }
            entries.add(new AccessListEntry(Address.parse(entry.path("address").asString("")), keys));
        }
        return entries;
    }

    private boolean has(String member) {
        return node.hasNonNull(member);
    }

    private String text(String member, String otherwise) {
        return has(member) ? node.path(member).asString(otherwise) : otherwise;
    }

    private BigInteger quantity(String member) throws InvalidEthereumData {
        if (!has(member)) {
            throw new InvalidEthereumData("expected the transaction to have the member " + member);
        }
        return Hex.quantity(node.path(member).asString(""));
    }
}
