package org.keymoot.access.iam;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.AwsException;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.Identities;
import org.keymoot.access.Principal;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.Session;
import org.keymoot.access.iam.IdentityRecord.Reference;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.policy.Policies;
import org.keymoot.access.policy.PolicyDocument;
import org.keymoot.access.policy.PolicySource;
import org.keymoot.access.sigv4.Authenticated;

/// Identities as the registers of IAM describe them.
///
/// It keeps true: a user has its own policies and those of the groups that it is in; a session has its role's; and
/// a managed policy that is gone denies, since what it would have denied or limited cannot be known.
public final class RegisteredIdentities implements Identities {
    /// What root may in its account; only a federated user that root made needs it written down.
    private static final PolicySource WHOLE_ACCOUNT = new PolicySource(
            "root of the account",
            PolicyDocument.stored(
                    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\","
                            + "\"Resource\":\"*\"}]}",
                    PolicyDocument.Kind.IDENTITY));

    @Override
    public Identity of(Authenticated caller, DirectoryView view) {
        Principal principal = caller.principal();
        Session session = caller.session();
        if (session != null && session.kind() == Session.Kind.ROLE) {
            return ofRole(principal, session, view);
        }
        if (session != null && session.kind() == Session.Kind.FEDERATED) {
            return ofFederatedUser(principal, session, view);
        }
        Map<String, List<String>> context = session == null ? Map.of() : context(session);
        if (principal.isRoot()) {
            return new Identity(principal, null, principal.account(), null, Map.of(), Policies.NONE, context);
        }
        IdentityRecord user = principal.arn().contains(":user/") ? userOf(principal, view) : null;
        return user == null ? Identities.ROOT_ONLY.of(caller, view) : ofUser(principal, user, context, view);
    }

    /// The identity that a user or role has by itself, as a simulation looks at it.
    static Identity of(IdentityRecord record, DirectoryView view) {
        if (record.kind() == OwnerKind.USER) {
            return ofUser(new Principal(record.account(), record.arn()), record, Map.of(), view);
        }
        Principal principal =
                new Principal(record.account(), Sts.sessionArn(record.account(), record.name(), "simulation"));
        return new Identity(
                principal,
                record.arn(),
                record.id() + ":simulation",
                null,
                record.tags(),
                policies(record, List.of(), null, view),
                Map.of());
    }

    private static Identity ofUser(
            Principal principal, IdentityRecord user, Map<String, List<String>> context, DirectoryView view) {
        return new Identity(
                principal,
                null,
                user.id(),
                user.name(),
                user.tags(),
                policies(user, groupsOf(user, view), null, view),
                context);
    }

    private static List<IdentityRecord> groupsOf(IdentityRecord user, DirectoryView view) {
        List<IdentityRecord> groups = new ArrayList<>();
        for (Reference membership : user.groups()) {
            IdentityRecord group = find(view, OwnerKind.GROUP, user.account(), membership.name());
            if (group != null && group.id().equals(membership.id())) {
                groups.add(group);
            }
        }
        return groups;
    }

    private static Identity ofRole(Principal principal, Session session, DirectoryView view) {
        IdentityRecord role = find(view, OwnerKind.ROLE, principal.account(), session.owner());
        if (role == null || !role.id().equals(session.ownerId())) {
            throw new AwsException(AwsError.of(
                    "UnrecognizedClientException", "The security token included in the request is invalid."));
        }
        Map<String, String> tags = IdentityActions.merged(role.tags(), session.tags());
        return new Identity(
                principal,
                role.arn(),
                role.id() + ":" + session.name(),
                null,
                tags,
                policies(role, List.of(), session, view),
                context(session));
    }

    /// A federated user may what its maker may and the policies of its session allow; without such policies nothing.
    private static Identity ofFederatedUser(Principal principal, Session session, DirectoryView view) {
        String account = principal.account();
        String userId = account + ":" + session.name();
        List<PolicySource> limits = sessionPolicies(session, view);
        if (session.owner().isEmpty()) {
            return new Identity(
                    principal,
                    Principal.rootArn(account),
                    userId,
                    null,
                    session.tags(),
                    new Policies(List.of(WHOLE_ACCOUNT), null, limits),
                    context(session));
        }
        IdentityRecord user = find(view, OwnerKind.USER, account, session.owner());
        if (user == null || !user.id().equals(session.ownerId())) {
            throw new AwsException(AwsError.of(
                    "UnrecognizedClientException", "The security token included in the request is invalid."));
        }
        Policies own = policies(user, groupsOf(user, view), null, view);
        Map<String, String> tags = IdentityActions.merged(user.tags(), session.tags());
        return new Identity(
                principal,
                user.arn(),
                userId,
                null,
                tags,
                new Policies(own.identity(), own.boundary(), limits),
                context(session));
    }

    private static Map<String, List<String>> context(Session session) {
        Map<String, List<String>> context = new TreeMap<>();
        String issued = session.issuedAt().truncatedTo(ChronoUnit.SECONDS).toString();
        context.put("aws:TokenIssueTime", List.of(issued));
        if (!session.webIdentity().isEmpty()) {
            // Which account's provider it is follows from the access key's id, as the party that checked the token did.
            String account = Objects.requireNonNull(AccessKeyRecord.accountOf(session.accessKeyId()));
            context.putAll(WebIdentity.conditions(WebIdentity.read(session.webIdentity()), account));
        }
        if (!session.sourceIdentity().isEmpty()) {
            context.put("aws:SourceIdentity", List.of(session.sourceIdentity()));
        }
        return context;
    }

    private static Policies policies(
            IdentityRecord owner, List<IdentityRecord> groups, @Nullable Session session, DirectoryView view) {
        List<PolicySource> identity = new ArrayList<>();
        addOf(identity, owner, view);
        groups.forEach(group -> addOf(identity, group, view));
        Reference boundary = owner.boundary();
        return new Policies(
                identity,
                boundary == null ? null : required(boundary.name(), boundary.id(), view),
                session == null || !session.isLimited() ? null : sessionPolicies(session, view));
    }

    private static void addOf(List<PolicySource> sources, IdentityRecord owner, DirectoryView view) {
        owner.inline()
                .forEach((name, document) -> sources.add(new PolicySource(
                        "inline policy '" + name + "' of " + owner.kind().word() + " " + owner.name(),
                        PolicyDocument.stored(document, PolicyDocument.Kind.IDENTITY))));
        for (Reference attached : owner.attached()) {
            // One that is gone may have denied something; deleting what is attached is refused, except in a race.
            sources.add(required(attached.name(), attached.id(), view));
        }
    }

    private static List<PolicySource> sessionPolicies(Session session, DirectoryView view) {
        List<PolicySource> sources = new ArrayList<>();
        session.policies()
                .forEach(document -> sources.add(new PolicySource(
                        "session policy", PolicyDocument.stored(document, PolicyDocument.Kind.IDENTITY))));
        session.policyArns().forEach(arn -> sources.add(required(arn, null, view)));
        return sources;
    }

    /// A managed policy, which denies when it cannot be found.
    private static PolicySource required(String arn, @Nullable String id, DirectoryView view) {
        PolicyRecord policy = ManagedPolicies.find(view, arn);
        return policy == null || (id != null && !policy.id().equals(id))
                ? new PolicySource(
                        arn, PolicyDocument.unreadable(PolicyDocument.Kind.IDENTITY, "the policy exists no more"))
                : source(policy);
    }

    private static PolicySource source(PolicyRecord policy) {
        return new PolicySource(policy.arn(), PolicyDocument.stored(policy.document(), PolicyDocument.Kind.IDENTITY));
    }

    private static @Nullable IdentityRecord userOf(Principal principal, DirectoryView view) {
        String name = principal.arn().substring(principal.arn().lastIndexOf('/') + 1);
        try {
            IdentityRecord found = find(view, OwnerKind.USER, principal.account(), name);
            return found != null && found.arn().equals(principal.arn()) ? found : null;
        } catch (IllegalArgumentException e) {
            // The operator gave an access key to a name that no register can have.
            return null;
        }
    }

    /// The live identity of a name; null when there is none.
    static @Nullable IdentityRecord find(DirectoryView view, OwnerKind kind, String account, String name) {
        RegisterName register = IdentityRecord.register(kind, account, name);
        RegisterValue value = view.read(register);
        if (value == null || !value.live()) {
            return null;
        }
        IdentityRecord found = IdentityRecord.decode(register, value.json());
        return found.name().equals(name) ? found : null;
    }
}
