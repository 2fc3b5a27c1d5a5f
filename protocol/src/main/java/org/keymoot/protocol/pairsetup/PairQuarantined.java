package org.keymoot.protocol.pairsetup;

/// This party cannot work with a peer now: the pair's set-up was burned, or there is none.
public final class PairQuarantined extends Exception {
    private final int peer;

    public PairQuarantined(int peer, String what) {
        super(what);
        this.peer = peer;
    }

    public int peer() {
        return peer;
    }
}
