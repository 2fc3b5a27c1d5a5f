package org.keymoot.access.iam;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RegisterWrite;
import org.keymoot.access.iam.IdentityRecord.Reference;
import org.keymoot.access.iam.PolicyRecord.Version;
import org.keymoot.access.policy.PolicyDocument;

/// Managed policies: an account's own with their versions, and the few that every account has.
final class ManagedPolicies {
    private static final int MOST_VERSIONS = 5;
    private static final int MOST_CHARACTERS = 6144;
    private static final Pattern ARN = Pattern.compile("arn:aws:iam::(aws|[0-9]{12}):policy(/[\\x21-\\x7e]*)");
    private static final Pattern POLICY_NAME = Pattern.compile("[a-zA-Z0-9_+=,.@-]{1,128}");
    private static final Pattern VERSION = Pattern.compile("v[1-9][0-9]{0,8}");

    private ManagedPolicies() {}

    /// A policy and the version of its register, which is 0 for one that every account has.
    private record Stored(PolicyRecord record, long version) {
        RegisterWrite write(PolicyRecord next) {
            return new RegisterWrite(record.register(), version, next.json());
        }
    }

    /// The policy of an ARN; null when there is none.
    static @Nullable PolicyRecord find(DirectoryView view, String arn) {
        Stored found = stored(view, arn);
        return found == null || found.record().deleted() ? null : found.record();
    }

    private static @Nullable Stored stored(DirectoryView view, String arn) {
        Matcher matcher = ARN.matcher(arn);
        if (!matcher.matches()) {
            return null;
        }
        if (matcher.group(1).equals("aws")) {
            PolicyRecord everyone = CommonPolicies.BY_ARN.get(arn);
            return everyone == null ? null : new Stored(everyone, 0);
        }
        String name = arn.substring(arn.lastIndexOf('/') + 1);
        if (!POLICY_NAME.matcher(name).matches()) {
            return null;
        }
        RegisterName register = PolicyRecord.register(matcher.group(1), name);
        RegisterValue value = view.read(register);
        if (value == null) {
            return null;
        }
        PolicyRecord record = PolicyRecord.decode(register, value.json());
        return record.arn().equals(arn) ? new Stored(record, value.version()) : null;
    }

    /// What an identity keeps of a policy that is attached to it.
    static Reference reference(IamCall call, String arn) {
        if (!ARN.matcher(arn).matches()) {
            throw IamCall.refuse("InvalidInput", "ARN " + arn + " is not valid.");
        }
        PolicyRecord found = find(call.view(), arn);
        if (found == null
                || !(found.account().equals(call.account()) || found.account().equals("aws"))) {
            throw IamCall.noSuchEntity("Policy " + arn + " does not exist or is not attachable.");
        }
        return new Reference(arn, found.id());
    }

    /// The attachments whose policy still is the one that was attached.
    static List<Reference> live(IamCall call, List<Reference> attached) {
        return attached.stream()
                .filter(reference -> {
                    PolicyRecord policy = find(call.view(), reference.name());
                    return policy != null && policy.id().equals(reference.id());
                })
                .toList();
    }

    private static Stored target(IamCall call) {
        String arn = OwnedPolicies.policyArn(call, "PolicyArn");
        if (!ARN.matcher(arn).matches()) {
            throw IamCall.refuse("InvalidInput", "ARN " + arn + " is not valid.");
        }
        Stored found = stored(call.view(), arn);
        if (found != null && !found.record().deleted()) {
            call.withResourceTags(found.record().tags());
        }
        call.authorise(arn);
        boolean known = found != null
                && !found.record().deleted()
                && (found.record().account().equals(call.account())
                        || found.record().account().equals("aws"));
        if (found == null || !known) {
            throw IamCall.noSuchEntity("Policy " + arn + " was not found.");
        }
        return found;
    }

    private static Stored ownTarget(IamCall call) {
        Stored found = target(call);
        if (!found.record().account().equals(call.account())) {
            throw IamCall.refuse("InvalidInput", "A policy that every account has cannot be changed.");
        }
        return found;
    }

    static Decision create(IamCall call) {
        String path = call.path();
        String name = call.name("PolicyName", 128);
        String description = call.form().text("Description", 0, 1000, null);
        Map<String, String> tags = call.form().tags("Tags", false);
        call.form().check();
        IdentityActions.requireFewTags(tags);
        String arn = PolicyRecord.arn(call.account(), path, name);
        call.withTags(tags).authorise(arn);
        if (!tags.isEmpty()) {
            call.authorise(arn, "iam:TagPolicy");
        }
        String document = document(call);
        RegisterName register = PolicyRecord.register(call.account(), name);
        RegisterValue value = call.view().read(register);
        PolicyRecord present = value == null ? null : PolicyRecord.decode(register, value.json());
        if (present != null && !present.deleted()) {
            if (present.requestDigest().equals(call.requestDigest())) {
                return call.answer(new Xml().put("Policy", details(present, 0, 0, true)));
            }
            throw IamCall.conflict(
                    "EntityAlreadyExists",
                    "A policy called " + name + " already exists. Duplicate names are not allowed.");
        }
        PolicyRecord next = new PolicyRecord(
                call.account(),
                name,
                path,
                call.uniqueId("ANPA"),
                description == null ? "" : description,
                call.now(),
                call.now(),
                new TreeMap<>(tags),
                List.of(new Version(1, document, call.now())),
                1,
                2,
                false,
                call.requestDigest());
        return call.change(
                new RegisterWrite(register, value == null ? 0 : value.version(), next.json()),
                new Xml().put("Policy", details(next, 0, 0, true)));
    }

    private static String document(IamCall call) {
        String document = call.document("PolicyDocument");
        IamCall.requireDocument(document, PolicyDocument.Kind.IDENTITY, MOST_CHARACTERS);
        return document;
    }

    private static Xml details(PolicyRecord policy, int attachments, int boundaries, boolean whole) {
        Xml xml = new Xml()
                .put("PolicyName", policy.name())
                .put("PolicyId", policy.id())
                .put("Arn", policy.arn())
                .put("Path", policy.path())
                .put("DefaultVersionId", "v" + policy.defaultVersion())
                .put("AttachmentCount", attachments)
                .put("PermissionsBoundaryUsageCount", boundaries)
                .put("IsAttachable", true);
        if (whole && !policy.description().isEmpty()) {
            xml.put("Description", policy.description());
        }
        xml.put("CreateDate", policy.createdAt()).put("UpdateDate", policy.updatedAt());
        if (whole && !policy.tags().isEmpty()) {
            IdentityActions.putTags(xml, policy.tags());
        }
        return xml;
    }

    static Decision get(IamCall call) {
        PolicyRecord policy = target(call).record();
        Usage usage = usage(call);
        return call.answer(
                new Xml().put("Policy", details(policy, usage.attachments(policy), usage.boundaries(policy), true)));
    }

    /// How often the policies of an account are attached, and how often they are boundaries, by id.
    private record Usage(Map<String, Integer> attached, Map<String, Integer> bounding) {
        int attachments(PolicyRecord policy) {
            return attached.getOrDefault(policy.id(), 0);
        }

        int boundaries(PolicyRecord policy) {
            return bounding.getOrDefault(policy.id(), 0);
        }
    }

    private static Usage usage(IamCall call) {
        Map<String, Integer> attached = new HashMap<>();
        Map<String, Integer> bounding = new HashMap<>();
        for (OwnerKind kind : OwnerKind.values()) {
            for (IdentityRecord owner : call.identities(kind)) {
                owner.attached().forEach(reference -> attached.merge(reference.id(), 1, Integer::sum));
                Reference boundary = owner.boundary();
                if (boundary != null) {
                    bounding.merge(boundary.id(), 1, Integer::sum);
                }
            }
        }
        return new Usage(attached, bounding);
    }

    static Decision list(IamCall call) {
        String scope = call.form().choice("Scope", List.of("All", "AWS", "Local"), "All");
        boolean onlyAttached = call.form().flag("OnlyAttached");
        String usageFilter = call.form()
                .choice("PolicyUsageFilter", List.of("PermissionsPolicy", "PermissionsBoundary", "any"), "any");
        String prefix = call.pathPrefix();
        call.authorise("arn:aws:iam::" + call.account() + ":policy" + prefix);
        Usage usage = usage(call);
        List<PolicyRecord> found = new ArrayList<>();
        if (!scope.equals("AWS")) {
            call.all(RegisterName.Kind.POLICY)
                    .forEach(entry -> found.add(
                            PolicyRecord.decode(entry.name(), entry.value().json())));
        }
        if (!scope.equals("Local")) {
            found.addAll(CommonPolicies.BY_ARN.values());
        }
        List<PolicyRecord> shown = found.stream()
                .filter(policy -> policy.path().startsWith(prefix))
                .filter(policy -> !onlyAttached || usage.attachments(policy) > 0)
                .filter(policy -> switch (usageFilter) {
                    case "PermissionsPolicy" -> usage.attachments(policy) > 0;
                    case "PermissionsBoundary" -> usage.boundaries(policy) > 0;
                    default -> true;
                })
                .sorted(Comparator.comparing(PolicyRecord::arn))
                .toList();
        return call.answer(call.page(
                "Policies",
                shown,
                PolicyRecord::arn,
                (xml, policy) -> xml.put(details(policy, usage.attachments(policy), usage.boundaries(policy), false))));
    }

    static Decision delete(IamCall call) {
        String arn = OwnedPolicies.policyArn(call, "PolicyArn");
        Stored present = stored(call.view(), arn);
        if (present != null
                && present.record().deleted()
                && present.record().requestDigest().equals(call.requestDigest())) {
            call.authorise(arn);
            return call.done();
        }
        Stored found = ownTarget(call);
        PolicyRecord policy = found.record();
        Usage usage = usage(call);
        if (usage.attachments(policy) + usage.boundaries(policy) > 0) {
            throw IamCall.conflict("DeleteConflict", "Cannot delete a policy attached to entities.");
        }
        if (policy.versions().size() > 1) {
            throw IamCall.conflict(
                    "DeleteConflict",
                    "This policy has more than one version. Before you delete a policy, you must delete the policy's"
                            + " versions. The default version is deleted with the policy.");
        }
        return call.change(found.write(policy.removed(call.requestDigest())));
    }

    static Decision createVersion(IamCall call) {
        boolean standard = call.form().flag("SetAsDefault");
        Stored found = ownTarget(call);
        String document = document(call);
        PolicyRecord policy = found.record();
        if (policy.requestDigest().equals(call.requestDigest())) {
            Version made = policy.versions().getLast();
            return call.answer(new Xml().put("PolicyVersion", details(policy, made, false)));
        }
        if (policy.versions().size() == MOST_VERSIONS) {
            throw IamCall.conflict(
                    "LimitExceeded",
                    "A managed policy can have up to " + MOST_VERSIONS
                            + " versions. Before you create a new version, you must delete an existing version.");
        }
        PolicyRecord next = policy.withVersion(document, standard, call.now(), call.requestDigest());
        return call.change(
                found.write(next),
                new Xml().put("PolicyVersion", details(next, next.versions().getLast(), false)));
    }

    private static Xml details(PolicyRecord policy, Version version, boolean withDocument) {
        Xml xml = new Xml();
        if (withDocument) {
            xml.put("Document", IamCall.percentEncoded(version.document()));
        }
        return xml.put("VersionId", version.id())
                .put("IsDefaultVersion", version.number() == policy.defaultVersion())
                .put("CreateDate", version.createdAt());
    }

    static Decision getVersion(IamCall call) {
        PolicyRecord policy = target(call).record();
        Version version = version(call, policy);
        return call.answer(new Xml().put("PolicyVersion", details(policy, version, true)));
    }

    private static Version version(IamCall call, PolicyRecord policy) {
        int number = versionNumber(call);
        Version version = policy.version(number);
        if (version == null) {
            throw IamCall.noSuchEntity(
                    "Policy " + policy.arn() + " version v" + number + " does not exist or is not attachable.");
        }
        return version;
    }

    private static int versionNumber(IamCall call) {
        String id = call.form().required("VersionId", 1, 64, null);
        call.form().check();
        if (!VERSION.matcher(id).matches()) {
            throw IamCall.refuse(
                    "ValidationError", "The specified value for versionId is invalid. It must be v and a number.");
        }
        return Integer.parseInt(id.substring(1));
    }

    static Decision listVersions(IamCall call) {
        PolicyRecord policy = target(call).record();
        return call.answer(call.page(
                "Versions",
                policy.versions(),
                version -> "%09d".formatted(version.number()),
                (xml, version) -> xml.put(details(policy, version, false))));
    }

    static Decision setDefault(IamCall call) {
        Stored found = ownTarget(call);
        Version version = version(call, found.record());
        return call.change(found.write(found.record().withDefault(version.number(), call.now(), call.requestDigest())));
    }

    static Decision deleteVersion(IamCall call) {
        Stored found = ownTarget(call);
        int number = versionNumber(call);
        if (found.record().version(number) == null
                && found.record().requestDigest().equals(call.requestDigest())) {
            return call.done();
        }
        Version version = version(call, found.record());
        if (version.number() == found.record().defaultVersion()) {
            throw IamCall.conflict("DeleteConflict", "Cannot delete the default version of a policy.");
        }
        return call.change(
                found.write(found.record().withoutVersion(version.number(), call.now(), call.requestDigest())));
    }

    static Decision entities(IamCall call) {
        String filter = call.form()
                .choice(
                        "EntityFilter",
                        List.of("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy", "any"),
                        "any");
        String usageFilter = call.form()
                .choice("PolicyUsageFilter", List.of("PermissionsPolicy", "PermissionsBoundary", "any"), "any");
        String prefix = call.pathPrefix();
        PolicyRecord policy = target(call).record();
        Xml answer = new Xml();
        for (OwnerKind kind : OwnerKind.values()) {
            List<IdentityRecord> owners = filter.equals("any") || filter.equals(kind.element())
                    ? call.identities(kind).stream()
                            .filter(owner -> owner.path().startsWith(prefix))
                            .filter(owner -> uses(owner, policy, usageFilter))
                            .toList()
                    : List.of();
            answer.list(
                    "Policy" + kind.element() + "s",
                    owners,
                    (xml, owner) ->
                            xml.put(kind.element() + "Name", owner.name()).put(kind.element() + "Id", owner.id()));
        }
        return call.answer(answer.put("IsTruncated", false));
    }

    private static boolean uses(IdentityRecord owner, PolicyRecord policy, String usageFilter) {
        Reference boundary = owner.boundary();
        boolean attached =
                owner.attached().stream().anyMatch(reference -> reference.id().equals(policy.id()));
        boolean bounds = boundary != null && boundary.id().equals(policy.id());
        return switch (usageFilter) {
            case "PermissionsPolicy" -> attached;
            case "PermissionsBoundary" -> bounds;
            default -> attached || bounds;
        };
    }

    static Decision tag(IamCall call) {
        Map<String, String> added = call.form().tags("Tags", true);
        call.withTags(added);
        Stored found = ownTarget(call);
        return call.change(found.write(
                found.record().withTags(IdentityActions.tagged(found.record().tags(), added), call.requestDigest())));
    }

    static Decision untag(IamCall call) {
        List<String> keys = call.form().texts("TagKeys", 1, 128);
        call.withTagKeys(keys);
        Stored found = ownTarget(call);
        return call.change(found.write(
                found.record().withTags(IdentityActions.untagged(found.record().tags(), keys), call.requestDigest())));
    }

    static Decision listTags(IamCall call) {
        return call.answer(IdentityActions.tagPage(call, target(call).record().tags()));
    }
}
