package org.keymoot.access.ethereum;

import java.math.BigInteger;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What is to be signed, understood: a party computes the digest from it, so that no digest is taken on trust.
public sealed interface SignPayload {
    /// The 32 bytes that are signed.
    byte[] digest() throws InvalidEthereumData;

    /// What may be signed once only: its name and what of the payload is bound to it; null when nothing is.
    default @Nullable Once once() {
        return null;
    }

    /// @param name of the slot, such as `tx/1/7`
    /// @param content hexadecimal: payloads with the same content share the slot
    record Once(String name, String content) {}

    /// A transaction.
    record OfTransaction(Transaction transaction) implements SignPayload {
        @Override
        public byte[] digest() {
            return transaction.signingHash();
        }

        @Override
        public Once once() {
            BigInteger chain = transaction.chainId();
            return new Once(
                    "tx/%s/%s".formatted(chain == null ? "any" : chain, transaction.nonce()),
                    HexFormat.of().formatHex(transaction.intentHash()));
        }
    }

    /// A bridge's attestation.
    record OfAttestation(Attestation attestation) implements SignPayload {
        @Override
        public byte[] digest() {
            return attestation.digest();
        }

        @Override
        public @Nullable Once once() {
            return switch (attestation) {
                case Attestation.Update update ->
                    new Once("update/%d/%s".formatted(update.homeDomain(), update.previousRoot()), update.newRoot());
                case Attestation.Failure failure -> null;
            };
        }
    }

    /// A personal message, by its digest.
    ///
    /// @param length of the message in bytes
    record OfMessage(String digestHex, int length) implements SignPayload {
        @Override
        public byte[] digest() {
            return HexFormat.of().parseHex(digestHex);
        }
    }

    /// Typed data.
    record OfTypedData(TypedData data) implements SignPayload {
        @Override
        public byte[] digest() throws InvalidEthereumData {
            return data.digest();
        }
    }
}
