package org.keymoot.kms;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.GatewayGrpc;

/// The way to one party over gRPC, with mutual TLS outside tests.
final class GrpcPartyLink implements PartyLink, AutoCloseable {
    /// Longest answer of a party.
    private static final int MAXIMUM_ANSWER_BYTES = 4 << 20;

    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;
    private static final int CLOSE_SECONDS = 2;

    private final String name;
    private final ManagedChannel channel;
    private final GatewayGrpc.GatewayBlockingStub stub;

    /// @param tls null for plain text, which only tests use
    GrpcPartyLink(String name, String host, int port, @Nullable SslContext tls) {
        this.name = name;
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(host, port)
                .maxInboundMessageSize(MAXIMUM_ANSWER_BYTES)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .disableRetry();
        if (tls == null) {
            builder.usePlaintext();
        } else {
            builder.sslContext(tls);
        }
        this.channel = builder.build();
        this.stub = GatewayGrpc.newBlockingStub(channel);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public ClientAnswer execute(ClientRequest request, Duration timeout) throws PartyUnavailable {
        try {
            return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                    .execute(request);
        } catch (StatusRuntimeException e) {
            Status status = e.getStatus();
            boolean late = status.getCode() == Status.Code.DEADLINE_EXCEEDED;
            throw new PartyUnavailable(name + " gave no answer: " + status.getCode(), late, e);
        }
    }

    @Override
    public void close() {
        channel.shutdown();
        try {
            if (!channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                channel.shutdownNow();
            }
        } catch (InterruptedException e) {
            channel.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
