package org.keymoot.protocol.session;

import java.util.Arrays;
import java.util.HexFormat;

/// The 32 bytes that name one session of one protocol.
///
/// It keeps true: two sessions with an honest party in common never share an id, because every party's fresh
/// contribution enters it; children take theirs from their parent's.
public final class SessionId {
    public static final int BYTES = 32;

    private final byte[] bytes;

    private SessionId(byte[] bytes) {
        this.bytes = bytes;
    }

    public static SessionId of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a session id has " + BYTES + " bytes, not " + bytes.length);
        }
        return new SessionId(bytes.clone());
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    /// The first eight hex digits, for messages and logs.
    public String abbreviated() {
        return HexFormat.of().formatHex(bytes, 0, 4);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SessionId that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
