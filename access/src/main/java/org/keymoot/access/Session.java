package org.keymoot.access;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// What session credentials say of themselves: whose they are, until when, and what limits them.
///
/// It keeps true: it was sealed by a party of the cluster when the session was made, and nothing in it has changed.
///
/// @param kind whether it is of a role, of a user or root itself, or of one whom a user named
/// @param accessKeyId of the session credentials
/// @param owner the name of the role or user; empty for root
/// @param ownerId the unique id of the role or user; the account for root
/// @param name that the caller gave the session of a role or the federated user; empty otherwise
/// @param policies documents given with the session
/// @param policyArns managed policies given with the session
/// @param transitiveTags the names of tags that sessions made by this session inherit
/// @param sourceIdentity empty when none was set
/// @param webIdentity the token of an identity provider that the session of a role was made for, which each
///     party checks again; empty when it was made otherwise
public record Session(
        Kind kind,
        String accessKeyId,
        String owner,
        String ownerId,
        String name,
        Instant issuedAt,
        Instant expiresAt,
        List<String> policies,
        List<String> policyArns,
        SortedMap<String, String> tags,
        Set<String> transitiveTags,
        String sourceIdentity,
        String webIdentity) {

    /// Of what a session is.
    public enum Kind {
        ROLE,
        USER,
        FEDERATED
    }

    public Session {
        policies = List.copyOf(policies);
        policyArns = List.copyOf(policyArns);
        tags = new TreeMap<>(tags);
        transitiveTags = new TreeSet<>(transitiveTags);
    }

    /// Without the identity token, which whoever holds it can show as well.
    @Override
    public String toString() {
        return "Session[%s %s of %s until %s]"
                .formatted(kind, accessKeyId, owner.isEmpty() ? "root" : owner, expiresAt);
    }

    public boolean isLimited() {
        return !policies.isEmpty() || !policyArns.isEmpty();
    }
}
