package org.keymoot.party.directory;

import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.keymoot.api.directory.v1.CommittedEntry;
import org.keymoot.api.directory.v1.FetchAnswer;
import org.keymoot.api.directory.v1.FetchRequest;
import org.keymoot.api.directory.v1.Position;
import org.keymoot.api.directory.v1.PullAnswer;
import org.keymoot.api.directory.v1.PullRequest;
import org.keymoot.api.directory.v1.Wanted;
import org.keymoot.party.directory.RegisterStore.Followed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows each peer's order of commits and takes over what this party lacks, a page at a time.
///
/// It keeps true: nothing is taken over without its receipts; a peer's page counts as followed only when
/// everything on it is committed here; and nobody waits longer than it wants to, whatever the peer answers.
final class CatchUp {
    static final String PULL = "directory/pull";
    static final String FETCH = "directory/fetch";

    /// Positions asked for at once.
    static final int PAGE_POSITIONS = 200;

    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

    private final RegisterStore store;
    private final Acceptor acceptor;
    private final Voters.Peers peers;
    private final Map<Integer, Long> behind = new ConcurrentHashMap<>();
    private final Map<Integer, ReentrantLock> locks = new ConcurrentHashMap<>();

    CatchUp(RegisterStore store, Acceptor acceptor, Voters.Peers peers) {
        this.store = store;
        this.acceptor = acceptor;
        this.peers = peers;
    }

    /// Follows `party` until there is nothing new or `patience` is over; the next call goes on from there.
    ///
    /// @return how many entries were taken over
    /// @throws Voters.Unreachable when it stops answering, or answers what cannot be; what was taken over
    ///     stays
    int follow(int party, Duration patience) throws Voters.Unreachable {
        long end = System.nanoTime() + patience.toNanos();
        // One lock for each peer, so that one that does not answer holds up no one who follows another.
        ReentrantLock lock = locks.computeIfAbsent(party, p -> new ReentrantLock());
        if (!acquired(lock, patience)) {
            throw new Voters.Unreachable(party, "it is being followed already", null);
        }
        try {
            return followPages(party, end);
        } finally {
            lock.unlock();
        }
    }

    private static boolean acquired(ReentrantLock lock, Duration patience) {
        try {
            return lock.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private int followPages(int party, long end) throws Voters.Unreachable {
        int taken = 0;
        boolean anew = false;
        Followed followed = store.followed(party);
        while (true) {
            PullAnswer page = pull(party, followed, end);
            if (followed.position() > 0 && (page.getAnew() || page.getNewest() < followed.position())) {
                if (anew) {
                    throw new Voters.Unreachable(party, "its order of commits is another each time", null);
                }
                // The peer's store was put back or made anew: what it has is compared from the beginning.
                anew = true;
                followed = Followed.NOTHING;
                continue;
            }
            checkOrder(party, page, followed.position());
            behind.put(party, page.getNewest() - followed.position());
            if (page.getPositionsCount() == 0) {
                return taken;
            }
            taken += takeOver(party, page.getPositionsList(), end);
            followed =
                    new Followed(page.getPositions(page.getPositionsCount() - 1).getPosition(), page.getChain());
            store.follow(party, followed);
            behind.put(party, page.getNewest() - followed.position());
            if (System.nanoTime() > end) {
                return taken;
            }
        }
    }

    /// Positions rise and end at the newest, so that a peer is followed to an end.
    private static void checkOrder(int party, PullAnswer page, long after) throws Voters.Unreachable {
        if (page.getNewest() < after || page.getPositionsCount() > PAGE_POSITIONS) {
            throw new Voters.Unreachable(party, "it was not asked for such positions", null);
        }
        long last = after;
        for (Position position : page.getPositionsList()) {
            if (position.getPosition() <= last || position.getPosition() > page.getNewest()) {
                throw new Voters.Unreachable(party, "its positions are in no order", null);
            }
            last = position.getPosition();
        }
    }

    private static Duration until(long end) {
        Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        return left.compareTo(CALL_TIMEOUT) < 0 ? left : CALL_TIMEOUT;
    }

    /// Positions of peers that this party has heard of and not yet followed: at most this many registers are stale
    /// here.
    long lag() {
        return behind.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private PullAnswer pull(int party, Followed followed, long end) throws Voters.Unreachable {
        PullRequest request = PullRequest.newBuilder()
                .setAfter(followed.position())
                .setLimit(PAGE_POSITIONS)
                .setChain(followed.chain())
                .build();
        try {
            return PullAnswer.parseFrom(peers.call(party, PULL, request.toByteArray(), until(end)));
        } catch (InvalidProtocolBufferException e) {
            throw new Voters.Unreachable(party, "its answer to a pull is damaged", e);
        }
    }

    private int takeOver(int party, List<Position> positions, long end) throws Voters.Unreachable {
        FetchRequest.Builder wanted = FetchRequest.newBuilder();
        for (Position position : positions) {
            if (position.getVersion() > store.committedVersion(position.getName())) {
                wanted.addWanted(Wanted.newBuilder().setName(position.getName()).setVersion(position.getVersion()));
            }
        }
        int taken = 0;
        List<Wanted> open = new ArrayList<>(wanted.getWantedList());
        while (!open.isEmpty()) {
            FetchAnswer answer = fetch(party, open, end);
            if (answer.getEntriesCount() == 0 || answer.getEntriesCount() > open.size()) {
                throw new Voters.Unreachable(party, "it does not hand out entries that it says it has", null);
            }
            for (int i = 0; i < answer.getEntriesCount(); i++) {
                CommittedEntry entry = answer.getEntries(i);
                if (!entry.getEntry().getName().equals(open.get(i).getName())
                        || entry.getEntry().getVersion() != open.get(i).getVersion()) {
                    throw new Voters.Unreachable(party, "it hands out entries that it was not asked for", null);
                }
                taken += learn(party, entry);
            }
            open = open.subList(answer.getEntriesCount(), open.size());
        }
        return taken;
    }

    private int learn(int party, CommittedEntry entry) throws Voters.Unreachable {
        try {
            return switch (acceptor.learn(entry).getOutcome()) {
                case OUTCOME_OK -> 1;
                case OUTCOME_DECIDED -> 0;
                case OUTCOME_BEHIND, OUTCOME_OUTBID, OUTCOME_REFUSED, OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
                    throw new Voters.Unreachable(party, "it sends versions out of order", null);
            };
        } catch (TransitionCheck.Refused e) {
            LOG.atError()
                    .addKeyValue("party", party)
                    .addKeyValue("register", entry.getEntry().getName())
                    .addKeyValue("reason", e.getMessage())
                    .log("directory entry refused");
            throw new Voters.Unreachable(party, "it sent an entry whose receipts do not hold", e);
        }
    }

    private FetchAnswer fetch(int party, List<Wanted> wanted, long end) throws Voters.Unreachable {
        try {
            return FetchAnswer.parseFrom(peers.call(
                    party,
                    FETCH,
                    FetchRequest.newBuilder().addAllWanted(wanted).build().toByteArray(),
                    until(end)));
        } catch (InvalidProtocolBufferException e) {
            throw new Voters.Unreachable(party, "its answer to a fetch is damaged", e);
        }
    }
}
