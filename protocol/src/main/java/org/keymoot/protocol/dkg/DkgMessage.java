package org.keymoot.protocol.dkg;

import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.proof.CoefficientProofs;
import org.keymoot.crypto.proof.SchnorrProof;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.key.PublicShares;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.Malformed;

/// What parties say to each other while they make a key.
sealed interface DkgMessage {
    /// Step 1.2: a commitment to what the party will show in step 2.1.
    record Committed(HashCommitment commitment) implements DkgMessage {}

    /// Step 2.1: the Feldman vector and the part of the chain code, which the commitment holds, and proofs of knowledge
    /// of every coefficient.
    record Opened(Opening opening, CoefficientProofs proofs) implements DkgMessage {}

    /// Step 2.2: the value of the dealer's polynomial at the receiver's index.
    record Dealt(SecretScalar share) implements DkgMessage {}

    /// Step 4.2: the digest of everything public, and a proof of knowledge of the party's own share of the key.
    @SuppressWarnings("ArrayRecordComponent")
    record Confirmed(byte[] transcript, SchnorrProof proof) implements DkgMessage {}

    static Codec<Committed> committed() {
        return Codec.of(
                HashCommitment.LENGTH,
                (message, out) -> out.fixed(message.commitment().encode()),
                in -> strict(() -> new Committed(HashCommitment.decode(in.fixed(HashCommitment.LENGTH)))));
    }

    /// The bytes that an opening shows: the vector of exactly `threshold` points, then the part of the chain code.
    static int openedBytes(Group group, ReconstructionThreshold threshold) {
        return FeldmanCommitment.encodedLength(group, threshold) + PublicShares.CHAIN_CODE_BYTES;
    }

    static Codec<Opened> opened(Group group, ReconstructionThreshold threshold) {
        int shown = openedBytes(group, threshold);
        int openingBytes = Opening.NONCE_LENGTH + shown;
        int proofBytes = CoefficientProofs.encodedLength(group, threshold);
        return Codec.of(
                openingBytes + proofBytes,
                (message, out) -> out.fixed(message.opening().encode())
                        .fixed(message.proofs().encode()),
                in -> strict(() -> new Opened(
                        Opening.decode(in.fixed(openingBytes), shown),
                        CoefficientProofs.decode(group, threshold, in.fixed(proofBytes)))));
    }

    /// Shares that are read become the scope's.
    static Codec<Dealt> dealt(Group group, SecretScope scope) {
        return Codec.of(
                32, (message, out) -> out.secret(message.share()), in -> new Dealt(in.secret(group.scalars(), scope)));
    }

    static Codec<Confirmed> confirmed(Group group) {
        int proofBytes = SchnorrProof.encodedLength(group);
        return Codec.of(
                32 + proofBytes,
                (message, out) ->
                        out.fixed(message.transcript()).fixed(message.proof().encode()),
                in -> strict(() -> new Confirmed(in.fixed(32), SchnorrProof.decode(group, in.fixed(proofBytes)))));
    }

    /// Reads that meet the errors of the algebra as well as those of the encoding.
    interface Read<M> {
        M read() throws InvalidEncodingException, Malformed;
    }

    private static <M> M strict(Read<M> read) throws Malformed {
        try {
            return read.read();
        } catch (InvalidEncodingException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }
}
