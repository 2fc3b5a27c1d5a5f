package org.keymoot.crypto.ot;

import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.transcript.Transcript;

/// Which set-up of which ordered pair a message belongs to: the set-up's session, its epoch, and the two roles
/// in the extensions that it prepares. The other direction between the two parties has a context with the roles
/// exchanged.
@SuppressWarnings("ArrayRecordComponent")
public record SetupContext(byte[] sessionId, long epoch, PartyIndex sender, PartyIndex receiver) {
    public SetupContext {
        if (sessionId.length == 0) {
            throw new IllegalArgumentException("a set-up names its session");
        }
        if (sender.equals(receiver)) {
            throw new IllegalArgumentException("a pair is two parties, not " + sender + " twice");
        }
    }

    Transcript enter(Transcript transcript) {
        return transcript.bytes(sessionId).number(epoch).number(sender.value()).number(receiver.value());
    }
}
