package org.keymoot.access;

import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;
import tools.jackson.databind.JsonNode;

/// A key's public side, as its register holds it: everything but the shares.
///
/// It keeps true: a key has a public key unless it is being created, and a date of deletion exactly when its
/// deletion is pending or done.
///
/// @param publicKey SubjectPublicKeyInfo in DER, base64; null while the key is being created
/// @param policy the key policy as the client wrote it
/// @param deletionAt when the parties erase their shares
/// @param deleted true for a tombstone: the shares are erased or about to be
/// @param requestDigest the signed request that wrote this version, so that its exact retry is recognised
public record KeyRecord(
        String account,
        String region,
        String keyId,
        KeySpec spec,
        KeyState state,
        String description,
        NavigableMap<String, String> tags,
        String policy,
        int parties,
        int reconstructionThreshold,
        @Nullable String publicKey,
        Instant createdAt,
        @Nullable Instant deletionAt,
        int pendingWindowDays,
        boolean deleted,
        String requestDigest) {

    public KeyRecord {
        tags = Collections.unmodifiableNavigableMap(new TreeMap<>(tags));
        if (publicKey == null && (state == KeyState.ENABLED || state == KeyState.DISABLED)) {
            throw new IllegalArgumentException("a key without public key is being created or deleted");
        }
        if ((deletionAt != null) != (state == KeyState.PENDING_DELETION)) {
            throw new IllegalArgumentException("a key has a date of deletion exactly when its deletion is pending");
        }
    }

    public RegisterName name() {
        return RegisterName.key(account, region, keyId);
    }

    public String arn() {
        return "arn:aws:kms:" + region + ":" + account + ":key/" + keyId;
    }

    /// SubjectPublicKeyInfo in DER.
    ///
    /// @throws IllegalStateException while the key is being created
    public byte[] publicKeyDer() {
        if (publicKey == null) {
            throw new IllegalStateException(arn() + " is creating and has no public key");
        }
        return Base64.getDecoder().decode(publicKey);
    }

    /// The public key as a group element.
    public Point publicPoint() {
        try {
            Point point = SubjectPublicKeyInfo.decode(publicKeyDer());
            if (point.group().id() != spec.group()) {
                throw new IllegalArgumentException("%s holds a public key of %s"
                        .formatted(arn(), point.group().id()));
            }
            return point;
        } catch (InvalidEncodingException e) {
            throw new IllegalArgumentException(arn() + " holds a damaged public key", e);
        }
    }

    /// Tells whether the waiting period is over, so that the key counts as gone.
    public boolean dueForDeletion(Instant now) {
        return deletionAt != null && !now.isBefore(deletionAt);
    }

    KeyRecord created(Point point) {
        String der = Base64.getEncoder().encodeToString(SubjectPublicKeyInfo.encode(point));
        return copy(KeyState.ENABLED, description, tags, policy, der, null, 0, false, requestDigest);
    }

    KeyRecord withState(KeyState next, String request) {
        return copy(next, description, tags, policy, publicKey, null, 0, false, request);
    }

    KeyRecord withDeletion(Instant at, int windowDays, String request) {
        return copy(KeyState.PENDING_DELETION, description, tags, policy, publicKey, at, windowDays, false, request);
    }

    KeyRecord withDescription(String next, String request) {
        return copy(state, next, tags, policy, publicKey, deletionAt, pendingWindowDays, false, request);
    }

    KeyRecord withTags(NavigableMap<String, String> next, String request) {
        return copy(state, description, next, policy, publicKey, deletionAt, pendingWindowDays, false, request);
    }

    KeyRecord withPolicy(String next, String request) {
        return copy(state, description, tags, next, publicKey, deletionAt, pendingWindowDays, false, request);
    }

    KeyRecord erased() {
        return copy(state, description, tags, policy, publicKey, deletionAt, pendingWindowDays, true, requestDigest);
    }

    private KeyRecord copy(
            KeyState state,
            String description,
            NavigableMap<String, String> tags,
            String policy,
            @Nullable String publicKey,
            @Nullable Instant deletionAt,
            int pendingWindowDays,
            boolean deleted,
            String request) {
        return new KeyRecord(
                account,
                region,
                keyId,
                spec,
                state,
                description,
                tags,
                policy,
                parties,
                reconstructionThreshold,
                publicKey,
                createdAt,
                deletionAt,
                pendingWindowDays,
                deleted,
                request);
    }

    /// The register's content.
    public String json() {
        CanonicalJson.ObjectBuilder object = CanonicalJson.object()
                .put("created", createdAt.toEpochMilli())
                .put("description", description)
                .put("parties", parties)
                .put("policy", policy)
                .put("request", requestDigest)
                .put("spec", spec.name())
                .put("state", state.aws())
                .put("tags", tags)
                .put("threshold", reconstructionThreshold);
        if (publicKey != null) {
            object.put("publicKey", publicKey);
        }
        if (deletionAt != null) {
            object.put("deletion", deletionAt.toEpochMilli()).put("window", pendingWindowDays);
        }
        if (deleted) {
            object.put("deleted", true);
        }
        return object.text();
    }

    public static KeyRecord decode(RegisterName register, String json) {
        JsonNode node = JsonReader.stored(json);
        NavigableMap<String, String> tags = new TreeMap<>();
        node.required("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().stringValue()));
        JsonNode publicKey = node.get("publicKey");
        JsonNode deletion = node.get("deletion");
        return new KeyRecord(
                register.account(),
                register.region(),
                register.last(),
                KeySpec.valueOf(node.required("spec").stringValue()),
                KeyState.of(node.required("state").stringValue()),
                node.required("description").stringValue(),
                tags,
                node.required("policy").stringValue(),
                node.required("parties").intValue(),
                node.required("threshold").intValue(),
                publicKey == null ? null : publicKey.stringValue(),
                Instant.ofEpochMilli(node.required("created").longValue()),
                deletion == null ? null : Instant.ofEpochMilli(deletion.longValue()),
                deletion == null ? 0 : node.required("window").intValue(),
                node.has("deleted"),
                node.required("request").stringValue());
    }
}
