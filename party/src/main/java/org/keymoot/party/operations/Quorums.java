package org.keymoot.party.operations;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.keymoot.access.KeyRecord;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerState;

/// Chooses with whom to sign.
///
/// It keeps true: a quorum has exactly as many parties as the key needs, this one among them, and all are linked; those
/// that were slow or silent a moment ago come last, so that one slow party does not hold up requests that others can
/// serve.
final class Quorums {
    private static final Duration SUSPICION = Duration.ofSeconds(5);
    /// Round trips that differ by less count as equal, so that quorums stay the same and their stock is used.
    private static final long SAME_ROUND_TRIP_MILLIS = 50;

    private final Mesh mesh;
    private final Map<Integer, Long> suspectUntilNanos = new ConcurrentHashMap<>();

    Quorums(Mesh mesh) {
        this.mesh = mesh;
    }

    /// The best quorum without the excluded parties.
    ///
    /// @param usable whether the key can be used together with the peer
    /// @throws Unavailable naming who is missing and how many more are needed
    List<Integer> choose(KeyRecord key, Set<Integer> excluded, IntPredicate usable) throws Unavailable {
        return choose(key, excluded, usable, any -> true);
    }

    /// The same, with peers of which `ready` holds before others.
    List<Integer> choose(KeyRecord key, Set<Integer> excluded, IntPredicate usable, IntPredicate ready)
            throws Unavailable {
        return choose(key.reconstructionThreshold(), key.parties(), excluded, usable, ready);
    }

    /// The best quorum of a cluster, whatever its parties hold.
    ///
    /// @param size how many parties it has, this one among them
    List<Integer> choose(int size, int parties, Set<Integer> excluded) throws Unavailable {
        return choose(size, parties, excluded, any -> true, any -> true);
    }

    private List<Integer> choose(int size, int parties, Set<Integer> excluded, IntPredicate usable, IntPredicate ready)
            throws Unavailable {
        int needed = size - 1;
        List<Integer> candidates = mesh.linked().stream()
                .filter(peer -> peer <= parties)
                .filter(peer -> !excluded.contains(peer))
                .filter(usable::test)
                .sorted(Comparator.<Integer, Boolean>comparing(peer -> !ready.test(peer))
                        .thenComparing(this::isSuspect)
                        .thenComparing(this::slowness)
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        if (candidates.size() < needed) {
            throw new Unavailable(missing(size, needed - candidates.size(), candidates), false);
        }
        List<Integer> quorum = new ArrayList<>(candidates.subList(0, needed));
        quorum.add(mesh.membership().self());
        quorum.sort(Comparator.naturalOrder());
        return List.copyOf(quorum);
    }

    void suspect(int peer) {
        suspectUntilNanos.put(peer, System.nanoTime() + SUSPICION.toNanos());
    }

    boolean isSuspect(int peer) {
        Long until = suspectUntilNanos.get(peer);
        return until != null && until - System.nanoTime() > 0;
    }

    private long slowness(int peer) {
        Duration roundTrip = mesh.state(peer).roundTrip();
        return roundTrip == null ? 0 : roundTrip.toMillis() / SAME_ROUND_TRIP_MILLIS;
    }

    private String missing(int size, int more, List<Integer> candidates) {
        String others = mesh.states().stream()
                .filter(peer -> !candidates.contains(peer.party()))
                .map(Quorums::describe)
                .collect(Collectors.joining(", "));
        return "this needs %d parties and %d more must be reachable; missing: %s".formatted(size, more, others);
    }

    private static String describe(PeerState peer) {
        if (peer.linked()) {
            return "party %d (linked, but unable to sign with this one now)".formatted(peer.party());
        }
        return "party %d (last seen %s)".formatted(peer.party(), peer.lastSeen() == null ? "never" : peer.lastSeen());
    }
}
