package org.keymoot.party.directory;

/// Orders competing proposals for one version of a register: the round counts first, the proposing party
/// breaks ties. A ballot travels as one number, `round · 256 + party`; zero stands for no ballot.
///
/// Rounds end at 2^44, far below what the number can hold, and one message takes a party forward by 4096 of
/// them at most. So nobody can use up the rounds of a register: that would take 2^32 messages.
final class Ballot {
    static final long NONE = 0;

    private static final int PARTIES = 256;
    private static final long MAXIMUM_ROUND = 1L << 44;
    /// The highest ballot there can be; votes above it were left by parties that knew no bound.
    static final long HIGHEST = MAXIMUM_ROUND * PARTIES + PARTIES - 1;

    private static final int MAXIMUM_ROUNDS_AHEAD = 4096;

    private Ballot() {}

    /// The lowest ballot of `party` above `seen`.
    static long above(long seen, int party) {
        long round = seen / PARTIES + 1;
        return round * PARTIES + party;
    }

    /// The highest ballot of `party` that somebody who knows of `known` goes to at once.
    static long reach(long known, int party) {
        return Math.min(MAXIMUM_ROUND, known / PARTIES + MAXIMUM_ROUNDS_AHEAD) * PARTIES + party;
    }

    /// What a proposer at `ballot` makes of a peer's word that it has promised `said`: its next ballot is
    /// one that parties which have heard of `ballot` go to.
    static long heard(long said, long ballot) {
        return isPossible(said) ? Math.min(said, reach(ballot, 0) - PARTIES) : ballot;
    }

    static boolean isPossible(long ballot) {
        return ballot >= NONE && ballot <= HIGHEST;
    }

    static boolean isOf(long ballot, int party) {
        return isPossible(ballot) && ballot >= PARTIES && ballot % PARTIES == party;
    }
}
