package org.keymoot.access.sigv4;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Principal;
import org.keymoot.access.Session;

/// A request whose signature is valid.
///
/// @param scope of one signed by a private key with the Region that it acts in
/// @param requestDigest hex SHA-256 over account, Region and signature, or what a private key signed: names the signed
///     request, and is equal for a replay only
/// @param signedAt when the request says that it was signed
/// @param session what the session's token says; null when the caller used no session credentials
public record Authenticated(
        Principal principal,
        String accessKeyId,
        CredentialScope scope,
        String requestDigest,
        Instant signedAt,
        @Nullable Session session) {}
