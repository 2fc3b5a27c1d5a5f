package org.keymoot.access.ethereum;

import java.math.BigInteger;
import java.util.List;
import org.keymoot.access.ethereum.Rlp.Item;
import org.keymoot.crypto.keccak.Keccak256;

/// A transaction with its sender's signature, as nodes take it.
public record SignedTransaction(Transaction transaction, RecoverableSignature signature) {

    /// The raw transaction for eth_sendRawTransaction.
    public byte[] encode() {
        List<Item> fields = transaction.fields();
        fields.add(Rlp.number(v()));
        fields.add(Rlp.number(signature.r()));
        fields.add(Rlp.number(signature.s()));
        return transaction.enveloped(fields);
    }

    /// EIP-155's v for a legacy transaction, 27 or 28 where it names no chain, and the parity for the typed ones.
    public BigInteger v() {
        BigInteger parity = BigInteger.valueOf(signature.yParity());
        if (!(transaction.fee() instanceof Transaction.Legacy)) {
            return parity;
        }
        BigInteger chain = transaction.chainId();
        return chain == null
                ? parity.add(BigInteger.valueOf(27))
                : chain.shiftLeft(1).add(BigInteger.valueOf(35)).add(parity);
    }

    /// The hash by which nodes know the transaction.
    public byte[] hash() {
        return Keccak256.hash(encode());
    }

    public Address sender() throws InvalidEthereumData {
        return signature.signer(transaction.signingHash());
    }

    public static SignedTransaction decode(byte[] encoded) throws InvalidEthereumData {
        return new TransactionReader(encoded).signed();
    }
}
