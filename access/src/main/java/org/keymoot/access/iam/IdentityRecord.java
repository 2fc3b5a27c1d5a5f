package org.keymoot.access.iam;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.RegisterName;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// A user, group or role, as its register holds it, with all that belongs to it: tags, inline policies, the managed
/// policies attached to it, its permissions boundary, a user's memberships and a role's terms.
///
/// It keeps true: names that differ in the case of letters only share a register, so only one of them can exist;
/// what belongs to others is named with their id, so that nothing passes to one who gets an old name.
///
/// @param id the unique id, such as `AIDA…`, which is never used again
/// @param inline documents by policy name
/// @param terms null unless it is a role
/// @param deleted true for a tombstone
/// @param requestDigest the signed request that wrote this version, so that its exact retry is recognised
public record IdentityRecord(
        OwnerKind kind,
        String account,
        String name,
        String path,
        String id,
        Instant createdAt,
        SortedMap<String, String> tags,
        SortedMap<String, String> inline,
        List<Reference> attached,
        @Nullable Reference boundary,
        List<Reference> groups,
        @Nullable RoleTerms terms,
        boolean deleted,
        String requestDigest) {

    /// Something else, by its name at the time and the id that tells whether it is still the same.
    ///
    /// @param name the ARN of a policy, the name of a group
    public record Reference(String name, String id) {}

    /// What a role has and others have not.
    ///
    /// @param trust the policy that says who may take the role on
    public record RoleTerms(String trust, String description, int maximumSessionSeconds) {}

    public IdentityRecord {
        tags = new TreeMap<>(tags);
        inline = new TreeMap<>(inline);
        attached = List.copyOf(attached);
        groups = List.copyOf(groups);
        if ((kind == OwnerKind.ROLE) != (terms != null)) {
            throw new IllegalArgumentException("a role has terms, others have none: " + name);
        }
    }

    static IdentityRecord fresh(
            OwnerKind kind,
            String account,
            String name,
            String path,
            String id,
            Instant now,
            Map<String, String> tags,
            @Nullable Reference boundary,
            @Nullable RoleTerms terms,
            String request) {
        return new IdentityRecord(
                kind,
                account,
                name,
                path,
                id,
                now,
                new TreeMap<>(tags),
                new TreeMap<>(),
                List.of(),
                boundary,
                List.of(),
                terms,
                false,
                request);
    }

    static RegisterName register(OwnerKind kind, String account, String name) {
        return RegisterName.of(kind.register(), account, RegisterName.GLOBAL, name.toLowerCase(Locale.ROOT));
    }

    public RegisterName register() {
        return register(kind, account, name);
    }

    public String arn() {
        return arn(kind, account, path, name);
    }

    static String arn(OwnerKind kind, String account, String path, String name) {
        return "arn:aws:iam::" + account + ":" + kind.word() + path + name;
    }

    IdentityRecord withTags(SortedMap<String, String> next, String request) {
        return copy(next, inline, attached, boundary, groups, terms, false, request);
    }

    IdentityRecord withInline(SortedMap<String, String> next, String request) {
        return copy(tags, next, attached, boundary, groups, terms, false, request);
    }

    IdentityRecord withAttached(List<Reference> next, String request) {
        return copy(tags, inline, next, boundary, groups, terms, false, request);
    }

    IdentityRecord withBoundary(@Nullable Reference next, String request) {
        return copy(tags, inline, attached, next, groups, terms, false, request);
    }

    IdentityRecord withGroups(List<Reference> next, String request) {
        return copy(tags, inline, attached, boundary, next, terms, false, request);
    }

    IdentityRecord withTerms(RoleTerms next, String request) {
        return copy(tags, inline, attached, boundary, groups, next, false, request);
    }

    IdentityRecord withPath(String next, String request) {
        return new IdentityRecord(
                kind, account, name, next, id, createdAt, tags, inline, attached, boundary, groups, terms, false,
                request);
    }

    IdentityRecord removed(String request) {
        return copy(tags, inline, attached, boundary, groups, terms, true, request);
    }

    private IdentityRecord copy(
            SortedMap<String, String> tags,
            SortedMap<String, String> inline,
            List<Reference> attached,
            @Nullable Reference boundary,
            List<Reference> groups,
            @Nullable RoleTerms terms,
            boolean deleted,
            String request) {
        return new IdentityRecord(
                kind, account, name, path, id, createdAt, tags, inline, attached, boundary, groups, terms, deleted,
                request);
    }

    /// The register's content.
    public String json() {
        CanonicalJson.ObjectBuilder object = CanonicalJson.object()
                .put("created", createdAt.toEpochMilli())
                .put("id", id)
                .put("name", name)
                .put("path", path)
                .put("request", requestDigest);
        if (!tags.isEmpty()) {
            object.put("tags", tags);
        }
        if (!inline.isEmpty()) {
            object.put("inline", inline);
        }
        if (!attached.isEmpty()) {
            object.put("attached", attached.stream().map(IdentityRecord::json).toList());
        }
        if (!groups.isEmpty()) {
            object.put("groups", groups.stream().map(IdentityRecord::json).toList());
        }
        if (boundary != null) {
            object.put("boundary", json(boundary));
        }
        if (terms != null) {
            object.put("trust", terms.trust())
                    .put("description", terms.description())
                    .put("maximumSession", terms.maximumSessionSeconds());
        }
        if (deleted) {
            object.put("deleted", true);
        }
        return object.text();
    }

    private static CanonicalJson.ObjectBuilder json(Reference reference) {
        return CanonicalJson.object().put("id", reference.id()).put("name", reference.name());
    }

    public static IdentityRecord decode(RegisterName register, String json) {
        JsonNode node = JsonReader.stored(json);
        OwnerKind kind = switch (register.kind()) {
            case USER -> OwnerKind.USER;
            case GROUP -> OwnerKind.GROUP;
            case ROLE -> OwnerKind.ROLE;
            default -> throw new IllegalArgumentException(register + " is of no user, group or role");
        };
        JsonNode boundary = node.get("boundary");
        JsonNode trust = node.get("trust");
        return new IdentityRecord(
                kind,
                register.account(),
                node.required("name").stringValue(),
                node.required("path").stringValue(),
                node.required("id").stringValue(),
                Instant.ofEpochMilli(node.required("created").longValue()),
                texts(node.get("tags")),
                texts(node.get("inline")),
                references(node.get("attached")),
                boundary == null ? null : reference(boundary),
                references(node.get("groups")),
                trust == null
                        ? null
                        : new RoleTerms(
                                trust.stringValue(),
                                node.required("description").stringValue(),
                                node.required("maximumSession").intValue()),
                node.has("deleted"),
                node.required("request").stringValue());
    }

    static SortedMap<String, String> texts(@Nullable JsonNode node) {
        SortedMap<String, String> texts = new TreeMap<>();
        if (node != null) {
            node.properties()
                    .forEach(member ->
                            texts.put(member.getKey(), member.getValue().stringValue()));
        }
        return texts;
    }

    private static List<Reference> references(@Nullable JsonNode node) {
        List<Reference> references = new ArrayList<>();
        if (node != null) {
            node.forEach(element -> references.add(reference(element)));
        }
        return references;
    }

    private static Reference reference(JsonNode node) {
        return new Reference(
                node.required("name").stringValue(), node.required("id").stringValue());
    }
}
