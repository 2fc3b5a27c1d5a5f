package org.keymoot.crypto.proof;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.sharing.SharingPolynomial;

/// A dealer's proof that it knows every coefficient of the polynomial that it committed to.
///
/// It keeps true: it holds exactly one proof for each coefficient that the commitment sends, each bound to the
/// whole commitment; there is no empty proof.
public final class CoefficientProofs {
    private final Group group;
    private final List<SchnorrProof> proofs;

    private CoefficientProofs(Group group, List<SchnorrProof> proofs) {
        this.group = group;
        this.proofs = List.copyOf(proofs);
    }

    /// Proves knowledge of the coefficients of `polynomial`, committed to by `commitment`.
    public static CoefficientProofs prove(
            byte[] sessionId,
            PartyIndex dealer,
            SharingPolynomial polynomial,
            FeldmanCommitment commitment,
            RandomSource random) {
        List<SchnorrProof> proofs = new ArrayList<>();
        for (int i = commitment.sharesZero() ? 1 : 0; i < commitment.points().size(); i++) {
            proofs.add(SchnorrProof.prove(
                    commitment.group(),
                    new ProofContext(sessionId, dealer, commitment.points(), i),
                    polynomial.coefficient(i),
                    random));
        }
        return new CoefficientProofs(commitment.group(), proofs);
    }

    /// Tells whether every coefficient of `commitment` is proven.
    public boolean verify(byte[] sessionId, PartyIndex dealer, FeldmanCommitment commitment) {
        int first = commitment.sharesZero() ? 1 : 0;
        if (proofs.size() != commitment.points().size() - first
                || commitment.group().id() != group.id()) {
            return false;
        }
        List<ProofContext> contexts = new ArrayList<>(proofs.size());
        for (int i = 0; i < proofs.size(); i++) {
            contexts.add(new ProofContext(sessionId, dealer, commitment.points(), i + first));
        }
        return SchnorrProof.verifyAll(group, contexts, proofs);
    }

    public byte[] encode() {
        int length = SchnorrProof.encodedLength(group);
        byte[] out = new byte[proofs.size() * length];
        for (int i = 0; i < proofs.size(); i++) {
            System.arraycopy(proofs.get(i).encode(), 0, out, i * length, length);
        }
        return out;
    }

    /// Bytes of the proofs for a sharing of an unknown secret.
    public static int encodedLength(Group group, ReconstructionThreshold threshold) {
        return threshold.value() * SchnorrProof.encodedLength(group);
    }

    /// Decodes the proofs for a sharing of an unknown secret.
    ///
    /// @throws InvalidEncodingException when there are not exactly `threshold` well-formed proofs
    public static CoefficientProofs decode(Group group, ReconstructionThreshold threshold, byte[] encoded)
            throws InvalidEncodingException {
        return decode(group, threshold.value(), encoded);
    }

    /// Decodes the proofs for a sharing of zero, whose constant term needs none.
    ///
    /// @throws InvalidEncodingException when there are not exactly `threshold - 1` well-formed proofs, or none
    public static CoefficientProofs decodeOfZero(Group group, ReconstructionThreshold threshold, byte[] encoded)
            throws InvalidEncodingException {
        return decode(group, threshold.degree(), encoded);
    }

    private static CoefficientProofs decode(Group group, int count, byte[] encoded) throws InvalidEncodingException {
        int length = SchnorrProof.encodedLength(group);
        if (count == 0 || encoded.length != count * length) {
            throw new InvalidEncodingException(
                    "expected " + count + " proofs of " + length + " bytes, found " + encoded.length + " bytes");
        }
        List<SchnorrProof> proofs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            proofs.add(SchnorrProof.decode(group, Arrays.copyOfRange(encoded, i * length, (i + 1) * length)));
        }
        return new CoefficientProofs(group, proofs);
    }
}
