package org.keymoot.access.ethereum;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.ethereum.Rlp.Item;

/// Takes an encoded transaction apart: the envelope of EIP-2718 or the list of the legacy form.
final class TransactionReader {
    private static final BigInteger EIP_155_BASE = BigInteger.valueOf(35);

    private final int type;
    private final List<Item> fields;

    TransactionReader(byte[] encoded) throws InvalidEthereumData {
        if (encoded.length == 0) {
            throw new InvalidEthereumData("expected a transaction but found no bytes");
        }
        int first = encoded[0] & 0xff;
        if (first >= 0xc0) {
            type = 0;
            fields = Rlp.decode(encoded).items();
        } else if (first == 1 || first == 2) {
            type = first;
            fields = Rlp.decode(Arrays.copyOfRange(encoded, 1, encoded.length)).items();
        } else {
            throw new InvalidEthereumData(
                    "expected a transaction of type 0 (legacy), 1 (EIP-2930) or 2 (EIP-1559) but found type " + first);
        }
    }

    Transaction unsigned() throws InvalidEthereumData {
        int count = plainFields();
        if (type != 0) {
            expect(count);
            return transaction(null);
        }
        if (fields.size() == count) {
            return transaction(null);
        }
        expect(count + 3);
        if (fields.get(7).number().signum() != 0 || fields.get(8).number().signum() != 0) {
            throw new InvalidEthereumData("expected a transaction that is not signed (two zeros after the chain id)");
        }
        return transaction(fields.get(6).number());
    }

    SignedTransaction signed() throws InvalidEthereumData {
        int count = plainFields();
        expect(count + 3);
        BigInteger v = fields.get(count).number();
        BigInteger r = fields.get(count + 1).number();
        BigInteger s = fields.get(count + 2).number();
        BigInteger chain = null;
        int parity;
        if (type != 0) {
            parity = v.bitLength() > 1 ? -1 : v.intValue();
        } else if (v.compareTo(EIP_155_BASE) >= 0) {
            BigInteger[] parts = v.subtract(EIP_155_BASE).divideAndRemainder(BigInteger.TWO);
            chain = parts[0];
            parity = parts[1].intValue();
        } else {
            parity = v.bitLength() > 8 ? -1 : v.intValue() - 27;
        }
        if (parity != 0 && parity != 1) {
            throw new InvalidEthereumData("expected a valid v in the transaction's signature but found " + v);
        }
        return new SignedTransaction(transaction(chain), RecoverableSignature.checked(r, s, parity));
    }

    private int plainFields() {
        return switch (type) {
            case 0 -> 6;
            case 1 -> 8;
            default -> 9;
        };
    }

    private void expect(int count) throws InvalidEthereumData {
        if (fields.size() != count) {
            throw new InvalidEthereumData("expected a transaction of type " + type + " to have " + count
                    + " fields but found " + fields.size());
        }
    }

    private Transaction transaction(@Nullable BigInteger legacyChain) throws InvalidEthereumData {
        int at = 0;
        BigInteger chain = type == 0 ? legacyChain : fields.get(at++).number();
        BigInteger nonce = fields.get(at++).number();
        BigInteger first = fields.get(at++).number();
        Transaction.Fee fee = switch (type) {
            case 0 -> new Transaction.Legacy(first);
            case 1 -> new Transaction.Listed(first);
            default -> new Transaction.Dynamic(first, fields.get(at++).number());
        };
        BigInteger gasLimit = fields.get(at++).number();
        byte[] to = fields.get(at++).bytes();
        BigInteger value = fields.get(at++).number();
        String data = HexFormat.of().formatHex(fields.get(at++).bytes());
        List<AccessListEntry> accessList =
                type == 0 ? List.of() : accessList(fields.get(at).items());
        try {
            return new Transaction(
                    chain, nonce, fee, gasLimit, to.length == 0 ? null : Address.ofBytes(to), value, data, accessList);
        } catch (IllegalArgumentException e) {
            throw new InvalidEthereumData("the transaction breaks a rule: " + e.getMessage());
        }
    }

    private static List<AccessListEntry> accessList(List<Item> items) throws InvalidEthereumData {
        List<AccessListEntry> entries = new ArrayList<>();
        for (Item item : items) {
            List<Item> pair = item.items();
            if (pair.size() != 2) {
                throw new InvalidEthereumData("expected an address and its storage keys in the access list");
            }
            List<String> keys = new ArrayList<>();
            for (Item key : pair.get(1).items()) {
                byte[] bytes = key.bytes();
                if (bytes.length != 32) {
                    throw new InvalidEthereumData("expected storage keys of 32 bytes but found " + bytes.length);
                }
                keys.add(HexFormat.of().formatHex(bytes));
            }
            entries.add(new AccessListEntry(Address.ofBytes(pair.get(0).bytes()), keys));
        }
        return entries;
    }
}
