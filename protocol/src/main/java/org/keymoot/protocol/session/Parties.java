package org.keymoot.protocol.session;

import java.util.List;

/// The rule for lists of parties, stated once.
final class Parties {
    private Parties() {}

    /// @throws IllegalArgumentException unless the indices ascend strictly within 1 to [Session#MAX_PARTIES]
    static void check(List<Integer> parties) {
        if (parties.isEmpty() || parties.size() > Session.MAX_PARTIES) {
            throw new IllegalArgumentException(
                    "a session has 1 to " + Session.MAX_PARTIES + " parties, not " + parties.size());
        }
        int previous = 0;
        for (int party : parties) {
            if (party <= previous || party > Session.MAX_PARTIES) {
                throw new IllegalArgumentException(
                        "parties are distinct, ascending and within 1 to " + Session.MAX_PARTIES + ", not " + parties);
            }
            previous = party;
        }
    }
}
