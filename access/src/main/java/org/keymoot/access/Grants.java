package org.keymoot.access;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.policy.RequestValues;

/// Finds a grant that allows what the policies do not.
///
/// It keeps true: the answer depends on the arguments only, every register that it stands on was read through
/// [DirectoryView#read], and no grant overrides a deny, since it is asked after every deny.
@FunctionalInterface
public interface Grants {
    /// There are no grants.
    Grants NONE = (question, key, view) -> null;

    /// @return the grant that allows it; null when none does
    @Nullable Permit allowing(Question question, KeyRecord key, DirectoryView view);

    /// What is asked.
    ///
    /// @param permission such as `kms:Sign`
    /// @param values the condition keys of the request, of which a grant's constraints read the encryption context
    /// @param grantTokens as the client gave them, not checked
    record Question(Identity caller, String permission, RequestValues values, List<String> grantTokens, Instant now) {
        public Question {
            grantTokens = List.copyOf(grantTokens);
        }
    }

    /// A grant that allows.
    ///
    /// @param name for the audit record, such as `grant 0a1b…`
    /// @param toCallerItself true when the grantee is the caller's own ARN; false when it is the role that the
    ///     caller is a session of, so that boundary and session policies limit what the grant gives
    record Permit(String name, boolean toCallerItself) {}
}
