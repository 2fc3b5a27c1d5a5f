package org.keymoot.crypto.ot;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.InvalidEncodingException;

/// The second and last message of a pair's set-up, from the extension's receiver: the encoded points `(m₀, m₁)`
/// of every base transfer, then for every tree the corrections of its levels and the check. The points are
/// validated where they are used.
@SuppressWarnings("ArrayRecordComponent") // equality is by content
public record SetupReply(byte[] points, byte[] trees) {
    /// Two corrections for each level but the first, the sum of the leaves' check values, and the hash of them.
    static final int TREE_BYTES =
            2 * (OtParameters.TREE_DEPTH - 1) * OtParameters.SEED_BYTES + 2 * OtParameters.SEED_BYTES;

    private static final int POINTS_LENGTH = 2 * OtParameters.BASE_TRANSFERS * BaseOt.POINT_BYTES;

    private static final int TREES_LENGTH = OtParameters.TREES * TREE_BYTES;

    /// Bytes of the encoding.
    public static final int LENGTH = POINTS_LENGTH + TREES_LENGTH;

    public SetupReply {
        if (points.length != POINTS_LENGTH || trees.length != TREES_LENGTH) {
            throw new IllegalArgumentException("expected " + POINTS_LENGTH + " and " + TREES_LENGTH + " bytes, found "
                    + points.length + " and " + trees.length);
        }
    }

    public byte[] encode() {
        byte[] out = Arrays.copyOf(points, LENGTH);
        System.arraycopy(trees, 0, out, POINTS_LENGTH, TREES_LENGTH);
        return out;
    }

    /// @throws InvalidEncodingException when the length differs
    public static SetupReply decode(byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != LENGTH) {
            throw new InvalidEncodingException(
                    "expected a set-up's reply of " + LENGTH + " bytes, found " + encoded.length);
        }
        return new SetupReply(
                Arrays.copyOf(encoded, POINTS_LENGTH), Arrays.copyOfRange(encoded, POINTS_LENGTH, LENGTH));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SetupReply that
                && Arrays.equals(points, that.points)
                && Arrays.equals(trees, that.trees);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(trees);
    }
}
