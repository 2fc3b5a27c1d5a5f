package org.keymoot.access;

import java.util.Map;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.policy.Policies;
import org.keymoot.access.sigv4.Authenticated;

/// Finds out what is known of a caller: its tags and the policies that limit it.
///
/// It keeps true: the answer depends on the arguments only, and every register that it stands on was read through
/// [DirectoryView#read], so parties that lag behind catch up before they decide.
@FunctionalInterface
public interface Identities {
    /// Knows no registers: the root of an account is root, and everybody else has no policies.
    Identities ROOT_ONLY = (caller, view) -> {
        Principal principal = caller.principal();
        if (principal.isRoot()) {
            return Identity.root(principal);
        }
        if (principal.arn().contains(":user/")) {
            return Identity.user(principal);
        }
        if (!principal.arn().startsWith("arn:aws:sts:")) {
            throw new AwsException(AwsError.of(
                    "UnrecognizedClientException",
                    "The access key stands for " + principal.arn() + ", which cannot call: a role is taken on."));
        }
        return new Identity(
                principal,
                principal.arn(),
                principal.arn().substring(principal.arn().lastIndexOf('/') + 1),
                null,
                Map.of(),
                Policies.NONE,
                Map.of());
    };

    /// @param caller whose signature is valid
    /// @throws AwsException when the identity exists no more
    Identity of(Authenticated caller, DirectoryView view);
}
