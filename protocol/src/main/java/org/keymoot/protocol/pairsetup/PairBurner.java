package org.keymoot.protocol.pairsetup;

/// Puts a pair out of use for good.
public interface PairBurner {
    /// Records durably that the set-up with `peer` is burned because the check `step` failed, and erases it from the
    /// store. It returns only when that has reached the disk: what the caller sends next may tell the peer that the
    /// check failed. When it cannot be recorded it throws an unchecked exception, and nothing is sent.
    void burn(int peer, String step);
}
