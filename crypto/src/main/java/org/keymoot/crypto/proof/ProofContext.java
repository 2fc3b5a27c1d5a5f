package org.keymoot.crypto.proof;

import java.util.List;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.transcript.Transcript;

/// What a proof of knowledge is bound to: the session, the prover, every point that the prover published with
/// it, and which of them this proof is about.
///
/// It keeps true: two proofs of one prover in one session have different contexts, so that neither stands for
/// the other.
@SuppressWarnings("ArrayRecordComponent")
public record ProofContext(byte[] sessionId, PartyIndex prover, List<Point> statement, int index) {
    public ProofContext {
        statement = List.copyOf(statement);
        if (sessionId.length == 0) {
            throw new IllegalArgumentException("a proof names its session");
        }
        if (index < 0 || index >= statement.size()) {
            throw new IllegalArgumentException(
                    "a proof is about one of its " + statement.size() + " points, not number " + index);
        }
    }

    /// A context for a single point.
    public static ProofContext of(byte[] sessionId, PartyIndex prover, Point statement) {
        return new ProofContext(sessionId, prover, List.of(statement), 0);
    }

    /// The point whose logarithm is proven to be known.
    public Point subject() {
        return statement.get(index);
    }

    void enter(Transcript transcript) {
        transcript.bytes(sessionId).number(prover.value()).number(index).points(statement);
    }
}
