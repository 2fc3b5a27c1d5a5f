package org.keymoot.access.policy;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Principal;

/// A caller as policies see it: who it is, what it is tagged with, and the policies that limit it.
///
/// It keeps true: a session of a role or of a federated user names what it was issued by, and nothing else does.
///
/// @param principal the caller itself; of a role session the session, not the role
/// @param issuerArn of a role session the role's ARN with its path, of a federated user the ARN of the user that
///     made the session; null for users and root
/// @param userId the value of `aws:userid`: the unique id of a user, `role id:session name`, the account of root
/// @param userName the value of `aws:username`; null unless the caller is a user
/// @param tags the values of `aws:PrincipalTag/*`: the user's tags, or the role's overridden by the session's
/// @param context further condition keys that the credentials bring, such as `aws:TokenIssueTime`
public record Identity(
        Principal principal,
        @Nullable String issuerArn,
        String userId,
        @Nullable String userName,
        Map<String, String> tags,
        Policies policies,
        Map<String, List<String>> context) {

    /// What kind of caller it is; the texts are the values of `aws:PrincipalType`.
    public enum Kind {
        ROOT("Account"),
        USER("User"),
        ROLE_SESSION("AssumedRole"),
        FEDERATED_USER("FederatedUser");

        private final String aws;

        Kind(String aws) {
            this.aws = aws;
        }

        public String aws() {
            return aws;
        }
    }

    public Identity {
        tags = Map.copyOf(tags);
        context = Map.copyOf(context);
        Kind kind = kindOf(principal.arn());
        boolean session = kind == Kind.ROLE_SESSION || kind == Kind.FEDERATED_USER;
        if (session != (issuerArn != null)) {
            throw new IllegalArgumentException(
                    principal.arn() + (session ? " is a session and must name" : " is no session and cannot name")
                            + " what it was issued by");
        }
        if ((kind == Kind.USER) != (userName != null)) {
            throw new IllegalArgumentException("a user has a name, others have none: " + principal.arn());
        }
    }

    /// The root of an account: it has no policies of its own, and none limit it.
    public static Identity root(Principal root) {
        if (!root.isRoot()) {
            throw new IllegalArgumentException(root.arn() + " is not the root of its account");
        }
        return new Identity(root, null, root.account(), null, Map.of(), Policies.NONE, Map.of());
    }

    /// A user of which nothing is known but its ARN: it has no policies and no tags.
    public static Identity user(Principal user) {
        String name = user.arn().substring(user.arn().lastIndexOf('/') + 1);
        return new Identity(user, null, name, name, Map.of(), Policies.NONE, Map.of());
    }

    public Kind kind() {
        return kindOf(principal.arn());
    }

    /// The value of `aws:PrincipalArn`: of a role session the role, otherwise the caller itself.
    public String principalArn() {
        return kind() == Kind.ROLE_SESSION && issuerArn != null ? issuerArn : principal.arn();
    }

    private static Kind kindOf(String arn) {
        String resource = arn.split(":", 6)[5];
        if (resource.equals("root")) {
            return Kind.ROOT;
        }
        if (resource.startsWith("assumed-role/")) {
            return Kind.ROLE_SESSION;
        }
        return resource.startsWith("federated-user/") ? Kind.FEDERATED_USER : Kind.USER;
    }
}
