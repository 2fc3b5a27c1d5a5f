package org.keymoot.access;

import java.time.Duration;
import java.time.Instant;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// Keys that live in several Regions under one id, with one secret among the parties.
///
/// What a key has of its own in a Region, such as its policy, tags and state, is in the key register of that Region.
/// What
/// its Regions have in common is kept once: which Region is the primary one, in a register of the key's account; and
/// the
/// materials and the rotation, in the primary key's register. A key is read as both together.
///
/// It keeps true: a replica has the primary's materials at any time, and the Regions never disagree about the primary,
/// because neither is stored twice; a replica is listed before it exists and counts once it does.
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
                    .put("regions", java.util.List.copyOf(regions))
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
            return new Regions(key.region(), new TreeSet<>(java.util.Set.of(key.region())), 0, "");
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
        for (String region : regions.regions()) {
            if (region.equals(regions.primary())) {
                continue;
            }
            KeyRecord replica = stored(view, in(name, region));
            if (replica == null) {
                continue;
            }
            if (!replica.deleted() && !replica.dueForDeletion(now)) {
                replicas.add(region);
            } else if (replica.deletionAt() != null && (lastGone == null || lastGone.isBefore(replica.deletionAt()))) {
                lastGone = replica.deletionAt();
            }
        }
        KeyRecord.Builder whole =
                own.with(own.requestDigest()).multiRegion(new MultiRegion(regions.primary(), replicas));
        if (!regions.primary().equals(name.region())) {
            KeyRecord primary = stored(view, in(name, regions.primary()));
            if (primary != null) {
                whole.materials(primary.materials()).rotation(primary.rotation());
            }
        } else if (own.state() == KeyState.PENDING_REPLICA_DELETION && replicas.isEmpty() && lastGone != null) {
            // The primary key's own waiting period begins when its last replica is gone.
            int days = own.pendingWindowDays();
            whole.deletion(lastGone.plus(Duration.ofDays(days)), days);
        }
        return whole.build();
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
