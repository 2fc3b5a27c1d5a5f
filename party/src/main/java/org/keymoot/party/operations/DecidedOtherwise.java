package org.keymoot.party.operations;

/// A peer refused what this party allowed: one of the two has older registers than the other.
final class DecidedOtherwise extends Exception {
    private static final long serialVersionUID = 1L;

    private final int party;

    DecidedOtherwise(int party, String why) {
        super(why);
        this.party = party;
    }

    /// The party that refused.
    int party() {
        return party;
    }
}
