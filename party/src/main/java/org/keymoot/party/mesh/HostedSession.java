package org.keymoot.party.mesh;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.api.mesh.v1.SessionClose;
import org.keymoot.api.mesh.v1.SessionFrame;
import org.keymoot.party.mesh.MeshMetrics.Dropped;
import org.keymoot.protocol.session.Channel;
import org.keymoot.protocol.session.Silent;

/// One protocol session as this party takes part in it: the [Channel] over the links to the other parties.
///
/// It keeps true: a link that broke is never resumed within a session, since frames may have been lost with it; what a
/// peer sent before it closed is still read; and after [#close()] no byte of the session stays in memory.
public final class HostedSession implements Channel, AutoCloseable {
    private final ByteString id;
    private final int self;
    private final List<Integer> parties;
    private final long deadlineNanos;
    private final MeshLimits limits;
    private final MeshMetrics metrics;
    private final Runnable onClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, Mailbox> mailboxes = new HashMap<>();
    private final Map<Integer, Refusal> refusals = new TreeMap<>();
    private boolean closed;

    /// Why a peer left the session before its end.
    public record Refusal(String code, String detail) {}

    HostedSession(
            ByteString id,
            int self,
            List<Integer> parties,
            Map<Integer, PeerLink> links,
            long deadlineNanos,
            MeshLimits limits,
            MeshMetrics metrics,
            Runnable onClose) {
        this.id = id;
        this.self = self;
        this.parties = List.copyOf(parties);
        this.deadlineNanos = deadlineNanos;
        this.limits = limits;
        this.metrics = metrics;
        this.onClose = onClose;
        links.forEach((peer, link) -> mailboxes.put(peer, new Mailbox(peer, link, lock.newCondition())));
    }

    /// The session's id as it appears in logs and audit records.
    public String id() {
        return HexFormat.of().formatHex(id.toByteArray());
    }

    public byte[] idBytes() {
        return id.toByteArray();
    }

    public List<Integer> parties() {
        return parties;
    }

    public int self() {
        return self;
    }

    @Override
    public void send(int toParty, byte[] frame) throws Silent {
        Mailbox mailbox = mailbox(toParty);
        MeshFrame wire;
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("session %s is closed".formatted(id()));
            }
            if (mailbox.ended != null) {
                throw silent(mailbox, "cannot be sent to");
            }
            wire = MeshFrame.newBuilder()
                    .setSessionFrame(SessionFrame.newBuilder()
                            .setSessionId(id)
                            .setSequence(mailbox.nextToSend++)
                            .setPayload(UnsafeByteOperations.unsafeWrap(frame)))
                    .build();
        } finally {
            lock.unlock();
        }
        try {
            mailbox.link.send(wire, Math.max(1, deadlineNanos - System.nanoTime()));
        } catch (PeerUnavailable e) {
            throw new Silent(List.of(toParty), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public byte[] receive(int fromParty) throws Silent {
        Mailbox mailbox = mailbox(fromParty);
        lock.lock();
        try {
            while (mailbox.frames.isEmpty()) {
                if (closed) {
                    throw new IllegalStateException("session %s is closed".formatted(id()));
                }
                if (mailbox.ended != null) {
                    throw silent(mailbox, "will send no more");
                }
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0) {
                    throw new Silent(
                            List.of(fromParty), "party %d sent nothing before the session's end".formatted(fromParty));
                }
                mailbox.arrived.awaitNanos(left);
            }
            byte[] payload = mailbox.frames.remove().toByteArray();
            mailbox.link.consumed(payload.length);
            return payload;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Silent(List.of(fromParty), "waiting for party %d was interrupted".formatted(fromParty));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
    }

    /// The peers that left with a reason, which is the answer to a [Silent] that names them.
    public Map<Integer, Refusal> refusals() {
        lock.lock();
        try {
            return Map.copyOf(refusals);
        } finally {
            lock.unlock();
        }
    }

    /// Tells every other party that this one leaves before the end. The session is to be closed afterwards.
    public void abandon(String code, String detail) {
        MeshFrame wire = MeshFrame.newBuilder()
                .setSessionClose(SessionClose.newBuilder()
                        .setSessionId(id)
                        .setCode(code)
                        .setDetail(detail.length() > 300 ? detail.substring(0, 300) : detail))
                .build();
        for (Mailbox mailbox : mailboxes.values()) {
            try {
                mailbox.link.send(wire, TimeUnit.SECONDS.toNanos(1));
            } catch (PeerUnavailable e) {
                // It learns by its own deadline.
                continue;
            }
        }
    }

    /// Ends the session here and frees what waited in it.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            for (Mailbox mailbox : mailboxes.values()) {
                mailbox.frames.forEach(frame -> mailbox.link.consumed(frame.size()));
                mailbox.frames.clear();
                mailbox.arrived.signalAll();
            }
        } finally {
            lock.unlock();
        }
        onClose.run();
    }

    boolean expired() {
        return deadlineNanos - System.nanoTime() <= 0;
    }

    /// Whether this session hears the peer over this very link.
    boolean uses(PeerLink link) {
        Mailbox mailbox = mailboxes.get(link.peer());
        return mailbox != null && mailbox.link == link;
    }

    /// Takes a frame from the peer, or drops it with a reason.
    void deliver(PeerLink link, SessionFrame frame) {
        Mailbox mailbox = mailboxes.get(link.peer());
        if (mailbox == null || mailbox.link != link) {
            metrics.dropped(Dropped.NOT_IN_SESSION);
            return;
        }
        lock.lock();
        try {
            if (closed || mailbox.ended != null) {
                metrics.dropped(Dropped.ENDED_SESSION);
            } else if (Integer.compareUnsigned(frame.getSequence(), mailbox.nextToReceive) < 0) {
                metrics.dropped(Dropped.REPEATED_FRAME);
            } else if (frame.getSequence() != mailbox.nextToReceive) {
                metrics.dropped(Dropped.FRAME_GAP);
                end(
                        mailbox,
                        new Refusal(
                                "gap",
                                "frame %d came where %d was due"
                                        .formatted(frame.getSequence(), mailbox.nextToReceive)));
            } else if (mailbox.frames.size() >= limits.bufferedFramesPerSession()) {
                metrics.dropped(Dropped.SESSION_OVERFLOW);
                end(
                        mailbox,
                        new Refusal(
                                "overflow",
                                "sent more than %d frames ahead".formatted(limits.bufferedFramesPerSession())));
            } else {
                mailbox.nextToReceive++;
                mailbox.frames.add(frame.getPayload());
                link.buffered(frame.getPayload().size());
                mailbox.arrived.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// The peer says it will send no more.
    void left(PeerLink link, SessionClose close) {
        endFrom(link, new Refusal(Membership.printable(close.getCode()), Membership.printable(close.getDetail())));
    }

    void linkDown(PeerLink link, String reason) {
        endFrom(link, new Refusal("unreachable", reason));
    }

    private void endFrom(PeerLink link, Refusal refusal) {
        Mailbox mailbox = mailboxes.get(link.peer());
        if (mailbox == null || mailbox.link != link) {
            return;
        }
        lock.lock();
        try {
            if (mailbox.ended == null) {
                end(mailbox, refusal);
            }
        } finally {
            lock.unlock();
        }
    }

    private void end(Mailbox mailbox, Refusal refusal) {
        mailbox.ended = refusal;
        refusals.put(mailbox.peer, refusal);
        mailbox.arrived.signalAll();
    }

    private static Silent silent(Mailbox mailbox, String what) {
        Refusal ended = java.util.Objects.requireNonNull(mailbox.ended);
        return new Silent(
                List.of(mailbox.peer),
                "party %d %s: %s (%s)".formatted(mailbox.peer, what, ended.detail(), ended.code()));
    }

    private Mailbox mailbox(int party) {
        Mailbox mailbox = mailboxes.get(party);
        if (mailbox == null) {
            throw new IllegalArgumentException("party %d is not in session %s of %s".formatted(party, id(), parties));
        }
        return mailbox;
    }

    /// What one peer has sent and this party has not read yet; guarded by the session's lock.
    private static final class Mailbox {
        final int peer;
        final PeerLink link;
        final Condition arrived;
        final ArrayDeque<ByteString> frames = new ArrayDeque<>();
        int nextToReceive;
        int nextToSend;

        @Nullable Refusal ended;

        Mailbox(int peer, PeerLink link, Condition arrived) {
            this.peer = peer;
            this.link = link;
            this.arrived = arrived;
        }
    }
}
