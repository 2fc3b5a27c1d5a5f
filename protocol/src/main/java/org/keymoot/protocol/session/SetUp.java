package org.keymoot.protocol.session;

import java.util.List;

/// What every party must hold identically before a session starts: the protocol, who takes part, and the protocol's own
/// terms (threshold, group, key, epoch, purpose, policy, message).
///
/// It keeps true: the parties are distinct, in ascending order and between 1 and [Session#MAX_PARTIES]. Parties with
/// different set-ups cannot understand a single frame of each other.
///
/// @param protocol the protocol's name, such as `dkg`
/// @param invitation bytes that the session's leader chose, the id under which the transport opened the channel
/// @param terms the canonical encoding of whatever else must agree
public record SetUp(String protocol, byte[] invitation, List<Integer> parties, byte[] terms) {
    public SetUp {
        parties = List.copyOf(parties);
        Parties.check(parties);
        if (parties.size() < 2) {
            throw new IllegalArgumentException("a session has at least two parties");
        }
        if (!protocol.matches("[a-z0-9-]{1,32}")) {
            throw new IllegalArgumentException(
                    "a protocol's name has 1 to 32 lower-case letters, digits and hyphens, not '" + protocol + "'");
        }
        if (invitation.length > 64) {
            throw new IllegalArgumentException("an invitation has at most 64 bytes, not " + invitation.length);
        }
        invitation = invitation.clone();
        terms = terms.clone();
    }

    @Override
    public byte[] invitation() {
        return invitation.clone();
    }

    @Override
    public byte[] terms() {
        return terms.clone();
    }

    /// The id under which the parties exchange their contributions: the hash of the set-up alone.
    SessionId provisionalId() {
        return Ids.setUp(this);
    }
}
