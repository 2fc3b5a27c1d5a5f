package org.keymoot.access.policy;

import org.jspecify.annotations.Nullable;

/// What the evaluation of all policies came to.
///
/// @param decidedBy which statement of which policy decided, in words, for the audit record
public record Outcome(Reason reason, String decidedBy) {
    /// Why a request is allowed or not.
    public enum Reason {
        ALLOWED(""),
        DENIED_BY_IDENTITY("with an explicit deny in an identity-based policy"),
        DENIED_BY_BOUNDARY("with an explicit deny in a permissions boundary"),
        DENIED_BY_SESSION("with an explicit deny in a session policy"),
        DENIED_BY_RESOURCE("with an explicit deny in a resource-based policy"),
        NOT_ALLOWED_BY_IDENTITY("because no identity-based policy allows the %s action"),
        NOT_ALLOWED_BY_BOUNDARY("because no permissions boundary allows the %s action"),
        NOT_ALLOWED_BY_SESSION("because no session policy allows the %s action"),
        NOT_ALLOWED_BY_RESOURCE("because no resource-based policy allows the %s action");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    public boolean allowed() {
        return reason == Reason.ALLOWED;
    }

    /// The message of AWS's AccessDenied errors.
    ///
    /// @param callerArn of a session the session's
    /// @param resource an ARN or `*`; null where AWS names none
    public String denial(String callerArn, String action, @Nullable String resource) {
        String on = resource == null ? "" : " on resource: " + resource;
        return "User: " + callerArn + " is not authorized to perform: " + action + on + " "
                + reason.text.formatted(action);
    }
}
