package org.keymoot.kms;

import java.time.Duration;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;

/// The way to one party.
interface PartyLink {
    /// Names the party in metrics and messages.
    String name();

    /// Hands a client's request over, with how long the answer is waited for, and waits.
    ///
    /// @throws PartyUnavailable when the party cannot be reached, or does not answer in time; what became of the
    ///     request is then unknown
    ClientAnswer execute(ClientRequest request, Duration timeout) throws PartyUnavailable;
}
