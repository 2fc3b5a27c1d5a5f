package org.keymoot.protocol.session;

import java.util.List;

/// Parties did not answer in time. It accuses no one: the network may be at fault.
public final class Silent extends Exception {
    private final transient List<Integer> parties;

    public Silent(List<Integer> parties, String what) {
        super(what);
        this.parties = List.copyOf(parties);
    }

    public List<Integer> parties() {
        return parties;
    }
}
