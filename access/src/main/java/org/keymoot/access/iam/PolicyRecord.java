package org.keymoot.access.iam;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.RegisterName;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// A managed policy with its versions, as its register holds it.
///
/// It keeps true: one of the versions is the default, which is the one that counts; numbers of versions are never
/// used again.
///
/// @param account twelve digits, or `aws` for a policy that every account has
/// @param versions the oldest first
/// @param defaultVersion the number of the version that counts
/// @param nextVersion the number of the next version to be made
public record PolicyRecord(
        String account,
        String name,
        String path,
        String id,
        String description,
        Instant createdAt,
        Instant updatedAt,
        SortedMap<String, String> tags,
        List<Version> versions,
        int defaultVersion,
        int nextVersion,
        boolean deleted,
        String requestDigest) {

    /// One version of the document.
    public record Version(int number, String document, Instant createdAt) {
        String id() {
            return "v" + number;
        }
    }

    public PolicyRecord {
        tags = new TreeMap<>(tags);
        versions = List.copyOf(versions);
        int wanted = defaultVersion;
        if (versions.stream().noneMatch(version -> version.number() == wanted)) {
            throw new IllegalArgumentException("policy " + name + " has no version v" + defaultVersion);
        }
    }

    static RegisterName register(String account, String name) {
        return RegisterName.of(RegisterName.Kind.POLICY, account, RegisterName.GLOBAL, name.toLowerCase(Locale.ROOT));
    }

    public RegisterName register() {
        return register(account, name);
    }

    public String arn() {
        return arn(account, path, name);
    }

    static String arn(String account, String path, String name) {
        return "arn:aws:iam::" + account + ":policy" + path + name;
    }

    /// The document that counts.
    public String document() {
        Version version = version(defaultVersion);
        if (version == null) {
            throw new IllegalStateException("policy " + name + " has no default version");
        }
        return version.document();
    }

    @Nullable Version version(int number) {
        return versions.stream()
                .filter(version -> version.number() == number)
                .findFirst()
                .orElse(null);
    }

    PolicyRecord withVersion(String document, boolean standard, Instant now, String request) {
        List<Version> next = new ArrayList<>(versions);
        next.add(new Version(nextVersion, document, now));
        return copy(tags, next, standard ? nextVersion : defaultVersion, nextVersion + 1, now, false, request);
    }

    PolicyRecord withoutVersion(int number, Instant now, String request) {
        List<Version> next =
                versions.stream().filter(version -> version.number() != number).toList();
        return copy(tags, next, defaultVersion, nextVersion, now, false, request);
    }

    PolicyRecord withDefault(int number, Instant now, String request) {
        return copy(tags, versions, number, nextVersion, now, false, request);
    }

    PolicyRecord withTags(SortedMap<String, String> next, String request) {
        return copy(next, versions, defaultVersion, nextVersion, updatedAt, false, request);
    }

    PolicyRecord removed(String request) {
        return copy(tags, versions, defaultVersion, nextVersion, updatedAt, true, request);
    }

    private PolicyRecord copy(
            SortedMap<String, String> tags,
            List<Version> versions,
            int defaultVersion,
            int nextVersion,
            Instant updatedAt,
            boolean deleted,
            String request) {
        return new PolicyRecord(
                account,
                name,
                path,
                id,
                description,
                createdAt,
                updatedAt,
                tags,
                versions,
                defaultVersion,
                nextVersion,
                deleted,
                request);
    }

    /// The register's content.
    public String json() {
        CanonicalJson.ObjectBuilder object = CanonicalJson.object()
                .put("created", createdAt.toEpochMilli())
                .put("default", defaultVersion)
                .put("description", description)
                .put("id", id)
                .put("name", name)
                .put("next", nextVersion)
                .put("path", path)
                .put("request", requestDigest)
                .put("updated", updatedAt.toEpochMilli())
                .put(
                        "versions",
                        versions.stream()
                                .map(version -> CanonicalJson.object()
                                        .put("created", version.createdAt().toEpochMilli())
                                        .put("document", version.document())
                                        .put("number", version.number()))
                                .toList());
        if (!tags.isEmpty()) {
            object.put("tags", tags);
        }
        if (deleted) {
            object.put("deleted", true);
        }
        return object.text();
    }

    public static PolicyRecord decode(RegisterName register, String json) {
        JsonNode node = JsonReader.stored(json);
        List<Version> versions = new ArrayList<>();
        node.required("versions")
                .forEach(version -> versions.add(new Version(
                        version.required("number").intValue(),
                        version.required("document").stringValue(),
                        Instant.ofEpochMilli(version.required("created").longValue()))));
        return new PolicyRecord(
                register.account(),
                node.required("name").stringValue(),
                node.required("path").stringValue(),
                node.required("id").stringValue(),
                node.required("description").stringValue(),
                Instant.ofEpochMilli(node.required("created").longValue()),
                Instant.ofEpochMilli(node.required("updated").longValue()),
                IdentityRecord.texts(node.get("tags")),
                versions,
                node.required("default").intValue(),
                node.required("next").intValue(),
                node.has("deleted"),
                node.required("request").stringValue());
    }
}
