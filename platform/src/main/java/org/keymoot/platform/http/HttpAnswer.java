package org.keymoot.platform.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a request is answered with.
///
/// @param status from 200 to 599
/// @param headers in the order they are sent; the length is added by the server
/// @param body perhaps empty
public record HttpAnswer(int status, List<Header> headers, byte[] body) {
    private static final int LOWEST_STATUS = 200;
    private static final int HIGHEST_STATUS = 599;

    public HttpAnswer {
        if (status < LOWEST_STATUS || status > HIGHEST_STATUS) {
            throw new IllegalArgumentException("an answer's status is 200 to 599, not " + status);
        }
        headers = List.copyOf(headers);
    }

    public static HttpAnswer of(int status, String contentType, byte[] body) {
        return new HttpAnswer(status, List.of(new Header("Content-Type", contentType)), body);
    }

    public static HttpAnswer text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    public static HttpAnswer json(int status, byte[] json) {
        return of(status, "application/json", json);
    }

    public HttpAnswer with(String name, String value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        return new HttpAnswer(status, more, body);
    }
}
