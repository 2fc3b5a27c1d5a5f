package org.keymoot.crypto.sharing;

/// How many corrupt parties a key tolerates: one fewer than the shares that are needed.
public record CorruptionBound(int value) {
    public CorruptionBound {
        if (value < 0 || value >= PartyIndex.MAX) {
            throw new IllegalArgumentException(
                    "a corruption bound is between 0 and " + (PartyIndex.MAX - 1) + ", not " + value);
        }
    }

    public ReconstructionThreshold reconstructionThreshold() {
        return new ReconstructionThreshold(value + 1);
    }
}
