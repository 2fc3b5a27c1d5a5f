package org.keymoot.party.operations;

import org.keymoot.access.KeyRecord;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.protocol.key.KeyShare;
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
    /// @param presignature the id of one to be used, or empty
    /// @return the signature as AWS gives it, after it verified
    byte[] sign(HostedSession hosted, KeyRecord key, KeyShare share, byte[] payload, byte[] presignature)
            throws Cheated, Silent, PairQuarantined, NoPresignature;

    /// The presignature is not here, or it was spent before.
    final class NoPresignature extends Exception {}
}
