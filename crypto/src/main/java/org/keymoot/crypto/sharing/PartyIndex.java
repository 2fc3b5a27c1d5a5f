package org.keymoot.crypto.sharing;

/// The place of a party among the holders of a key, and the argument at which its share is the polynomial's
/// value. Index 0 is where the secret itself lies and is no party.
public record PartyIndex(int value) implements Comparable<PartyIndex> {
    public static final int MAX = 255;

    public PartyIndex {
        if (value < 1 || value > MAX) {
            throw new IllegalArgumentException("a party's index is between 1 and " + MAX + ", not " + value);
        }
    }

    public static PartyIndex of(int value) {
        return new PartyIndex(value);
    }

    @Override
    public int compareTo(PartyIndex other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return "P" + value;
    }
}
