package org.keymoot.party.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.NumberedAnswer;
import org.keymoot.api.gateway.v1.NumberedRequest;
import org.keymoot.party.operations.Requests;

/// The requests that one endpoint sends over one stream.
///
/// It keeps true: each request is worked on by itself and answered when it is done, also where the work failed; no
/// more than [#AT_A_TIME] are under way or wait to be read by the endpoint, so an endpoint that reads no answers takes
/// no more memory.
final class Conversation implements StreamObserver<NumberedRequest> {
    static final int AT_A_TIME = 1024;

    private final BiFunction<ClientRequest, Duration, ClientAnswer> execute;
    private final ServerCallStreamObserver<NumberedAnswer> answers;
    private final Consumer<Conversation> whenEnded;
    private int underWay;
    private int unread;
    private boolean noMoreComes;
    private boolean ended;

    /// @param execute given how long the endpoint waits; zero when it does not say
    /// @param whenEnded told once that nothing more comes of this conversation
    Conversation(
            BiFunction<ClientRequest, Duration, ClientAnswer> execute,
            ServerCallStreamObserver<NumberedAnswer> answers,
            Consumer<Conversation> whenEnded) {
        this.execute = execute;
        this.answers = answers;
        this.whenEnded = whenEnded;
        answers.disableAutoRequest();
        answers.setOnReadyHandler(this::takeMore);
        answers.setOnCancelHandler(this::cancelled);
        answers.request(AT_A_TIME);
    }

    @Override
    public void onNext(NumberedRequest request) {
        synchronized (this) {
            if (noMoreComes) {
                return;
            }
            underWay++;
        }
        Thread.ofVirtual().name("request").start(() -> answer(request));
    }

    private void answer(NumberedRequest request) {
        @Nullable ClientAnswer answer = null;
        try {
            answer = execute.apply(
                    request.getRequest(), Duration.ofMillis(Integer.toUnsignedLong(request.getWaitsMillis())));
        } finally {
            // The endpoint would take silence for the party's death and wait for it.
            done(request.getNumber(), answer == null ? Requests.failure(request.getRequest()) : answer);
        }
    }

    private synchronized void done(long number, ClientAnswer answer) {
        underWay--;
        if (ended) {
            return;
        }
        answers.onNext(
                NumberedAnswer.newBuilder().setNumber(number).setAnswer(answer).build());
        unread++;
        if (answers.isReady()) {
            takeMore();
        }
        endWhenDone();
    }

    private synchronized void takeMore() {
        if (unread > 0 && !ended) {
            answers.request(unread);
            unread = 0;
        }
    }

    private synchronized void cancelled() {
        noMoreComes = true;
        end();
    }

    @Override
    public void onError(Throwable failure) {
        cancelled();
    }

    @Override
    public synchronized void onCompleted() {
        noMoreComes = true;
        endWhenDone();
    }

    private void endWhenDone() {
        if (noMoreComes && underWay == 0 && !ended) {
            answers.onCompleted();
            end();
        }
    }

    private void end() {
        ended = true;
        whenEnded.accept(this);
    }
}
