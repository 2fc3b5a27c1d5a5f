package org.keymoot.crypto.rsa;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.InvalidEncodingException;

/// An RSA public key with the exponent 65537, in the DER of SubjectPublicKeyInfo (RFC 8017, RFC 3279).
///
/// It keeps true: a key has exactly one encoding, and no other bytes decode.
public final class RsaPublicKey {
    /// The public exponent of every key, a prime.
    public static final BigInteger EXPONENT = BigInteger.valueOf(65537);

    /// The identifier rsaEncryption with its NULL.
    private static final byte[] ALGORITHM = HexFormat.of().parseHex("300d06092a864886f70d0101010500");

    private static final byte[] EXPONENT_INTEGER = HexFormat.of().parseHex("0203010001");
    private static final byte SEQUENCE = 0x30;
    private static final byte INTEGER = 0x02;
    private static final byte BIT_STRING = 0x03;

    private final RsaModulus modulus;

    /// @throws IllegalArgumentException when the modulus is none that [RsaModulus] takes
    public RsaPublicKey(BigInteger modulus) {
        this.modulus = new RsaModulus(modulus);
    }

    public BigInteger modulus() {
        return modulus.value();
    }

    public int bits() {
        return modulus.value().bitLength();
    }

    /// Bytes of the modulus, of a signature and of a ciphertext.
    public int length() {
        return modulus.length();
    }

    public byte[] encode() {
        // The highest bit of the modulus is set, so that DER puts a zero before it.
        byte[] number = new byte[length() + 1];
        System.arraycopy(modulus.encode(modulus()), 0, number, 1, length());
        byte[] numbers = element(SEQUENCE, element(INTEGER, number), EXPONENT_INTEGER);
        return element(SEQUENCE, ALGORITHM, element(BIT_STRING, new byte[1], numbers));
    }

    /// @throws InvalidEncodingException when the bytes are not what [#encode()] makes of some key
    public static RsaPublicKey decode(byte[] encoded) throws InvalidEncodingException {
        // What follows the modulus is constant, and the length of the whole tells the modulus's.
        for (int length = RsaModulus.MIN_BITS / 8; length <= RsaModulus.MAX_BITS / 8; length += Long.BYTES) {
            if (encodedLength(length) == encoded.length) {
                int end = encoded.length - EXPONENT_INTEGER.length;
                return decode(encoded, new BigInteger(1, Arrays.copyOfRange(encoded, end - length, end)));
            }
        }
        throw new InvalidEncodingException(
                "expected a SubjectPublicKeyInfo of an RSA key but found " + encoded.length + " other bytes");
    }

    private static RsaPublicKey decode(byte[] encoded, BigInteger modulus) throws InvalidEncodingException {
        RsaPublicKey key;
        try {
            key = new RsaPublicKey(modulus);
        } catch (IllegalArgumentException e) {
            throw new InvalidEncodingException(String.valueOf(e.getMessage()));
        }
        if (!Arrays.equals(key.encode(), encoded)) {
            throw new InvalidEncodingException(
                    "expected the DER of SubjectPublicKeyInfo of an RSA key with the exponent " + EXPONENT);
        }
        return key;
    }

    /// `x^e` for a number below the modulus, as many bytes as it has; empty for other inputs.
    public Optional<byte[]> raise(byte[] input) {
        BigInteger x = new BigInteger(1, input);
        return input.length == length() && x.compareTo(modulus()) < 0
                ? Optional.of(modulus.encode(x.modPow(EXPONENT, modulus())))
                : Optional.empty();
    }

    /// Whether `input` is a number of the ring that a private operation makes sense for: as long as the
    /// modulus, neither trivial nor without an inverse.
    public boolean isProper(byte[] input) {
        BigInteger x = new BigInteger(1, input);
        return input.length == length()
                && x.compareTo(BigInteger.ONE) > 0
                && x.compareTo(modulus().subtract(BigInteger.ONE)) < 0
                && x.gcd(modulus()).equals(BigInteger.ONE);
    }

    private static int encodedLength(int length) {
        int numbers = elementLength(elementLength(length + 1) + EXPONENT_INTEGER.length);
        return elementLength(ALGORITHM.length + elementLength(1 + numbers));
    }

    private static int elementLength(int content) {
        return 2 + lengthBytes(content) + content;
    }

    /// Bytes of a length after its first.
    private static int lengthBytes(int content) {
        return content < 0x80 ? 0 : content < 0x100 ? 1 : 2;
    }

    private static byte[] element(byte tag, byte[]... parts) {
        int content = 0;
        for (byte[] part : parts) {
            content += part.length;
        }
        byte[] out = new byte[elementLength(content)];
        out[0] = tag;
        int more = lengthBytes(content);
        out[1] = (byte) (more == 0 ? content : 0x80 | more);
        for (int i = 0; i < more; i++) {
            out[2 + i] = (byte) (content >>> (8 * (more - 1 - i)));
        }
        int at = 2 + more;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, out, at, part.length);
            at += part.length;
        }
        return out;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RsaPublicKey that && modulus().equals(that.modulus());
    }

    @Override
    public int hashCode() {
        return modulus().hashCode();
    }

    @Override
    public String toString() {
        return "RSA public key of " + bits() + " bits";
    }
}
