package org.keymoot.crypto.ot;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.InvalidEncodingException;

/// The first message of a pair's set-up, from the extension's sender: the encoded points `(r₀, r₁)` of every
/// base transfer, as `r₀` of the first, `r₁` of the first, and so on. The points are validated where they are
/// used.
@SuppressWarnings("ArrayRecordComponent") // equality is by content
public record BaseOtRequest(byte[] points) {
    /// Bytes of the encoding.
    public static final int LENGTH = 2 * OtParameters.BASE_TRANSFERS * BaseOt.POINT_BYTES;

    public BaseOtRequest {
        if (points.length != LENGTH) {
            throw new IllegalArgumentException("expected " + LENGTH + " bytes, found " + points.length);
        }
    }

    public byte[] encode() {
        return points.clone();
    }

    /// @throws InvalidEncodingException when the length differs
    public static BaseOtRequest decode(byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != LENGTH) {
            throw new InvalidEncodingException(
                    "expected a base transfer's request of " + LENGTH + " bytes, found " + encoded.length);
        }
        return new BaseOtRequest(encoded.clone());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BaseOtRequest that && Arrays.equals(points, that.points);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(points);
    }
}
