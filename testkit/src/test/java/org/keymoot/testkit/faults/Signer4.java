package org.keymoot.testkit.faults;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signature Version 4 as a client makes it, written from its public description and not from our verifier, so that a
/// test can sign what no AWS client would send.
///
/// @param accessKeyId of the credential
/// @param secret of the credential
/// @param host the endpoint's `host:port`
record Signer4(String accessKeyId, String secret, String host) {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final String REGION = "us-east-1";

    @Override
    public String toString() {
        return "Signer4[" + accessKeyId + "]";
    }

    /// The headers of a signed POST to `/`.
    Map<String, String> headers(String action, byte[] body, Instant at) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Host", host);
        headers.put("Content-Type", "application/x-amz-json-1.1");
        headers.put("X-Amz-Target", "TrentService." + action);
        return signed(headers, Map.of(), body, at);
    }

    /// These headers with the signature over all of them; `unsigned` ones are sent without being covered.
    Map<String, String> signed(Map<String, String> covered, Map<String, String> unsigned, byte[] body, Instant at) {
        Map<String, String> headers = new LinkedHashMap<>(covered);
        headers.put("X-Amz-Date", STAMP.format(at));
        TreeMap<String, String> canonical = lowerCased(headers);
        String names = String.join(";", canonical.keySet());
        String signature = signature("POST", "/", "", canonical, names, hex(sha256(body)), at);
        headers.put(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
                        .formatted(accessKeyId, scope(at), names, signature));
        headers.putAll(unsigned);
        return headers;
    }

    /// The target of a presigned POST that carries `action` as a signed header.
    String presigned(String action, byte[] body, Instant at, long lifeSeconds) {
        TreeMap<String, String> canonical = lowerCased(Map.of("Host", host, "X-Amz-Target", "TrentService." + action));
        String names = String.join(";", canonical.keySet());
        String query =
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%s&X-Amz-Date=%s&X-Amz-Expires=%d&X-Amz-SignedHeaders=%s"
                        .formatted(
                                (accessKeyId + "/" + scope(at)).replace("/", "%2F"),
                                STAMP.format(at),
                                lifeSeconds,
                                names.replace(";", "%3B"));
        return "/?" + query + "&X-Amz-Signature="
                + signature("POST", "/", query, canonical, names, hex(sha256(body)), at);
    }

    private static TreeMap<String, String> lowerCased(Map<String, String> headers) {
        TreeMap<String, String> canonical = new TreeMap<>();
        headers.forEach((name, value) -> canonical.put(name.toLowerCase(java.util.Locale.ROOT), value));
        return canonical;
    }

    private static String scope(Instant at) {
        return STAMP.format(at).substring(0, 8) + "/" + REGION + "/kms/aws4_request";
    }

    private String signature(
            String method,
            String path,
            String query,
            TreeMap<String, String> canonical,
            String names,
            String payloadHash,
            Instant at) {
        StringBuilder request = new StringBuilder(method + "\n" + path + "\n" + query + "\n");
        canonical.forEach(
                (name, value) -> request.append(name).append(':').append(value).append('\n'));
        request.append('\n').append(names).append('\n').append(payloadHash);
        String toSign = "AWS4-HMAC-SHA256\n" + STAMP.format(at) + "\n" + scope(at) + "\n"
                + hex(sha256(request.toString().getBytes(StandardCharsets.UTF_8)));
        byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
        for (String part : scope(at).split("/")) {
            key = hmac(key, part);
        }
        return hex(hmac(key, toSign));
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
