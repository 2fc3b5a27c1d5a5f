package org.keymoot.access;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// Keys that live in several Regions under one id, with one secret among the parties.
///
/// What a key has of its own in a Region, such as its policy, tags and state, is in the key register of that Region.
/// Which Region is the primary one is in a register of the key's account. The materials and the rotation are what the
/// key registers of all Regions hold together, those of deleted replicas included.
///
/// It keeps true: the Regions never disagree about the primary, because that is stored once; they have the same
/// materials and the same schedule at any time, because they read the same registers; and no material is ever lost,
/// because none is taken away from any register. A rotation of a key that ceases to be the primary one at the same time
/// counts, whichever of the two is committed first. A replica is listed before it exists and counts once it does.
final class MultiRegionKeys {
    /// What the ids of such keys begin with.
    static final String PREFIX = "mrk-";

    private MultiRegionKeys() {}

    /// Which Regions a key was ever in.
    ///
    /// @param regions the primary one included
    /// @param version of the register; 0 while the key is in its first Region only
    /// @param requestDigest the signed request that wrote this version
    record Regions(String primary, NavigableSet<String> regions, long version, String requestDigest) {
        String json() {
            return CanonicalJson.object()
                    .put("primary", primary)
                    .put("regions", List.copyOf(regions))
                    .put("request", requestDigest)
                    .text();
        }

        RegisterWrite write(RegisterName key) {
            return new RegisterWrite(register(key), version, json());
        }

        Regions with(String region, String request) {
            NavigableSet<String> more = new TreeSet<>(regions);
            more.add(region);
            return new Regions(primary, more, version, request);
        }

        Regions ledBy(String region, String request) {
            return new Regions(region, regions, version, request);
        }
    }

    static boolean isOne(RegisterName key) {
        return key.last().startsWith(PREFIX);
    }

    /// The register of what a key's Regions have in common.
    private static RegisterName register(RegisterName key) {
        return RegisterName.of(RegisterName.Kind.REGIONS, key.account(), RegisterName.GLOBAL, key.last());
    }

    static Regions regions(DirectoryView view, RegisterName key) {
        RegisterValue value = view.read(register(key));
        if (value == null) {
            return new Regions(key.region(), new TreeSet<>(Set.of(key.region())), 0, "");
        }
        JsonNode node = JsonReader.stored(value.json());
        NavigableSet<String> regions = new TreeSet<>();
        node.required("regions").forEach(region -> regions.add(region.stringValue()));
        return new Regions(
                node.required("primary").stringValue(),
                regions,
                value.version(),
                node.required("request").stringValue());
    }

    /// The same key in another Region.
    static RegisterName in(RegisterName key, String region) {
        return RegisterName.key(key.account(), region, key.last());
    }

    /// The key of a register, with what it shares with its other Regions; for a key of one Region just what it holds.
    static KeyRecord read(DirectoryView view, RegisterName name, String json, Instant now) {
        KeyRecord own = KeyRecord.decode(name, json).asOf(now);
        if (own.multiRegion() == null) {
            return own;
        }
        Regions regions = regions(view, name);
        NavigableSet<String> replicas = new TreeSet<>();
        @Nullable Instant lastGone = null;
        KeyRecord primary = regions.primary().equals(name.region()) ? own : stored(view, in(name, regions.primary()));
        List<KeyRecord> everywhere = new ArrayList<>();
        if (primary != null) {
            everywhere.add(primary);
        }
        for (String region : regions.regions()) {
            if (region.equals(regions.primary())) {
                continue;
            }
            KeyRecord replica = region.equals(name.region()) ? own : stored(view, in(name, region));
            if (replica == null) {
                continue;
            }
            everywhere.add(replica);
            if (!replica.deleted() && !replica.dueForDeletion(now)) {
                replicas.add(region);
            } else if (replica.deletionAt() != null && (lastGone == null || lastGone.isBefore(replica.deletionAt()))) {
                lastGone = replica.deletionAt();
            }
        }
        KeyRecord.Builder whole = own.with(own.requestDigest())
                .multiRegion(new MultiRegion(regions.primary(), replicas))
                .materials(materials(everywhere));
        everywhere.stream()
                .filter(region -> region.rotationSetAt() != null)
                .max(Comparator.comparing(MultiRegionKeys::rotationSetAt))
                .or(() -> everywhere.stream().findFirst())
                .ifPresent(whole::rotationOf);
        if (regions.primary().equals(name.region())
                && own.state() == KeyState.PENDING_REPLICA_DELETION
                && replicas.isEmpty()
                && lastGone != null) {
            // The primary key's own waiting period begins when its last replica is gone.
            int days = own.pendingWindowDays();
            whole.deletion(lastGone.plus(Duration.ofDays(days)), days);
        }
        return whole.build();
    }

    /// All materials that any Region knows. One that the primary key's register does not hold yet was made by a
    /// rotation in the Region that was the primary one before; the newest of all is the current one.
    ///
    /// @param everywhere the primary key first
    private static List<Material> materials(List<KeyRecord> everywhere) {
        Map<String, Material> all = new LinkedHashMap<>();
        Set<String> current = new HashSet<>();
        for (KeyRecord region : everywhere) {
            for (Material material : region.materials()) {
                boolean unknown = all.putIfAbsent(material.id(), material) == null;
                if (unknown && material.state() == Material.State.CURRENT) {
                    current.add(material.id());
                }
            }
        }
        if (current.size() < 2) {
            return List.copyOf(all.values());
        }
        String newest = current.stream()
                .map(id -> Objects.requireNonNull(all.get(id)))
                .max(Comparator.comparing(Material::createdAt).thenComparing(Material::id))
                .orElseThrow()
                .id();
        return all.values().stream()
                .map(material -> material.id().equals(newest) || material.state() != Material.State.CURRENT
                        ? material
                        : material.in(Material.State.NON_CURRENT))
                .toList();
    }

    private static Instant rotationSetAt(KeyRecord region) {
        return Objects.requireNonNull(region.rotationSetAt());
    }

    private static @Nullable KeyRecord stored(DirectoryView view, RegisterName name) {
        RegisterValue value = view.read(name);
        return value == null ? null : KeyRecord.decode(name, value.json());
    }

    /// Whether the key lives in some Region, so that its shares are still needed.
    static boolean livesSomewhere(DirectoryView view, RegisterName key) {
        NavigableSet<String> regions = regions(view, key).regions();
        for (String region : regions) {
            RegisterValue value = view.read(in(key, region));
            if (value != null && value.live()) {
                return true;
            }
        }
        return false;
    }
}
