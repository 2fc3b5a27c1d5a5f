package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.sigv4.CanonicalRequest;

/// What an audit record says of a request beside its outcome.
///
/// @param principal null when the caller was not authenticated
/// @param action null when the request named no known action
/// @param region null when the credential scope could not be read
/// @param resource the ARN of the key or alias, null when the action has none or it was not found
/// @param decidedBy which statement of which policy allowed or denied, in words; null when it did not come to that
/// @param requestDigest hex SHA-256 that names the signed request; equal for an exact replay
/// @param facts who sent it, from where and with which parameters
public record RequestContext(
        @Nullable Principal principal,
        @Nullable ServiceAction action,
        @Nullable String region,
        @Nullable String resource,
        @Nullable String decidedBy,
        String requestDigest,
        RequestFacts facts) {

    /// What can be said of a request that could not be decided about.
    public static RequestContext ofUndecided(SignedRequest request) {
        RequestFacts facts = RequestFacts.of(Service.of(request), request, null, null, null);
        return new RequestContext(null, null, null, null, null, request.unauthenticatedDigest(), facts);
    }

    /// Names the call as CloudTrail names events: a UUID, the same at every party.
    public String eventId() {
        return eventId(requestDigest, facts.requestId());
    }

    /// The same, of what audit records hold. Clients that sign the same twice within a second send the same request,
    /// which only the endpoint's names for the two tell apart.
    public static String eventId(String requestDigest, String requestId) {
        String hex = CanonicalRequest.sha256Hex((requestDigest + "\n" + requestId).getBytes(StandardCharsets.UTF_8));
        return hex.substring(0, 8) + "-" + hex.substring(8, 12) + "-8" + hex.substring(13, 16) + "-8"
                + hex.substring(17, 20) + "-" + hex.substring(20, 32);
    }
}
