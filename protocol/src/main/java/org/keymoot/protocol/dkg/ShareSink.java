package org.keymoot.protocol.dkg;

import org.keymoot.protocol.key.KeyShare;

/// Where a new share becomes durable before the other parties are told that it is.
@FunctionalInterface
public interface ShareSink {
    /// Stores the share as pending and returns only when it is on disk. The share is the protocol's to close.
    ///
    /// A runtime exception says that it could not be stored; the party then tells the others nothing and no key
    /// comes to be.
    void pending(KeyShare share);
}
