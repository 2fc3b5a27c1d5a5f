package org.keymoot.access.ethereum;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Rlp.Item;
import org.keymoot.crypto.keccak.Keccak256;

/// A transaction before it is signed.
///
/// It keeps true: every form but the legacy one names its chain, and quantities have at most 256 bits, so each value
/// has one encoding and one hash to sign.
///
/// @param chainId null only for a legacy transaction from before EIP-155, which any chain accepts
/// @param to null when the transaction makes a contract
/// @param data hexadecimal digits without prefix
/// @param accessList of EIP-2930; empty for legacy
public record Transaction(
        @Nullable BigInteger chainId,
        BigInteger nonce,
        Fee fee,
        BigInteger gasLimit,
        @Nullable Address to,
        BigInteger value,
        String data,
        List<AccessListEntry> accessList) {

    private static final BigInteger MAXIMUM_NONCE = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.TWO);

    /// What is paid for gas, which also tells the transaction's type.
    public sealed interface Fee {
        /// The most that one unit of gas may cost.
        BigInteger mostPerGas();
    }

    /// One price; the oldest form, with EIP-155's protection when the chain is named.
    public record Legacy(BigInteger gasPrice) implements Fee {
        @Override
        public BigInteger mostPerGas() {
            return gasPrice;
        }
    }

    /// One price, in the envelope of EIP-2930.
    public record Listed(BigInteger gasPrice) implements Fee {
        @Override
        public BigInteger mostPerGas() {
            return gasPrice;
        }
    }

    /// A cap on all and a share of it for the block's maker (EIP-1559).
    public record Dynamic(BigInteger maxPriorityFeePerGas, BigInteger maxFeePerGas) implements Fee {
        @Override
        public BigInteger mostPerGas() {
            return maxFeePerGas;
        }
    }

    public Transaction {
        accessList = List.copyOf(accessList);
        require(chainId != null || fee instanceof Legacy, "a typed transaction names its chain");
        require(!(fee instanceof Legacy) || accessList.isEmpty(), "a legacy transaction has no access list");
        require(chainId == null || (chainId.signum() > 0 && chainId.bitLength() <= 63), "a chain id is 1 to 2^63 - 1");
        require(nonce.signum() >= 0 && nonce.compareTo(MAXIMUM_NONCE) <= 0, "a nonce is 0 to 2^64 - 2 (EIP-2681)");
        require(gasLimit.signum() >= 0 && gasLimit.bitLength() <= 64, "a gas limit has at most 64 bits");
        require(isQuantity(value), "a value has at most 256 bits");
        require(data.length() % 2 == 0 && data.matches("[0-9a-f]*"), "data is whole bytes in lower-case hexadecimal");
        switch (fee) {
            case Legacy legacy -> require(isQuantity(legacy.gasPrice()), "a gas price has at most 256 bits");
            case Listed listed -> require(isQuantity(listed.gasPrice()), "a gas price has at most 256 bits");
            case Dynamic dynamic -> {
                require(isQuantity(dynamic.maxFeePerGas()), "maxFeePerGas has at most 256 bits");
                require(isQuantity(dynamic.maxPriorityFeePerGas()), "maxPriorityFeePerGas has at most 256 bits");
                require(
                        dynamic.maxPriorityFeePerGas().compareTo(dynamic.maxFeePerGas()) <= 0,
                        "maxPriorityFeePerGas is at most maxFeePerGas");
            }
        }
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(rule);
        }
    }

    private static boolean isQuantity(BigInteger value) {
        return value.signum() >= 0 && value.bitLength() <= 256;
    }

    /// The digest that the sender signs.
    public byte[] signingHash() {
        return Keccak256.hash(encodeUnsigned());
    }

    /// What [#signingHash] hashes: the form in which tools pass on a transaction that is not signed yet.
    public byte[] encodeUnsigned() {
        List<Item> fields = fields();
        if (fee instanceof Legacy && chainId != null) {
            fields.add(Rlp.number(chainId));
            fields.add(Rlp.number(BigInteger.ZERO));
            fields.add(Rlp.number(BigInteger.ZERO));
        }
        return enveloped(fields);
    }

    /// What names the same payment whatever it pays for gas: all but the fee and the gas limit.
    public byte[] intentHash() {
        return Keccak256.hash(Rlp.encode(Rlp.list(List.of(
                Rlp.number(chainId == null ? BigInteger.ZERO : chainId),
                Rlp.number(nonce),
                recipient(),
                Rlp.number(value),
                Rlp.text(HexFormat.of().parseHex(data)),
                accessListItem()))));
    }

    /// The most that the sender can lose by it.
    public BigInteger mostSpent() {
        return value.add(gasLimit.multiply(fee.mostPerGas()));
    }

    /// The first four bytes of the data, which name the method of a contract; empty when there are fewer.
    public String selector() {
        return data.length() >= 8 ? data.substring(0, 8) : "";
    }

    List<Item> fields() {
        List<Item> fields = new ArrayList<>();
        switch (fee) {
            case Legacy legacy -> {
                fields.add(Rlp.number(nonce));
                fields.add(Rlp.number(legacy.gasPrice()));
            }
            case Listed listed -> {
                fields.add(Rlp.number(java.util.Objects.requireNonNull(chainId)));
                fields.add(Rlp.number(nonce));
                fields.add(Rlp.number(listed.gasPrice()));
            }
            case Dynamic dynamic -> {
                fields.add(Rlp.number(java.util.Objects.requireNonNull(chainId)));
                fields.add(Rlp.number(nonce));
                fields.add(Rlp.number(dynamic.maxPriorityFeePerGas()));
                fields.add(Rlp.number(dynamic.maxFeePerGas()));
            }
        }
        fields.add(Rlp.number(gasLimit));
        fields.add(recipient());
        fields.add(Rlp.number(value));
        fields.add(Rlp.text(HexFormat.of().parseHex(data)));
        if (!(fee instanceof Legacy)) {
            fields.add(accessListItem());
        }
        return fields;
    }

    /// The list of fields, behind the byte of its type.
    byte[] enveloped(List<Item> fields) {
        byte[] list = Rlp.encode(Rlp.list(fields));
        int type = switch (fee) {
            case Legacy legacy -> 0;
            case Listed listed -> 1;
            case Dynamic dynamic -> 2;
        };
        if (type == 0) {
            return list;
        }
        byte[] out = new byte[1 + list.length];
        out[0] = (byte) type;
        System.arraycopy(list, 0, out, 1, list.length);
        return out;
    }

    private Item recipient() {
        return Rlp.text(to == null ? new byte[0] : to.bytes());
    }

    private Item accessListItem() {
        List<Item> entries = new ArrayList<>();
        for (AccessListEntry entry : accessList) {
            List<Item> keys = entry.storageKeys().stream()
                    .map(key -> Rlp.text(HexFormat.of().parseHex(key)))
                    .toList();
            entries.add(Rlp.list(List.of(Rlp.text(entry.address().bytes()), Rlp.list(keys))));
        }
        return Rlp.list(entries);
    }

    /// Reads what [#encodeUnsigned] writes.
    public static Transaction decodeUnsigned(byte[] encoded) throws InvalidEthereumData {
        TransactionReader reader = new TransactionReader(encoded);
        return reader.unsigned();
    }
}
