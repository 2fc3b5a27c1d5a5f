package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.sigv4.CanonicalRequest;
import tools.jackson.databind.JsonNode;

/// A grant, as its register holds it: what one principal may do with one key.
///
/// It keeps true: the id begins with a digest of the grantee, so that the grants of one grantee for one key are a
/// range of register names and finding them does not depend on how many others there are.
///
/// @param account and `region` and `keyId` name the key
/// @param grantId 64 hex digits
/// @param name what the client called it; null when it did not
/// @param grantee ARN of the principal that may use the key
/// @param retiring ARN of the principal that may retire the grant; null when none was named
/// @param requestDigest the signed request that made it
/// @param repeats as [Repeats] has them: further requests that were answered with this grant
/// @param endedBy digest of the request that revoked or retired it; null while it lives
public record GrantRecord(
        String account,
        String region,
        String keyId,
        String grantId,
        @Nullable String name,
        String grantee,
        @Nullable String retiring,
        Set<GrantOperation> operations,
        GrantConstraints constraints,
        Instant createdAt,
        String requestDigest,
        NavigableMap<String, String> repeats,
        @Nullable String endedBy) {
    /// The form of ids.
    static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    private static final int TAG_LENGTH = 16;

    public GrantRecord {
        operations = Collections.unmodifiableSet(EnumSet.copyOf(operations));
        repeats = Repeats.copy(repeats);
    }

    public RegisterName register() {
        return register(key(), grantId);
    }

    public RegisterName key() {
        return RegisterName.key(account, region, keyId);
    }

    public String keyArn() {
        return "arn:aws:kms:" + region + ":" + account + ":key/" + keyId;
    }

    static RegisterName register(RegisterName key, String grantId) {
        return new RegisterName(prefix(key) + grantId);
    }

    /// Prefix of the grants of a key.
    static String prefix(RegisterName key) {
        return RegisterName.prefixOf(RegisterName.Kind.GRANT, key.account(), key.region()) + key.last() + "/";
    }

    /// Prefix of the grants of a key to one principal.
    static String prefix(RegisterName key, String grantee) {
        return prefix(key) + tag(grantee);
    }

    /// A new grant's id.
    ///
    /// @param seed what tells it from other grants to the same principal
    static String id(String grantee, String seed) {
        return tag(grantee) + hash("keymoot grant\n" + seed).substring(TAG_LENGTH);
    }

    private static String tag(String grantee) {
        return hash("keymoot grantee\n" + grantee).substring(0, TAG_LENGTH);
    }

    private static String hash(String text) {
        return CanonicalRequest.sha256Hex(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Whether this grant lets its grantee make `other`: no more operations and no weaker constraints than its own.
    boolean covers(GrantRecord other) {
        return operations.containsAll(other.operations) && constraints.allowAllOf(other.constraints);
    }

    boolean deleted() {
        return endedBy != null;
    }

    /// Whether this request was answered with this grant before.
    boolean answered(String request) {
        return requestDigest.equals(request) || repeats.containsKey(request);
    }

    /// This grant, revoked or retired.
    GrantRecord ended(String request) {
        return copy(grantId, createdAt, requestDigest, repeats, request);
    }

    /// This grant under its id.
    GrantRecord called(String id) {
        return copy(id, createdAt, requestDigest, repeats, endedBy);
    }

    /// What two requests with equal parameters have in common.
    GrantRecord withoutRequest() {
        return copy("", Instant.EPOCH, "", new TreeMap<>(), null);
    }

    private GrantRecord copy(
            String id, Instant at, String request, NavigableMap<String, String> repeated, @Nullable String ended) {
        return new GrantRecord(
                account,
                region,
                keyId,
                id,
                name,
                grantee,
                retiring,
                operations,
                constraints,
                at,
                request,
                repeated,
                ended);
    }

    /// The register's content.
    public String json() {
        CanonicalJson.ObjectBuilder object = CanonicalJson.object()
                .put("created", createdAt.toEpochMilli())
                .put("grantee", grantee)
                .put("operations", operations.stream().map(GrantOperation::aws).toList())
                .put("request", requestDigest);
        if (name != null) {
            object.put("name", name);
        }
        if (retiring != null) {
            object.put("retiring", retiring);
        }
        if (constraints.subset() != null) {
            object.put("contextSubset", constraints.subset());
        }
        if (constraints.equals() != null) {
            object.put("contextEquals", constraints.equals());
        }
        Repeats.put(object, repeats);
        if (endedBy != null) {
            object.put("deleted", true).put("ended", endedBy);
        }
        return object.text();
    }

    public static GrantRecord decode(RegisterName register, String json) {
        JsonNode node = JsonReader.stored(json);
        List<GrantOperation> operations = new ArrayList<>();
        for (JsonNode operation : node.required("operations")) {
            GrantOperation found = GrantOperation.find(operation.stringValue());
            if (found == null) {
                throw new IllegalArgumentException("no grant operation is called " + operation);
            }
            operations.add(found);
        }
        String[] last = register.last().split("/", 2);
        JsonNode name = node.get("name");
        JsonNode retiring = node.get("retiring");
        JsonNode ended = node.get("ended");
        return new GrantRecord(
                register.account(),
                register.region(),
                last[0],
                last[1],
                name == null ? null : name.stringValue(),
                node.required("grantee").stringValue(),
                retiring == null ? null : retiring.stringValue(),
                EnumSet.copyOf(operations),
                new GrantConstraints(map(node.get("contextSubset")), map(node.get("contextEquals"))),
                Instant.ofEpochMilli(node.required("created").longValue()),
                node.required("request").stringValue(),
                Repeats.in(node),
                ended == null ? null : ended.stringValue());
    }

    private static @Nullable NavigableMap<String, String> map(@Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        NavigableMap<String, String> map = new TreeMap<>();
        node.properties()
                .forEach(member -> map.put(member.getKey(), member.getValue().stringValue()));
        return map;
    }
}
