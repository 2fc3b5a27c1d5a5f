package org.keymoot.access.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.policy.Verdict.Effect;

/// A policy, read and checked.
///
/// It keeps true: an accepted document holds nothing that is not enforced, and one that cannot be evaluated denies
/// everything.
public final class PolicyDocument {
    /// Longest document of any kind, in characters. What a policy is attached to may allow less.
    public static final int MAXIMUM_LENGTH = 131_072;

    private static final ParsedPolicies PARSED = new ParsedPolicies();

    private final Kind kind;
    private final String text;
    private final List<Statement> statements;
    private final @Nullable String fault;

    PolicyDocument(Kind kind, String text, List<Statement> statements, @Nullable String fault) {
        this.kind = kind;
        this.text = text;
        this.statements = List.copyOf(statements);
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

    /// Reads and checks a document, or remembers it: documents that were read lately are kept, since each request
    /// needs several of them.
    ///
    /// @throws MalformedPolicyException in AWS's words
    public static PolicyDocument parse(String text, Kind kind) throws MalformedPolicyException {
        PolicyDocument known = PARSED.find(text, kind);
        if (known != null) {
            return known;
        }
        PolicyDocument document = PolicyReader.read(text, kind);
        PARSED.keep(document);
        return document;
    }

    /// Reads a document that was accepted once; what cannot be read denies everything.
    public static PolicyDocument stored(String text, Kind kind) {
        try {
            return parse(text, kind);
        } catch (MalformedPolicyException e) {
            return unreadable(kind, String.valueOf(e.getMessage()));
        }
    }

    /// What stands in the place of a stored policy that cannot be read: it denies everything.
    ///
    /// @param why for the audit record
    public static PolicyDocument unreadable(Kind kind, String why) {
        return new PolicyDocument(kind, "", List.of(), why);
    }

    public Kind kind() {
        return kind;
    }

    /// As the client wrote it; empty for an unreadable one.
    public String text() {
        return text;
    }

    /// Its length without white space, as AWS counts the policies of identities.
    public int countedLength() {
        return (int) text.chars().filter(c -> c > ' ').count();
    }

    /// Why the document cannot be evaluated; null when it can.
    public @Nullable String fault() {
        return fault;
    }

    /// What the document says: of all statements that apply the strongest.
    Verdict evaluate(Inquiry inquiry) {
        if (fault != null) {
            return new Verdict(Effect.DENIES, " cannot be evaluated: " + fault);
        }
        try {
            return strongest(inquiry);
        } catch (RequestValues.TooMuchWork e) {
            return new Verdict(Effect.DENIES, " cannot be evaluated: " + e.getMessage());
        }
    }

    private Verdict strongest(Inquiry inquiry) {
        Effect strongest = Effect.SILENT;
        Statement by = null;
        for (int i = 0; i < statements.size(); i++) {
            Statement statement = statements.get(i);
            Effect effect = statement.effect(inquiry);
            if (effect.compareTo(strongest) > 0) {
                strongest = effect;
                by = statement;
                if (effect == Effect.DENIES) {
                    break;
                }
            }
        }
        return by == null ? Verdict.SILENT : new Verdict(strongest, " statement " + by.name());
    }

    /// Whether a trust policy lets an identity in that no account knows and that its provider vouches for.
    ///
    /// @param provider its ARN or host name, as the policy has to name it
    public boolean trusts(String provider, Inquiry.Request request) {
        request.values().begin();
        boolean allowed = false;
        try {
            for (Statement statement : statements) {
                Effect effect = statement.effectOnFederated(provider, request);
                if (effect == Effect.DENIES) {
                    return false;
                }
                allowed |= effect == Effect.ALLOWS;
            }
        } catch (RequestValues.TooMuchWork e) {
            return false;
        }
        return allowed && fault == null;
    }
}
