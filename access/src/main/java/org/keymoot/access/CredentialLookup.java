package org.keymoot.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Finds access keys. A party looks in its own sealed store, so that no other process can vouch for a caller.
public interface CredentialLookup {
    /// @return null when there is no such access key
    @Nullable Credential credential(String accessKeyId);

    /// Finds what session credentials stand for.
    ///
    /// @param token as the client sent it, not checked
    /// @return null when the token is not one of this access key
    /// @throws AwsException when the session is over
    default @Nullable Credential session(String accessKeyId, String token, Instant now) {
        return null;
    }
}
