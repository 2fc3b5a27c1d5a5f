package org.keymoot.testkit.vectors;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.ed25519.Ed25519Signature;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Project Wycheproof's vectors of valid inputs and of inputs that must be refused.
///
/// ECDSA and Ed25519 run against our own verification; AES-GCM, HKDF and HMAC against the JDK's, on which
/// sealing and the checking of requests rely.
final class WycheproofVectors {
    private static final HexFormat HEX = HexFormat.of();

    private WycheproofVectors() {}

    /// Whether an input that the vectors describe is accepted.
    private interface Trial {
        boolean accepts(JsonNode group, JsonNode test) throws GeneralSecurityException;
    }

    static Outcome run(Path file) throws IOException {
        JsonNode json = JsonMapper.shared().readTree(file.toFile());
        String schema = json.path("schema").asString("");
        String algorithm = json.path("algorithm").asString("");
        return switch (schema) {
            case "ecdsa_verify_schema_v1.json" -> ecdsa(json, WycheproofVectors::acceptsDer);
            case "ecdsa_p1363_verify_schema_v1.json" -> ecdsa(json, WycheproofVectors::acceptsP1363);
            case "ecdsa_bitcoin_verify_schema.json" -> ecdsa(json, WycheproofVectors::acceptsLowS);
            case "eddsa_verify_schema_v1.json" -> eddsa(json);
            case "aead_test_schema_v1.json" ->
                algorithm.equals("AES-GCM") ? run(json, WycheproofVectors::opensGcm) : unknown(schema, algorithm);
            case "hkdf_test_schema_v1.json" ->
                algorithm.equals("HKDF-SHA-256") ? run(json, WycheproofVectors::derives) : unknown(schema, algorithm);
            case "mac_test_schema_v1.json" ->
                algorithm.equals("HMACSHA256") ? run(json, WycheproofVectors::tags) : unknown(schema, algorithm);
            case "ecdh_test_schema_v1.json" ->
                new Outcome.NotApplicable("no protocol agrees on a key by ECDH over encoded keys");
            case "xdh_comp_schema_v1.json" -> new Outcome.NotApplicable("X25519 is used by the TLS library alone");
            case "json_web_signature_schema_v1.json" ->
                new Outcome.NotApplicable("no JSON Web Signature is read or written");
            default -> unknown(schema, algorithm);
        };
    }

    private static Outcome unknown(String schema, String algorithm) {
        return new Outcome.Unknown("the schema '" + schema + "' with algorithm '" + algorithm + "'");
    }

    private static Outcome run(JsonNode json, Trial trial) {
        Checks checks = new Checks();
        for (JsonNode group : json.path("testGroups")) {
            for (JsonNode test : group.path("tests")) {
                String result = test.path("result").asString("");
                String name = "test " + test.path("tcId").asInt(-1) + " (" + result + "): "
                        + test.path("comment").asString("");
                checks.check(name, () -> {
                    boolean accepted = trial.accepts(group, test);
                    return switch (result) {
                        case "valid" -> accepted;
                        case "invalid" -> !accepted;
                        case "acceptable" -> true;
                        default -> false;
                    };
                });
            }
        }
        return checks.outcome();
    }

    private static Outcome ecdsa(JsonNode json, Trial trial) {
        for (JsonNode group : json.path("testGroups")) {
            String curve = group.path("publicKey").path("curve").asString("");
            String hash = group.path("sha").asString("");
            if (!hash.equals("SHA-256") || !(curve.equals("secp256k1") || curve.equals("secp256r1"))) {
                return new Outcome.Unknown("ECDSA on " + curve + " with " + hash);
            }
        }
        return run(json, trial);
    }

    private static boolean acceptsDer(JsonNode group, JsonNode test) {
        Point key = key(group);
        return accepts(key, test, () -> EcdsaSignature.decodeDer(key.group().scalars(), hex(test, "sig")), false);
    }

    /// IEEE P1363: `r` and `s` side by side, 32 bytes each.
    private static boolean acceptsP1363(JsonNode group, JsonNode test) {
        Point key = key(group);
        return accepts(key, test, () -> EcdsaSignature.decodeP1363(key.group().scalars(), hex(test, "sig")), false);
    }

    /// Bitcoin's rule, which our own signatures keep: `s` is at most half the order.
    private static boolean acceptsLowS(JsonNode group, JsonNode test) {
        Point key = key(group);
        return accepts(key, test, () -> EcdsaSignature.decodeDer(key.group().scalars(), hex(test, "sig")), true);
    }

    private interface Decoding {
        EcdsaSignature decode() throws InvalidEncodingException;
    }

    private static boolean accepts(Point key, JsonNode test, Decoding decoding, boolean lowOnly) {
        EcdsaSignature signature;
        try {
            signature = decoding.decode();
        } catch (InvalidEncodingException e) {
            return false;
        }
        return (!lowOnly || signature.isLowS()) && Ecdsa.verify(key, sha256(hex(test, "msg")), signature);
    }

    private static Point key(JsonNode group) {
        try {
            return SubjectPublicKeyInfo.decode(hex(group, "publicKeyDer"));
        } catch (InvalidEncodingException e) {
            throw new IllegalArgumentException("a vector's public key does not decode", e);
        }
    }

    private static Outcome eddsa(JsonNode json) {
        for (JsonNode group : json.path("testGroups")) {
            String curve = group.path("publicKey").path("curve").asString("");
            if (!curve.equals("edwards25519")) {
                return new Outcome.Unknown("EdDSA on " + curve);
            }
        }
        return run(
                json,
                (group, test) -> Ed25519Signature.verify(
                        hex(group.path("publicKey"), "pk"), hex(test, "msg"), hex(test, "sig")));
    }

    private static boolean opensGcm(JsonNode group, JsonNode test) throws GeneralSecurityException {
        byte[] sealed =
                HEX.parseHex(test.path("ct").asString("") + test.path("tag").asString(""));
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(hex(test, "key"), "AES"),
                    new GCMParameterSpec(group.path("tagSize").asInt(128), hex(test, "iv")));
            cipher.updateAAD(hex(test, "aad"));
            return Arrays.equals(cipher.doFinal(sealed), hex(test, "msg"));
        } catch (InvalidAlgorithmParameterException | javax.crypto.AEADBadTagException refused) {
            return false;
        }
    }

    private static boolean derives(JsonNode group, JsonNode test) throws GeneralSecurityException {
        try {
            byte[] derived = KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(hex(test, "ikm"))
                            .addSalt(hex(test, "salt"))
                            .thenExpand(hex(test, "info"), test.path("size").asInt(0)));
            return Arrays.equals(derived, hex(test, "okm"));
        } catch (InvalidAlgorithmParameterException refused) {
            return false;
        }
    }

    private static boolean tags(JsonNode group, JsonNode test) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(hex(test, "key"), "HmacSHA256"));
        byte[] tag = Arrays.copyOf(
                mac.doFinal(hex(test, "msg")), group.path("tagSize").asInt(0) / Byte.SIZE);
        return MessageDigest.isEqual(tag, hex(test, "tag"));
    }

    private static byte[] hex(JsonNode node, String field) {
        return HEX.parseHex(node.path(field).asString(""));
    }

    private static byte[] sha256(byte[] message) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(message);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
