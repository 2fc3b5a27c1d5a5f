package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.rsa.RsaPublicKey;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;
import tools.jackson.databind.JsonNode;

/// One secret of a key, known by its public side: the parties hold shares of a scalar, this is its multiple
/// of the generator, or they hold shares of an RSA key's private exponent, and this is the public key. A key
/// has one, and one more for each rotation.
///
/// It keeps true: the id is computed from key id and public side, so two materials never share an id.
///
/// @param id 64 hexadecimal digits, as AWS's key material ids
/// @param publicKey base64 of the SubjectPublicKeyInfo in DER, or of the encoded group element where X.509 knows no
///     such keys (ristretto255)
/// @param rotation how it came to be; null for the first
/// @param imported null unless a client brought it
public record Material(
        String id,
        String publicKey,
        Instant createdAt,
        State state,
        @Nullable RotationType rotation,
        @Nullable Imported imported) {
    private static final String ID_TAG = "keymoot key material v1\n";

    /// Whether new ciphertexts are made with a material. The names are AWS's.
    public enum State {
        CURRENT,
        NON_CURRENT,
        PENDING_ROTATION
    }

    /// Why a material was made. The names are AWS's.
    public enum RotationType {
        AUTOMATIC,
        ON_DEMAND
    }

    /// The material that `point` is the public side of.
    static Material current(String keyId, Point point, Instant createdAt, @Nullable RotationType rotation) {
        return current(keyId, encode(point), createdAt, rotation);
    }

    /// The material with this public side, encoded as [#publicKeyBytes()] gives it.
    static Material current(String keyId, byte[] publicKey, Instant createdAt, @Nullable RotationType rotation) {
        return current(keyId, Base64.getEncoder().encodeToString(publicKey), createdAt, rotation);
    }

    static Material current(String keyId, String publicKey, Instant createdAt, @Nullable RotationType rotation) {
        return new Material(idOf(keyId, publicKey), publicKey, createdAt, State.CURRENT, rotation, null);
    }

    /// The bytes by which a material is known whose public side is a group element: SubjectPublicKeyInfo in
    /// DER, and of ristretto255 the element's own encoding.
    public static byte[] encode(Point point) {
        return point.group().id() == GroupId.RISTRETTO255 ? point.encode() : SubjectPublicKeyInfo.encode(point);
    }

    private static String idOf(String keyId, String publicKey) {
        try {
            byte[] input = (ID_TAG + keyId + "\n" + publicKey).getBytes(StandardCharsets.US_ASCII);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(input));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    Material in(State next) {
        return new Material(id, publicKey, createdAt, next, rotation, imported);
    }

    Material with(Imported next) {
        return new Material(id, publicKey, createdAt, state, rotation, next);
    }

    /// False for imported material that is deleted or has expired.
    public boolean present() {
        return imported == null || imported.present();
    }

    /// This material once it has become the current one by a rotation.
    Material rotated(RotationType type, Instant at) {
        return new Material(id, publicKey, at, State.CURRENT, type, imported);
    }

    /// The public side: SubjectPublicKeyInfo in DER, or the encoded group element where X.509 knows no such
    /// keys.
    public byte[] publicKeyBytes() {
        return Base64.getDecoder().decode(publicKey);
    }

    /// The bytes by which the shares of this material are known in a party's store. They are not quite the
    /// public side's because rows were written before RSA keys existed: for a group element its plain
    /// encoding, for an RSA key its DER.
    ///
    /// @throws IllegalArgumentException when it is no public side of `spec`
    public byte[] shareIdentity(KeySpec spec) {
        return spec.isRsa() ? rsaKey(spec).encode() : point(spec.group()).encode();
    }

    /// The public side as an RSA key.
    ///
    /// @throws IllegalArgumentException when it is none of this spec
    public RsaPublicKey rsaKey(KeySpec spec) {
        try {
            RsaPublicKey key = RsaPublicKey.decode(publicKeyBytes());
            if (key.bits() != spec.modulusBits()) {
                throw new IllegalArgumentException(
                        "material %s is a key of %d bits, expected %s".formatted(id, key.bits(), spec));
            }
            return key;
        } catch (InvalidEncodingException e) {
            throw new IllegalArgumentException("material " + id + " has a damaged public key", e);
        }
    }

    /// @throws IllegalArgumentException when this is no material of `spec`
    void requireFits(KeySpec spec) {
        boolean exact = spec.isRsa()
                ? rsaKey(spec).bits() == spec.modulusBits()
                : Arrays.equals(encode(point(spec.group())), publicKeyBytes());
        if (!exact) {
            throw new IllegalArgumentException("material " + id + " is no key of " + spec);
        }
    }

    /// The public side as an element of `group`.
    ///
    /// @throws IllegalArgumentException when it is none
    public Point point(GroupId group) {
        try {
            byte[] encoded = publicKeyBytes();
            Point point = group == GroupId.RISTRETTO255
                    ? Group.of(group).decode(encoded)
                    : SubjectPublicKeyInfo.decode(encoded);
            if (point.group().id() != group) {
                throw new IllegalArgumentException("material %s is of %s, expected %s"
                        .formatted(id, point.group().id(), group));
            }
            return point;
        } catch (InvalidEncodingException e) {
            throw new IllegalArgumentException("material " + id + " has a damaged public key", e);
        }
    }

    CanonicalJson.ObjectBuilder json() {
        CanonicalJson.ObjectBuilder object = CanonicalJson.object()
                .put("created", createdAt.toEpochMilli())
                .put("id", id)
                .put("publicKey", publicKey)
                .put("state", state.name());
        if (rotation != null) {
            object.put("rotation", rotation.name());
        }
        if (imported != null) {
            object.put("imported", imported.json());
        }
        return object;
    }

    static Material decode(JsonNode node) {
        JsonNode rotation = node.get("rotation");
        JsonNode imported = node.get("imported");
        return new Material(
                node.required("id").stringValue(),
                node.required("publicKey").stringValue(),
                Instant.ofEpochMilli(node.required("created").longValue()),
                State.valueOf(node.required("state").stringValue()),
                rotation == null ? null : RotationType.valueOf(rotation.stringValue()),
                imported == null ? null : Imported.decode(imported));
    }
}
