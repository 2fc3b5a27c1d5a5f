package org.keymoot.access.policy;

import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// A policy, read and checked.
///
/// It keeps true: an accepted document holds nothing that is not enforced.
public final class PolicyDocument {
    private final Kind kind;
    private final String text;
    private final @Nullable String fault;

    private PolicyDocument(Kind kind, String text, @Nullable String fault) {
        this.kind = kind;
        this.text = text;
        this.fault = fault;
    }

    /// What a policy is attached to; it decides which elements a statement must and may have.
    public enum Kind {
        /// A key policy: each statement names principals, actions and resources.
        RESOURCE,
        /// A policy of a user, group or role, a boundary or a session: no principals.
        IDENTITY,
        /// Who may take on a role: principals and actions, no resources.
        TRUST
    }

    /// Reads and checks a document.
    ///
    /// @throws MalformedPolicyException in AWS's words
    public static PolicyDocument parse(String text, Kind kind) throws MalformedPolicyException {
        JsonNode root;
        try {
            root = JsonReader.read(text);
        } catch (InvalidJsonException e) {
            throw new MalformedPolicyException("Syntax errors in policy.");
        }
        if (!root.isObject() || !root.has("Statement")) {
            throw new MalformedPolicyException("Syntax errors in policy.");
        }
        return new PolicyDocument(kind, text, null);
    }

    /// What stands in the place of a stored policy that cannot be read: it denies everything.
    ///
    /// @param why for the audit record
    public static PolicyDocument unreadable(Kind kind, String why) {
        return new PolicyDocument(kind, "", why);
    }

    public Kind kind() {
        return kind;
    }

    /// As the client wrote it; empty for an unreadable one.
    public String text() {
        return text;
    }

    /// Why the document cannot be evaluated; null when it can.
    public @Nullable String fault() {
        return fault;
    }
}
