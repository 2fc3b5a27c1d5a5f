package org.keymoot.crypto.sharing;

/// How many shares are needed to use a key: one more than the degree of the sharing polynomial.
public record ReconstructionThreshold(int value) {
    public ReconstructionThreshold {
        if (value < 1 || value > PartyIndex.MAX) {
            throw new IllegalArgumentException(
                    "a reconstruction threshold is between 1 and " + PartyIndex.MAX + ", not " + value);
        }
    }

    public static ReconstructionThreshold of(int value) {
        return new ReconstructionThreshold(value);
    }

    /// How many parties may be corrupt without learning anything of the key.
    public CorruptionBound corruptionBound() {
        return new CorruptionBound(value - 1);
    }

    /// The degree of the polynomial.
    public int degree() {
        return value - 1;
    }
}
