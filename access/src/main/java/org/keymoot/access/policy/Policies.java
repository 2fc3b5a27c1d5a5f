package org.keymoot.access.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The policies that limit one caller, by what they do.
///
/// It keeps true: what is absent is absent on purpose. A policy that should apply and cannot be read is present as
/// [PolicyDocument#unreadable], which denies.
///
/// @param identity attached to the identity or its groups, or inline in them; any of them may allow
/// @param boundary the permissions boundary; null when the identity has none
/// @param session the policies given when the session was made; null when none were given, which does not limit
public record Policies(
        List<PolicySource> identity,
        @Nullable PolicySource boundary,
        @Nullable List<PolicySource> session) {
    /// Nothing is attached, nothing limits.
    public static final Policies NONE = new Policies(List.of(), null, null);

    public Policies {
        identity = List.copyOf(identity);
        session = session == null ? null : List.copyOf(session);
    }
}
