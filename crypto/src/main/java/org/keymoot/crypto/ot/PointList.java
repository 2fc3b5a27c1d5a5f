package org.keymoot.crypto.ot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;

/// Lists of points of the base transfer's curve. That is secp256k1 whatever curve the pair will sign on: the
/// base transfer only agrees on seeds, its strength is that of any 256-bit curve, and one curve keeps one code
/// path.
final class PointList {
    static final int POINT_BYTES = 33;

    private PointList() {}

    static Group group() {
        return Group.of(GroupId.SECP256K1);
    }

    static List<Point> require(List<Point> points, int count) {
        if (points.size() != count) {
            throw new IllegalArgumentException("expected " + count + " points, found " + points.size());
        }
        for (Point point : points) {
            if (point.isIdentity() || point.group().id() != GroupId.SECP256K1) {
                throw new IllegalArgumentException("a base transfer's points are secp256k1's and not the identity");
            }
        }
        return List.copyOf(points);
    }

    static byte[] encode(List<Point> points) {
        byte[] out = new byte[points.size() * POINT_BYTES];
        int at = 0;
        for (byte[] point : group().encodeAll(points)) {
            System.arraycopy(point, 0, out, at, POINT_BYTES);
            at += POINT_BYTES;
        }
        return out;
    }

    static List<Point> decode(byte[] encoded, int from, int to, int count) throws InvalidEncodingException {
        if (to - from != count * POINT_BYTES) {
            throw new InvalidEncodingException(
                    "expected " + count + " points of " + POINT_BYTES + " bytes, found " + (to - from) + " bytes");
        }
        Group group = group();
        List<Point> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int start = from + i * POINT_BYTES;
            points.add(group.decode(Arrays.copyOfRange(encoded, start, start + POINT_BYTES)));
        }
        return points;
    }
}
