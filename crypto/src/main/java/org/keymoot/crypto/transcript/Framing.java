package org.keymoot.crypto.transcript;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;

/// How a value becomes bytes of a transcript: one byte of type, four of length, then the content. Both
/// transcripts share it, so that the same inputs give the same hash in either.
final class Framing {
    static final byte TAG = 0;
    static final byte BYTES = 1;
    static final byte TEXT = 2;
    static final byte NUMBER = 3;
    static final byte POINT = 4;
    static final byte SCALAR = 5;
    static final byte SECRET = 6;
    static final byte END_HASH = 16;
    static final byte END_EXPAND = 17;

    private static final byte[] IDENTITY = {0};

    private Framing() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static void header(MessageDigest digest, byte type, int length) {
        digest.update(
                new byte[] {type, (byte) (length >>> 24), (byte) (length >>> 16), (byte) (length >>> 8), (byte) length
                });
    }

    static void put(MessageDigest digest, byte type, byte[] content) {
        header(digest, type, content.length);
        digest.update(content);
    }

    static void text(MessageDigest digest, byte type, String value) {
        put(digest, type, value.getBytes(StandardCharsets.UTF_8));
    }

    static void number(MessageDigest digest, long value) {
        put(digest, NUMBER, ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    static void point(MessageDigest digest, Point value) {
        byte[] encoded = value.isIdentity() ? IDENTITY : value.encode();
        header(digest, POINT, 1 + encoded.length);
        digest.update((byte) value.group().id().code());
        digest.update(encoded);
    }

    static void scalar(MessageDigest digest, Scalar value) {
        byte[] encoded = value.encode();
        header(digest, SCALAR, 1 + encoded.length);
        digest.update(code(value.field().groupId()));
        digest.update(encoded);
    }

    private static byte code(GroupId id) {
        return (byte) id.code();
    }
}
