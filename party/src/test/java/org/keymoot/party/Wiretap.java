package org.keymoot.party;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.party.mesh.MeshTransport;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Frame;

/// The links that one party dials, with a test between their ends that sees, changes and drops frames of either
/// direction.
final class Wiretap implements MeshTransport {
    private final int self;
    private final MeshTransport network;
    private final Supplier<Tap> tap;

    /// What a test does with frames.
    @FunctionalInterface
    interface Tap {
        Tap NONE = (from, to, frame) -> frame;

        /// What arrives instead of the frame; null when nothing does.
        @Nullable MeshFrame pass(int from, int to, MeshFrame frame);
    }

    /// The step of the protocol that a frame belongs to; empty when it belongs to none.
    static String step(MeshFrame frame) {
        if (!frame.hasSessionFrame()) {
            return "";
        }
        try {
            return Frame.decode(frame.getSessionFrame().getPayload().toByteArray())
                    .step();
        } catch (Malformed e) {
            return "";
        }
    }

    Wiretap(int self, MeshTransport network, Supplier<Tap> tap) {
        this.self = self;
        this.network = network;
        this.tap = tap;
    }

    @Override
    public ManagedChannel channel(int peer) {
        return new Tapped(network.channel(peer), peer);
    }

    @Override
    public OptionalInt party(SSLSession session) {
        return network.party(session);
    }

    private final class Tapped extends ManagedChannel {
        private final ManagedChannel real;
        private final Channel intercepted;

        Tapped(ManagedChannel real, int peer) {
            this.real = real;
            this.intercepted = ClientInterceptors.intercept(real, new Interceptor(peer));
        }

        @Override
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
            return intercepted.newCall(method, options);
        }

        @Override
        public String authority() {
            return real.authority();
        }

        @Override
        public ManagedChannel shutdown() {
            real.shutdown();
            return this;
        }

        @Override
        public boolean isShutdown() {
            return real.isShutdown();
        }

        @Override
        public boolean isTerminated() {
            return real.isTerminated();
        }

        @Override
        public ManagedChannel shutdownNow() {
            real.shutdownNow();
            return this;
        }

        @Override
        public boolean awaitTermination(long time, TimeUnit unit) throws InterruptedException {
            return real.awaitTermination(time, unit);
        }
    }

    private final class Interceptor implements ClientInterceptor {
        private final int peer;

        Interceptor(int peer) {
            this.peer = peer;
        }

        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
                @Override
                public void start(Listener<A> listener, Metadata headers) {
                    super.start(
                            new SimpleForwardingClientCallListener<>(listener) {
                                @Override
                                public void onMessage(A message) {
                                    A arrives = passed(peer, self, message);
                                    if (arrives == null) {
                                        request(1);
                                    } else {
                                        super.onMessage(arrives);
                                    }
                                }
                            },
                            headers);
                }

                @Override
                public void sendMessage(Q message) {
                    Q leaves = passed(self, peer, message);
                    if (leaves != null) {
                        super.sendMessage(leaves);
                    }
                }
            };
        }

        @SuppressWarnings("unchecked")
        private <M> @Nullable M passed(int from, int to, M message) {
            return (M) tap.get().pass(from, to, (MeshFrame) message);
        }
    }
}
