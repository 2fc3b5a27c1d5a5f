package org.keymoot.crypto.ot;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.InvalidEncodingException;

/// The extension receiver's message: a row `u` for every tree, and for the consistency check its combined
/// choices `x` and the hash of its combined rows `t`.
@SuppressWarnings("ArrayRecordComponent") // equality is by content
public record CoteRequest(byte[] rows, byte[] choices, byte[] combined) {
    private static final int ROWS_LENGTH = OtParameters.TREES * OtParameters.ROW_BYTES;

    static final int CHOICES_LENGTH = OtParameters.MASK_COLUMNS / Byte.SIZE;

    static final int COMBINED_LENGTH = 32;

    /// Bytes of the encoding.
    public static final int LENGTH = ROWS_LENGTH + CHOICES_LENGTH + COMBINED_LENGTH;

    public CoteRequest {
        if (rows.length != ROWS_LENGTH || choices.length != CHOICES_LENGTH || combined.length != COMBINED_LENGTH) {
            throw new IllegalArgumentException("expected " + ROWS_LENGTH + ", " + CHOICES_LENGTH + " and "
                    + COMBINED_LENGTH + " bytes, found " + rows.length + ", " + choices.length + " and "
                    + combined.length);
        }
    }

    public byte[] encode() {
        byte[] out = Arrays.copyOf(rows, LENGTH);
        System.arraycopy(choices, 0, out, ROWS_LENGTH, CHOICES_LENGTH);
        System.arraycopy(combined, 0, out, ROWS_LENGTH + CHOICES_LENGTH, COMBINED_LENGTH);
        return out;
    }

    /// @throws InvalidEncodingException when the length differs
    public static CoteRequest decode(byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != LENGTH) {
            throw new InvalidEncodingException(
                    "expected an extension's request of " + LENGTH + " bytes, found " + encoded.length);
        }
        int choicesAt = ROWS_LENGTH;
        int combinedAt = ROWS_LENGTH + CHOICES_LENGTH;
        return new CoteRequest(
                Arrays.copyOf(encoded, ROWS_LENGTH),
                Arrays.copyOfRange(encoded, choicesAt, combinedAt),
                Arrays.copyOfRange(encoded, combinedAt, LENGTH));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CoteRequest that && Arrays.equals(encode(), that.encode());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(combined);
    }
}
