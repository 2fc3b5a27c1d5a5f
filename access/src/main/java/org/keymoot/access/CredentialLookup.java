package org.keymoot.access;

import org.jspecify.annotations.Nullable;

/// Finds access keys. A party looks in its own sealed store, so that no other process can vouch for a caller.
public interface CredentialLookup {
    /// @return null when there is no such access key
    @Nullable Credential credential(String accessKeyId);
}
