package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.sigv4.CanonicalRequest;

/// An HTTP request exactly as the client sent and signed it.
///
/// It keeps true: nothing has been decoded, merged, reordered or trimmed, because each party checks the signature
/// over these very characters. The body array is shared, not copied; nobody writes to it.
public final class SignedRequest {
    private final String method;
    private final String target;
    private final List<Header> headers;
    private final byte[] body;
    private final String sourceAddress;
    private final boolean secureTransport;
    private final String requestId;

    /// A request that came without TLS.
    public SignedRequest(String method, String target, List<Header> headers, byte[] body, String sourceAddress) {
        this(method, target, headers, body, sourceAddress, false);
    }

    /// @param target path and query as on the request line, undecoded
    /// @param headers in the order received, repeated names included
    /// @param sourceAddress the client's IP address as the endpoint saw it: its word, not the signature's
    /// @param secureTransport whether it came by TLS, again by the endpoint's word
    public SignedRequest(
            String method,
            String target,
            List<Header> headers,
            byte[] body,
            String sourceAddress,
            boolean secureTransport) {
        this(method, target, headers, body, sourceAddress, secureTransport, "");
    }

    /// @param requestId what the endpoint calls the request: its word as well
    public SignedRequest(
            String method,
            String target,
            List<Header> headers,
            byte[] body,
            String sourceAddress,
            boolean secureTransport,
            String requestId) {
        this.method = Objects.requireNonNull(method);
        this.target = Objects.requireNonNull(target);
        this.headers = List.copyOf(headers);
        this.body = Objects.requireNonNull(body);
        this.sourceAddress = Objects.requireNonNull(sourceAddress);
        this.secureTransport = secureTransport;
        this.requestId = Objects.requireNonNull(requestId);
    }

    public String method() {
        return method;
    }

    public String target() {
        return target;
    }

    public List<Header> headers() {
        return headers;
    }

    public byte[] body() {
        return body;
    }

    public String sourceAddress() {
        return sourceAddress;
    }

    public boolean secureTransport() {
        return secureTransport;
    }

    public String requestId() {
        return requestId;
    }

    /// All values of a header, in order, by its name without regard to case.
    public List<String> header(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return headers.stream()
                .filter(header -> header.name().toLowerCase(Locale.ROOT).equals(wanted))
                .map(Header::value)
                .toList();
    }

    /// Names a request of which nobody knows who signed it: hex SHA-256 over all of it, equal for an exact replay.
    public String unauthenticatedDigest() {
        CanonicalJson.ObjectBuilder raw = CanonicalJson.object()
                .put("body", CanonicalRequest.sha256Hex(body))
                .put(
                        "headers",
                        headers.stream().map(h -> h.name() + ":" + h.value()).toList())
                .put("method", method)
                .put("target", target);
        return CanonicalRequest.sha256Hex(raw.text().getBytes(StandardCharsets.UTF_8));
    }

    /// Names the request without its contents, for logs.
    @Override
    public String toString() {
        return method + " " + headers.size() + " headers, " + body.length + " bytes from " + sourceAddress;
    }

    /// One header line.
    public record Header(String name, String value) {
        /// Without the value, which may be a session's token.
        @Override
        public String toString() {
            return name;
        }
    }
}
