package org.keymoot.kms;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.GatewayGrpc;

/// The way to one party over gRPC, with mutual TLS outside tests.
final class GrpcPartyLink implements PartyLink, AutoCloseable {
    /// Longest message of a party; its answers are shorter by a megabyte, since a longer message would end the
    /// conversation and every request in it.
    private static final int MAXIMUM_ANSWER_BYTES = 4 << 20;

    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 5;
    private static final int CLOSE_SECONDS = 2;

    private final String name;
    private final ManagedChannel channel;
    private final GatewayGrpc.GatewayStub stub;
    private PartyConversation conversation;

    /// @param tls null for plain text, which only tests use
    GrpcPartyLink(String name, String host, int port, @Nullable SslContext tls) {
        this.name = name;
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(host, port)
                .maxInboundMessageSize(MAXIMUM_ANSWER_BYTES)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                // A conversation's callbacks only hand an answer to who waits for it.
                .directExecutor()
                .disableRetry();
        if (tls == null) {
            builder.usePlaintext();
        } else {
            builder.sslContext(tls);
        }
        this.channel = builder.build();
        this.stub = GatewayGrpc.newStub(channel);
        this.conversation = PartyConversation.ended();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public ClientAnswer execute(ClientRequest request, Duration timeout) throws PartyUnavailable {
        CompletableFuture<ClientAnswer> answer = ask(request, timeout);
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // Given up, so that the conversation forgets it.
            answer.cancel(false);
            throw new PartyUnavailable(name + " gave no answer: " + Status.Code.DEADLINE_EXCEEDED, true, e);
        } catch (ExecutionException e) {
            Status.Code code = Status.fromThrowable(e.getCause()).getCode();
            throw new PartyUnavailable(name + " gave no answer: " + code, false, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PartyUnavailable(name + " gave no answer: the wait was interrupted", false, e);
        }
    }

    /// Begins a new conversation when the last one has ended.
    private synchronized CompletableFuture<ClientAnswer> ask(ClientRequest request, Duration timeout) {
        CompletableFuture<ClientAnswer> answer = conversation.ask(request, timeout);
        if (answer != null) {
            return answer;
        }
        PartyConversation next = PartyConversation.begin(stub);
        conversation = next;
        answer = next.ask(request, timeout);
        return answer == null ? CompletableFuture.failedFuture(Status.UNAVAILABLE.asException()) : answer;
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
