package org.keymoot.party.mesh;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.OptionalInt;
import javax.net.ssl.SSLSession;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.api.mesh.v1.MeshGrpc;

/// The end of the mesh that is dialled.
///
/// It keeps true: a stream whose certificate names no party of lower index is closed before a frame of it is read.
final class MeshService implements BindableService {
    private static final Context.Key<Integer> PARTY = Context.key("party");

    private final Mesh mesh;
    private final MeshTransport transport;
    private final MeshLimits limits;

    MeshService(Mesh mesh, MeshTransport transport, MeshLimits limits) {
        this.mesh = mesh;
        this.transport = transport;
        this.limits = limits;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerInterceptors.intercept(new Streams(), new Identity());
    }

    private final class Identity implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
            OptionalInt party = session == null ? OptionalInt.empty() : transport.party(session);
            if (party.isEmpty()) {
                call.close(
                        Status.PERMISSION_DENIED.withDescription("the certificate names no party of this cluster"),
                        new Metadata());
                return new ServerCall.Listener<>() {};
            }
            if (party.getAsInt() >= mesh.membership().self()) {
                call.close(
                        Status.PERMISSION_DENIED.withDescription("party %d is dialled by party %d, not the reverse"
                                .formatted(party.getAsInt(), mesh.membership().self())),
                        new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return Contexts.interceptCall(Context.current().withValue(PARTY, party.getAsInt()), call, headers, next);
        }
    }

    private final class Streams extends MeshGrpc.MeshImplBase {
        @Override
        public StreamObserver<MeshFrame> link(StreamObserver<MeshFrame> responses) {
            int party = PARTY.get();
            ServerCallStreamObserver<MeshFrame> out = (ServerCallStreamObserver<MeshFrame>) responses;
            out.disableAutoRequest();
            LinkStream stream = new LinkStream(
                    mesh,
                    limits,
                    out,
                    false,
                    why -> end(out, Status.FAILED_PRECONDITION.withDescription(why)),
                    () -> end(out, Status.UNAVAILABLE.withDescription("the link was ended")));
            out.setOnReadyHandler(stream::ready);
            out.setOnCancelHandler(() -> stream.ended("the peer hung up"));
            out.request(1);
            expectGreeting(stream, out);
            return new StreamObserver<>() {
                @Override
                public void onNext(MeshFrame frame) {
                    stream.received(party, frame);
                }

                @Override
                public void onError(Throwable cause) {
                    stream.ended(
                            "the stream broke: " + Status.fromThrowable(cause).getCode());
                }

                @Override
                public void onCompleted() {
                    stream.ended("the peer ended the stream");
                    end(out, Status.OK);
                }
            };
        }
    }

    private void expectGreeting(LinkStream stream, ServerCallStreamObserver<MeshFrame> out) {
        Thread.ofVirtual().name("greeting").start(() -> {
            try {
                Thread.sleep(limits.greetingTime());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (!stream.greeted() && !stream.ended()) {
                end(out, Status.DEADLINE_EXCEEDED.withDescription("no greeting came"));
            }
        });
    }

    private static void end(ServerCallStreamObserver<MeshFrame> out, Status status) {
        try {
            if (status.isOk()) {
                out.onCompleted();
            } else {
                out.onError(status.asRuntimeException());
            }
        } catch (IllegalStateException e) {
            // It was ended before, which is all that is wanted.
            return;
        }
    }
}
