package org.keymoot.party.mesh;

import com.google.protobuf.UnsafeByteOperations;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.api.mesh.v1.Reply;
import org.keymoot.api.mesh.v1.Request;
import org.keymoot.party.mesh.MeshMetrics.Dropped;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Calls of one party on another outside any session.
///
/// It keeps true: a call ends by its time-out or as soon as the link breaks; a peer has a bounded number of
/// calls served at a time; a handler that fails tells the peer nothing but that it failed.
public final class PeerCalls {
    /// The codes with which this class itself refuses a call.
    public static final String BUSY = "busy";

    public static final String UNKNOWN_METHOD = "unknown_method";
    public static final String FAILED = "failed";

    private static final Logger log = LoggerFactory.getLogger(PeerCalls.class);

    private final Mesh mesh;
    private final MeshLimits limits;
    private final MeshMetrics metrics;
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final Map<Integer, AtomicInteger> serving = new ConcurrentHashMap<>();

    /// Answers the calls of one method.
    @FunctionalInterface
    public interface Handler {
        /// @param fromParty authenticated
        /// @throws PeerRefused to answer with a code instead of a body
        byte[] handle(int fromParty, byte[] body) throws PeerRefused;
    }

    private record Pending(PeerLink link, CompletableFuture<Reply> reply) {}

    PeerCalls(Mesh mesh, MeshLimits limits, MeshMetrics metrics) {
        this.mesh = mesh;
        this.limits = limits;
        this.metrics = metrics;
    }

    /// Answers calls of `method` from now on, each on a virtual thread.
    public void serve(String method, Handler handler) {
        serveAlways(method, (party, body) -> {
            String why = mesh.declining();
            if (!why.isEmpty()) {
                throw new PeerRefused(Mesh.DECLINING, why);
            }
            return handler.handle(party, body);
        });
    }

    /// Answers calls of `method` even while this party declines to take part in anything.
    public void serveAlways(String method, Handler handler) {
        if (handlers.putIfAbsent(method, handler) != null) {
            throw new IllegalArgumentException("method %s is served already".formatted(method));
        }
    }

    /// Calls `method` at the peer and waits for its answer.
    ///
    /// @throws PeerUnavailable when it is not known whether the peer acted: no link, link lost, no answer in time
    /// @throws PeerRefused when the peer answered with a code
    public byte[] call(int party, String method, byte[] body, Duration timeout) throws PeerUnavailable, PeerRefused {
        PeerLink link = mesh.link(party);
        if (link == null) {
            throw new PeerUnavailable(party, "no link");
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        long id = ids.incrementAndGet();
        Pending call = new Pending(link, new CompletableFuture<>());
        pending.put(id, call);
        try {
            link.send(
                    MeshFrame.newBuilder()
                            .setRequest(Request.newBuilder()
                                    .setId(id)
                                    .setMethod(method)
                                    .setBody(UnsafeByteOperations.unsafeWrap(body)))
                            .build(),
                    timeout.toNanos());
            Reply reply = call.reply.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (!reply.getCode().isEmpty()) {
                throw new PeerRefused(Membership.printable(reply.getCode()), Membership.printable(reply.getDetail()));
            }
            return reply.getBody().toByteArray();
        } catch (TimeoutException e) {
            throw new PeerUnavailable(party, "did not answer %s within %s".formatted(method, timeout));
        } catch (ExecutionException e) {
            throw new PeerUnavailable(party, "the link broke during " + method);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerUnavailable(party, "the call was interrupted");
        } finally {
            pending.remove(id);
        }
    }

    void requested(PeerLink link, Request request) {
        AtomicInteger ofPeer = serving.computeIfAbsent(link.peer(), p -> new AtomicInteger());
        if (ofPeer.incrementAndGet() > limits.callsPerPeer()) {
            ofPeer.decrementAndGet();
            link.offer(refusal(request.getId(), BUSY, "too many calls at a time"));
            return;
        }
        Thread.ofVirtual().name("call-" + link.peer()).start(() -> {
            try {
                link.send(answer(link.peer(), request), limits.silence().toNanos());
            } catch (PeerUnavailable e) {
                log.atDebug().addKeyValue("peer", link.peer()).log("reply could not be sent");
            } finally {
                ofPeer.decrementAndGet();
            }
        });
    }

    void replied(PeerLink link, Reply reply) {
        Pending call = pending.get(reply.getId());
        if (call == null || call.link != link) {
            metrics.dropped(Dropped.UNKNOWN_REPLY);
            return;
        }
        call.reply.complete(reply);
    }

    void linkDown(PeerLink link, String reason) {
        pending.values().stream()
                .filter(call -> call.link == link)
                .forEach(call -> call.reply.completeExceptionally(new PeerUnavailable(link.peer(), reason)));
    }

    private MeshFrame answer(int fromParty, Request request) {
        Handler handler = handlers.get(request.getMethod());
        if (handler == null) {
            return refusal(request.getId(), UNKNOWN_METHOD, "no such method");
        }
        try {
            byte[] body = handler.handle(fromParty, request.getBody().toByteArray());
            return MeshFrame.newBuilder()
                    .setReply(Reply.newBuilder().setId(request.getId()).setBody(UnsafeByteOperations.unsafeWrap(body)))
                    .build();
        } catch (PeerRefused e) {
            return refusal(request.getId(), e.code(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | StackOverflowError e) {
            log.atError()
                    .addKeyValue("method", Membership.printable(request.getMethod()))
                    .addKeyValue("peer", fromParty)
                    .setCause(e)
                    .log("call failed");
            return refusal(request.getId(), FAILED, "internal failure");
        }
    }

    private static MeshFrame refusal(long id, String code, String detail) {
        return MeshFrame.newBuilder()
                .setReply(Reply.newBuilder().setId(id).setCode(code).setDetail(detail))
                .build();
    }
}
