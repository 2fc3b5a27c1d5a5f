package org.keymoot.crypto.spki;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.WeierstrassGroup;
import org.keymoot.crypto.group.WeierstrassPoint;

/// DER of SubjectPublicKeyInfo for secp256k1 and P-256 (RFC 5480, named curve, uncompressed point) and Ed25519
/// (RFC 8410).
///
/// It keeps true: for these keys everything before the point is constant, so a key has exactly one encoding.
public final class SubjectPublicKeyInfo {
    private static final int UNCOMPRESSED_BYTES = 65;
    private static final int ED25519_BYTES = 32;

    private static final List<Form> FORMS = List.of(
            new Form(GroupId.SECP256K1, "3056301006072a8648ce3d020106052b8104000a034200", UNCOMPRESSED_BYTES),
            new Form(GroupId.P256, "3059301306072a8648ce3d020106082a8648ce3d030107034200", UNCOMPRESSED_BYTES),
            new Form(GroupId.ED25519, "302a300506032b6570032100", ED25519_BYTES));

    private SubjectPublicKeyInfo() {}

    /// @throws IllegalArgumentException for ristretto255, which X.509 does not know
    /// @throws IllegalStateException for the identity of secp256k1 or P-256
    public static byte[] encode(Point publicKey) {
        Form form = form(publicKey.group().id());
        byte[] prefix = form.prefix();
        byte[] point = publicKey instanceof WeierstrassPoint p ? p.encodeUncompressed() : publicKey.encode();
        byte[] encoded = Arrays.copyOf(prefix, prefix.length + point.length);
        System.arraycopy(point, 0, encoded, prefix.length, point.length);
        return encoded;
    }

    /// Decodes a key of one of the three groups; [Point#group()] tells which.
    public static Point decode(byte[] encoded) throws InvalidEncodingException {
        for (Form form : FORMS) {
            byte[] prefix = form.prefix();
            if (encoded.length == prefix.length + form.pointBytes()
                    && Arrays.equals(encoded, 0, prefix.length, prefix, 0, prefix.length)) {
                byte[] point = Arrays.copyOfRange(encoded, prefix.length, encoded.length);
                Group group = Group.of(form.id());
                return group instanceof WeierstrassGroup curve ? curve.decodeUncompressed(point) : group.decode(point);
            }
        }
        throw new InvalidEncodingException(
                "expected a SubjectPublicKeyInfo of secp256k1, P-256 (named curve, uncompressed) or Ed25519 but found "
                        + encoded.length + " other bytes");
    }

    private static Form form(GroupId id) {
        return FORMS.stream()
                .filter(form -> form.id() == id)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("X.509 has no public keys of " + id));
    }

    /// All of the encoding that comes before the point.
    private record Form(GroupId id, String prefixHex, int pointBytes) {
        byte[] prefix() {
            return HexFormat.of().parseHex(prefixHex);
        }
    }
}
