package org.keymoot.crypto.ot;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;

/// The second and last message of a pair's set-up, from the extension's receiver: the base transfer's answers
/// `(m₀, m₁)`, then for every tree the corrections of its levels and the check.
public record SetupReply(List<Point> points, byte[] trees) {
    private static final int COUNT = 2 * OtParameters.BASE_TRANSFERS;

    /// Two corrections for each level but the first, the sum of the leaves' check values, and the hash of them.
    static final int TREE_BYTES =
            2 * (OtParameters.TREE_DEPTH - 1) * OtParameters.SEED_BYTES + 2 * OtParameters.SEED_BYTES;

    private static final int POINTS_LENGTH = COUNT * PointList.POINT_BYTES;

    /// Bytes of the encoding.
    public static final int LENGTH = POINTS_LENGTH + OtParameters.TREES * TREE_BYTES;

    public SetupReply {
        points = PointList.require(points, COUNT);
        if (trees.length != OtParameters.TREES * TREE_BYTES) {
            throw new IllegalArgumentException(
                    "expected " + OtParameters.TREES * TREE_BYTES + " bytes for the trees, found " + trees.length);
        }
    }

    public byte[] encode() {
        byte[] out = Arrays.copyOf(PointList.encode(points), LENGTH);
        System.arraycopy(trees, 0, out, POINTS_LENGTH, trees.length);
        return out;
    }

    /// @throws InvalidEncodingException when the length differs or a point is invalid
    public static SetupReply decode(byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != LENGTH) {
            throw new InvalidEncodingException(
                    "expected a set-up reply of " + LENGTH + " bytes, found " + encoded.length);
        }
        return new SetupReply(
                PointList.decode(encoded, 0, POINTS_LENGTH, COUNT), Arrays.copyOfRange(encoded, POINTS_LENGTH, LENGTH));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SetupReply that && points.equals(that.points) && Arrays.equals(trees, that.trees);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(trees);
    }
}
