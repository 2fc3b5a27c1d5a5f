package org.keymoot.protocol.message;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.SecretScope;

/// Takes the fields of a message that [MessageWriter] made.
///
/// It keeps true: no length is believed before it is compared with its bound and with what is left, and points and
/// scalars come out validated.
public final class MessageReader {
    private final byte[] bytes;
    private int at;

    public MessageReader(byte[] bytes) {
        this.bytes = bytes;
    }

    public int u8() throws Malformed {
        return (int) unsigned(1);
    }

    /// A number within bounds, such as a count.
    public int u8(int least, int most, String what) throws Malformed {
        return within(u8(), least, most, what);
    }

    public int u16() throws Malformed {
        return (int) unsigned(2);
    }

    public int u16(int least, int most, String what) throws Malformed {
        return within(u16(), least, most, what);
    }

    public long u32() throws Malformed {
        return unsigned(4);
    }

    public long u64() throws Malformed {
        return unsigned(8);
    }

    public byte[] fixed(int length) throws Malformed {
        int from = take(length);
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    /// The next `length` bytes, copied into `target` and then erased here.
    public void secretInto(MemorySegment target) throws Malformed {
        int length = Math.toIntExact(target.byteSize());
        int from = take(length);
        target.copyFrom(MemorySegment.ofArray(bytes).asSlice(from, length));
        Arrays.fill(bytes, from, from + length, (byte) 0);
    }

    public byte[] block(int maxBytes) throws Malformed {
        long length = u32();
        if (length > maxBytes) {
            throw new Malformed("field has " + length + " bytes, more than " + maxBytes);
        }
        return fixed((int) length);
    }

    public String text(int maxBytes) throws Malformed {
        int length = u16();
        if (length > maxBytes) {
            throw new Malformed("text has " + length + " bytes, more than " + maxBytes);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(fixed(length)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("text is not UTF-8");
        }
    }

    public Point point(Group group) throws Malformed {
        try {
            return group.decode(fixed(group.pointLength()));
        } catch (InvalidEncodingException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    public List<Point> points(Group group, int count) throws Malformed {
        List<Point> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            points.add(point(group));
        }
        return points;
    }

    public Scalar scalar(ScalarField field) throws Malformed {
        try {
            return field.decode(fixed(32));
        } catch (InvalidEncodingException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    /// A secret in its canonical 32 bytes, which are erased here.
    public SecretScalar secret(ScalarField field, SecretScope scope) throws Malformed {
        int from = take(32);
        try {
            return field.decodeSecret(scope, MemorySegment.ofArray(bytes).asSlice(from, 32));
        } catch (InvalidEncodingException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        } finally {
            Arrays.fill(bytes, from, from + 32, (byte) 0);
        }
    }

    public int remaining() {
        return bytes.length - at;
    }

    /// @throws Malformed when bytes are left over
    public void end() throws Malformed {
        if (at != bytes.length) {
            throw new Malformed((bytes.length - at) + " bytes follow the end of the message");
        }
    }

    private static int within(int value, int least, int most, String what) throws Malformed {
        if (value < least || value > most) {
            throw new Malformed(what + " is " + value + ", not within " + least + " to " + most);
        }
        return value;
    }

    private long unsigned(int size) throws Malformed {
        int from = take(size);
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | (bytes[from + i] & 0xff);
        }
        return value;
    }

    private int take(int length) throws Malformed {
        if (length > bytes.length - at) {
            throw new Malformed("message ends " + (length - (bytes.length - at)) + " bytes too early");
        }
        int from = at;
        at += length;
        return from;
    }
}
