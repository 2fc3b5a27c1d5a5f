package org.keymoot.platform.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns the server library's requests into [Exchange]s and answers into responses, keeping the listener's
/// limits.
final class RequestAdapter extends Handler.Abstract {
    private static final Logger LOGGER = LoggerFactory.getLogger(RequestAdapter.class);
    private static final String ID_ATTRIBUTE = "org.keymoot.request.id";
    private static final int BUFFER_BYTES = 8192;
    private static final int INTERNAL_ERROR = 500;

    private final HttpOptions options;
    private final HttpHandler handler;
    private final HeadTimer timer;
    private final AccessLog log;
    private final Semaphore places;

    RequestAdapter(HttpOptions options, HttpHandler handler, HeadTimer timer, AccessLog log) {
        this.options = options;
        this.handler = handler;
        this.timer = timer;
        this.log = log;
        this.places = new Semaphore(options.maximumConcurrent());
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Connection connection = request.getConnectionMetaData().getConnection();
        timer.headArrived(connection);
        long started = System.nanoTime();
        String id = id(request);
        Request.addCompletionListener(request, failure -> {
            timer.answered(connection);
            log.add(line(request, response, id, started));
        });
        if (!places.tryAcquire()) {
            send(
                    handler.refuse(503, "too many requests at once; try again shortly", id)
                            .with("Retry-After", "1"),
                    response,
                    callback,
                    false);
            return true;
        }
        try {
            HttpAnswer answer = answer(request, id);
            send(answer, response, callback, answer.status() == 408 || answer.status() == 413);
        } finally {
            places.release();
        }
        return true;
    }

    /// Answers what the server library refuses by itself, in the words of the handler.
    ErrorHandler errors() {
        return new ErrorHandler() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                int found = request.getAttribute(ERROR_STATUS) instanceof Integer code ? code : INTERNAL_ERROR;
                send(handler.refuse(clientFault(found), reason(found), id(request)), response, callback, true);
                return true;
            }

            @Override
            public ByteBuffer badMessageError(
                    int status, String reason, org.eclipse.jetty.http.HttpFields.Mutable fields) {
                HttpAnswer answer = handler.refuse(
                        clientFault(status), reason(status), UUID.randomUUID().toString());
                answer.headers().forEach(header -> fields.put(header.name(), header.value()));
                return ByteBuffer.wrap(answer.body());
            }
        };
    }

    private HttpAnswer answer(Request request, String id) {
        try {
            byte[] body = body(request);
            return handler.handle(exchange(request, id, body));
        } catch (Refusal e) {
            return handler.refuse(e.status, e.reason, id);
        } catch (RuntimeException | Error e) {
            LOGGER.atError().setCause(e).addKeyValue("request", id).log("request failed");
            return handler.refuse(INTERNAL_ERROR, reason(INTERNAL_ERROR), id);
        }
    }

    private byte[] body(Request request) {
        Refusal tooLong =
                new Refusal(413, "the body is longer than the %d bytes allowed".formatted(options.maximumBodyBytes()));
        if (request.getLength() > options.maximumBodyBytes()) {
            throw tooLong;
        }
        long deadline = System.nanoTime() + options.bodyTimeout().toNanos();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Request.asInputStream(request)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (body.size() + n > options.maximumBodyBytes()) {
                    throw tooLong;
                }
                if (System.nanoTime() > deadline) {
                    throw new Refusal(408, "the body took longer than " + options.bodyTimeout());
                }
                body.write(buffer, 0, n);
            }
        } catch (IOException | RuntimeException e) {
            throw refusalOf(e);
        }
        return body.toByteArray();
    }

    private static Refusal refusalOf(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case Refusal refusal -> {
                    return refusal;
                }
                case HttpException http -> {
                    return new Refusal(clientFault(http.getCode()), reason(http.getCode()));
                }
                case TimeoutException _ -> {
                    return new Refusal(408, "the body stopped coming");
                }
                default -> {}
            }
        }
        return new Refusal(400, "the body was cut off");
    }

    private static Exchange exchange(Request request, String id, byte[] body) {
        List<Header> headers = new ArrayList<>();
        for (HttpField field : request.getHeaders()) {
            headers.add(new Header(field.getName(), field.getValue() == null ? "" : field.getValue()));
        }
        InetSocketAddress remote =
                (InetSocketAddress) request.getConnectionMetaData().getRemoteSocketAddress();
        String target = request.getHttpURI().getPathQuery();
        return new Exchange(
                id,
                request.getMethod(),
                target == null ? "" : target,
                headers,
                body,
                remote,
                request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE) != null,
                peer(request),
                Map.of());
    }

    private static List<X509Certificate> peer(Request request) {
        Object data = request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE);
        if (data instanceof EndPoint.SslSessionData session && session.peerCertificates() != null) {
            return List.of(session.peerCertificates());
        }
        return List.of();
    }

    private static void send(HttpAnswer answer, Response response, Callback callback, boolean close) {
        response.setStatus(answer.status());
        answer.headers().forEach(header -> response.getHeaders().add(header.name(), header.value()));
        if (close) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
        response.write(true, ByteBuffer.wrap(answer.body()), callback);
    }

    private static String id(Request request) {
        Object known = request.getAttribute(ID_ATTRIBUTE);
        if (known instanceof String id) {
            return id;
        }
        String id = UUID.randomUUID().toString();
        request.setAttribute(ID_ATTRIBUTE, id);
        return id;
    }

    private static AccessLog.Line line(Request request, Response response, String id, long started) {
        return new AccessLog.Line(
                id,
                request.getMethod(),
                request.getHttpURI().getPath(),
                response.getStatus(),
                Request.getContentBytesRead(request),
                Response.getContentBytesWritten(response),
                (System.nanoTime() - started) / 1000,
                Request.getRemoteAddr(request));
    }

    /// A version or a transfer encoding that no client of ours uses is the client's fault; a 5xx would tell it to try
    /// the same again.
    private static int clientFault(int status) {
        return status == 501 || status == 505 ? 400 : status;
    }

    private static String reason(int status) {
        return switch (status) {
            case 400 -> "the request is not well-formed HTTP";
            case 405 -> "the method is not allowed here";
            case 408 -> "the request took too long";
            case 413 -> "the body is too long";
            case 414 -> "the request target is too long";
            case 431 -> "the headers are too long";
            case 500 -> "an internal error occurred; its details are in the log under the request id";
            case 501 -> "the transfer encoding is not supported";
            case 503 -> "the server is stopping or overloaded; try again shortly";
            case 505 -> "the HTTP version is not supported";
            default -> "the request was refused";
        };
    }

    /// A request that ends before the handler sees it.
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String reason;

        Refusal(int status, String reason) {
            super(reason, null, false, false);
            this.status = status;
            this.reason = reason;
        }
    }
}
