package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs requests as a client does, written apart from the code under test.
public final class TestSigner {
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT);

    private final String accessKeyId;
    private final String secret;
    private final String region;
    private final String service;

    public TestSigner(String accessKeyId, String secret, String region, String service) {
        this.accessKeyId = accessKeyId;
        this.secret = secret;
        this.region = region;
        this.service = service;
    }

    /// A signed `POST /`.
    public SignedRequest post(String action, String body, Instant at) {
        TreeMap<String, String> headers = new TreeMap<>();
        headers.put("content-type", "application/x-amz-json-1.1");
        headers.put("host", "kms." + region + ".example.org:8443");
        headers.put("x-amz-target", action.contains(".") ? action : "TrentService." + action);
        return post(headers, body.getBytes(StandardCharsets.UTF_8), at);
    }

    /// A signed `POST /` with these headers, all signed, and X-Amz-Date.
    public SignedRequest post(Map<String, String> headers, byte[] body, Instant at) {
        String timestamp = TIMESTAMP.format(at.atOffset(ZoneOffset.UTC));
        TreeMap<String, String> signed = new TreeMap<>(headers);
        signed.put("x-amz-date", timestamp);
        StringBuilder canonical = new StringBuilder("POST\n/\n\n");
        signed.forEach((name, value) ->
                canonical.append(name).append(':').append(value).append('\n'));
        String names = String.join(";", signed.keySet());
        canonical.append('\n').append(names).append('\n').append(hex(sha256(body)));
        String scope = timestamp.substring(0, 8) + "/" + region + "/" + service + "/aws4_request";
        String toSign = "AWS4-HMAC-SHA256\n" + timestamp + "\n" + scope + "\n"
                + hex(sha256(canonical.toString().getBytes(StandardCharsets.UTF_8)));
        List<SignedRequest.Header> all = new ArrayList<>();
        signed.forEach((name, value) -> all.add(new SignedRequest.Header(name, value)));
        all.add(new SignedRequest.Header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=" + accessKeyId + "/" + scope + ", SignedHeaders=" + names + ", Signature="
                        + signature(timestamp.substring(0, 8), toSign)));
        return new SignedRequest("POST", "/", all, body, "192.0.2.1");
    }

    /// A presigned `POST /?X-Amz-…`.
    public SignedRequest presigned(String action, String body, Instant at, long expiresSeconds) {
        String timestamp = TIMESTAMP.format(at.atOffset(ZoneOffset.UTC));
        String scope = timestamp.substring(0, 8) + "/" + region + "/" + service + "/aws4_request";
        String query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + accessKeyId + "%2F"
                + scope.replace("/", "%2F") + "&X-Amz-Date=" + timestamp + "&X-Amz-Expires=" + expiresSeconds
                + "&X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-target";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String canonical = "POST\n/\n" + query
                + "\ncontent-type:application/x-amz-json-1.1\nhost:kms.example.org\nx-amz-target:TrentService."
                + action + "\n\ncontent-type;host;x-amz-target\n" + hex(sha256(bytes));
        String toSign = "AWS4-HMAC-SHA256\n" + timestamp + "\n" + scope + "\n"
                + hex(sha256(canonical.getBytes(StandardCharsets.UTF_8)));
        String signature = signature(timestamp.substring(0, 8), toSign);
        List<SignedRequest.Header> headers = List.of(
                new SignedRequest.Header("Host", "kms.example.org"),
                new SignedRequest.Header("Content-Type", "application/x-amz-json-1.1"),
                new SignedRequest.Header("X-Amz-Target", "TrentService." + action));
        return new SignedRequest("POST", "/?" + query + "&X-Amz-Signature=" + signature, headers, bytes, "192.0.2.1");
    }

    private String signature(String date, String toSign) {
        byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.US_ASCII);
        for (String part : List.of(date, region, service, "aws4_request")) {
            key = hmac(key, part);
        }
        return hex(hmac(key, toSign));
    }

    private static byte[] hmac(byte[] key, String data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(data.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String hex(byte[] data) {
        return HexFormat.of().formatHex(data);
    }
}
