package org.keymoot.access.sigv4;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;

/// The P-256 key pair of AWS4-ECDSA-P256-SHA256, which AWS's clients derive from a secret access key and its id.
///
/// It keeps true: the derivation is AWS's own, NIST SP 800-108 in counter mode with HMAC-SHA-256, so that a client of
/// AWS signs with the pair whose public half was registered. A party never calls what takes the secret.
public final class AsymmetricKey {
    /// Longest signature, in bytes of DER.
    static final int MAXIMUM_SIGNATURE_BYTES = 72;

    private static final byte[] PREFIX = "AWS4A".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LABEL = Scheme.PUBLIC_KEY.algorithm().getBytes(StandardCharsets.US_ASCII);
    private static final int SCALAR_BYTES = 32;
    private static final int SCALAR_BITS = 256;
    private static final int MOST_TRIES = 254;

    private AsymmetricKey() {}

    /// The private key, big-endian. The caller erases it.
    ///
    /// @param secretAccessKey in ASCII
    public static byte[] privateKey(SecretBytes secretAccessKey, String accessKeyId) {
        byte[] id = accessKeyId.getBytes(StandardCharsets.US_ASCII);
        byte[] largest = order().subtract(BigInteger.TWO).toByteArray();
        byte[] limit = Arrays.copyOfRange(largest, largest.length - SCALAR_BYTES, largest.length);
        for (int attempt = 1; attempt <= MOST_TRIES; attempt++) {
            byte[] input = ByteBuffer.allocate(Integer.BYTES + LABEL.length + 1 + id.length + 1 + Integer.BYTES)
                    .putInt(1)
                    .put(LABEL)
                    .put((byte) 0)
                    .put(id)
                    .put((byte) attempt)
                    .putInt(SCALAR_BITS)
                    .array();
            byte[] candidate = mac(secretAccessKey, input);
            if (isAtMost(candidate, limit)) {
                addOne(candidate);
                return candidate;
            }
            Arrays.fill(candidate, (byte) 0);
        }
        throw new IllegalStateException("no key can be derived from this secret; the odds of that are nil");
    }

    private static BigInteger order() {
        return ScalarField.of(GroupId.P256).order();
    }

    /// Compares in a time that does not depend on the values.
    private static boolean isAtMost(byte[] value, byte[] limit) {
        int borrow = 0;
        for (int i = SCALAR_BYTES - 1; i >= 0; i--) {
            borrow = ((limit[i] & 0xff) - (value[i] & 0xff) - borrow) >>> 31;
        }
        return borrow == 0;
    }

    private static void addOne(byte[] value) {
        int carry = 1;
        for (int i = SCALAR_BYTES - 1; i >= 0; i--) {
            int sum = (value[i] & 0xff) + carry;
            value[i] = (byte) sum;
            carry = sum >>> 8;
        }
    }

    private static byte[] mac(SecretBytes secretAccessKey, byte[] input) {
        byte[] key = Arrays.copyOf(PREFIX, PREFIX.length + secretAccessKey.length());
        MemorySegment segment = secretAccessKey.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, key, PREFIX.length, secretAccessKey.length());
        return SigningKey.hmacAndErase(key, input);
    }

    /// The public key that goes with a secret access key and its id.
    public static Point publicKey(SecretBytes secretAccessKey, String accessKeyId) {
        byte[] secret = privateKey(secretAccessKey, accessKeyId);
        try (SecretScope scope = new SecretScope()) {
            Group group = Group.of(GroupId.P256);
            return group.multiplyBase(group.scalars().decodeSecret(scope, MemorySegment.ofArray(secret)));
        } catch (InvalidEncodingException e) {
            throw new IllegalStateException("a derived key is below the order", e);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /// A public key as requests and registers carry it: Base64 of its SubjectPublicKeyInfo.
    public static String encode(Point publicKey) {
        return Base64.getEncoder().encodeToString(SubjectPublicKeyInfo.encode(publicKey));
    }

    /// @throws InvalidEncodingException when it is not the one encoding of a point of P-256
    public static Point decode(String publicKey) throws InvalidEncodingException {
        try {
            Point point = SubjectPublicKeyInfo.decode(Base64.getDecoder().decode(publicKey));
            if (point.group().id() == GroupId.P256 && encode(point).equals(publicKey)) {
                return point;
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidEncodingException("expected Base64");
        }
        throw new InvalidEncodingException("expected a public key of P-256");
    }

    /// Whether a DER signature of a message, with SHA-256, verifies under a public key. Its s may be high or low.
    public static boolean verifies(Point publicKey, byte[] message, byte[] signature) {
        try {
            return Ecdsa.verify(
                    publicKey,
                    CanonicalRequest.sha256(message),
                    EcdsaSignature.decodeDer(publicKey.group().scalars(), signature));
        } catch (InvalidEncodingException e) {
            return false;
        }
    }

    /// What whoever registers a public key signs with the private one, so that nobody can register another's key as
    /// its own and pass the other's requests off as its own.
    public static byte[] proofOfPossession(String account, String userName, String accessKeyId, String publicKey) {
        String text = "keymoot access key\n" + account + "\n" + userName + "\n" + accessKeyId + "\n" + publicKey + "\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
