package org.keymoot.party.directory;

/// How many parties must accept an entry, and know that it is chosen before anybody is told: a majority, so that two
/// quorums meet, and `n − t + 1`, so that every set of `t` signers holds a party that decides by it.
record CommitQuorum(int parties, int reconstructionThreshold) {
    CommitQuorum {
        if (reconstructionThreshold < 1 || reconstructionThreshold > parties) {
            throw new IllegalArgumentException(
                    "the threshold must be 1 to %d, is %d".formatted(parties, reconstructionThreshold));
        }
    }

    int size() {
        return Math.max(parties / 2 + 1, parties - reconstructionThreshold + 1);
    }
}
