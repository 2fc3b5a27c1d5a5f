package org.keymoot.access.oidc;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.InvalidJsonException;
import org.keymoot.access.json.JsonReader;
import tools.jackson.databind.JsonNode;

/// The keys with which a provider signs its tokens (RFC 7517), as it publishes them.
///
/// It keeps true: each key is a valid public key of its type, long enough, and told from the others by its id; what is
/// kept of the document is what verification needs.
public final class JsonWebKeys {
    /// Longest document, in characters.
    public static final int MAXIMUM_LENGTH = 65_536;
    /// Most keys of one provider.
    public static final int MAXIMUM_KEYS = 50;

    private static final int SHORTEST_RSA_BITS = 2048;
    private static final int LONGEST_RSA_BITS = 8192;
    private static final int LONGEST_EXPONENT_BITS = 33;
    private static final int LONGEST_ID = 256;
    private static final int ED25519_BYTES = 32;
    /// Members that only a private key has (RFC 7518 section 6).
    private static final Set<String> PRIVATE_MEMBERS = Set.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");
    private static final Map<String, String> CURVES = Map.of("P-256", "secp256r1", "P-384", "secp384r1");

    private final List<Key> keys;

    private JsonWebKeys(List<Key> keys) {
        this.keys = List.copyOf(keys);
    }

    /// @param id null for a key that has none
    /// @param algorithm that it is for, null for any that fits
    /// @param members that say what the key is
    private record Key(
            @Nullable String id,
            @Nullable String algorithm,
            String type,
            String curve,
            PublicKey publicKey,
            TreeMap<String, String> members) {}

    /// Reads a provider's document. Keys that are for encryption or of a type that signs no tokens are left out.
    ///
    /// @throws InvalidTokenException when it is none, or none of its keys verifies tokens
    public static JsonWebKeys read(String document) throws InvalidTokenException {
        if (document.length() > MAXIMUM_LENGTH) {
            throw new InvalidTokenException("a key set has at most " + MAXIMUM_LENGTH + " characters");
        }
        JsonNode root;
        try {
            root = JsonReader.read(document);
        } catch (InvalidJsonException e) {
            throw new InvalidTokenException("the key set is not JSON", e);
        }
        JsonNode list = root.get("keys");
        if (list == null || !list.isArray() || list.size() > MAXIMUM_KEYS) {
            throw new InvalidTokenException("a key set is an object with a list of at most " + MAXIMUM_KEYS + " keys");
        }
        List<Key> keys = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode node : list) {
            Key key = key(node);
            if (key == null) {
                continue;
            }
            if (!ids.add(key.id() == null ? "" : key.id())) {
                throw new InvalidTokenException("two keys of the set have the same kid, or none");
            }
            keys.add(key);
        }
        if (keys.isEmpty()) {
            throw new InvalidTokenException("no key of the set can verify tokens");
        }
        return new JsonWebKeys(keys);
    }

    /// Null for a key that is for something else.
    private static @Nullable Key key(JsonNode node) throws InvalidTokenException {
        if (!node.isObject()) {
            throw new InvalidTokenException("a key of the set is no object");
        }
        String type = text(node, "kty");
        String use = optional(node, "use");
        if ((use != null && !use.equals("sig")) || !forVerifying(node)) {
            return null;
        }
        for (String member : PRIVATE_MEMBERS) {
            if (node.has(member)) {
                throw new InvalidTokenException(
                        "the set holds a secret or private key: whoever saw it can sign tokens; publish public keys only");
            }
        }
        String curve = type.equals("RSA") ? "" : optional(node, "crv");
        String algorithm = optional(node, "alg");
        boolean known = curve != null
                && Arrays.stream(TokenAlgorithm.values())
                        .anyMatch(each -> each.fits(type, curve)
                                && (algorithm == null || each.jose().equals(algorithm)));
        if (curve == null || !known) {
            return null;
        }
        String id = optional(node, "kid");
        if (id != null && (id.isEmpty() || id.length() > LONGEST_ID)) {
            throw new InvalidTokenException("a kid has 1 to " + LONGEST_ID + " characters");
        }
        TreeMap<String, String> members = new TreeMap<>();
        members.put("kty", type);
        for (String name : List.of("crv", "alg", "kid", "n", "e", "x", "y")) {
            String value = optional(node, name);
            if (value != null) {
                members.put(name, value);
            }
        }
        try {
            PublicKey publicKey = switch (type) {
                case "RSA" -> rsa(node);
                case "EC" -> ellipticCurve(node, curve);
                default -> edwards(node);
            };
            return new Key(id, algorithm, type, curve, publicKey, members);
        } catch (GeneralSecurityException e) {
            throw new InvalidTokenException("a key of the set is not valid", e);
        }
    }

    private static boolean forVerifying(JsonNode node) throws InvalidTokenException {
        JsonNode operations = node.get("key_ops");
        if (operations == null) {
            return true;
        }
        if (!operations.isArray()) {
            throw new InvalidTokenException("the key_ops of a key are no list");
        }
        for (JsonNode operation : operations) {
            if (operation.isString() && operation.stringValue().equals("verify")) {
                return true;
            }
        }
        return false;
    }

    private static PublicKey rsa(JsonNode node) throws InvalidTokenException, GeneralSecurityException {
        BigInteger modulus = new BigInteger(1, bytes(node, "n"));
        BigInteger exponent = new BigInteger(1, bytes(node, "e"));
        if (modulus.bitLength() < SHORTEST_RSA_BITS || modulus.bitLength() > LONGEST_RSA_BITS || !modulus.testBit(0)) {
            throw new InvalidTokenException(
                    "an RSA key has " + SHORTEST_RSA_BITS + " to " + LONGEST_RSA_BITS + " bits and is odd");
        }
        if (exponent.compareTo(BigInteger.TWO) <= 0
                || !exponent.testBit(0)
                || exponent.bitLength() > LONGEST_EXPONENT_BITS) {
            throw new InvalidTokenException("an RSA key's exponent is odd, above 2 and of at most 33 bits");
        }
        return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
    }

    private static PublicKey ellipticCurve(JsonNode node, String curve)
            throws InvalidTokenException, GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(CURVES.get(curve)));
        ECParameterSpec spec = parameters.getParameterSpec(ECParameterSpec.class);
        BigInteger p = ((ECFieldFp) spec.getCurve().getField()).getP();
        int length = (p.bitLength() + 7) / 8;
        byte[] xBytes = bytes(node, "x");
        byte[] yBytes = bytes(node, "y");
        BigInteger x = new BigInteger(1, xBytes);
        BigInteger y = new BigInteger(1, yBytes);
        BigInteger right = x.pow(3)
                .add(spec.getCurve().getA().multiply(x))
                .add(spec.getCurve().getB())
                .mod(p);
        boolean valid = xBytes.length == length
                && yBytes.length == length
                && x.compareTo(p) < 0
                && y.compareTo(p) < 0
                && y.pow(2).mod(p).equals(right);
        if (!valid) {
            throw new InvalidTokenException("a key of the set is no point of " + curve);
        }
        return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(new ECPoint(x, y), spec));
    }

    private static PublicKey edwards(JsonNode node) throws InvalidTokenException, GeneralSecurityException {
        byte[] encoded = bytes(node, "x");
        if (encoded.length != ED25519_BYTES) {
            throw new InvalidTokenException("a key of Ed25519 has 32 bytes");
        }
        boolean odd = (encoded[ED25519_BYTES - 1] & 0x80) != 0;
        encoded[ED25519_BYTES - 1] &= 0x7f;
        byte[] bigEndian = new byte[ED25519_BYTES];
        for (int i = 0; i < ED25519_BYTES; i++) {
            bigEndian[i] = encoded[ED25519_BYTES - 1 - i];
        }
        PublicKey key = KeyFactory.getInstance("Ed25519")
                .generatePublic(new EdECPublicKeySpec(
                        NamedParameterSpec.ED25519, new EdECPoint(odd, new BigInteger(1, bigEndian))));
        try {
            // Decompresses the point, so that one that is none is refused here.
            Signature.getInstance("Ed25519").initVerify(key);
        } catch (GeneralSecurityException e) {
            throw new InvalidKeySpecException(e);
        }
        return key;
    }

    private static byte[] bytes(JsonNode node, String member) throws InvalidTokenException {
        return Base64Url.decode(text(node, member));
    }

    private static String text(JsonNode node, String member) throws InvalidTokenException {
        String text = optional(node, member);
        if (text == null) {
            throw new InvalidTokenException("a key of the set lacks " + member);
        }
        return text;
    }

    private static @Nullable String optional(JsonNode node, String member) throws InvalidTokenException {
        JsonNode value = node.get(member);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            throw new InvalidTokenException("the member " + member + " of a key is no text");
        }
        return value.stringValue();
    }

    public int size() {
        return keys.size();
    }

    /// The set as registers keep it, which [#read] reads again.
    public String json() {
        return CanonicalJson.object()
                .put(
                        "keys",
                        keys.stream()
                                .map(key -> {
                                    CanonicalJson.ObjectBuilder object = CanonicalJson.object();
                                    key.members().forEach(object::put);
                                    return object;
                                })
                                .toList())
                .text();
    }

    /// Whether the set has the key that a token names.
    boolean has(@Nullable String id, TokenAlgorithm algorithm) {
        return find(id, algorithm) != null;
    }

    boolean verifies(@Nullable String id, TokenAlgorithm algorithm, byte[] signed, byte[] signature) {
        Key key = find(id, algorithm);
        if (key == null) {
            return false;
        }
        try {
            Signature verification = Signature.getInstance(algorithm.jdk());
            verification.initVerify(key.publicKey());
            verification.update(signed);
            return verification.verify(signature);
        } catch (GeneralSecurityException e) {
            // A signature of a wrong length or form.
            return false;
        }
    }

    /// The key of this id; without one, the only key, if it has none either.
    private @Nullable Key find(@Nullable String id, TokenAlgorithm algorithm) {
        for (Key key : keys) {
            boolean named = id == null ? key.id() == null && keys.size() == 1 : id.equals(key.id());
            if (named
                    && algorithm.fits(key.type(), key.curve())
                    && (key.algorithm() == null || key.algorithm().equals(algorithm.jose()))) {
                return key;
            }
        }
        return null;
    }
}
