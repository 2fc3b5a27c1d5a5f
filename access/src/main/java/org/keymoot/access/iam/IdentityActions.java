package org.keymoot.access.iam;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsException;
import org.keymoot.access.Decision;
import org.keymoot.access.Principal;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.iam.IamCall.Stored;
import org.keymoot.access.iam.IdentityRecord.Reference;
import org.keymoot.access.iam.IdentityRecord.RoleTerms;
import org.keymoot.access.policy.PolicyDocument;
import org.keymoot.access.policy.RequestValues;

/// Making, showing, changing and deleting users, groups and roles, with a user's memberships and a role's terms.
final class IdentityActions {
    private static final int GROUPS_OF_A_USER = 10;
    private static final int MOST_TAGS = 50;
    private static final int TRUST_CHARACTERS = 2048;
    private static final int SHORTEST_SESSION_SECONDS = 3600;
    private static final int LONGEST_SESSION_SECONDS = 43_200;

    private IdentityActions() {}

    static Decision create(IamCall call, OwnerKind kind) {
        String path = call.path();
        String name = call.name(kind.nameParameter(), kind.longestName());
        Map<String, String> tags =
                kind == OwnerKind.GROUP ? Map.of() : call.form().tags("Tags", false);
        String boundaryArn = kind == OwnerKind.GROUP ? null : call.form().text("PermissionsBoundary", 20, 2048, null);
        RoleTerms terms = kind == OwnerKind.ROLE ? newTerms(call) : null;
        call.form().check();
        requireFewTags(tags);
        String arn = IdentityRecord.arn(kind, call.account(), path, name);
        call.withTags(tags);
        if (boundaryArn != null) {
            call.with(IamCall.BOUNDARY, boundaryArn);
        }
        call.authorise(arn);
        if (!tags.isEmpty()) {
            call.authorise(arn, "iam:Tag" + kind.element());
        }
        if (terms != null) {
            requireTrust(terms.trust());
        }
        Reference boundary = boundaryArn == null ? null : ManagedPolicies.reference(call, boundaryArn);
        Stored present = call.find(kind, call.account(), name);
        if (present != null && !present.record().deleted()) {
            if (present.record().requestDigest().equals(call.requestDigest())) {
                return call.answer(shown(kind, present.record(), true));
            }
            throw IamCall.conflict("EntityAlreadyExists", kind.element() + " with name " + name + " already exists.");
        }
        IdentityRecord next = IdentityRecord.fresh(
                kind,
                call.account(),
                name,
                path,
                call.uniqueId(kind.idPrefix()),
                call.now(),
                tags,
                boundary,
                terms,
                call.requestDigest());
        long version = present == null ? 0 : present.version();
        return call.change(new RegisterWrite(next.register(), version, next.json()), shown(kind, next, true));
    }

    private static Xml shown(OwnerKind kind, IdentityRecord record, boolean whole) {
        return new Xml().put(kind.element(), details(record, whole));
    }

    /// What answers say of an identity.
    ///
    /// @param whole false in listings, which leave out tags and boundaries
    static Xml details(IdentityRecord record, boolean whole) {
        String element = record.kind().element();
        Xml xml = new Xml()
                .put("Path", record.path())
                .put(element + "Name", record.name())
                .put(element + "Id", record.id())
                .put("Arn", record.arn())
                .put("CreateDate", record.createdAt());
        RoleTerms terms = record.terms();
        if (terms != null) {
            xml.put("AssumeRolePolicyDocument", IamCall.percentEncoded(terms.trust()));
            if (!terms.description().isEmpty()) {
                xml.put("Description", terms.description());
            }
            xml.put("MaxSessionDuration", terms.maximumSessionSeconds());
        }
        Reference boundary = record.boundary();
        if (whole && boundary != null) {
            xml.put(
                    "PermissionsBoundary",
                    new Xml().put("PermissionsBoundaryType", "Policy").put("PermissionsBoundaryArn", boundary.name()));
        }
        if (whole && !record.tags().isEmpty()) {
            putTags(xml, record.tags());
        }
        return xml;
    }

    static void putTags(Xml xml, SortedMap<String, String> tags) {
        xml.list(
                "Tags",
                tags.entrySet(),
                (member, tag) -> member.put("Key", tag.getKey()).put("Value", tag.getValue()));
    }

    static Decision get(IamCall call, OwnerKind kind) {
        if (kind == OwnerKind.USER && call.form().raw("UserName") == null) {
            return getSelf(call);
        }
        Stored stored = call.target(kind);
        if (kind != OwnerKind.GROUP) {
            return call.answer(shown(kind, stored.record(), true));
        }
        List<IdentityRecord> members = members(call, stored.record());
        Xml answer = shown(kind, stored.record(), true);
        return call.answer(call.page(
                answer, "Users", members, IdentityRecord::name, (xml, user) -> xml.put(details(user, false))));
    }

    /// The users that are in a group, by name.
    static List<IdentityRecord> members(IamCall call, IdentityRecord group) {
        return call.identities(OwnerKind.USER).stream()
                .filter(user -> user.groups().stream().anyMatch(in -> in.id().equals(group.id())))
                .sorted(Comparator.comparing(IdentityRecord::name))
                .toList();
    }

    private static Decision getSelf(IamCall call) {
        Principal self = call.principal();
        if (!self.isRoot()) {
            Stored stored = call.target(OwnerKind.USER, ownName(call));
            return call.answer(shown(OwnerKind.USER, stored.record(), true));
        }
        call.authorise(self.arn());
        return call.answer(new Xml()
                .put(
                        "User",
                        new Xml().put("Path", "/").put("UserId", self.account()).put("Arn", self.arn())));
    }

    /// The name of the user that calls.
    static String ownName(IamCall call) {
        String arn = call.principal().arn();
        if (!arn.contains(":user/")) {
            throw IamCall.refuse("ValidationError", "Must specify userName when calling with non-User credentials");
        }
        return arn.substring(arn.lastIndexOf('/') + 1);
    }

    static Decision list(IamCall call, OwnerKind kind) {
        String prefix = call.pathPrefix();
        call.authorise("arn:aws:iam::" + call.account() + ":" + kind.word() + prefix);
        List<IdentityRecord> found = call.identities(kind).stream()
                .filter(record -> record.path().startsWith(prefix))
                .toList();
        return call.answer(call.page(
                kind.element() + "s",
                found,
                record -> record.register().last(),
                (xml, record) -> xml.put(details(record, false))));
    }

    static Decision delete(IamCall call, OwnerKind kind) {
        String name = call.name(kind.nameParameter(), kind.longestName());
        Stored present = call.find(kind, call.account(), name);
        if (present != null
                && present.record().deleted()
                && present.record().requestDigest().equals(call.requestDigest())) {
            call.authorise(present.record().arn());
            return call.done();
        }
        Stored stored = call.target(kind, name);
        IdentityRecord record = stored.record();
        if (kind == OwnerKind.USER && !AccessKeyActions.of(call, record.id()).isEmpty()) {
            throw deleteConflict("must delete access keys first.");
        }
        if (!live(call, record).isEmpty()) {
            throw deleteConflict("must remove user from groups first.");
        }
        if (kind == OwnerKind.GROUP && !members(call, record).isEmpty()) {
            throw deleteConflict("must remove users from group first.");
        }
        if (!record.attached().isEmpty()) {
            throw deleteConflict("must detach all policies first.");
        }
        if (!record.inline().isEmpty()) {
            throw deleteConflict("must delete policies first.");
        }
        return call.change(stored.write(record.removed(call.requestDigest())));
    }

    private static AwsException deleteConflict(String why) {
        return IamCall.conflict("DeleteConflict", "Cannot delete entity, " + why);
    }

    /// Moves a user or group to another path, which takes the permission on its new ARN as well. Its name
    /// stays: policies, trust policies and key policies name it, and would silently mean another.
    static Decision update(IamCall call, OwnerKind kind) {
        String path = call.form().text("NewPath", 1, 512, null);
        String newName = call.optionalName("New" + kind.nameParameter(), kind.longestName());
        Stored stored = call.target(kind);
        if (newName != null && !newName.equals(stored.record().name())) {
            throw IamCall.refuse(
                    "InvalidInput",
                    "A " + kind.word() + " cannot be renamed here, because policies and audit records name it. Create "
                            + newName + " and delete " + stored.record().name() + ".");
        }
        if (path == null) {
            return call.done();
        }
        if (!path.matches("/|/[\\x21-\\x7e]+/")) {
            throw IamCall.refuse("ValidationError", "The specified value for newPath is invalid.");
        }
        IdentityRecord moved = stored.record().withPath(path, call.requestDigest());
        call.authorise(moved.arn());
        call.isAbout(stored.record().arn());
        return call.change(stored.write(moved));
    }

    /// Tags with further ones, which take the place of those of the same key.
    static TreeMap<String, String> tagged(Map<String, String> tags, Map<String, String> added) {
        TreeMap<String, String> next = merged(tags, added);
        requireFewTags(next);
        return next;
    }

    /// Tags and others that take the place of those of the same key. Keys differ by more than the case of their
    /// letters.
    static TreeMap<String, String> merged(Map<String, String> tags, Map<String, String> over) {
        TreeMap<String, String> next = untagged(tags, List.copyOf(over.keySet()));
        next.putAll(over);
        return next;
    }

    static TreeMap<String, String> untagged(Map<String, String> tags, List<String> keys) {
        Set<String> gone = keys.stream().map(RequestValues::folded).collect(Collectors.toSet());
        TreeMap<String, String> next = new TreeMap<>(tags);
        next.keySet().removeIf(key -> gone.contains(RequestValues.folded(key)));
        return next;
    }

    static Decision tag(IamCall call, OwnerKind kind) {
        Map<String, String> added = call.form().tags("Tags", true);
        call.withTags(added);
        Stored stored = call.target(kind);
        return call.change(
                stored.write(stored.record().withTags(tagged(stored.record().tags(), added), call.requestDigest())));
    }

    static Decision untag(IamCall call, OwnerKind kind) {
        List<String> keys = call.form().texts("TagKeys", 1, 128);
        call.withTagKeys(keys);
        Stored stored = call.target(kind);
        return call.change(
                stored.write(stored.record().withTags(untagged(stored.record().tags(), keys), call.requestDigest())));
    }

    static Decision listTags(IamCall call, OwnerKind kind) {
        Stored stored = call.target(kind);
        return call.answer(tagPage(call, stored.record().tags()));
    }

    static Xml tagPage(IamCall call, SortedMap<String, String> tags) {
        return call.page(
                "Tags",
                List.copyOf(tags.entrySet()),
                Map.Entry::getKey,
                (xml, tag) -> xml.put("Key", tag.getKey()).put("Value", tag.getValue()));
    }

    static void requireFewTags(Map<String, String> tags) {
        if (tags.size() > MOST_TAGS) {
            throw IamCall.conflict(
                    "LimitExceeded", "The number of tags has reached the maximum limit of " + MOST_TAGS + ".");
        }
        for (String key : tags.keySet()) {
            if (key.regionMatches(true, 0, "aws:", 0, 4)) {
                throw IamCall.refuse("InvalidInput", "Tag keys that begin with aws: are reserved.");
            }
        }
    }

    static Decision addToGroup(IamCall call) {
        String userName = call.name("UserName", OwnerKind.USER.longestName());
        Stored group = call.target(OwnerKind.GROUP);
        Stored user = call.require(OwnerKind.USER, userName);
        List<Reference> next = new ArrayList<>(live(call, user.record()));
        Reference wanted = new Reference(group.record().name(), group.record().id());
        if (!next.contains(wanted)) {
            if (next.size() == GROUPS_OF_A_USER) {
                throw IamCall.quota("GroupsPerUser", GROUPS_OF_A_USER);
            }
            next.add(wanted);
        }
        return call.change(user.write(user.record().withGroups(next, call.requestDigest())));
    }

    static Decision removeFromGroup(IamCall call) {
        String userName = call.name("UserName", OwnerKind.USER.longestName());
        Stored group = call.target(OwnerKind.GROUP);
        Stored user = call.require(OwnerKind.USER, userName);
        if (user.record().requestDigest().equals(call.requestDigest())) {
            return call.done();
        }
        List<Reference> next = user.record().groups().stream()
                .filter(in -> !in.id().equals(group.record().id()))
                .toList();
        if (next.size() == user.record().groups().size()) {
            throw IamCall.noSuchEntity(
                    "User " + userName + " is not in group " + group.record().name() + ".");
        }
        return call.change(user.write(user.record().withGroups(next, call.requestDigest())));
    }

    static Decision groupsOfUser(IamCall call) {
        Stored stored = call.target(OwnerKind.USER);
        List<IdentityRecord> groups = live(call, stored.record()).stream()
                .map(in -> call.require(OwnerKind.GROUP, in.name()).record())
                .sorted(Comparator.comparing(IdentityRecord::name))
                .toList();
        return call.answer(
                call.page("Groups", groups, IdentityRecord::name, (xml, group) -> xml.put(details(group, false))));
    }

    /// The memberships whose group still exists.
    private static List<Reference> live(IamCall call, IdentityRecord user) {
        return user.groups().stream()
                .filter(in -> {
                    Stored group = call.find(OwnerKind.GROUP, call.account(), in.name());
                    return group != null
                            && !group.record().deleted()
                            && group.record().id().equals(in.id());
                })
                .toList();
    }

    /// What a request says of a role that it makes. Its document is not looked into yet.
    private static RoleTerms newTerms(IamCall call) {
        String trust = call.document("AssumeRolePolicyDocument");
        String description = call.form().text("Description", 0, 1000, null);
        int longest = call.form()
                .number(
                        "MaxSessionDuration",
                        SHORTEST_SESSION_SECONDS,
                        LONGEST_SESSION_SECONDS,
                        SHORTEST_SESSION_SECONDS);
        return new RoleTerms(trust, description == null ? "" : description, longest);
    }

    private static void requireTrust(String document) {
        IamCall.requireDocument(document, PolicyDocument.Kind.TRUST, TRUST_CHARACTERS);
    }

    private static RoleTerms terms(IdentityRecord role) {
        return Objects.requireNonNull(role.terms());
    }

    static Decision updateTrust(IamCall call) {
        String trust = call.document("PolicyDocument");
        Stored stored = call.target(OwnerKind.ROLE);
        requireTrust(trust);
        RoleTerms now = terms(stored.record());
        return call.change(stored.write(stored.record()
                .withTerms(
                        new RoleTerms(trust, now.description(), now.maximumSessionSeconds()), call.requestDigest())));
    }

    /// @param answersRole true for UpdateRoleDescription, whose answer shows the role
    static Decision updateRole(IamCall call, boolean answersRole) {
        @Nullable String description = call.form().text("Description", 0, 1000, null);
        int longest = call.form().number("MaxSessionDuration", SHORTEST_SESSION_SECONDS, LONGEST_SESSION_SECONDS, 0);
        Stored stored = call.target(OwnerKind.ROLE);
        RoleTerms now = terms(stored.record());
        IdentityRecord next = stored.record()
                .withTerms(
                        new RoleTerms(
                                now.trust(),
                                description == null ? now.description() : description,
                                longest == 0 ? now.maximumSessionSeconds() : longest),
                        call.requestDigest());
        return call.change(stored.write(next), answersRole ? shown(OwnerKind.ROLE, next, true) : new Xml());
    }
}
