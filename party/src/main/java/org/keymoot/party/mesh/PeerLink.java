package org.keymoot.party.mesh;

import io.grpc.stub.CallStreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.mesh.v1.Hello;
import org.keymoot.api.mesh.v1.MeshFrame;

/// One live stream with one authenticated peer, whichever of the two dialled.
///
/// It keeps true: frames leave in the order of the calls to [#send], a sender waits while the peer does not read, and
/// the peer is not read while more than the permitted bytes wait here.
final class PeerLink {
    private final int peer;
    private final Hello hello;
    private final CallStreamObserver<MeshFrame> out;
    private final Runnable hangUp;
    private final MeshMetrics metrics;
    private final long highWaterBytes;
    private final ReentrantLock sending = new ReentrantLock(true);
    private final Condition ready = sending.newCondition();
    private final Object crediting = new Object();
    private final AtomicLong lastSeenNanos = new AtomicLong(System.nanoTime());
    private long bufferedBytes;
    private boolean reading = true;
    private volatile @Nullable String down;

    /// @param hangUp ends the underlying call; called at most once, after the link is marked down
    PeerLink(
            int peer,
            Hello hello,
            CallStreamObserver<MeshFrame> out,
            long highWaterBytes,
            MeshMetrics metrics,
            Runnable hangUp) {
        this.peer = peer;
        this.hello = hello;
        this.out = out;
        this.highWaterBytes = highWaterBytes;
        this.metrics = metrics;
        this.hangUp = hangUp;
    }

    int peer() {
        return peer;
    }

    Hello hello() {
        return hello;
    }

    boolean isUp() {
        return down == null;
    }

    long silentNanos() {
        return System.nanoTime() - lastSeenNanos.get();
    }

    /// Sends one frame, waiting while the peer's window is full.
    ///
    /// @throws PeerUnavailable when the link is down or the window stays full for `waitNanos`
    void send(MeshFrame frame, long waitNanos) throws PeerUnavailable {
        long deadline = System.nanoTime() + waitNanos;
        try {
            if (!sending.tryLock(waitNanos, TimeUnit.NANOSECONDS)) {
                throw new PeerUnavailable(peer, "did not take a frame in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerUnavailable(peer, "sending was interrupted");
        }
        try {
            while (down == null && !out.isReady()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new PeerUnavailable(peer, "did not take a frame in time");
                }
                ready.awaitNanos(left);
            }
            String reason = down;
            if (reason != null) {
                throw new PeerUnavailable(peer, "link is down: " + reason);
            }
            out.onNext(frame);
            metrics.sent(frame.getSerializedSize());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerUnavailable(peer, "sending was interrupted");
        } catch (IllegalStateException | io.grpc.StatusRuntimeException e) {
            // The stream ended between the check above and this call.
            throw new PeerUnavailable(peer, "link is down");
        } finally {
            sending.unlock();
        }
    }

    /// Sends one frame if the peer's window has room at this moment. Callbacks of the transport use this, since
    /// one that waited would keep the transport from telling that there is room.
    boolean offer(MeshFrame frame) {
        if (!out.isReady()) {
            return false;
        }
        try {
            send(frame, 1);
            return true;
        } catch (PeerUnavailable e) {
            return false;
        }
    }

    /// The transport has room again.
    void nowReady() {
        sending.lock();
        try {
            ready.signalAll();
        } finally {
            sending.unlock();
        }
    }

    /// A frame arrived; `keptBytes` of it stay in a mailbox until [#consumed].
    void arrived(int frameBytes) {
        lastSeenNanos.set(System.nanoTime());
        metrics.received(frameBytes);
    }

    void buffered(int bytes) {
        synchronized (crediting) {
            bufferedBytes += bytes;
        }
    }

    /// Asks the transport for one more frame unless too much waits here already.
    void readOn() {
        synchronized (crediting) {
            if (bufferedBytes >= highWaterBytes) {
                reading = false;
                return;
            }
        }
        out.request(1);
    }

    void consumed(int bytes) {
        synchronized (crediting) {
            bufferedBytes -= bytes;
            if (reading || bufferedBytes >= highWaterBytes / 2) {
                return;
            }
            reading = true;
        }
        out.request(1);
    }

    /// Marks the link down and ends its call; only the first reason counts.
    boolean hangUp(String reason) {
        sending.lock();
        try {
            if (down != null) {
                return false;
            }
            down = reason;
            ready.signalAll();
        } finally {
            sending.unlock();
        }
        hangUp.run();
        return true;
    }

    @Nullable String downReason() {
        return down;
    }
}
