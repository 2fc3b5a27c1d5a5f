package org.keymoot.access.policy;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Grants.Permit;

/// A question to the evaluation: may this caller do this?
///
/// @param account that the resource belongs to
/// @param resourcePolicy of a key its policy, of a role its trust policy; null for what has none, on which the
///     caller's own policies decide alone
/// @param grant asked when the policies do not allow; gives null when no grant does
public record Inquiry(
        Identity caller,
        Request request,
        String account,
        @Nullable PolicySource resourcePolicy,
        Supplier<@Nullable Permit> grant) {

    /// For a resource without grants.
    public Inquiry(Identity caller, Request request, String account, @Nullable PolicySource resourcePolicy) {
        this(caller, request, account, resourcePolicy, () -> null);
    }

    /// What is to be done, to what, under which circumstances.
    ///
    /// @param action such as `kms:Sign`
    /// @param lowerAction the same in lower case, as policies are compared with it
    /// @param resource an ARN, or `*` when the action has none
    public record Request(String action, String lowerAction, String resource, RequestValues values) {
        public Request(String action, String resource, RequestValues values) {
            this(action, Text.lowerAscii(action), resource, values);
        }
    }

    RequestValues values() {
        return request.values();
    }
}
