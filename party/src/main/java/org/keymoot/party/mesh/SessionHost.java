package org.keymoot.party.mesh;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.api.mesh.v1.SessionClose;
import org.keymoot.api.mesh.v1.SessionOpen;
import org.keymoot.party.mesh.MeshMetrics.Dropped;
import org.keymoot.protocol.session.Silent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens sessions with peers and joins those that peers open, each on a virtual thread of its own.
///
/// It keeps true: a session id is used once; only its opener and the parties it named are heard in it; the count of
/// sessions of one peer and of all is bounded; a session ends by its deadline.
public final class SessionHost {
    /// The codes with which the host itself refuses an invitation.
    public static final String BUSY = "busy";

    public static final String MALFORMED = "malformed";
    public static final String UNKNOWN_PROTOCOL = "unknown_protocol";
    public static final String FAILED = "failed";

    static final int SESSION_ID_BYTES = 16;
    private static final int MAX_PROTOCOL_NAME = 40;
    private static final int ENDED_IDS_REMEMBERED = 8192;
    private static final Logger log = LoggerFactory.getLogger(SessionHost.class);

    private final Mesh mesh;
    private final MeshLimits limits;
    private final MeshMetrics metrics;
    private final SecureRandom ids = new SecureRandom();
    private final Map<String, Guest> guests = new ConcurrentHashMap<>();
    private final Map<ByteString, HostedSession> sessions = new ConcurrentHashMap<>();
    private final Map<Integer, AtomicInteger> openedBy = new ConcurrentHashMap<>();
    private final Map<PeerLink, EarlyFrames> early = new ConcurrentHashMap<>();
    private final Set<ByteString> ended = Collections.newSetFromMap(Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteString, Boolean> eldest) {
            return size() > ENDED_IDS_REMEMBERED;
        }
    }));

    /// Takes part in the sessions of one protocol that peers open.
    @FunctionalInterface
    public interface Guest {
        /// Runs this party's side to its end, on a virtual thread. The session is closed when it returns.
        ///
        /// @throws Declined when this party will not take part; every other party is told
        /// @throws Silent when others stopped
        void join(Invitation invitation, HostedSession session) throws Declined, Silent;
    }

    SessionHost(Mesh mesh, MeshLimits limits, MeshMetrics metrics) {
        this.mesh = mesh;
        this.limits = limits;
        this.metrics = metrics;
    }

    /// Joins sessions of `protocol` from now on.
    public void serve(String protocol, Guest guest) {
        if (protocol.length() > MAX_PROTOCOL_NAME || guests.putIfAbsent(protocol, guest) != null) {
            throw new IllegalArgumentException("protocol %s is named badly or served already".formatted(protocol));
        }
    }

    /// Opens a session and invites the other parties. The caller closes it.
    ///
    /// @param parties ascending, this party among them
    /// @throws Silent naming the parties to which no link is up
    public HostedSession open(String protocol, List<Integer> parties, byte[] invitation, Duration time) throws Silent {
        int self = mesh.membership().self();
        if (!parties.contains(self) || !wellFormed(parties)) {
            throw new IllegalArgumentException(
                    "%s are not ascending parties of the cluster with %d among them".formatted(parties, self));
        }
        byte[] random = new byte[SESSION_ID_BYTES];
        ids.nextBytes(random);
        Duration granted = time.compareTo(limits.sessionTime()) < 0 ? time : limits.sessionTime();
        HostedSession session = admit(UnsafeByteOperations.unsafeWrap(random), self, parties, granted);
        MeshFrame open = MeshFrame.newBuilder()
                .setSessionOpen(SessionOpen.newBuilder()
                        .setSessionId(UnsafeByteOperations.unsafeWrap(random))
                        .setProtocol(protocol)
                        .addAllParties(parties)
                        .setInvitation(UnsafeByteOperations.unsafeWrap(invitation))
                        .setDeadlineMillis((int) granted.toMillis()))
                .build();
        for (int peer : parties) {
            if (peer != self) {
                PeerLink link = mesh.link(peer);
                try {
                    if (link == null || !session.uses(link)) {
                        throw new PeerUnavailable(peer, "the link broke");
                    }
                    link.send(open, granted.toNanos());
                } catch (PeerUnavailable e) {
                    session.abandon(FAILED, "party %d could not be invited".formatted(peer));
                    session.close();
                    throw new Silent(List.of(peer), String.valueOf(e.getMessage()));
                }
            }
        }
        return session;
    }

    /// How many sessions are alive here.
    public int count() {
        return sessions.size();
    }

    void opened(PeerLink link, SessionOpen open) {
        ByteString id = open.getSessionId();
        List<Integer> parties = List.copyOf(open.getPartiesList());
        int self = mesh.membership().self();
        if (id.size() != SESSION_ID_BYTES
                || open.getProtocol().length() > MAX_PROTOCOL_NAME
                || !wellFormed(parties)
                || !parties.contains(self)
                || !parties.contains(link.peer())
                || open.getDeadlineMillis() <= 0) {
            metrics.dropped(Dropped.MALFORMED);
            if (id.size() == SESSION_ID_BYTES) {
                refuse(link, id, MALFORMED, "the invitation is malformed");
            }
            return;
        }
        if (sessions.containsKey(id) || ended.contains(id)) {
            metrics.dropped(Dropped.SESSION_REFUSED);
            return;
        }
        Guest guest = guests.get(open.getProtocol());
        if (guest == null) {
            metrics.dropped(Dropped.SESSION_REFUSED);
            refuse(link, id, UNKNOWN_PROTOCOL, "no protocol of this name is served");
            return;
        }
        Duration asked = Duration.ofMillis(open.getDeadlineMillis());
        HostedSession session;
        try {
            session = admit(
                    id, link.peer(), parties, asked.compareTo(limits.sessionTime()) < 0 ? asked : limits.sessionTime());
        } catch (Silent e) {
            metrics.dropped(Dropped.SESSION_REFUSED);
            refuse(link, id, BUSY, String.valueOf(e.getMessage()));
            return;
        }
        Invitation invitation = new Invitation(
                link.peer(), open.getProtocol(), parties, open.getInvitation().toByteArray());
        Thread.ofVirtual().name("session-" + session.id()).start(() -> run(guest, invitation, session));
    }

    void frame(PeerLink link, MeshFrame frame) {
        ByteString id = frame.hasSessionFrame()
                ? frame.getSessionFrame().getSessionId()
                : frame.getSessionClose().getSessionId();
        if (id.size() != SESSION_ID_BYTES) {
            metrics.dropped(Dropped.MALFORMED);
            return;
        }
        EarlyFrames held = early(link);
        // One lock for both, so that what was held is read before what comes next.
        synchronized (held) {
            HostedSession session = sessions.get(id);
            if (session != null) {
                held.take(id).forEach(before -> hand(link, session, before));
                hand(link, session, frame);
            } else if (ended.contains(id)) {
                metrics.dropped(Dropped.ENDED_SESSION);
            } else {
                held.hold(id, frame);
            }
        }
    }

    void linkDown(PeerLink link, String reason) {
        early.remove(link);
        sessions.values().forEach(session -> session.linkDown(link, reason));
    }

    private void run(Guest guest, Invitation invitation, HostedSession session) {
        try (session) {
            String why = mesh.declining();
            if (!why.isEmpty()) {
                throw new Declined(Mesh.DECLINING, why);
            }
            guest.join(invitation, session);
        } catch (Declined e) {
            session.abandon(e.code(), String.valueOf(e.getMessage()));
            log.atInfo()
                    .addKeyValue("protocol", invitation.protocol())
                    .addKeyValue("session", session.id())
                    .addKeyValue("opener", invitation.opener())
                    .addKeyValue("code", e.code())
                    .log("session declined");
        } catch (Silent e) {
            session.abandon(FAILED, "others fell silent");
            log.atInfo()
                    .addKeyValue("protocol", invitation.protocol())
                    .addKeyValue("session", session.id())
                    .addKeyValue("opener", invitation.opener())
                    .addKeyValue("silent", e.parties())
                    .addKeyValue("detail", e.getMessage())
                    .log("session ended by silence");
        } catch (RuntimeException | StackOverflowError e) {
            session.abandon(FAILED, "internal failure");
            log.atError()
                    .addKeyValue("protocol", invitation.protocol())
                    .addKeyValue("session", session.id())
                    .setCause(e)
                    .log("session failed");
        }
    }

    private HostedSession admit(ByteString id, int opener, List<Integer> parties, Duration time) throws Silent {
        Map<Integer, PeerLink> links = new HashMap<>();
        List<Integer> missing = parties.stream()
                .filter(p -> p != mesh.membership().self())
                .filter(p -> {
                    PeerLink link = mesh.link(p);
                    if (link != null) {
                        links.put(p, link);
                    }
                    return link == null;
                })
                .toList();
        if (!missing.isEmpty()) {
            throw new Silent(missing, "no link to parties %s".formatted(missing));
        }
        AtomicInteger ofOpener = openedBy.computeIfAbsent(opener, o -> new AtomicInteger());
        if (ofOpener.incrementAndGet() > limits.sessionsPerPeer() || sessions.size() >= limits.sessions()) {
            ofOpener.decrementAndGet();
            throw new Silent(
                    List.of(mesh.membership().self()),
                    "party %d has no room for one more session"
                            .formatted(mesh.membership().self()));
        }
        HostedSession session = new HostedSession(
                id,
                mesh.membership().self(),
                parties,
                links,
                System.nanoTime() + time.toNanos(),
                limits,
                metrics,
                () -> {
                    ended.add(id);
                    sessions.remove(id);
                    ofOpener.decrementAndGet();
                });
        sessions.put(id, session);
        links.values().forEach(link -> {
            deliverEarly(link, session, id);
            String down = link.downReason();
            if (down != null) {
                session.linkDown(link, down);
            }
        });
        return session;
    }

    private void deliverEarly(PeerLink link, HostedSession session, ByteString id) {
        EarlyFrames held = early(link);
        synchronized (held) {
            held.take(id).forEach(frame -> hand(link, session, frame));
        }
    }

    private static void hand(PeerLink link, HostedSession session, MeshFrame frame) {
        if (frame.hasSessionFrame()) {
            session.deliver(link, frame.getSessionFrame());
        } else {
            session.left(link, frame.getSessionClose());
        }
    }

    private EarlyFrames early(PeerLink link) {
        return early.computeIfAbsent(link, l -> new EarlyFrames(limits, metrics));
    }

    private boolean wellFormed(List<Integer> parties) {
        int previous = 0;
        for (int party : parties) {
            if (party <= previous || party > mesh.membership().parties()) {
                return false;
            }
            previous = party;
        }
        return parties.size() >= 2;
    }

    private static void refuse(PeerLink link, ByteString id, String code, String detail) {
        link.offer(MeshFrame.newBuilder()
                .setSessionClose(
                        SessionClose.newBuilder().setSessionId(id).setCode(code).setDetail(detail))
                .build());
    }
}
