package org.keymoot.access;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/// An identity provider of OpenID Connect with one key.
public final class TestIssuer {
    private final String algorithm;
    private final String keyId;
    private final KeyPair keys;

    /// @param algorithm of JWS: RS256, ES256, ES384 or EdDSA
    public TestIssuer(String algorithm, String keyId) {
        this.algorithm = algorithm;
        this.keyId = keyId;
        this.keys = keys(algorithm);
    }

    private static KeyPair keys(String algorithm) {
        try {
            KeyPairGenerator generator;
            switch (algorithm) {
                case "ES256", "ES384" -> {
                    generator = KeyPairGenerator.getInstance("EC");
                    generator.initialize(new ECGenParameterSpec(algorithm.equals("ES256") ? "secp256r1" : "secp384r1"));
                }
                case "EdDSA" -> generator = KeyPairGenerator.getInstance("Ed25519");
                default -> {
                    generator = KeyPairGenerator.getInstance("RSA");
                    generator.initialize(2048);
                }
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// The key set that the provider publishes.
    public String keySet() {
        return "{\"keys\":[" + jwk() + "]}";
    }

    /// Its key alone.
    public String jwk() {
        PublicKey key = keys.getPublic();
        String members = switch (key) {
            case RSAPublicKey rsa ->
                "\"kty\":\"RSA\",\"n\":\""
                        + base64(unsigned(rsa.getModulus(), (rsa.getModulus().bitLength() + 7) / 8))
                        + "\",\"e\":\"AQAB\"";
            case ECPublicKey ec -> {
                int length = algorithm.equals("ES256") ? 32 : 48;
                yield "\"kty\":\"EC\",\"crv\":\"" + (length == 32 ? "P-256" : "P-384") + "\",\"x\":\""
                        + base64(unsigned(ec.getW().getAffineX(), length)) + "\",\"y\":\""
                        + base64(unsigned(ec.getW().getAffineY(), length)) + "\"";
            }
            case EdECPublicKey ed -> {
                byte[] y = unsigned(ed.getPoint().getY(), 32);
                byte[] encoded = new byte[32];
                for (int i = 0; i < 32; i++) {
                    encoded[i] = y[31 - i];
                }
                encoded[31] |= (byte) (ed.getPoint().isXOdd() ? 0x80 : 0);
                yield "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + base64(encoded) + "\"";
            }
            default -> throw new AssertionError(key);
        };
        return "{" + members + ",\"kid\":\"" + keyId + "\",\"alg\":\"" + algorithm + "\",\"use\":\"sig\"}";
    }

    private static byte[] unsigned(BigInteger value, int length) {
        byte[] bytes = value.toByteArray();
        byte[] fixed = new byte[length];
        int count = Math.min(bytes.length, length);
        System.arraycopy(bytes, bytes.length - count, fixed, length - count, count);
        return fixed;
    }

    /// A token with these claims.
    public String token(String claims) {
        return token("{\"alg\":\"" + algorithm + "\",\"kid\":\"" + keyId + "\",\"typ\":\"JWT\"}", claims);
    }

    /// A token with this header and these claims, signed by the provider's key.
    public String token(String header, String claims) {
        String content = base64(header) + "." + base64(claims);
        try {
            Signature signature = Signature.getInstance(
                    switch (algorithm) {
                        case "ES256" -> "SHA256withECDSAinP1363Format";
                        case "ES384" -> "SHA384withECDSAinP1363Format";
                        case "EdDSA" -> "Ed25519";
                        default -> "SHA256withRSA";
                    });
            signature.initSign(keys.getPrivate());
            signature.update(content.getBytes(StandardCharsets.US_ASCII));
            return content + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// The bytes of the public key, which a careless verifier takes for the secret of a MAC.
    public byte[] encodedPublicKey() {
        return Arrays.copyOf(keys.getPublic().getEncoded(), keys.getPublic().getEncoded().length);
    }

    public static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
