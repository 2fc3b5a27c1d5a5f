package org.keymoot.kms;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.GatewayGrpc;
import org.keymoot.api.gateway.v1.NumberedAnswer;
import org.keymoot.api.gateway.v1.NumberedRequest;

/// One stream to a party, over which requests go and answers come in any order.
///
/// It keeps true: a request is asked once; it ends with its answer, with the failure of the stream, or when whoever
/// waits gives up, and is forgotten then.
final class PartyConversation implements StreamObserver<NumberedAnswer> {
    private final Map<Long, CompletableFuture<ClientAnswer>> waiting = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private @Nullable StreamObserver<NumberedRequest> requests;
    private boolean ended;

    private PartyConversation() {}

    static PartyConversation begin(GatewayGrpc.GatewayStub stub) {
        PartyConversation conversation = new PartyConversation();
        StreamObserver<NumberedRequest> requests = stub.converse(conversation);
        synchronized (conversation) {
            conversation.requests = requests;
        }
        return conversation;
    }

    /// One that takes no requests.
    static PartyConversation ended() {
        PartyConversation conversation = new PartyConversation();
        conversation.ended = true;
        return conversation;
    }

    /// Sends a request; null when the conversation has ended and the request was not sent.
    ///
    /// @param timeout how long the answer is waited for, which the party is told
    @Nullable CompletableFuture<ClientAnswer> ask(ClientRequest request, Duration timeout) {
        long number = numbers.incrementAndGet();
        CompletableFuture<ClientAnswer> answer = new CompletableFuture<>();
        synchronized (this) {
            StreamObserver<NumberedRequest> sink = requests;
            if (ended || sink == null) {
                return null;
            }
            waiting.put(number, answer);
            try {
                sink.onNext(NumberedRequest.newBuilder()
                        .setNumber(number)
                        .setRequest(request)
                        .setWaitsMillis((int) Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE))
                        .build());
            } catch (IllegalStateException e) {
                // The stream ended and its listener was not told yet.
                end(Status.UNAVAILABLE.asException());
            }
        }
        answer.whenComplete((given, failure) -> waiting.remove(number));
        return answer;
    }

    @Override
    public void onNext(NumberedAnswer numbered) {
        CompletableFuture<ClientAnswer> answer = waiting.get(numbered.getNumber());
        if (answer != null) {
            answer.complete(numbered.getAnswer());
        }
    }

    @Override
    public void onError(Throwable failure) {
        end(failure);
    }

    @Override
    public void onCompleted() {
        end(Status.UNAVAILABLE
                .withDescription("the party ended the conversation")
                .asException());
    }

    private void end(Throwable failure) {
        synchronized (this) {
            ended = true;
        }
        List.copyOf(waiting.values()).forEach(answer -> answer.completeExceptionally(failure));
    }
}
