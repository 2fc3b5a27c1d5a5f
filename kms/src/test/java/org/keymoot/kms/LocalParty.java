package org.keymoot.kms;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.Cluster;
import org.keymoot.access.EvaluatedAnswer;
import org.keymoot.access.Service;
import org.keymoot.access.SignedRequest;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.GatewayGrpc;
import org.keymoot.api.gateway.v1.NumberedAnswer;
import org.keymoot.api.gateway.v1.NumberedRequest;

/// A party's gateway on a loopback port, in front of a cluster in memory, which can be told to misbehave.
final class LocalParty extends GatewayGrpc.GatewayImplBase implements AutoCloseable {
    /// What the party does with requests.
    enum Mode {
        WELL,
        /// Carries the request out and loses the answer.
        LOSES_ANSWERS,
        /// Never answers.
        HANGS,
        /// Answers after a second.
        SLOW,
        /// Says that another party may succeed.
        TRY_ANOTHER,
        /// Answers what makes no sense.
        NONSENSE,
        /// Fails with an exception.
        THROWS
    }

    private final Cluster cluster;
    private final Server server;
    private final CountDownLatch released = new CountDownLatch(1);
    final AtomicInteger requests = new AtomicInteger();
    /// How long the endpoint said last that it waits.
    final AtomicInteger waitsMillis = new AtomicInteger();
    volatile Mode mode = Mode.WELL;

    LocalParty(Cluster cluster) throws IOException {
        this(cluster, null);
    }

    /// @param tls null for plain text
    LocalParty(Cluster cluster, @Nullable SslContext tls) throws IOException {
        this.cluster = cluster;
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .addService(this);
        if (tls != null) {
            builder.sslContext(tls);
        }
        this.server = builder.build().start();
    }

    int port() {
        return server.getPort();
    }

    @Override
    public void execute(ClientRequest request, StreamObserver<ClientAnswer> observer) {
        requests.incrementAndGet();
        switch (mode) {
            case WELL -> answer(observer, carryOut(request));
            case LOSES_ANSWERS -> {
                carryOut(request);
                observer.onError(Status.UNAVAILABLE.asRuntimeException());
            }
            case HANGS -> {
                try {
                    released.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                observer.onError(Status.UNAVAILABLE.asRuntimeException());
            }
            case SLOW -> {
                try {
                    Thread.sleep(1000);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                answer(observer, carryOut(request));
            }
            case TRY_ANOTHER ->
                answer(
                        observer,
                        refusal(AwsError.internal("too few parties")).toBuilder()
                                .setTryAnother(true)
                                .build());
            case NONSENSE ->
                answer(observer, ClientAnswer.newBuilder().setStatus(302).build());
            case THROWS -> throw new IllegalStateException("secret-detail");
        }
    }

    /// Each request by itself; one that fails ends the conversation, as a party that dies does.
    @Override
    public StreamObserver<NumberedRequest> converse(StreamObserver<NumberedAnswer> answers) {
        return new StreamObserver<>() {
            private boolean failed;

            @Override
            public void onNext(NumberedRequest request) {
                waitsMillis.set(request.getWaitsMillis());
                Thread.ofVirtual().start(() -> {
                    try {
                        execute(request.getRequest(), numbered(request.getNumber()));
                    } catch (RuntimeException e) {
                        fail(e);
                    }
                });
            }

            private StreamObserver<ClientAnswer> numbered(long number) {
                return new StreamObserver<>() {
                    @Override
                    public void onNext(ClientAnswer answer) {
                        synchronized (answers) {
                            answers.onNext(NumberedAnswer.newBuilder()
                                    .setNumber(number)
                                    .setAnswer(answer)
                                    .build());
                        }
                    }

                    @Override
                    public void onError(Throwable failure) {
                        fail(failure);
                    }

                    @Override
                    public void onCompleted() {}
                };
            }

            private void fail(Throwable failure) {
                synchronized (answers) {
                    if (!failed) {
                        failed = true;
                        answers.onError(failure);
                    }
                }
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {
                synchronized (answers) {
                    answers.onCompleted();
                }
            }
        };
    }

    private static void answer(StreamObserver<ClientAnswer> observer, ClientAnswer answer) {
        observer.onNext(answer);
        observer.onCompleted();
    }

    private ClientAnswer carryOut(ClientRequest request) {
        SignedRequest signed = new SignedRequest(
                request.getMethod(),
                request.getTarget(),
                request.getHeadersList().stream()
                        .map(header -> new SignedRequest.Header(header.getName(), header.getValue()))
                        .toList(),
                request.getBody().toByteArray(),
                request.getSourceAddress());
        synchronized (cluster) {
            cluster.now = Instant.now();
            return switch (cluster.outcome(signed)) {
                case EvaluatedAnswer.Failure failure -> {
                    Service service = Service.of(signed);
                    AwsError said = service.inItsWords(failure.error());
                    yield ClientAnswer.newBuilder()
                            .setStatus(said.status())
                            .setErrorType(said.type())
                            .setContentType(service.contentType())
                            .setBody(ByteString.copyFromUtf8(service.failure(said, request.getRequestId())))
                            .build();
                }
                case EvaluatedAnswer.Success success ->
                    ClientAnswer.newBuilder()
                            .setStatus(200)
                            .setBody(ByteString.copyFromUtf8(success.json()))
                            .build();
            };
        }
    }

    private static ClientAnswer refusal(AwsError error) {
        return ClientAnswer.newBuilder()
                .setStatus(error.status())
                .setErrorType(error.type())
                .setBody(ByteString.copyFromUtf8(error.json()))
                .build();
    }

    @Override
    public void close() {
        released.countDown();
        server.shutdownNow();
    }

    static List<LocalParty> three(Cluster cluster) throws IOException {
        return List.of(new LocalParty(cluster), new LocalParty(cluster), new LocalParty(cluster));
    }
}
