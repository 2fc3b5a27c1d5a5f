package org.keymoot.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// One keep-alive connection over which requests to KMS go one after the other, each signed by Signature Version 4.
///
/// It is as lean as it can be, since the driver shares the processors with what it measures: a socket, one write for
/// each request, and a reader of the answers that this service gives (they all have a Content-Length).
final class KmsConnection implements AutoCloseable {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String TYPE = "application/x-amz-json-1.1";
    private static final String SIGNED_HEADERS = "content-type;host;x-amz-date;x-amz-target";
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int MAXIMUM_LINE = 8192;

    private final Account account;
    private final String host;
    private Socket socket;
    private InputStream in;
    private boolean ended;
    /// Keyed for the scope of the day of the last request.
    private Mac signer = mac(new byte[1]);

    private String signerScope = "";

    /// @param endpoint with scheme `http`
    record Account(URI endpoint, String region, String accessKeyId, String secretAccessKey) {
        Account {
            if (!"http".equals(endpoint.getScheme()) || endpoint.getPort() < 0) {
                throw new IllegalArgumentException(
                        "the driver speaks plain HTTP to a named port, as in http://127.0.0.1:7600, not to "
                                + endpoint);
            }
        }

        /// The secret stays out of every message.
        @Override
        public String toString() {
            return accessKeyId + " at " + endpoint;
        }
    }

    /// @param status of HTTP
    record Answer(int status, String body) {}

    KmsConnection(Account account) throws IOException {
        this.account = account;
        this.host = account.endpoint().getHost() + ":" + account.endpoint().getPort();
        this.socket = connect(account);
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    private static Socket connect(Account account) throws IOException {
        Socket socket =
                new Socket(account.endpoint().getHost(), account.endpoint().getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    /// The answer to one action, whatever its status. Connects anew when the endpoint ended the connection with its
    /// last answer.
    Answer call(String action, String json) throws IOException {
        if (ended) {
            socket.close();
            socket = connect(account);
            in = new BufferedInputStream(socket.getInputStream());
            ended = false;
        }
        socket.getOutputStream().write(request(action, json, Instant.now()));
        return answer();
    }

    private byte[] request(String action, String json, Instant now) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String time = TIME.format(now);
        String target = "TrentService." + action;
        String scope = time.substring(0, 8) + "/" + account.region() + "/kms/aws4_request";
        String canonical = "POST\n/\n\ncontent-type:" + TYPE + "\nhost:" + host + "\nx-amz-date:" + time
                + "\nx-amz-target:" + target + "\n\n" + SIGNED_HEADERS + "\n" + hex(sha256(body));
        String toSign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n"
                + hex(sha256(canonical.getBytes(StandardCharsets.UTF_8)));
        if (!scope.equals(signerScope)) {
            signer = signer(scope);
            signerScope = scope;
        }
        byte[] head = ("POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: " + TYPE + "\r\nX-Amz-Date: " + time
                        + "\r\nX-Amz-Target: " + target + "\r\nContent-Length: " + body.length
                        + "\r\nAuthorization: AWS4-HMAC-SHA256 Credential=" + account.accessKeyId() + "/" + scope
                        + ", SignedHeaders=" + SIGNED_HEADERS + ", Signature="
                        + hex(signer.doFinal(toSign.getBytes(StandardCharsets.UTF_8)))
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] whole = new byte[head.length + body.length];
        System.arraycopy(head, 0, whole, 0, head.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        return whole;
    }

    private Answer answer() throws IOException {
        String first = line();
        int status = Integer.parseInt(first.split(" ", 3)[1]);
        int length = -1;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            }
            ended |= header.equalsIgnoreCase("connection: close");
        }
        if (length < 0) {
            throw new IOException("the answer '%s' has no Content-Length".formatted(first));
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the endpoint closed the connection within an answer");
        }
        return new Answer(status, new String(body, StandardCharsets.UTF_8));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the endpoint closed the connection");
            }
            if (line.length() == MAXIMUM_LINE) {
                throw new IOException("a line of the answer is longer than " + MAXIMUM_LINE);
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private Mac signer(String scope) {
        byte[] key = ("AWS4" + account.secretAccessKey()).getBytes(StandardCharsets.UTF_8);
        for (String part : scope.split("/", -1)) {
            key = mac(key).doFinal(part.getBytes(StandardCharsets.UTF_8));
        }
        return mac(key);
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
