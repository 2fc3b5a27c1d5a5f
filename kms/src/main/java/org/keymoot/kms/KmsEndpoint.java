package org.keymoot.kms;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Action;
import org.keymoot.access.AwsError;
import org.keymoot.access.Service;
import org.keymoot.access.ServiceAction;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.platform.http.Exchange;
import org.keymoot.platform.http.Header;
import org.keymoot.platform.http.HttpAnswer;
import org.keymoot.platform.http.HttpHandler;

/// Answers requests to AWS KMS, IAM and STS: hands each to a party as it came and gives back what the party says.
///
/// It keeps true: every answer, also to what is no proper request, has AWS's shape and a request id; a request
/// that nobody signed never reaches a party, unless a token in it says who asks; no more requests wait for parties at
/// once than the limit says.
public final class KmsEndpoint implements HttpHandler {
    /// Longest body of a request. The longest that AWS's model allows is a policy of 131,072 characters, each of
    /// which may be escaped in six bytes.
    static final int MAXIMUM_BODY_BYTES = 1 << 20;

    private static final Pattern FORM_ACTION = Pattern.compile("(?:^|&)Action=([A-Za-z]{1,64})(?:&|$)");
    private static final String HEALTH = "/health";

    private final PartyPool parties;
    private final KmsMetrics metrics;
    private final Semaphore permits;

    /// @param maximumConcurrent requests that wait for parties at once; further ones are throttled
    KmsEndpoint(PartyPool parties, KmsMetrics metrics, int maximumConcurrent) {
        this.parties = parties;
        this.metrics = metrics;
        this.permits = new Semaphore(maximumConcurrent);
    }

    @Override
    public HttpAnswer handle(Exchange exchange) {
        if (exchange.method().equals("GET") && exchange.path().equals(HEALTH)) {
            return health();
        }
        long start = System.nanoTime();
        Service service = service(exchange);
        Reply reply = reply(exchange, service);
        metrics.request(
                service, action(exchange, service), reply.errorType(), Duration.ofNanos(System.nanoTime() - start));
        return shape(reply.status(), service.contentType(), reply.body(), exchange.id());
    }

    /// What the listener turns away before it is a request.
    @Override
    public HttpAnswer refuse(int status, String reason, String id) {
        AwsError error = switch (status) {
            case 408 -> new AwsError(status, "RequestTimeoutException", reason);
            case 413 -> new AwsError(status, "RequestEntityTooLargeException", reason);
            case 503 -> AwsError.throttled();
            default ->
                status >= 500
                        ? AwsError.internal("The request could not be processed. Try again.")
                        : new AwsError(status, "SerializationException", reason);
        };
        metrics.request(Service.KMS, null, error.type(), Duration.ZERO);
        return shape(error.status(), Service.KMS.contentType(), utf8(error.json()), id);
    }

    private record Reply(int status, ByteString body, String errorType) {
        static Reply of(AwsError error, Service service, Exchange exchange) {
            AwsError said = service.inItsWords(error);
            return new Reply(said.status(), utf8(service.failure(error, exchange.id())), said.type());
        }
    }

    private Reply reply(Exchange exchange, Service service) {
        if (!exchange.method().equals("POST") || !exchange.path().equals("/")) {
            AwsError error = AwsError.of(
                    "UnknownOperationException", "Requests to this service are POST / with an X-Amz-Target header.");
            return Reply.of(error, service, exchange);
        }
        boolean signed =
                exchange.header("Authorization").isPresent() || exchange.query().contains("X-Amz-Algorithm=");
        if (!signed && !needsNoSignature(exchange)) {
            AwsError error =
                    AwsError.of("MissingAuthenticationTokenException", "Request is missing Authentication Token");
            return Reply.of(error, service, exchange);
        }
        if (!permits.tryAcquire()) {
            return Reply.of(AwsError.throttled(), service, exchange);
        }
        try {
            return switch (parties.execute(request(exchange))) {
                case PartyPool.Outcome.Failed failed -> Reply.of(failed.error(), service, exchange);
                case PartyPool.Outcome.Answered answered -> reply(answered.answer(), service, exchange);
            };
        } finally {
            permits.release();
        }
    }

    /// A party's answer. A status or content type that makes no sense to a client counts as the party's fault.
    private static Reply reply(ClientAnswer answer, Service service, Exchange exchange) {
        boolean success = answer.getErrorType().isEmpty();
        boolean status = success ? answer.getStatus() == 200 : answer.getStatus() >= 400 && answer.getStatus() <= 599;
        String type = answer.getContentType();
        boolean shape = type.isEmpty() ? service == Service.KMS : type.equals(service.contentType());
        if (!status || !shape) {
            AwsError error = AwsError.internal("A party gave an answer that makes no sense. Try again.");
            return Reply.of(error, service, exchange);
        }
        return new Reply(answer.getStatus(), answer.getBody(), answer.getErrorType());
    }

    private static boolean needsNoSignature(Exchange exchange) {
        return Service.needsNoSignature(
                exchange.target(), exchange.header("Content-Type").orElse(null), exchange.body());
    }

    private static Service service(Exchange exchange) {
        return Service.of(
                exchange.header("Authorization").orElse(null),
                exchange.query(),
                exchange.header("Content-Type").orElse(null));
    }

    private static ClientRequest request(Exchange exchange) {
        ClientRequest.Builder request = ClientRequest.newBuilder()
                .setMethod(exchange.method())
                .setTarget(exchange.target())
                .setBody(ByteString.copyFrom(exchange.body()))
                .setSourceAddress(exchange.remote().getAddress().getHostAddress())
                .setSecureTransport(exchange.secure())
                .setRequestId(exchange.id());
        for (Header header : exchange.headers()) {
            request.addHeaders(org.keymoot.api.gateway.v1.Header.newBuilder()
                    .setName(header.name())
                    .setValue(header.value()));
        }
        return request.build();
    }

    private static @Nullable ServiceAction action(Exchange exchange, Service service) {
        if (service == Service.KMS) {
            Optional<String> target = exchange.header("X-Amz-Target");
            return target.isPresent() ? Action.ofTarget(target.get()) : null;
        }
        Matcher named = FORM_ACTION.matcher(new String(exchange.body(), StandardCharsets.ISO_8859_1));
        return named.find() ? service.action(named.group(1)) : null;
    }

    private static HttpAnswer shape(int status, String contentType, ByteString body, String id) {
        return new HttpAnswer(
                status,
                List.of(
                        new Header("x-amzn-RequestId", id),
                        new Header("Cache-Control", "no-cache, no-store, must-revalidate, private"),
                        new Header("Content-Type", contentType)),
                body.toByteArray());
    }

    private HttpAnswer health() {
        int answering = parties.answering();
        String json = CanonicalJson.object()
                .put("parties", parties.size())
                .put("partiesAnswering", answering)
                .put("status", answering > 0 ? "ok" : "no party answers")
                .text();
        return HttpAnswer.json(answering > 0 ? 200 : 503, json.getBytes(StandardCharsets.UTF_8));
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
