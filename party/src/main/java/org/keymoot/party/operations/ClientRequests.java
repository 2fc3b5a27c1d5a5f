package org.keymoot.party.operations;

import com.google.protobuf.ByteString;
import org.keymoot.access.SignedRequest;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.gateway.v1.Header;

/// A client's request between the wire and the domain, unchanged in either direction.
public final class ClientRequests {
    /// The longest body of any action, with room for base64 around a policy or a message.
    public static final int MAX_BODY_BYTES = 256 << 10;

    public static final int MAX_HEADERS = 100;
    public static final int MAX_TARGET_CHARACTERS = 16 << 10;
    public static final int MAX_HEADER_CHARACTERS = 32 << 10;

    private ClientRequests() {}

    /// Whether the request is within the limits of one; the endpoint refuses what is not, so a request beyond
    /// them comes from no honest endpoint.
    public static boolean isWithinLimits(ClientRequest request) {
        return request.getBody().size() <= MAX_BODY_BYTES
                && request.getHeadersCount() <= MAX_HEADERS
                && request.getTarget().length() <= MAX_TARGET_CHARACTERS
                && request.getMethod().length() <= 16
                && request.getSourceAddress().length() <= 64
                && request.getRequestId().length() <= 64
                && request.getHeadersList().stream()
                                .mapToInt(
                                        h -> h.getName().length() + h.getValue().length())
                                .sum()
                        <= MAX_HEADER_CHARACTERS;
    }

    public static SignedRequest fromWire(ClientRequest request) {
        return new SignedRequest(
                request.getMethod(),
                request.getTarget(),
                request.getHeadersList().stream()
                        .map(header -> new SignedRequest.Header(header.getName(), header.getValue()))
                        .toList(),
                request.getBody().toByteArray(),
                request.getSourceAddress(),
                request.getSecureTransport(),
                request.getRequestId());
    }

    public static ClientRequest toWire(SignedRequest request) {
        return ClientRequest.newBuilder()
                .setMethod(request.method())
                .setTarget(request.target())
                .addAllHeaders(request.headers().stream()
                        .map(header -> Header.newBuilder()
                                .setName(header.name())
                                .setValue(header.value())
                                .build())
                        .toList())
                .setBody(ByteString.copyFrom(request.body()))
                .setSourceAddress(request.sourceAddress())
                .setSecureTransport(request.secureTransport())
                .setRequestId(request.requestId())
                .build();
    }
}
