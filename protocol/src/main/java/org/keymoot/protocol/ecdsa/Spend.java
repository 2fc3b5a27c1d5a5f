package org.keymoot.protocol.ecdsa;

/// Uses up a presignature in the party's store.
@FunctionalInterface
public interface Spend {
    /// Records durably that the presignature is spent, for this digest, and erases its secret part from the store.
    /// It returns only when that has reached the disk: what the protocol sends next must never be sent for another
    /// digest.
    ///
    /// @throws PresignatureSpent when it was spent before, for whatever digest, or is not in the store
    void spend(byte[] presignatureId, byte[] digest) throws PresignatureSpent;
}
