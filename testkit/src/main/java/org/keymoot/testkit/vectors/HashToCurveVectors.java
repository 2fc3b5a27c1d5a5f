package org.keymoot.testkit.vectors;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.WeierstrassPoint;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// RFC 9380 appendix J, in the JSON of its authors: messages and the points they hash to.
final class HashToCurveVectors {
    private static final BigInteger P25519 = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

    private static final BigInteger D25519 = BigInteger.valueOf(-121665)
            .multiply(BigInteger.valueOf(121666).modInverse(P25519))
            .mod(P25519);

    private HashToCurveVectors() {}

    static Outcome run(Path file) throws IOException {
        JsonNode json = JsonMapper.shared().readTree(file.toFile());
        String suite = json.path("ciphersuite").asString("");
        byte[] dst = json.path("dst").asString("").getBytes(StandardCharsets.UTF_8);
        boolean uniform = suite.endsWith("_RO_");
        String curve = suite.replaceFirst("_[RN][OU]_$", "");
        boolean montgomery = curve.equals("curve25519_XMD:SHA-512_ELL2");
        GroupId id;
        switch (curve) {
            case "secp256k1_XMD:SHA-256_SSWU" -> id = GroupId.SECP256K1;
            case "P256_XMD:SHA-256_SSWU" -> id = GroupId.P256;
            // The two curves are one under a rational map, and so are their suites for the same tag.
            case "edwards25519_XMD:SHA-512_ELL2", "curve25519_XMD:SHA-512_ELL2" -> id = GroupId.ED25519;
            default -> {
                return new Outcome.Unknown("the suite '" + suite + "'");
            }
        }
        Checks checks = new Checks();
        for (JsonNode vector : json.path("vectors")) {
            String message = vector.path("msg").asString("");
            BigInteger x = number(vector.path("P").path("x"));
            BigInteger y = number(vector.path("P").path("y"));
            checks.check("message of " + message.length() + " characters", () -> {
                byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
                Group group = Group.of(id);
                Point point = uniform ? group.hashToGroup(bytes, dst) : group.encodeToGroup(bytes, dst);
                return switch (point) {
                    case WeierstrassPoint affine -> Arrays.equals(affine.encodeUncompressed(), uncompressed(x, y));
                    default -> Arrays.equals(point.encode(), montgomery ? ofMontgomery(x, y) : edwards(x, y));
                };
            });
        }
        return checks.outcome();
    }

    private static byte[] uncompressed(BigInteger x, BigInteger y) {
        byte[] sec1 = new byte[65];
        sec1[0] = 4;
        System.arraycopy(bigEndian(x), 0, sec1, 1, 32);
        System.arraycopy(bigEndian(y), 0, sec1, 33, 32);
        return sec1;
    }

    /// `(u, v)` of curve25519 as the point of edwards25519: `x = √−486664·u/v`, `y = (u − 1)/(u + 1)` (RFC 9380
    /// appendix D.1), with the even root.
    private static byte[] ofMontgomery(BigInteger u, BigInteger v) {
        BigInteger square = BigInteger.valueOf(-486664).mod(P25519);
        BigInteger root = square.modPow(P25519.add(BigInteger.valueOf(3)).shiftRight(3), P25519);
        if (!root.multiply(root).mod(P25519).equals(square)) {
            root = root.multiply(BigInteger.TWO.modPow(P25519.shiftRight(2), P25519))
                    .mod(P25519);
        }
        if (root.testBit(0)) {
            root = P25519.subtract(root);
        }
        BigInteger x = root.multiply(u).multiply(v.modInverse(P25519)).mod(P25519);
        BigInteger y = u.subtract(BigInteger.ONE)
                .multiply(u.add(BigInteger.ONE).modInverse(P25519))
                .mod(P25519);
        return edwards(x, y);
    }

    /// RFC 8032's encoding, which shows one bit of `x`; so `x` is first checked against the curve.
    private static byte[] edwards(BigInteger x, BigInteger y) {
        BigInteger xSquared = x.multiply(x);
        BigInteger ySquared = y.multiply(y);
        BigInteger product = xSquared.multiply(ySquared).multiply(D25519);
        if (ySquared.subtract(xSquared)
                        .subtract(BigInteger.ONE)
                        .subtract(product)
                        .mod(P25519)
                        .signum()
                != 0) {
            throw new IllegalArgumentException("the expected point is not on the curve");
        }
        byte[] bigEndian = bigEndian(y);
        byte[] out = new byte[32];
        for (int i = 0; i < 32; i++) {
            out[i] = bigEndian[31 - i];
        }
        out[31] |= (byte) (x.testBit(0) ? 0x80 : 0);
        return out;
    }

    private static BigInteger number(JsonNode node) {
        return new BigInteger(node.asString("").toLowerCase(Locale.ROOT).replaceFirst("^0x", ""), 16);
    }

    private static byte[] bigEndian(BigInteger value) {
        byte[] bytes = value.toByteArray();
        byte[] out = new byte[32];
        for (int i = 0; i < bytes.length && i < 32; i++) {
            out[31 - i] = bytes[bytes.length - 1 - i];
        }
        return out;
    }
}
