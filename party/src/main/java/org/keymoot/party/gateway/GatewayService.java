package org.keymoot.party.gateway;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.GatewayGrpc;
import org.keymoot.api.gateway.v1.NumberedAnswer;
import org.keymoot.api.gateway.v1.NumberedRequest;
import org.keymoot.party.operations.Requests;

/// Takes clients' requests from endpoints.
public final class GatewayService extends GatewayGrpc.GatewayImplBase implements AutoCloseable {
    private final Requests requests;
    private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();

    public GatewayService(Requests requests) {
        this.requests = requests;
    }

    @Override
    public void execute(ClientRequest request, StreamObserver<ClientAnswer> answers) {
        Deadline deadline = Context.current().getDeadline();
        Duration waits = deadline == null
                ? Duration.ZERO
                : Duration.ofMillis(Math.max(1, deadline.timeRemaining(TimeUnit.MILLISECONDS)));
        answers.onNext(requests.execute(request, waits));
        answers.onCompleted();
    }

    @Override
    public StreamObserver<NumberedRequest> converse(StreamObserver<NumberedAnswer> answers) {
        Conversation conversation = new Conversation(
                requests::execute, (ServerCallStreamObserver<NumberedAnswer>) answers, conversations::remove);
        conversations.add(conversation);
        return conversation;
    }

    /// Ends the conversations, each once what it has taken is answered.
    @Override
    public void close() {
        List.copyOf(conversations).forEach(Conversation::onCompleted);
    }
}
