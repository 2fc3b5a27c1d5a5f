package org.keymoot.crypto.ecdsa;

import java.util.Arrays;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;

/// An ECDSA signature: two non-zero scalars of one field.
///
/// It keeps true: each of the two encodings is accepted in its one canonical form only.
public record EcdsaSignature(Scalar r, Scalar s) {
    private static final int SCALAR_BYTES = 32;
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;

    public EcdsaSignature {
        if (r.field() != s.field()) {
            throw new IllegalArgumentException("expected r and s of one field but found "
                    + r.field().groupId() + " and " + s.field().groupId());
        }
        if (r.isZero() || s.isZero()) {
            throw new IllegalArgumentException("expected r and s to be non-zero");
        }
    }

    /// Tells whether s is at most (q - 1) / 2.
    public boolean isLowS() {
        return s.toBigInteger().compareTo(s.field().order().subtract(s.toBigInteger())) < 0;
    }

    /// The signature of the two equivalent ones whose s is at most (q - 1) / 2.
    public EcdsaSignature withLowS() {
        return isLowS() ? this : new EcdsaSignature(r, s.negate());
    }

    /// The fixed form of IEEE P1363: r and s, 32 bytes each.
    public byte[] encodeP1363() {
        byte[] encoded = Arrays.copyOf(r.encode(), 2 * SCALAR_BYTES);
        System.arraycopy(s.encode(), 0, encoded, SCALAR_BYTES, SCALAR_BYTES);
        return encoded;
    }

    public static EcdsaSignature decodeP1363(ScalarField field, byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != 2 * SCALAR_BYTES) {
            throw new InvalidEncodingException("expected a signature of 64 bytes but found " + encoded.length);
        }
        return checked(
                field.decode(Arrays.copyOf(encoded, SCALAR_BYTES)),
                field.decode(Arrays.copyOfRange(encoded, SCALAR_BYTES, 2 * SCALAR_BYTES)));
    }

    /// ASN.1 DER, a sequence of two integers (RFC 3279 section 2.2.3).
    public byte[] encodeDer() {
        byte[] first = r.toBigInteger().toByteArray();
        byte[] second = s.toBigInteger().toByteArray();
        byte[] encoded = new byte[6 + first.length + second.length];
        encoded[0] = SEQUENCE;
        encoded[1] = (byte) (encoded.length - 2);
        putInteger(encoded, 2, first);
        putInteger(encoded, 4 + first.length, second);
        return encoded;
    }

    private static void putInteger(byte[] encoded, int offset, byte[] value) {
        encoded[offset] = INTEGER;
        encoded[offset + 1] = (byte) value.length;
        System.arraycopy(value, 0, encoded, offset + 2, value.length);
    }

    /// Decodes strict DER: minimal lengths and integers, and nothing after the sequence.
    public static EcdsaSignature decodeDer(ScalarField field, byte[] encoded) throws InvalidEncodingException {
        if (encoded.length < 2 || encoded[0] != SEQUENCE || encoded[1] != encoded.length - 2) {
            throw new InvalidEncodingException(
                    "expected a DER sequence that fills its " + encoded.length + " bytes and is below 128 of them");
        }
        int afterFirst = endOfInteger(encoded, 2);
        int afterSecond = endOfInteger(encoded, afterFirst);
        if (afterSecond != encoded.length) {
            throw new InvalidEncodingException(
                    "expected two integers but found " + (encoded.length - afterSecond) + " more bytes");
        }
        return checked(integer(field, encoded, 2, afterFirst), integer(field, encoded, afterFirst, afterSecond));
    }

    private static int endOfInteger(byte[] encoded, int start) throws InvalidEncodingException {
        if (start + 2 > encoded.length || encoded[start] != INTEGER) {
            throw new InvalidEncodingException("expected a DER integer at byte " + start);
        }
        int length = encoded[start + 1];
        int end = start + 2 + length;
        if (length < 1 || length > SCALAR_BYTES + 1 || end > encoded.length) {
            throw new InvalidEncodingException("expected a DER integer of 1 to 33 bytes at byte " + start);
        }
        return end;
    }

    private static Scalar integer(ScalarField field, byte[] encoded, int start, int end)
            throws InvalidEncodingException {
        byte[] value = Arrays.copyOfRange(encoded, start + 2, end);
        if (value[0] < 0 || (value.length > 1 && value[0] == 0 && value[1] >= 0)) {
            throw new InvalidEncodingException("expected a positive DER integer without padding at byte " + start);
        }
        int leading = value[0] == 0 ? 1 : 0;
        int length = value.length - leading;
        if (length > SCALAR_BYTES) {
            throw new InvalidEncodingException("expected a DER integer below the group's order at byte " + start);
        }
        byte[] fixed = new byte[SCALAR_BYTES];
        System.arraycopy(value, leading, fixed, SCALAR_BYTES - length, length);
        return field.decode(fixed);
    }

    private static EcdsaSignature checked(Scalar r, Scalar s) throws InvalidEncodingException {
        if (r.isZero() || s.isZero()) {
            throw new InvalidEncodingException("expected r and s to be non-zero");
        }
        return new EcdsaSignature(r, s);
    }
}
