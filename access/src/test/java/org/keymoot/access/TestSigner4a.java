package org.keymoot.access;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.keymoot.access.sigv4.AsymmetricKey;
import org.keymoot.crypto.secret.SecretBytes;

/// Signs requests as a client with a key pair does.
public record TestSigner4a(String accessKeyId, String secret, String regionSet, String service) {
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT);

    public String publicKey() {
        try (SecretBytes bytes = secretBytes()) {
            return AsymmetricKey.encode(AsymmetricKey.publicKey(bytes, accessKeyId));
        }
    }

    private SecretBytes secretBytes() {
        return SecretBytes.copyOf(MemorySegment.ofArray(secret.getBytes(StandardCharsets.US_ASCII)));
    }

    public byte[] sign(byte[] message) {
        try (SecretBytes bytes = secretBytes()) {
            AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
            curve.init(new ECGenParameterSpec("secp256r1"));
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(new ECPrivateKeySpec(
                            new BigInteger(1, AsymmetricKey.privateKey(bytes, accessKeyId)),
                            curve.getParameterSpec(ECParameterSpec.class)));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// A signed `POST /` with these headers, X-Amz-Date and the set of Regions.
    public SignedRequest post(Map<String, String> headers, byte[] body, Instant at) {
        String timestamp = TIMESTAMP.format(at.atOffset(ZoneOffset.UTC));
        TreeMap<String, String> signed = new TreeMap<>(headers);
        signed.put("x-amz-date", timestamp);
        signed.put("x-amz-region-set", regionSet);
        StringBuilder canonical = new StringBuilder("POST\n/\n\n");
        signed.forEach((name, value) ->
                canonical.append(name).append(':').append(value).append('\n'));
        String names = String.join(";", signed.keySet());
        canonical.append('\n').append(names).append('\n').append(hash(body));
        String scope = timestamp.substring(0, 8) + "/" + service + "/aws4_request";
        List<SignedRequest.Header> all = new ArrayList<>();
        signed.forEach((name, value) -> all.add(new SignedRequest.Header(name, value)));
        all.add(new SignedRequest.Header(
                "Authorization",
                "AWS4-ECDSA-P256-SHA256 Credential=" + accessKeyId + "/" + scope + ", SignedHeaders=" + names
                        + ", Signature=" + signature(timestamp, scope, canonical.toString())));
        return new SignedRequest("POST", "/", all, body, "192.0.2.1");
    }

    /// A presigned `POST /?X-Amz-…`.
    public SignedRequest presigned(String action, String body, Instant at, long expiresSeconds) {
        String timestamp = TIMESTAMP.format(at.atOffset(ZoneOffset.UTC));
        String scope = timestamp.substring(0, 8) + "/" + service + "/aws4_request";
        String query = "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential="
                + (accessKeyId + "/" + scope).replace("/", "%2F") + "&X-Amz-Date=" + timestamp + "&X-Amz-Expires="
                + expiresSeconds + "&X-Amz-Region-Set=" + regionSet + "&X-Amz-SignedHeaders=host%3Bx-amz-target";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String canonical = "POST\n/\n" + query + "\nhost:kms.example.org\nx-amz-target:TrentService." + action
                + "\n\nhost;x-amz-target\n" + hash(bytes);
        List<SignedRequest.Header> headers = List.of(
                new SignedRequest.Header("Host", "kms.example.org"),
                new SignedRequest.Header("X-Amz-Target", "TrentService." + action));
        return new SignedRequest(
                "POST",
                "/?" + query + "&X-Amz-Signature=" + signature(timestamp, scope, canonical),
                headers,
                bytes,
                "192.0.2.1");
    }

    private String signature(String timestamp, String scope, String canonical) {
        String toSign = "AWS4-ECDSA-P256-SHA256\n" + timestamp + "\n" + scope + "\n"
                + hash(canonical.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(sign(toSign.getBytes(StandardCharsets.UTF_8)));
    }

    private static String hash(byte[] data) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String toString() {
        return accessKeyId;
    }
}
