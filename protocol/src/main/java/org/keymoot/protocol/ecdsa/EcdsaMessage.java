package org.keymoot.protocol.ecdsa;

import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.vole.RvoleReply;
import org.keymoot.crypto.vole.RvoleRequest;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.Malformed;

/// What parties tell each other while they presign and sign. Points and scalars in a message are valid; what they mean
/// is checked by the protocol.
@SuppressWarnings("ArrayRecordComponent")
sealed interface EcdsaMessage {
    /// Step 1.3, to all: the commitment to the sender's `R_i`.
    record Commitment(HashCommitment commitment) implements EcdsaMessage {
        static final Codec<Commitment> CODEC = Codec.of(
                HashCommitment.LENGTH,
                (message, out) -> out.fixed(message.commitment().encode()),
                in -> {
                    byte[] commitment = in.fixed(HashCommitment.LENGTH);
                    return new Commitment(decoded(() -> HashCommitment.decode(commitment)));
                });
    }

    /// Step 1.3, to one: what the sender believes the two are working on, and its message as receiver of the extension.
    record Extension(byte[] binding, RvoleRequest transfers) implements EcdsaMessage {
        static final Codec<Extension> CODEC = Codec.of(
                BINDING_BYTES + RvoleRequest.LENGTH,
                (message, out) ->
                        out.fixed(message.binding()).fixed(message.transfers().encode()),
                in -> {
                    byte[] binding = in.fixed(BINDING_BYTES);
                    byte[] transfers = in.fixed(RvoleRequest.LENGTH);
                    return new Extension(binding, decoded(() -> RvoleRequest.decode(transfers)));
                });
    }

    /// Step 2.4, to one: the opened nonce point, the multiplication's message and what its result is checked by.
    ///
    /// @param opening opens the commitment of step 1.3; its value is the encoding of `nonce`
    /// @param nonce `R_i`
    /// @param key `pk_i`
    /// @param gammaU `Γ^u_ij`
    /// @param gammaV `Γ^v_ij`
    /// @param psi `ψ_ij`
    record Product(
            Opening opening, Point nonce, Point key, Point gammaU, Point gammaV, Scalar psi, RvoleReply multiplication)
            implements EcdsaMessage {
        static Codec<Product> codec(Group group) {
            int length = group.pointLength();
            return Codec.of(
                    Opening.NONCE_LENGTH + 4 * length + 32 + RvoleReply.LENGTH,
                    (message, out) -> out.fixed(message.opening().encode())
                            .point(message.key())
                            .point(message.gammaU())
                            .point(message.gammaV())
                            .scalar(message.psi())
                            .fixed(message.multiplication().encode()),
                    in -> {
                        byte[] encoded = in.fixed(Opening.NONCE_LENGTH + length);
                        Opening opening = decoded(() -> Opening.decode(encoded, length));
                        Point nonce = decoded(() -> group.decode(opening.value()));
                        Point key = in.point(group);
                        Point gammaU = in.point(group);
                        Point gammaV = in.point(group);
                        Scalar psi = in.scalar(group.scalars());
                        byte[] reply = in.fixed(RvoleReply.LENGTH);
                        RvoleReply multiplication = decoded(() -> RvoleReply.decode(group.scalars(), reply));
                        return new Product(opening, nonce, key, gammaU, gammaV, psi, multiplication);
                    });
        }
    }

    /// Step 4.1 of presigning, to all: which presignature the sender now holds.
    record Confirmation(byte[] presignature) implements EcdsaMessage {
        static final Codec<Confirmation> CODEC = Codec.of(
                BINDING_BYTES,
                (message, out) -> out.fixed(message.presignature()),
                in -> new Confirmation(in.fixed(BINDING_BYTES)));
    }

    /// Step 1.2 of signing, to all.
    ///
    /// @param binding the hash of the presignature's identifier and the digest
    record SignatureShare(byte[] binding, Scalar w, Scalar u) implements EcdsaMessage {
        static Codec<SignatureShare> codec(ScalarField field) {
            return Codec.of(
                    BINDING_BYTES + 64,
                    (message, out) ->
                            out.fixed(message.binding()).scalar(message.w()).scalar(message.u()),
                    in -> new SignatureShare(in.fixed(BINDING_BYTES), in.scalar(field), in.scalar(field)));
        }
    }

    /// Bytes of a hash that binds a message.
    int BINDING_BYTES = 32;

    /// Decodes a part of a message.
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
