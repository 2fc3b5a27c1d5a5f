package org.keymoot.party.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.NumberedAnswer;
import org.keymoot.api.gateway.v1.NumberedRequest;

class ConversationTest {
    /// The party's end of a stream, which keeps what is written.
    private static final class Stream extends ServerCallStreamObserver<NumberedAnswer> {
        private final BlockingQueue<NumberedAnswer> written = new LinkedBlockingQueue<>();

        @Override
        public void onNext(NumberedAnswer answer) {
            written.add(answer);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {}

        @Override
        public void setCompression(String compression) {}

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void disableAutoRequest() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}
    }

    @Test
    void aRequestThatFailsInWhateverWayIsAnsweredUnderItsNumberAndOthersGoOn() throws Exception {
        Stream stream = new Stream();
        BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
        Conversation conversation = new Conversation(
                (request, time) -> {
                    waits.add(time);
                    if (request.getRequestId().equals("bad")) {
                        throw new Planted();
                    }
                    return ClientAnswer.newBuilder().setStatus(200).build();
                },
                stream,
                ended -> {});
        conversation.onNext(NumberedRequest.newBuilder()
                .setNumber(7)
                .setWaitsMillis(1500)
                .setRequest(ClientRequest.newBuilder().setRequestId("bad"))
                .build());
        NumberedAnswer failed = stream.written.poll(5, TimeUnit.SECONDS);
        assertThat(failed).isNotNull();
        assertThat(failed.getNumber()).isEqualTo(7);
        assertThat(failed.getAnswer().getErrorType()).isEqualTo("KMSInternalException");
        assertThat(failed.getAnswer().getTryAnother()).isTrue();
        assertThat(waits.poll()).isEqualTo(Duration.ofMillis(1500));
        conversation.onNext(NumberedRequest.newBuilder().setNumber(8).build());
        NumberedAnswer answered = stream.written.poll(5, TimeUnit.SECONDS);
        assertThat(answered).isNotNull();
        assertThat(answered.getNumber()).isEqualTo(8);
        assertThat(answered.getAnswer().getStatus()).isEqualTo(200);
        assertThat(waits.poll()).isEqualTo(Duration.ZERO);
    }

    /// Not an exception.
    private static final class Planted extends Error {
        private static final long serialVersionUID = 1L;

        Planted() {
            super("planted", null, false, false);
        }
    }
}
