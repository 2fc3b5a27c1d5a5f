package org.keymoot.protocol.pairsetup;

import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.ot.BaseOtRequest;
import org.keymoot.crypto.ot.SetupReply;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.Malformed;

/// What two parties tell each other while they set up their pair.
sealed interface PairSetupMessage {
    /// Bytes of a party's part of the zero seed.
    int SEED_BYTES = 32;

    /// Step 1.2.
    record Request(HashCommitment commitment, BaseOtRequest transfers) implements PairSetupMessage {
        static final Codec<Request> CODEC = Codec.of(
                HashCommitment.LENGTH + BaseOtRequest.LENGTH,
                (message, out) -> out.fixed(message.commitment().encode())
                        .fixed(message.transfers().encode()),
                in -> {
                    byte[] commitment = in.fixed(HashCommitment.LENGTH);
                    byte[] transfers = in.fixed(BaseOtRequest.LENGTH);
                    return decoded(
                            () -> new Request(HashCommitment.decode(commitment), BaseOtRequest.decode(transfers)));
                });
    }

    /// Step 2.2.
    record Reply(Opening opening, SetupReply transfers) implements PairSetupMessage {
        static final Codec<Reply> CODEC = Codec.of(
                Opening.NONCE_LENGTH + SEED_BYTES + SetupReply.LENGTH,
                (message, out) -> out.fixed(message.opening().encode())
                        .fixed(message.transfers().encode()),
                in -> {
                    byte[] opening = in.fixed(Opening.NONCE_LENGTH + SEED_BYTES);
                    byte[] transfers = in.fixed(SetupReply.LENGTH);
                    return decoded(() -> new Reply(Opening.decode(opening, SEED_BYTES), SetupReply.decode(transfers)));
                });
    }

    /// Step 3.2.
    @SuppressWarnings("ArrayRecordComponent")
    record Confirmation(byte[] hash) implements PairSetupMessage {
        static final Codec<Confirmation> CODEC =
                Codec.of(32, (message, out) -> out.fixed(message.hash()), in -> new Confirmation(in.fixed(32)));
    }

    /// Decodes the parts of a message.
    @FunctionalInterface
    interface Decoding<M> {
        M decode() throws InvalidEncodingException;
    }

    private static <M> M decoded(Decoding<M> decoding) throws Malformed {
        try {
            return decoding.decode();
        } catch (InvalidEncodingException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }
}
