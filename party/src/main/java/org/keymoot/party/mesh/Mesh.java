package org.keymoot.party.mesh;

import io.grpc.BindableService;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.mesh.v1.Hello;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.party.mesh.MeshMetrics.Dropped;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This party's links to all its peers.
///
/// It keeps true: at most one link a peer is in use; the party of lower index dials, again and again with
/// growing, scattered pauses; a link on which nothing is heard is dropped; and both ends have checked the
/// other's certificate and greeting before any other frame counts.
public final class Mesh implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Mesh.class);
    private static final String PING = "mesh.ping";
    /// The code with which a party refuses what it otherwise takes part in.
    static final String DECLINING = "recovering";

    private final Membership membership;
    private final MeshTransport transport;
    private final MeshLimits limits;
    private final InstantSource clock;
    private final MeshMetrics metrics;
    private final PeerCalls calls;
    private final SessionHost sessions;
    private final Map<Integer, Peer> peers = new ConcurrentHashMap<>();
    private final List<IntConsumer> onLink = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private volatile Supplier<String> declining = () -> "";
    private volatile boolean stopping;

    /// What is remembered of a peer beyond one link. Guarded by itself, except for reads of `link`.
    private static final class Peer {
        volatile @Nullable PeerLink link;

        @Nullable String softwareVersion;

        @Nullable Instant lastSeen;

        @Nullable Duration roundTrip;

        @Nullable String refusal;
    }

    public Mesh(
            Membership membership,
            MeshTransport transport,
            MeshLimits limits,
            InstantSource clock,
            MeterRegistry registry) {
        this.membership = membership;
        this.transport = transport;
        this.limits = limits;
        this.clock = clock;
        this.metrics = new MeshMetrics(registry);
        this.calls = new PeerCalls(this, limits, metrics);
        this.sessions = new SessionHost(this, limits, metrics);
        membership.others().forEach(peer -> peers.put(peer, new Peer()));
        Gauge.builder("keymoot.mesh.links", this, mesh -> mesh.linked().size()).register(registry);
        Gauge.builder("keymoot.mesh.sessions", sessions, SessionHost::count).register(registry);
    }

    /// The service that peers of lower index dial; [MeshListener] puts it on a port.
    public BindableService service() {
        return new MeshService(this, transport, limits);
    }

    /// Begins to dial and to watch.
    public void start() {
        calls.serveAlways(PING, (from, body) -> body);
        for (int peer : membership.others()) {
            if (peer > membership.self()) {
                Dialler dialler = new Dialler(this, transport, limits, peer);
                threads.add(Thread.ofVirtual().name("dial-" + peer).start(dialler));
            }
            threads.add(Thread.ofVirtual().name("watch-" + peer).start(() -> watch(peer)));
        }
    }

    /// Declines all sessions and calls of peers, but for those that are served always, while `why` says anything.
    ///
    /// @param why may wait for a moment
    public void declineWhile(Supplier<String> why) {
        declining = why;
    }

    String declining() {
        return declining.get();
    }

    public Membership membership() {
        return membership;
    }

    public PeerCalls calls() {
        return calls;
    }

    public SessionHost sessions() {
        return sessions;
    }

    /// The peers with a live link, the one that answers fastest first.
    public List<Integer> linked() {
        return membership.others().stream()
                .filter(peer -> link(peer) != null)
                .sorted(Comparator.comparing(this::roundTrip))
                .toList();
    }

    public List<PeerState> states() {
        return membership.others().stream().map(this::state).toList();
    }

    public PeerState state(int peer) {
        Peer known = peer(peer);
        synchronized (known) {
            PeerLink link = known.link;
            Instant seen = link == null ? known.lastSeen : clock.instant().minusNanos(Math.max(0, link.silentNanos()));
            return new PeerState(peer, link != null, known.softwareVersion, seen, known.roundTrip, known.refusal);
        }
    }

    /// Runs `listener` with the peer's index whenever a link has come up, on a virtual thread.
    public void onLink(IntConsumer listener) {
        onLink.add(listener);
    }

    @Override
    public void close() {
        stopping = true;
        threads.forEach(Thread::interrupt);
        for (Peer peer : peers.values()) {
            PeerLink link = peer.link;
            if (link != null) {
                down(link, "this party stops");
            }
        }
    }

    boolean stopping() {
        return stopping;
    }

    MeshMetrics metrics() {
        return metrics;
    }

    @Nullable PeerLink link(int party) {
        PeerLink link = peer(party).link;
        return link != null && link.isUp() ? link : null;
    }

    /// Why a peer that greets so may not be linked now: another running instance of it is, so that one of the two is a
    /// copy. Null when nothing speaks against it.
    @Nullable String rival(int peer, Hello hello) {
        PeerLink link = peer(peer).link;
        return link != null
                        && link.isUp()
                        && !link.hello().getBootId().equals(hello.getBootId())
                        && link.silentNanos() < 2 * limits.heartbeat().toNanos()
                ? "boot_id: another running instance of party %d is linked".formatted(peer)
                : null;
    }

    /// Puts a greeted link into use; an older one is replaced.
    ///
    /// @return why the link may not be used, or null
    @Nullable String adopt(PeerLink link) {
        Peer known = peer(link.peer());
        PeerLink replaced;
        synchronized (known) {
            if (stopping) {
                return "this party stops";
            }
            String rival = rival(link.peer(), link.hello());
            if (rival != null) {
                return rival;
            }
            replaced = known.link;
            known.link = link;
            known.softwareVersion = Membership.printable(link.hello().getSoftwareVersion());
            known.refusal = null;
            known.roundTrip = null;
        }
        if (replaced != null) {
            down(replaced, "a newer link took its place");
        }
        metrics.linked();
        log.atInfo()
                .addKeyValue("peer", link.peer())
                .addKeyValue("version", link.hello().getSoftwareVersion())
                .log("peer linked");
        onLink.forEach(listener -> Thread.ofVirtual()
                .name("linked-" + link.peer())
                .start(() -> {
                    try {
                        listener.accept(link.peer());
                    } catch (RuntimeException e) {
                        log.atError()
                                .addKeyValue("peer", link.peer())
                                .setCause(e)
                                .log("link listener failed");
                    }
                }));
        return null;
    }

    void refused(int peer, String why) {
        Peer known = peer(peer);
        boolean news;
        synchronized (known) {
            news = !why.equals(known.refusal);
            known.refusal = why;
        }
        if (news) {
            log.atWarn().addKeyValue("peer", peer).addKeyValue("reason", why).log("peer refused");
        }
    }

    void down(PeerLink link, String reason) {
        if (!link.hangUp(reason)) {
            return;
        }
        Peer known = peer(link.peer());
        synchronized (known) {
            known.lastSeen = clock.instant().minusNanos(Math.max(0, link.silentNanos()));
            if (known.link == link) {
                known.link = null;
            }
        }
        sessions.linkDown(link, reason);
        calls.linkDown(link, reason);
        log.atInfo()
                .addKeyValue("peer", link.peer())
                .addKeyValue("reason", reason)
                .log("peer link ended");
    }

    /// Takes one frame that followed the greeting.
    void frame(PeerLink link, MeshFrame frame) {
        link.arrived(frame.getSerializedSize());
        switch (frame.getContentCase()) {
            case SESSION_OPEN -> sessions.opened(link, frame.getSessionOpen());
            case SESSION_FRAME, SESSION_CLOSE -> sessions.frame(link, frame);
            case REQUEST -> calls.requested(link, frame.getRequest());
            case REPLY -> calls.replied(link, frame.getReply());
            case HELLO, CONTENT_NOT_SET -> metrics.dropped(Dropped.MALFORMED);
        }
        link.readOn();
    }

    Hello hello() {
        return membership.hello();
    }

    private Duration roundTrip(int peer) {
        Peer known = peer(peer);
        synchronized (known) {
            return known.roundTrip == null ? limits.silence() : known.roundTrip;
        }
    }

    private Peer peer(int party) {
        return Objects.requireNonNull(peers.get(party), () -> "party " + party + " is no peer of this one");
    }

    private void watch(int peer) {
        try {
            while (!stopping) {
                Thread.sleep(limits.heartbeat());
                PeerLink link = link(peer);
                if (link != null) {
                    ping(peer, link);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ping(int peer, PeerLink link) {
        long start = System.nanoTime();
        try {
            calls.call(peer, PING, new byte[0], limits.heartbeat());
            long took = System.nanoTime() - start;
            Peer known = peer(peer);
            synchronized (known) {
                known.roundTrip = known.roundTrip == null
                        ? Duration.ofNanos(took)
                        : Duration.ofNanos((3 * known.roundTrip.toNanos() + took) / 4);
            }
        } catch (PeerUnavailable | PeerRefused e) {
            Peer known = peer(peer);
            synchronized (known) {
                known.roundTrip = limits.silence();
            }
            if (link.silentNanos() > limits.silence().toNanos()) {
                down(link, "nothing was heard for %s".formatted(limits.silence()));
            }
        }
    }
}
