package org.keymoot.platform.http;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A request whose head and body have come in whole.
///
/// Nothing is decoded, joined or sorted, because a signature over the request covers what was sent.
///
/// @param id names the request in logs; drawn by the listener
/// @param method as sent
/// @param target path and query as on the request line
/// @param headers in their order, repeated names kept apart
/// @param body all of it, at most as long as the listener allows
/// @param remote the other end of the socket
/// @param secure whether it came by TLS
/// @param peerCertificates the client's certificate chain, empty without mutual TLS
/// @param pathParameters what the placeholders of a [Router]'s template matched, undecoded
public record Exchange(
        String id,
        String method,
        String target,
        List<Header> headers,
        byte[] body,
        InetSocketAddress remote,
        boolean secure,
        List<X509Certificate> peerCertificates,
        Map<String, String> pathParameters) {
    public Exchange {
        headers = List.copyOf(headers);
        peerCertificates = List.copyOf(peerCertificates);
        pathParameters = Map.copyOf(pathParameters);
    }

    /// The target before the first `?`.
    public String path() {
        int mark = target.indexOf('?');
        return mark < 0 ? target : target.substring(0, mark);
    }

    /// The target after the first `?`, empty without one.
    public String query() {
        int mark = target.indexOf('?');
        return mark < 0 ? "" : target.substring(mark + 1);
    }

    /// The first header of that name, in any case.
    public Optional<String> header(String name) {
        return headers.stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst();
    }

    Exchange withPathParameters(Map<String, String> parameters) {
        return new Exchange(id, method, target, headers, body, remote, secure, peerCertificates, parameters);
    }
}
