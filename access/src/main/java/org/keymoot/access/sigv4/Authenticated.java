package org.keymoot.access.sigv4;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.AwsException;
import org.keymoot.access.Principal;
import org.keymoot.access.Redaction;
import org.keymoot.access.Service;
import org.keymoot.access.ServiceAction;
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
        @Nullable Session session) {
    /// @throws AwsException when the action leaves something behind and the signature is too old for that
    public void requireYoungEnough(ServiceAction action, Instant now) {
        boolean leavesNothing = action.service() == Service.STS
                ? action.aws().equals("GetCallerIdentity")
                : Redaction.isReadOnly(action);
        if (!leavesNothing && signedAt.isBefore(now.minus(SignatureVerifier.CHANGES_WITHIN))) {
            throw new AwsException(AwsError.of(
                    "InvalidSignatureException",
                    "Signature expired: " + action.aws() + " is carried out within "
                            + SignatureVerifier.CHANGES_WITHIN.toSeconds() + " sec. of its signature at most."));
        }
    }
}
