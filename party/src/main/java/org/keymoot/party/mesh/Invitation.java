package org.keymoot.party.mesh;

import java.util.List;

/// What a peer asks this party to take part in. The opener is authenticated and is one of `parties`; nothing else has
/// been judged yet.
///
/// @param parties the indices of all parties of the session, ascending, this one among them
/// @param body in the encoding of the protocol's own invitation; the array is the receiver's
@SuppressWarnings("ArrayRecordComponent") // A message body that is read once and never compared.
public record Invitation(int opener, String protocol, List<Integer> parties, byte[] body) {
    public Invitation {
        parties = List.copyOf(parties);
    }
}
