package org.keymoot.party.mesh;

/// A peer could not be reached or did not answer in time; nothing is known about what it did.
public final class PeerUnavailable extends Exception {
    private final int party;

    public PeerUnavailable(int party, String what) {
        super("party %d: %s".formatted(party, what));
        this.party = party;
    }

    public int party() {
        return party;
    }
}
