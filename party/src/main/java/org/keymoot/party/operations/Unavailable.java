package org.keymoot.party.operations;

/// Not enough of the other parties could take part; the same request may succeed later or at another party.
final class Unavailable extends Exception {
    private final boolean timedOut;

    Unavailable(String what, boolean timedOut) {
        super(what);
        this.timedOut = timedOut;
    }

    boolean timedOut() {
        return timedOut;
    }
}
