package org.keymoot.protocol.session;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.keymoot.protocol.message.Malformed;

/// Shares one channel among a session and its children, which may run on several threads.
///
/// It keeps true: it starts no thread; whichever receiver finds nobody reading reads for all, and frames for sessions
/// that are not open yet wait within [#MAX_WAITING_FRAMES] and [#MAX_WAITING_BYTES] for each peer.
final class Multiplexer {
    static final int MAX_WAITING_FRAMES = 4096;
    static final long MAX_WAITING_BYTES = 64L << 20;

    private final String protocol;
    private final Channel channel;
    private final int self;
    private final Map<Integer, Inbox> inboxes = new HashMap<>();
    private volatile SessionId root;
    private volatile @Nullable SessionId retired;

    Multiplexer(String protocol, Channel channel, int self, List<Integer> parties, SessionId root) {
        this.protocol = protocol;
        this.channel = channel;
        this.self = self;
        this.root = root;
        for (int party : parties) {
            if (party != self) {
                inboxes.put(party, new Inbox(party, parties.size()));
            }
        }
    }

    SessionId root() {
        return root;
    }

    /// Moves from the provisional id to the final one, before any other frame is read.
    void rename(SessionId fresh) {
        retired = root;
        root = fresh;
        inboxes.values().forEach(Inbox::renamed);
    }

    boolean isFresh() {
        return retired != null;
    }

    void send(int peer, Frame frame) throws Silent {
        channel.send(peer, frame.encode());
    }

    Frame receive(SessionId session, int peer, String step) throws Silent, Cheated {
        Inbox inbox = inboxes.get(peer);
        if (inbox == null) {
            throw new IllegalArgumentException("P" + peer + " is not a peer in this session");
        }
        return inbox.receive(session, step);
    }

    /// The frames of one peer.
    private final class Inbox {
        private final int peer;
        private final int parties;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final Map<SessionId, Queue<Frame>> waiting = new HashMap<>();
        private int waitingFrames;
        private long waitingBytes;
        private int repeats;
        private boolean reading;
        private boolean agreedOnRoot;
        private @Nullable String silence;
        private @Nullable Offence offence;

        Inbox(int peer, int parties) {
            this.peer = peer;
            this.parties = parties;
        }

        Frame receive(SessionId session, String step) throws Silent, Cheated {
            lock.lock();
            try {
                while (true) {
                    Queue<Frame> queue = waiting.get(session);
                    Frame frame = queue == null ? null : queue.poll();
                    if (frame != null) {
                        waitingFrames--;
                        waitingBytes -= frame.body().length;
                        return frame;
                    }
                    if (offence != null) {
                        throw new Cheated(
                                root,
                                protocol,
                                offence.step(),
                                offence.culprits(),
                                offence.what() + ", while waiting for step " + step);
                    }
                    if (silence != null) {
                        throw new Silent(List.of(peer), silence);
                    }
                    if (reading) {
                        await();
                    } else {
                        read();
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        /// A peer that now uses another id may have been shown other contributions by a third party; where there is no
        /// third party, it lies.
        void renamed() {
            lock.lock();
            try {
                agreedOnRoot = parties == 2;
            } finally {
                lock.unlock();
            }
        }

        private void await() throws Silent {
            try {
                changed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Silent(List.of(peer), "interrupted while waiting for P" + peer);
            }
        }

        private void read() {
            reading = true;
            byte @Nullable [] encoded = null;
            String failure = null;
            lock.unlock();
            try {
                encoded = channel.receive(peer);
            } catch (Silent e) {
                failure = String.valueOf(e.getMessage());
            } finally {
                lock.lock();
                reading = false;
                changed.signalAll();
            }
            if (encoded == null) {
                silence = failure;
            } else {
                file(encoded);
            }
        }

        /// Checks the header as far as it does not depend on the session's progress, and queues the frame.
        private void file(byte[] encoded) {
            Frame frame;
            try {
                frame = Frame.decode(encoded);
            } catch (Malformed e) {
                require("0.2", false, List.of(peer), "frame from P" + peer + " is malformed: " + e.getMessage());
                return;
            }
            if (frame.kind() == Frame.Kind.PRIVATE) {
                Arrays.fill(encoded, (byte) 0);
            }
            if (retired != null && retired.equals(frame.root())) {
                repeats++;
                if (repeats > Session.MAX_REPEATED_FRAMES) {
                    silence = "P" + peer + " repeats itself";
                }
                return;
            }
            // Before its first good frame, the peer may merely have been told of another set-up or have seen other
            // contributions than we did; after it, the foreign frame is its own doing.
            if (!require(
                    "0.3",
                    frame.root().equals(root),
                    agreedOnRoot ? List.of(peer) : List.of(),
                    "frame from P" + peer + " belongs to session "
                            + frame.root().abbreviated() + ": set-ups or contributions differ, or it is replayed")) {
                return;
            }
            agreedOnRoot = true;
            if (!require(
                    "0.4",
                    frame.sender() == peer && frame.receiver() == self,
                    List.of(peer),
                    "frame from P" + peer + " is addressed from P" + frame.sender() + " to P" + frame.receiver())) {
                return;
            }
            waitingFrames++;
            waitingBytes += frame.body().length;
            if (require(
                    "0.5",
                    waitingFrames <= MAX_WAITING_FRAMES && waitingBytes <= MAX_WAITING_BYTES,
                    List.of(),
                    "P" + peer + " has more than " + MAX_WAITING_FRAMES + " frames or " + MAX_WAITING_BYTES
                            + " bytes waiting")) {
                waiting.computeIfAbsent(frame.session(), id -> new ArrayDeque<>())
                        .add(frame);
            }
        }

        /// Remembers the failure, which ends the conversation with this peer in every session on the channel.
        private boolean require(String step, boolean condition, List<Integer> culprits, String what) {
            if (!condition) {
                offence = new Offence(step, culprits, what);
            }
            return condition;
        }
    }

    private record Offence(String step, List<Integer> culprits, String what) {}
}
