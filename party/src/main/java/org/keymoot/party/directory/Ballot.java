package org.keymoot.party.directory;

/// Orders competing proposals for one version of a register: the round counts first, the proposing party breaks ties.
/// A ballot travels as one number, `round · 256 + party`; zero stands for no ballot.
final class Ballot {
    static final long NONE = 0;

    private Ballot() {}

    /// The lowest ballot of `party` above `seen`.
    static long above(long seen, int party) {
        long round = seen / 256 + 1;
        return round * 256 + party;
    }
}
