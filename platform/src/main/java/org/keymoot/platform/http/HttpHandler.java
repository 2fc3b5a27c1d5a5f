package org.keymoot.platform.http;

/// Answers the requests of a listener, each on a virtual thread of its own.
@FunctionalInterface
public interface HttpHandler {
    /// What it throws is logged under the request's id and answered through [#refuse] with status 500.
    HttpAnswer handle(Exchange exchange);

    /// Shapes the answer to what never becomes an [Exchange]: malformed requests, exceeded limits, failures.
    /// The status says which, and `reason` is safe to show to the client.
    default HttpAnswer refuse(int status, String reason, String id) {
        return HttpAnswer.text(status, reason).with("X-Request-Id", id);
    }
}
