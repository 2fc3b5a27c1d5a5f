package org.keymoot.access.sigv4;

import org.keymoot.access.Principal;

/// A request whose signature is valid.
///
/// @param requestDigest hex SHA-256 over account, Region and signature: names the signed request, and is equal for
///     an exact replay only
public record Authenticated(Principal principal, String accessKeyId, CredentialScope scope, String requestDigest) {}
