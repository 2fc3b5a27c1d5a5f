package org.keymoot.party.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.keymoot.api.party.v1.PairInvitation;
import org.keymoot.api.party.v1.PairStatus;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.party.mesh.Declined;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.party.mesh.Invitation;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerRefused;
import org.keymoot.party.mesh.PeerUnavailable;
import org.keymoot.party.store.PairStore;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.pairsetup.PairBurner;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.PairSetup;
import org.keymoot.protocol.pairsetup.PairSetupProtocol;
import org.keymoot.protocol.pairsetup.PairSetups;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This party's set-ups with its peers: made when a link comes up or a session needs one, burned when a check fails,
/// made anew when an operator has released the pair.
///
/// It keeps true: all sessions share one object for one set-up; a burned pair stays out of use, across restarts, until
/// it is released; the two ends compare the names of their set-ups at every link and make a new one when they differ.
public final class Pairs implements PairSetups, PairBurner {
    private static final String STATUS = "pair.status";
    private static final String MAKE = "pair.make";
    private static final Duration CALL_TIME = Duration.ofSeconds(3);
    private static final Duration SETUP_TIME = Duration.ofSeconds(20);
    /// Opening a stored set-up takes less.
    private static final Duration LOADING_TIME = Duration.ofMillis(500);

    private static final Logger log = LoggerFactory.getLogger(Pairs.class);

    private final Mesh mesh;
    private final PairStore store;
    private final Environment environment;
    private final AuditTrail audit;
    private final String cluster;
    private final long epoch;
    private final int self;
    private final Map<Integer, PairSetup> live = new ConcurrentHashMap<>();
    private final Map<Integer, ReentrantLock> making = new ConcurrentHashMap<>();

    public Pairs(Mesh mesh, PairStore store, Environment environment, AuditTrail audit) {
        this.mesh = mesh;
        this.store = store;
        this.environment = environment;
        this.audit = audit;
        this.cluster = mesh.membership().clusterId();
        this.epoch = mesh.membership().epoch();
        this.self = mesh.membership().self();
        mesh.membership().others().forEach(peer -> making.put(peer, new ReentrantLock()));
    }

    public void start() {
        mesh.calls().serve(STATUS, (peer, body) -> status(peer).toByteArray());
        mesh.calls().serve(MAKE, (peer, body) -> {
            if (peer < self) {
                throw new PeerRefused("order", "the party of lower index makes the set-up");
            }
            agree(peer);
            return new byte[0];
        });
        mesh.sessions().serve(PairSetupProtocol.PROTOCOL, this::join);
        mesh.onLink(peer -> {
            if (self < peer) {
                agree(peer);
            }
        });
    }

    @Override
    public PairSetup get(int peer) throws PairQuarantined {
        PairSetup known = live.get(peer);
        if (known != null) {
            return known;
        }
        ReentrantLock lock = lock(peer);
        if (!isFree(lock)) {
            throw new PairQuarantined(peer, "the set-up with party %d is under way".formatted(peer));
        }
        try {
            known = live.get(peer);
            if (known != null) {
                return known;
            }
            PairSetup loaded = load(peer)
                    .orElseThrow(() -> new PairQuarantined(
                            peer,
                            isBurned(peer)
                                    ? "the pair with party %d is in quarantine; an operator may release it"
                                            .formatted(peer)
                                    : "there is no set-up with party %d yet".formatted(peer)));
            live.put(peer, loaded);
            return loaded;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void burn(int peer, String step) {
        PairSetup known = live.get(peer);
        byte[] id = known == null ? new byte[PairSetup.ID_BYTES] : known.id();
        store.burn(peer, epoch, id, step);
        live.remove(peer);
        audit.burned(peer, epoch, HexFormat.of().formatHex(id), step);
        log.atError().addKeyValue("peer", peer).addKeyValue("step", step).log("pair burned");
    }

    /// Takes the lock, unless it is held for long, as while a set-up is made.
    private static boolean isFree(ReentrantLock lock) {
        try {
            return lock.tryLock(LOADING_TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Whether sessions with the peer can use a set-up now.
    boolean isReady(int peer) {
        return live.containsKey(peer)
                || store.find(peer, epoch)
                        .filter(row -> row.state() == PairStore.State.ACTIVE)
                        .isPresent();
    }

    boolean isBurned(int peer) {
        return store.find(peer, epoch)
                .filter(row -> row.state() == PairStore.State.BURNED)
                .isPresent();
    }

    /// The pairs that are out of use, for people.
    public List<String> quarantined() {
        return store.quarantined().stream()
                .map(row -> "%d-%d (%s)".formatted(Math.min(self, row.peer()), Math.max(self, row.peer()), row.step()))
                .toList();
    }

    /// Ends a quarantine by an operator's will and makes a new set-up in the background. False when there was none.
    public boolean release(int peer, String operator, String reason) {
        if (!isBurned(peer)) {
            return false;
        }
        audit.released(peer, operator, reason);
        boolean released = store.release(peer, epoch);
        Thread.ofVirtual().name("pair-" + peer).start(() -> make(peer));
        return released;
    }

    /// Begins to see to a set-up with the peer, unless that is under way or the pair is in quarantine.
    void makeSoon(int peer) {
        if (!lock(peer).isLocked() && !isReady(peer) && !isBurned(peer)) {
            Thread.ofVirtual().name("pair-" + peer).start(() -> make(peer));
        }
    }

    /// Sees to it that there is a set-up with the peer, from whichever side.
    void make(int peer) {
        if (self < peer) {
            agree(peer);
            return;
        }
        try {
            mesh.calls().call(peer, MAKE, new byte[0], SETUP_TIME);
        } catch (PeerUnavailable | PeerRefused e) {
            log.atInfo()
                    .addKeyValue("peer", peer)
                    .addKeyValue("reason", e.getMessage())
                    .log("pair not made");
        }
    }

    /// Compares the two ends' set-ups and makes a new one when there is none in common.
    private void agree(int peer) {
        ReentrantLock lock = lock(peer);
        lock.lock();
        try {
            PairStatus ours = status(peer);
            PairStatus theirs = PairStatus.parseFrom(mesh.calls().call(peer, STATUS, new byte[0], CALL_TIME));
            if (ours.getBurned() || theirs.getBurned()) {
                log.atWarn().addKeyValue("peer", peer).log("pair is in quarantine");
                return;
            }
            if (!ours.getId().isEmpty() && ours.getId().equals(theirs.getId())) {
                return;
            }
            lead(peer);
        } catch (PeerUnavailable | PeerRefused | InvalidProtocolBufferException | Silent e) {
            log.atInfo()
                    .addKeyValue("peer", peer)
                    .addKeyValue("reason", e.getMessage())
                    .log("pair not made");
        } finally {
            lock.unlock();
        }
    }

    private PairStatus status(int peer) {
        PairStatus.Builder status = PairStatus.newBuilder().setEpoch(epoch);
        store.find(peer, epoch).ifPresent(row -> {
            if (row.state() == PairStore.State.BURNED) {
                status.setBurned(true);
            } else {
                status.setId(ByteString.fromHex(row.id()));
            }
        });
        return status.build();
    }

    private void lead(int peer) throws Silent {
        byte[] invitation = PairInvitation.newBuilder().setEpoch(epoch).build().toByteArray();
        try (HostedSession hosted =
                mesh.sessions().open(PairSetupProtocol.PROTOCOL, List.of(self, peer), invitation, SETUP_TIME)) {
            run(hosted, peer);
        }
    }

    private void join(Invitation invitation, HostedSession hosted) throws Declined, Silent {
        int peer = invitation.opener();
        if (peer > self || invitation.parties().size() != 2) {
            throw new Declined("malformed", "a pair's set-up is opened by its lower party and among two");
        }
        try {
            if (PairInvitation.parseFrom(invitation.body()).getEpoch() != epoch) {
                throw new Declined("epoch", "the pair is of epoch " + epoch);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new Declined("malformed", "the invitation is malformed");
        }
        if (isBurned(peer)) {
            throw new Declined("quarantine", "the pair is in quarantine");
        }
        run(hosted, peer);
    }

    private void run(HostedSession hosted, int peer) throws Silent {
        SetUp setUp = new SetUp(
                PairSetupProtocol.PROTOCOL,
                hosted.idBytes(),
                hosted.parties(),
                new MessageWriter(64).text(cluster).u64(epoch).toByteArray());
        try {
            Session session = Session.fresh(setUp, self, hosted, environment);
            keep(peer, PairSetupProtocol.run(session, cluster, epoch));
        } catch (Cheated e) {
            audit.cheated(
                    PairSetupProtocol.PROTOCOL, hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
            throw new Silent(List.of(peer), String.valueOf(e.getMessage()));
        }
    }

    private void keep(int peer, PairSetup made) {
        try (SecretScope scope = new SecretScope()) {
            SecretBytes row = made.encode(scope);
            if (!store.put(peer, epoch, made.id(), row.segment(Disclosure.I_TAKE_THE_SECRET_OUT))) {
                made.close();
                return;
            }
        } catch (PairQuarantined e) {
            made.close();
            return;
        }
        audit.paired(peer, epoch, HexFormat.of().formatHex(made.id()));
        PairSetup before = live.put(peer, made);
        if (before != null) {
            before.close();
        }
        log.atInfo().addKeyValue("peer", peer).log("pair made");
    }

    private Optional<PairSetup> load(int peer) {
        try (SecretScope scope = new SecretScope()) {
            Optional<SecretBytes> row = store.openActive(peer, epoch, scope);
            if (row.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(PairSetup.decode(row.get().segment(Disclosure.I_TAKE_THE_SECRET_OUT)));
        } catch (Malformed e) {
            throw new IllegalStateException(
                    "the set-up with party %d is damaged: %s".formatted(peer, e.getMessage()), e);
        }
    }

    private ReentrantLock lock(int peer) {
        return Objects.requireNonNull(making.get(peer), () -> "party " + peer + " is no peer");
    }

    /// Erases all set-ups from memory.
    public void close() {
        live.values().forEach(PairSetup::close);
        live.clear();
    }
}
