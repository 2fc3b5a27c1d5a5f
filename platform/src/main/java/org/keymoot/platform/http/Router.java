package org.keymoot.platform.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Sends requests to handlers by method and path template, such as `/v1/keys/{id}`.
///
/// A placeholder matches one segment, which is handed on undecoded. Paths are compared byte by byte: `//`,
/// `/./` and percent-encoded letters match nothing that is not spelt so.
public final class Router implements HttpHandler {
    private final List<Route> routes = new ArrayList<>();

    private record Route(String method, String[] template, HttpHandler handler) {}

    /// Adds a route; earlier ones win.
    public Router route(String method, String template, HttpHandler handler) {
        routes.add(new Route(method, template.split("/", -1), handler));
        return this;
    }

    @Override
    public HttpAnswer handle(Exchange exchange) {
        String[] path = exchange.path().split("/", -1);
        List<String> allowed = new ArrayList<>();
        for (Route route : routes) {
            Map<String, String> parameters = match(route.template(), path);
            if (parameters != null && route.method().equals(exchange.method())) {
                return route.handler().handle(exchange.withPathParameters(parameters));
            }
            if (parameters != null) {
                allowed.add(route.method());
            }
        }
        if (allowed.isEmpty()) {
            return refuse(404, "there is nothing at this path", exchange.id());
        }
        return refuse(405, "this path allows other methods", exchange.id())
                .with("Allow", allowed.stream().distinct().collect(Collectors.joining(", ")));
    }

    private static @Nullable Map<String, String> match(String[] template, String[] path) {
        if (template.length != path.length) {
            return null;
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < path.length; i++) {
            String part = template[i];
            if (part.startsWith("{") && part.endsWith("}")) {
                if (path[i].isEmpty()) {
                    return null;
                }
                parameters.put(part.substring(1, part.length() - 1), path[i]);
            } else if (!part.equals(path[i])) {
                return null;
            }
        }
        return parameters;
    }
}
