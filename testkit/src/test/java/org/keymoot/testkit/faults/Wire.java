package org.keymoot.testkit.faults;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Sends bytes to the endpoint as they are, and reads one answer.
final class Wire {
    private static final int PATIENCE_MILLIS = 20_000;

    private final String host;
    private final int port;

    Wire(String endpoint) {
        URI uri = URI.create(endpoint);
        this.host = uri.getHost();
        this.port = uri.getPort();
    }

    String authority() {
        return host + ":" + port;
    }

    /// An answer, and how long it took from the last byte sent.
    record Answer(int status, String head, String body, long millis) {}

    /// Writes to the endpoint after the head.
    interface Rest {
        void write(OutputStream out) throws IOException;
    }

    Answer post(String target, Map<String, String> headers, byte[] body) throws IOException {
        return send(head(target, headers, "Content-Length: " + body.length), out -> out.write(body));
    }

    static String head(String target, Map<String, String> headers, String... more) {
        StringBuilder head = new StringBuilder("POST " + target + " HTTP/1.1\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        for (String line : more) {
            head.append(line).append("\r\n");
        }
        return head.append("Connection: close\r\n\r\n").toString();
    }

    Answer send(String head, Rest rest) throws IOException {
        try (Socket socket = new Socket(host, port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            try {
                rest.write(out);
                out.flush();
            } catch (SocketException e) {
                // The endpoint has answered and will read no further.
            }
            long sent = System.nanoTime();
            String answer = new String(readAll(socket.getInputStream()), StandardCharsets.UTF_8);
            long millis = (System.nanoTime() - sent) / 1_000_000;
            int end = answer.indexOf("\r\n\r\n");
            int status = answer.matches("(?s)HTTP/1\\.1 [0-9]{3} .*") ? Integer.parseInt(answer.substring(9, 12)) : 0;
            return new Answer(
                    status,
                    end < 0 ? answer : answer.substring(0, end),
                    end < 0 ? "" : answer.substring(end + 4),
                    millis);
        }
    }

    /// Until the end or a reset, which follows an answer to a body that was not read.
    private static byte[] readAll(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                all.write(buffer, 0, n);
            }
        } catch (SocketException e) {
            return all.toByteArray();
        }
        return all.toByteArray();
    }
}
