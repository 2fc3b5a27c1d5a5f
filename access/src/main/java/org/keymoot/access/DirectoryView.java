package org.keymoot.access;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one party knows: the replicated registers, its credentials, and the shape of its cluster.
///
/// It keeps true: within one decision every read sees the same state (an implementation reads a snapshot or holds
/// off
/// writers), and only committed values are shown.
public interface DirectoryView extends CredentialLookup {
    /// The newest committed value, tombstones included; null when the register was never written.
    @Nullable RegisterValue read(RegisterName name);

    /// Live registers (no tombstones) whose name begins with `prefix`, in the order of their names compared as
    /// UTF-8
    /// bytes, strictly after `after` (the empty string starts at the beginning).
    ///
    /// @param prefix as [RegisterName#keysOf] and [RegisterName#aliasesOf] give it, or `key/` for all keys
    /// @param limit at most this many, 1 to 1000
    List<Entry> list(String prefix, String after, int limit);

    /// Number of parties of the cluster.
    int parties();

    /// Shares needed to use a key made now.
    int reconstructionThreshold();

    /// A register with its value.
    record Entry(RegisterName name, RegisterValue value) {}
}
