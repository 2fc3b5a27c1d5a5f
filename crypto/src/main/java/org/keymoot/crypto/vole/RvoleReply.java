package org.keymoot.crypto.vole;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.ScalarField;

/// The sender's message: for each transfer three corrections `ã`, the combined check input `η`, and the check
/// value `μ`.
///
/// It keeps true: every scalar is below the field's order; scalars are little-endian, as the kernels read them.
@SuppressWarnings("ArrayRecordComponent") // equality is by content
public record RvoleReply(byte[] corrections, byte[] combined, byte[] check) {
    static final int CORRECTIONS_LENGTH = Rvole.TRANSFERS * Rvole.WIDTH * Rvole.SCALAR_BYTES;

    static final int CHECK_LENGTH = 32;

    /// Bytes of the encoding.
    public static final int LENGTH = CORRECTIONS_LENGTH + Rvole.SCALAR_BYTES + CHECK_LENGTH;

    public RvoleReply {
        if (corrections.length != CORRECTIONS_LENGTH
                || combined.length != Rvole.SCALAR_BYTES
                || check.length != CHECK_LENGTH) {
            throw new IllegalArgumentException("expected " + CORRECTIONS_LENGTH + ", " + Rvole.SCALAR_BYTES + " and "
                    + CHECK_LENGTH + " bytes, found " + corrections.length + ", " + combined.length + " and "
                    + check.length);
        }
    }

    public byte[] encode() {
        byte[] out = Arrays.copyOf(corrections, LENGTH);
        System.arraycopy(combined, 0, out, CORRECTIONS_LENGTH, Rvole.SCALAR_BYTES);
        System.arraycopy(check, 0, out, CORRECTIONS_LENGTH + Rvole.SCALAR_BYTES, CHECK_LENGTH);
        return out;
    }

    /// @throws InvalidEncodingException when the length differs or a scalar is not below the order
    public static RvoleReply decode(ScalarField field, byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != LENGTH) {
            throw new InvalidEncodingException(
                    "expected a multiplication's reply of " + LENGTH + " bytes, found " + encoded.length);
        }
        int scalars = CORRECTIONS_LENGTH + Rvole.SCALAR_BYTES;
        Rvole.requireCanonical(field, encoded, scalars);
        return new RvoleReply(
                Arrays.copyOf(encoded, CORRECTIONS_LENGTH),
                Arrays.copyOfRange(encoded, CORRECTIONS_LENGTH, scalars),
                Arrays.copyOfRange(encoded, scalars, LENGTH));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RvoleReply that && Arrays.equals(encode(), that.encode());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(check);
    }
}
