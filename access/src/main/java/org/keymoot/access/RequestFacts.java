package org.keymoot.access;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.sigv4.Authenticated;

/// Who sent a request, from where and with which parameters: what an audit record says beside the decision.
///
/// It keeps true: nothing of it is secret. The parameters are those that [Redaction] lets pass, and where a request
/// comes from and what it is called is the endpoint's word, not the client's signature.
///
/// @param caller null when the caller was not authenticated
/// @param userAgent null unless the request has exactly one
/// @param requestId what the endpoint calls the request; empty when it has no name
/// @param parameters null when the request could not be read or the caller is not known
public record RequestFacts(
        Service service,
        @Nullable Caller caller,
        String sourceAddress,
        @Nullable String userAgent,
        String requestId,
        @Nullable Map<String, Object> parameters) {

    /// The caller in the terms of AWS CloudTrail's `userIdentity`.
    ///
    /// @param type `Root`, `IAMUser`, `AssumedRole` or `FederatedUser`
    /// @param principalId the unique id; of a session with its name after a colon
    /// @param userName null unless the caller is a user
    /// @param issuerArn of a session the role or user that it is of; null otherwise
    /// @param issuedAt when the session began; null when the caller used no session credentials
    public record Caller(
            String type,
            String principalId,
            String accessKeyId,
            @Nullable String userName,
            @Nullable String issuerArn,
            @Nullable String issuedAt,
            @Nullable String sourceIdentity) {

        static Caller of(Authenticated authenticated, Identity identity) {
            return new Caller(
                    switch (identity.kind()) {
                        case ROOT -> "Root";
                        case USER -> "IAMUser";
                        case ROLE_SESSION -> "AssumedRole";
                        case FEDERATED_USER -> "FederatedUser";
                    },
                    identity.userId(),
                    authenticated.accessKeyId(),
                    identity.userName(),
                    identity.issuerArn(),
                    first(identity, "aws:TokenIssueTime"),
                    first(identity, "aws:SourceIdentity"));
        }

        private static @Nullable String first(Identity identity, String name) {
            List<String> values = identity.context().get(name);
            return values == null || values.isEmpty() ? null : values.getFirst();
        }

        /// As audit records hold it.
        public Map<String, Object> fields() {
            Map<String, Object> fields = new TreeMap<>();
            fields.put("type", type);
            fields.put("principal_id", principalId);
            fields.put("access_key", accessKeyId);
            putIfPresent(fields, "user_name", userName);
            putIfPresent(fields, "issuer", issuerArn);
            putIfPresent(fields, "issued_at", issuedAt);
            putIfPresent(fields, "source_identity", sourceIdentity);
            return fields;
        }

        private static void putIfPresent(Map<String, Object> fields, String name, @Nullable String value) {
            if (value != null) {
                fields.put(name, value);
            }
        }
    }

    /// What is known of a request at this point.
    ///
    /// @param parameters as [Redaction] gives them; null when it is not known who asks
    public static RequestFacts of(
            Service service,
            SignedRequest request,
            @Nullable Authenticated authenticated,
            @Nullable Identity identity,
            @Nullable Map<String, Object> parameters) {
        List<String> agents = request.header("user-agent");
        Caller caller = authenticated == null || identity == null ? null : Caller.of(authenticated, identity);
        return new RequestFacts(
                service,
                caller,
                request.sourceAddress(),
                agents.size() == 1 ? agents.getFirst() : null,
                request.requestId(),
                parameters);
    }
}
