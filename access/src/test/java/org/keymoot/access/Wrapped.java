package org.keymoot.access;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/// Key material on its way to the parties, as AWS's clients wrap it.
final class Wrapped {
    /// Members of a request for parameters.
    static final String PARAMETERS = ",\"WrappingAlgorithm\":\"RSAES_OAEP_SHA_256\",\"WrappingKeySpec\":\"RSA_2048\"";

    private Wrapped() {}

    static JsonNode parameters(Cluster cluster, String keyId, String algorithm, String spec) {
        return cluster.call(
                "GetParametersForImport",
                "{\"KeyId\":\"%s\",\"WrappingAlgorithm\":\"%s\",\"WrappingKeySpec\":\"%s\"}"
                        .formatted(keyId, algorithm, spec));
    }

    /// Imports for good.
    static JsonNode bring(Cluster cluster, String keyId, byte[] material) {
        return cluster.call("ImportKeyMaterial", "{\"KeyId\":\"" + keyId + "\"" + with(cluster, keyId, material) + "}");
    }

    /// Members of an import for good, with parameters of its own.
    static String with(Cluster cluster, String keyId, byte[] material) {
        return with(parameters(cluster, keyId, "RSAES_OAEP_SHA_256", "RSA_2048"), "RSAES_OAEP_SHA_256", material)
                + ",\"ExpirationModel\":\"KEY_MATERIAL_DOES_NOT_EXPIRE\"";
    }

    /// Token and material as members.
    static String with(JsonNode parameters, String algorithm, byte[] material) {
        byte[] wrapped = wrap(
                algorithm,
                Base64.getDecoder().decode(parameters.at("/PublicKey").stringValue()),
                material);
        return ",\"ImportToken\":\"" + parameters.at("/ImportToken").stringValue() + "\",\"EncryptedKeyMaterial\":\""
                + Cluster.base64(wrapped) + "\"";
    }

    static byte[] wrap(String algorithm, byte[] publicKey, byte[] material) {
        try {
            PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(publicKey));
            if (algorithm.startsWith("RSAES")) {
                return oaep(algorithm, key, material);
            }
            byte[] aes = new byte[32];
            new SecureRandom().nextBytes(aes);
            Cipher cipher = Cipher.getInstance("AES/KWP/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(aes, "AES"));
            byte[] inner = cipher.doFinal(material);
            byte[] outer = oaep(algorithm, key, aes);
            byte[] both = Arrays.copyOf(outer, outer.length + inner.length);
            System.arraycopy(inner, 0, both, outer.length, inner.length);
            return both;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] oaep(String algorithm, PublicKey key, byte[] material) throws GeneralSecurityException {
        boolean old = algorithm.endsWith("SHA_1");
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                key,
                new OAEPParameterSpec(
                        old ? "SHA-1" : "SHA-256",
                        "MGF1",
                        old ? MGF1ParameterSpec.SHA1 : MGF1ParameterSpec.SHA256,
                        PSource.PSpecified.DEFAULT));
        return cipher.doFinal(material);
    }
}
