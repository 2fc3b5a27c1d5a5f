package org.keymoot.party.operations;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.Service;
import org.keymoot.access.ServiceAction;
import org.keymoot.api.gateway.v1.ClientAnswer;

/// What is to be said, before it has the shape that the request's service gives it.
///
/// @param body of a success, empty for one of which there is nothing to say and for an error
/// @param error null for a success
/// @param tryAnother whether another party may succeed
record Reply(String body, @Nullable AwsError error, boolean tryAnother) {
    /// Longest body. One message takes it to the endpoint, over the stream on which all its requests wait, and one that
    /// is longer than the 4 MiB that the endpoint reads ends the stream.
    static final int MAX_BODY_BYTES = 3 << 20;

    /// Longest text of an error; escapes make up to six bytes of a character.
    static final int MAX_MESSAGE_CHARACTERS = 64 << 10;

    static Reply ok(String body) {
        return new Reply(body, null, false);
    }

    static Reply error(AwsError error, boolean tryAnother) {
        return new Reply("", error, tryAnother);
    }

    /// This reply, or where it is longer than one may be, what is said instead.
    Reply bounded() {
        if (error == null) {
            boolean fits = body.length() <= MAX_BODY_BYTES / 3
                    || body.getBytes(StandardCharsets.UTF_8).length <= MAX_BODY_BYTES;
            return fits
                    ? this
                    : error(
                            AwsError.validation("The answer would be longer than " + MAX_BODY_BYTES
                                    + " bytes. Ask for fewer items at a time."),
                            false);
        }
        String message = Objects.requireNonNullElse(error.message(), "");
        return message.length() <= MAX_MESSAGE_CHARACTERS
                ? this
                : error(
                        new AwsError(error.status(), error.type(), message.substring(0, MAX_MESSAGE_CHARACTERS) + "…"),
                        tryAnother);
    }

    ClientAnswer shaped(Service service, @Nullable ServiceAction action, String requestId) {
        ClientAnswer.Builder answer =
                ClientAnswer.newBuilder().setTryAnother(tryAnother).setContentType(service.contentType());
        if (error == null) {
            String whole = service.success(action, body, requestId);
            return answer.setStatus(200)
                    .setBody(ByteString.copyFrom(whole, StandardCharsets.UTF_8))
                    .build();
        }
        AwsError said = service.inItsWords(error);
        return answer.setStatus(said.status())
                .setErrorType(said.type())
                .setBody(ByteString.copyFrom(service.failure(error, requestId), StandardCharsets.UTF_8))
                .build();
    }

    /// Without the body, which may hold secrets.
    @Override
    public String toString() {
        return error == null ? "Reply[%d characters]".formatted(body.length()) : "Reply[%s]".formatted(error.type());
    }
}
