package org.keymoot.crypto.commit;

import org.keymoot.crypto.sharing.PartyIndex;

/// What a commitment is bound to: the session, the party that commits, and what the value is for. The session
/// id is used as it is and must not be changed by the caller afterwards.
@SuppressWarnings("ArrayRecordComponent")
public record CommitmentContext(byte[] sessionId, PartyIndex party, String purpose) {
    public CommitmentContext {
        if (sessionId.length == 0 || purpose.isEmpty()) {
            throw new IllegalArgumentException("a commitment names its session and its purpose");
        }
    }
}
