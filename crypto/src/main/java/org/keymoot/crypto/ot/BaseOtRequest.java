package org.keymoot.crypto.ot;

import java.util.List;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;

/// The first message of a pair's set-up, from the extension's sender: the pairs `(r₀, r₁)` of every base
/// transfer, as `r₀` of the first, `r₁` of the first, and so on.
///
/// It keeps true: exactly 512 valid points of secp256k1, none the identity.
public record BaseOtRequest(List<Point> points) {
    private static final int COUNT = 2 * OtParameters.BASE_TRANSFERS;

    /// Bytes of the encoding.
    public static final int LENGTH = COUNT * PointList.POINT_BYTES;

    public BaseOtRequest {
        points = PointList.require(points, COUNT);
    }

    public byte[] encode() {
        return PointList.encode(points);
    }

    /// @throws InvalidEncodingException when the length differs or a point is invalid
    public static BaseOtRequest decode(byte[] encoded) throws InvalidEncodingException {
        return new BaseOtRequest(PointList.decode(encoded, 0, encoded.length, COUNT));
    }
}
