package org.keymoot.party.mesh;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.api.mesh.v1.MeshGrpc;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps one stream to one peer of higher index: dials, greets, waits for its end and dials again.
///
/// It keeps true: pauses double up to a limit and are scattered, so that many parties that lost one peer do not return
/// at the same moment.
final class Dialler implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Dialler.class);

    private final Mesh mesh;
    private final MeshTransport transport;
    private final MeshLimits limits;
    private final int peer;

    Dialler(Mesh mesh, MeshTransport transport, MeshLimits limits, int peer) {
        this.mesh = mesh;
        this.transport = transport;
        this.limits = limits;
        this.peer = peer;
    }

    @Override
    public void run() {
        Duration pause = limits.redialFirst();
        while (!mesh.stopping()) {
            try {
                boolean linked = dialOnce();
                pause = linked ? limits.redialFirst() : longer(pause);
                Thread.sleep(scattered(pause));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                log.atWarn().addKeyValue("peer", peer).setCause(e).log("dial failed");
                pause = longer(pause);
            }
        }
    }

    /// One stream from its start to its end; true when the two were linked.
    private boolean dialOnce() throws InterruptedException {
        ManagedChannel channel = transport.channel(peer);
        try {
            Stream stream = new Stream();
            MeshGrpc.newStub(ClientInterceptors.intercept(channel, stream.session))
                    .link(stream);
            if (!stream.settled.await(limits.greetingTime().toNanos(), TimeUnit.NANOSECONDS)) {
                stream.cancel("no greeting came");
                return false;
            }
            stream.over.await();
            return stream.linked();
        } finally {
            channel.shutdownNow();
        }
    }

    private Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(limits.redialLongest()) < 0 ? doubled : limits.redialLongest();
    }

    private static Duration scattered(Duration pause) {
        return Duration.ofNanos(
                (long) (pause.toNanos() * (0.5 + ThreadLocalRandom.current().nextDouble())));
    }

    /// Remembers the call, whose TLS session is known once it has begun.
    private static final class Session implements ClientInterceptor {
        private final AtomicReference<ClientCall<?, ?>> call = new AtomicReference<>();

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            ClientCall<Q, A> made = next.newCall(method, options);
            call.set(made);
            return made;
        }

        @Nullable SSLSession tls() {
            ClientCall<?, ?> made = call.get();
            return made == null ? null : made.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        }
    }

    private final class Stream implements ClientResponseObserver<MeshFrame, MeshFrame> {
        final Session session = new Session();
        final CountDownLatch settled = new CountDownLatch(1);
        final CountDownLatch over = new CountDownLatch(1);
        private @Nullable ClientCallStreamObserver<MeshFrame> call;
        private @Nullable LinkStream stream;
        private boolean greetingSent;

        @Override
        public void beforeStart(ClientCallStreamObserver<MeshFrame> out) {
            out.disableAutoRequestWithInitial(1);
            call = out;
            LinkStream made = new LinkStream(
                    mesh,
                    limits,
                    out,
                    true,
                    why -> out.cancel(why, null),
                    () -> out.cancel("the link was ended", null));
            stream = made;
            out.setOnReadyHandler(() -> {
                if (!greetingSent) {
                    greetingSent = true;
                    out.onNext(MeshFrame.newBuilder().setHello(mesh.hello()).build());
                }
                made.ready();
            });
        }

        @Override
        public void onNext(MeshFrame frame) {
            LinkStream made = java.util.Objects.requireNonNull(stream);
            if (!made.greeted()) {
                SSLSession tls = session.tls();
                if (tls == null || transport.party(tls).orElse(0) != peer) {
                    mesh.refused(peer, "party: the certificate at its address does not name party %d".formatted(peer));
                    cancel("the certificate names another party");
                    settled.countDown();
                    return;
                }
            }
            made.received(peer, frame);
            settled.countDown();
        }

        @Override
        public void onError(Throwable cause) {
            Status status = Status.fromThrowable(cause);
            if (status.getCode() == Status.Code.FAILED_PRECONDITION
                    || status.getCode() == Status.Code.PERMISSION_DENIED) {
                mesh.refused(peer, Membership.printable(String.valueOf(status.getDescription())));
            }
            finish("the stream broke: " + status.getCode());
        }

        @Override
        public void onCompleted() {
            finish("the peer ended the stream");
        }

        boolean linked() {
            return stream != null && stream.greeted();
        }

        void cancel(String why) {
            if (call != null) {
                call.cancel(why, null);
            }
        }

        private void finish(String reason) {
            if (stream != null) {
                stream.ended(reason);
            }
            settled.countDown();
            over.countDown();
        }
    }
}
