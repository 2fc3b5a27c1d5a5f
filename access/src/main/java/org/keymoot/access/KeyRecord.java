package org.keymoot.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.rsa.RsaPublicKey;
import tools.jackson.databind.JsonNode;

/// A key's public side, as its register holds it: everything but the shares.
///
/// It keeps true: a key has exactly one current material unless it waits for its first; a date of deletion exactly
/// when its deletion is pending or done; a spec that can be used as its usage says.
///
/// @param multiRegion null for a key of one Region; of a key of several, its register alone does not say which
///     they are, [MultiRegionKeys] does
/// @param deletionAt when the parties erase their shares
/// @param deleted true for a tombstone: the shares are erased or about to be
/// @param policy the key policy as the client wrote it
/// @param materials all that the key ever had, oldest first
/// @param rotation null unless the key is rotated by a schedule
/// @param rotationSetAt when the schedule of a multi-Region key was set, moved on or ended last, by which its Regions'
///     registers agree about it; null while it never was, and for a key of one Region
/// @param requestDigest the signed request that wrote this version, so that its exact retry is recognised
/// @param repeats as [Repeats] has them
public record KeyRecord(
        String account,
        String region,
        String keyId,
        KeySpec spec,
        KeyUsage usage,
        KeyOrigin origin,
        @Nullable MultiRegion multiRegion,
        int parties,
        int reconstructionThreshold,
        Instant createdAt,
        KeyState state,
        @Nullable Instant deletionAt,
        int pendingWindowDays,
        boolean deleted,
        String description,
        NavigableMap<String, String> tags,
        String policy,
        List<Material> materials,
        @Nullable RotationSchedule rotation,
        @Nullable Instant rotationSetAt,
        String requestDigest,
        NavigableMap<String, String> repeats) {

    public KeyRecord {
        tags = Collections.unmodifiableNavigableMap(new TreeMap<>(tags));
        materials = List.copyOf(materials);
        repeats = Repeats.copy(repeats);
        if (!spec.usages().contains(usage)) {
            throw new IllegalArgumentException(spec + " is not for " + usage);
        }
        long current = materials.stream()
                .filter(m -> m.state() == Material.State.CURRENT)
                .count();
        if (current > 1) {
            throw new IllegalArgumentException("a key has one current material, found " + current);
        }
        if (current == 0 && (state == KeyState.ENABLED || state == KeyState.DISABLED)) {
            throw new IllegalArgumentException("a key without material is being created, imported or deleted");
        }
        if ((deletionAt != null) != (state == KeyState.PENDING_DELETION)) {
            throw new IllegalArgumentException("a key has a date of deletion exactly when its deletion is pending");
        }
    }

    /// The beginnings of a key: in state [KeyState#CREATING], without material, tags, description or schedule.
    static Builder draft(RegisterName name, KeySpec spec, KeyUsage usage) {
        return new Builder(name, spec, usage);
    }

    /// Whether this request was the last to change the key, so that it is answered as it was.
    ///
    /// @throws AwsException when it changed the key before others did
    boolean answered(String request) {
        if (requestDigest.equals(request)) {
            return true;
        }
        if (repeats.containsKey(request)) {
            throw Repeats.superseded();
        }
        return false;
    }

    /// Everything of this key, to be changed by `request`.
    Builder with(String request) {
        return new Builder(this).requestDigest(request);
    }

    public RegisterName name() {
        return RegisterName.key(account, region, keyId);
    }

    public String arn() {
        return "arn:aws:kms:" + region + ":" + account + ":key/" + keyId;
    }

    /// The material that new results are made with; null while the key waits for its first.
    public @Nullable Material currentMaterial() {
        for (Material material : materials) {
            if (material.state() == Material.State.CURRENT) {
                return material;
            }
        }
        return null;
    }

    /// The material with this id; null when the key never had it.
    public @Nullable Material material(String id) {
        for (Material material : materials) {
            if (material.id().equals(id)) {
                return material;
            }
        }
        return null;
    }

    public boolean hasMaterial() {
        return currentMaterial() != null;
    }

    /// SubjectPublicKeyInfo in DER.
    ///
    /// @throws IllegalStateException while the key is being created, and for a symmetric key
    public byte[] publicKeyDer() {
        if (spec.isSymmetric()) {
            throw new IllegalStateException(arn() + " is symmetric and has no public key");
        }
        return requireMaterial().publicKeyBytes();
    }

    /// The public side of the current material, as [Material#publicKeyBytes()] gives it, once it is found to
    /// be one of this spec.
    ///
    /// @throws IllegalStateException while the key is being created
    /// @throws IllegalArgumentException when it is no key of this spec
    public byte[] publicSide() {
        Material current = requireMaterial();
        current.requireFits(spec);
        return current.publicKeyBytes();
    }

    /// The public key of an RSA key.
    ///
    /// @throws IllegalStateException while the key is being created
    public RsaPublicKey rsaPublicKey() {
        return requireMaterial().rsaKey(spec);
    }

    /// The public side of the current material as a group element.
    ///
    /// @throws IllegalStateException while the key is being created, and for an RSA key
    public Point publicPoint() {
        return requireMaterial().point(spec.group());
    }

    private Material requireMaterial() {
        Material current = currentMaterial();
        if (current == null) {
            throw new IllegalStateException(arn() + " has no material yet");
        }
        return current;
    }

    /// Tells whether signatures of this key can be prepared ahead.
    public boolean usesPresignatures() {
        return usage == KeyUsage.SIGN_VERIFY && spec.signingAlgorithms().contains(SigningAlgorithm.ECDSA_SHA_256);
    }

    /// Tells whether the waiting period is over, so that the key counts as gone.
    public boolean dueForDeletion(Instant now) {
        return deletionAt != null && !now.isBefore(deletionAt);
    }

    /// Tells whether the schedule says that the key gets new material now. A key rests while it cannot be used, and of
    /// a multi-Region key only the primary is rotated.
    public boolean dueForRotation(Instant now) {
        return rotation != null
                && state == KeyState.ENABLED
                && !now.isBefore(rotation.nextAt())
                && (multiRegion == null || multiRegion.primaryRegion().equals(region));
    }

    /// Tells whether the key's imported materials that are needed for what it did so far are all there.
    static boolean allPresent(List<Material> materials) {
        return materials.stream().allMatch(m -> m.present() || m.state() == Material.State.PENDING_ROTATION);
    }

    /// Tells whether material of the key has expired that this record still has.
    boolean hasExpired(Instant now) {
        return materials.stream()
                .anyMatch(m -> m.imported() != null && m.imported().isExpired(now));
    }

    /// This key at an instant: without the imported material that has expired by then.
    KeyRecord asOf(Instant now) {
        if (origin != KeyOrigin.EXTERNAL || !hasExpired(now)) {
            return this;
        }
        return without(
                materials.stream()
                        .filter(m -> m.imported() != null && m.imported().isExpired(now))
                        .map(Material::id)
                        .toList(),
                requestDigest);
    }

    /// This key without the shares of some of its imported materials. What they are stays known, so that nothing else
    /// can take their place.
    KeyRecord without(List<String> ids, String request) {
        List<Material> next = new ArrayList<>();
        for (Material material : materials) {
            Imported imported = material.imported();
            next.add(imported != null && ids.contains(material.id()) ? material.with(imported.gone()) : material);
        }
        Builder builder = with(request).materials(next);
        boolean usable = state == KeyState.ENABLED || state == KeyState.DISABLED || state == KeyState.UPDATING;
        if (usable && !allPresent(next)) {
            builder.state(KeyState.PENDING_IMPORT);
        }
        return builder.build();
    }

    /// @param publicSide as [Material#publicKeyBytes()] gives it
    KeyRecord created(byte[] publicSide) {
        return with(requestDigest)
                .state(KeyState.ENABLED)
                .materials(List.of(Material.current(keyId, publicSide, createdAt, null)))
                .build();
    }

    KeyRecord withState(KeyState next, String request) {
        return with(request).state(next).build();
    }

    KeyRecord withDeletion(Instant at, int windowDays, String request) {
        return with(request).deletion(at, windowDays).build();
    }

    KeyRecord withDescription(String next, String request) {
        return with(request).description(next).build();
    }

    KeyRecord withTags(NavigableMap<String, String> next, String request) {
        return with(request).tags(next).build();
    }

    KeyRecord withPolicy(String next, String request) {
        return with(request).policy(next).build();
    }

    KeyRecord erased() {
        return with(requestDigest).deleted().build();
    }

    /// A key whose state, policy, materials and so on are about to be set; what is not set stays.
    static final class Builder {
        private final RegisterName name;
        private final KeySpec spec;
        private final KeyUsage usage;
        private KeyOrigin origin = KeyOrigin.AWS_KMS;
        private @Nullable MultiRegion multiRegion;
        private int parties;
        private int reconstructionThreshold;
        private Instant createdAt = Instant.EPOCH;
        private KeyState state = KeyState.CREATING;
        private @Nullable Instant deletionAt;
        private int pendingWindowDays;
        private boolean deleted;
        private String description = "";
        private NavigableMap<String, String> tags = new TreeMap<>();
        private String policy = "";
        private List<Material> materials = List.of();
        private @Nullable RotationSchedule rotation;
        private @Nullable Instant rotationSetAt;
        private String requestDigest = "";
        private NavigableMap<String, String> repeats = new TreeMap<>();

        private Builder(RegisterName name, KeySpec spec, KeyUsage usage) {
            this.name = name;
            this.spec = spec;
            this.usage = usage;
        }

        private Builder(KeyRecord key) {
            this(key.name(), key.spec, key.usage);
            origin = key.origin;
            multiRegion = key.multiRegion;
            parties = key.parties;
            reconstructionThreshold = key.reconstructionThreshold;
            createdAt = key.createdAt;
            state = key.state;
            deletionAt = key.deletionAt;
            pendingWindowDays = key.pendingWindowDays;
            deleted = key.deleted;
            description = key.description;
            tags = key.tags;
            policy = key.policy;
            materials = key.materials;
            rotation = key.rotation;
            rotationSetAt = key.rotationSetAt;
            requestDigest = key.requestDigest;
            repeats = key.repeats;
        }

        Builder origin(KeyOrigin next) {
            origin = next;
            return this;
        }

        Builder multiRegion(@Nullable MultiRegion next) {
            multiRegion = next;
            return this;
        }

        Builder heldBy(int allParties, int threshold) {
            parties = allParties;
            reconstructionThreshold = threshold;
            return this;
        }

        Builder createdAt(Instant at) {
            createdAt = at;
            return this;
        }

        /// Any state but a pending deletion; a deletion that was pending is cancelled.
        Builder state(KeyState next) {
            state = next;
            deletionAt = null;
            pendingWindowDays = 0;
            return this;
        }

        Builder deletion(Instant at, int windowDays) {
            state = KeyState.PENDING_DELETION;
            deletionAt = at;
            pendingWindowDays = windowDays;
            return this;
        }

        /// A deletion that waits for the replicas first.
        Builder deletionAfterReplicas(int windowDays) {
            state = KeyState.PENDING_REPLICA_DELETION;
            deletionAt = null;
            pendingWindowDays = windowDays;
            return this;
        }

        Builder deleted() {
            deleted = true;
            return this;
        }

        Builder description(String next) {
            description = next;
            return this;
        }

        Builder tags(NavigableMap<String, String> next) {
            tags = next;
            return this;
        }

        Builder policy(String next) {
            policy = next;
            return this;
        }

        Builder materials(List<Material> next) {
            materials = next;
            return this;
        }

        /// Makes `material` the current one and keeps the others for what was made with them.
        Builder rotatedTo(Material material) {
            List<Material> next = new ArrayList<>();
            for (Material old : materials) {
                next.add(old.state() == Material.State.CURRENT ? old.in(Material.State.NON_CURRENT) : old);
            }
            next.add(material);
            materials = next;
            return this;
        }

        /// Sets, moves on or ends the schedule. A later change has a later time, whatever clocks they go by.
        Builder rotation(@Nullable RotationSchedule next, Instant at) {
            Instant after = rotationSetAt == null ? at : rotationSetAt.plusMillis(1);
            rotation = next;
            rotationSetAt = multiRegion == null ? null : at.isBefore(after) ? after : at;
            return this;
        }

        /// What the registers of all Regions agree on.
        Builder rotationOf(KeyRecord region) {
            rotation = region.rotation;
            rotationSetAt = region.rotationSetAt;
            return this;
        }

        Builder requestDigest(String next) {
            requestDigest = next;
            return this;
        }

        /// As [Repeats#once] does it, for a change that takes more than the request's decision.
        Builder changedBy(String request, Instant at) {
            repeats = Repeats.with(repeats, requestDigest, at);
            return requestDigest(request);
        }

        private Builder repeats(NavigableMap<String, String> next) {
            repeats = next;
            return this;
        }

        KeyRecord build() {
            return new KeyRecord(
                    name.account(),
                    name.region(),
                    name.last(),
                    spec,
                    usage,
                    origin,
                    multiRegion,
                    parties,
                    reconstructionThreshold,
                    createdAt,
                    state,
                    deletionAt,
                    pendingWindowDays,
                    deleted,
                    description,
                    tags,
                    policy,
                    materials,
                    rotation,
                    rotationSetAt,
                    requestDigest,
                    repeats);
        }
    }

    /// False only for a key whose deletion is not pending; told from the text alone.
    static boolean mayBePendingDeletion(String json) {
        return json.contains("\"window\":");
    }

    /// False only for a key that is neither rotated by a schedule nor waits for its deletion; told
    /// from the text alone.
    static boolean hasSchedule(String json) {
        return json.contains("\"rotation\":") || json.contains("\"deletion\":");
    }

    /// The register's content. Members that the first releases did not know appear only where their value differs
    /// from what those releases meant, so a signing key of one Region reads as it always did.
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
        if (usage != KeyUsage.SIGN_VERIFY) {
            object.put("usage", usage.name());
        }
        if (origin != KeyOrigin.AWS_KMS) {
            object.put("origin", origin.name());
        }
        if (multiRegion != null) {
            object.put("multiRegion", true);
        }
        if (hasOnlyItsPublicKey()) {
            object.put("publicKey", materials.getFirst().publicKey());
        } else if (!materials.isEmpty()) {
            object.put("materials", materials.stream().map(Material::json).toList());
        }
        if (rotation != null) {
            object.put(
                    "rotation",
                    CanonicalJson.object()
                            .put("days", rotation.periodDays())
                            .put("next", rotation.nextAt().toEpochMilli()));
        }
        if (rotationSetAt != null) {
            object.put("rotationSet", rotationSetAt.toEpochMilli());
        }
        if (deletionAt != null) {
            object.put("deletion", deletionAt.toEpochMilli());
        }
        if (pendingWindowDays != 0) {
            object.put("window", pendingWindowDays);
        }
        if (deleted) {
            object.put("deleted", true);
        }
        Repeats.put(object, repeats);
        return object.text();
    }

    private boolean hasOnlyItsPublicKey() {
        return materials.size() == 1
                && materials
                        .getFirst()
                        .equals(Material.current(keyId, materials.getFirst().publicKey(), createdAt, null));
    }

    public static KeyRecord decode(RegisterName register, String json) {
        JsonNode node = JsonReader.stored(json);
        KeySpec spec = KeySpec.valueOf(node.required("spec").stringValue());
        JsonNode usage = node.get("usage");
        Builder key =
                draft(register, spec, usage == null ? KeyUsage.SIGN_VERIFY : KeyUsage.valueOf(usage.stringValue()));
        NavigableMap<String, String> tags = new TreeMap<>();
        node.required("tags")
                .properties()
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue().stringValue()));
        key.heldBy(
                        node.required("parties").intValue(),
                        node.required("threshold").intValue())
                .createdAt(Instant.ofEpochMilli(node.required("created").longValue()))
                .description(node.required("description").stringValue())
                .tags(tags)
                .policy(node.required("policy").stringValue())
                .requestDigest(node.required("request").stringValue());
        KeyState state = KeyState.of(node.required("state").stringValue());
        JsonNode deletion = node.get("deletion");
        if (state == KeyState.PENDING_REPLICA_DELETION) {
            key.deletionAfterReplicas(node.required("window").intValue());
        } else if (deletion == null) {
            key.state(state);
        } else {
            key.deletion(
                    Instant.ofEpochMilli(deletion.longValue()),
                    node.required("window").intValue());
        }
        JsonNode origin = node.get("origin");
        if (origin != null) {
            key.origin(KeyOrigin.valueOf(origin.stringValue()));
        }
        if (node.has("multiRegion")) {
            key.multiRegion(new MultiRegion(register.region(), Collections.emptyNavigableSet()));
        }
        JsonNode publicKey = node.get("publicKey");
        if (publicKey != null) {
            key.materials(List.of(Material.current(register.last(), publicKey.stringValue(), key.createdAt, null)));
        }
        JsonNode materials = node.get("materials");
        if (materials != null) {
            List<Material> all = new ArrayList<>();
            materials.forEach(material -> all.add(Material.decode(material)));
            key.materials(all);
        }
        JsonNode rotation = node.get("rotation");
        if (rotation != null) {
            key.rotation = new RotationSchedule(
                    rotation.required("days").intValue(),
                    Instant.ofEpochMilli(rotation.required("next").longValue()));
        }
        JsonNode rotationSet = node.get("rotationSet");
        if (rotationSet != null) {
            key.rotationSetAt = Instant.ofEpochMilli(rotationSet.longValue());
        }
        if (node.has("deleted")) {
            key.deleted();
        }
        return key.repeats(Repeats.in(node)).build();
    }
}
