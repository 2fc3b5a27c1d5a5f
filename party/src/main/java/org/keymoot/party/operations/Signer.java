package org.keymoot.party.operations;

import java.time.Duration;
import org.keymoot.access.Decision;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Silent;

/// One way to sign, run by every party of a quorum in the same session.
interface Signer {
    /// The name of its sessions.
    String protocol();

    /// Whether each two parties of the quorum need a set-up.
    boolean needsPair();

    /// Signs what each party of the quorum has found to be the client's payload.
    ///
    /// @param leader the party that the client's request reached
    /// @param presignature the id of one to be used, or empty
    /// @return the signature as AWS gives it, after it verified; at parties other than the leader it may be
    ///     missing
    byte[] sign(HostedSession hosted, int leader, Decision.SignWith sign, KeyShares.Lease share, byte[] presignature)
            throws Cheated, Silent, PairQuarantined, NoPresignature;

    /// How long a first attempt may take, after which a quorum without the slow ones is tried.
    default Duration firstAttempt() {
        return QuorumRuns.FIRST_ATTEMPT;
    }

    /// The presignature is not here, or it was spent before.
    final class NoPresignature extends Exception {}
}
