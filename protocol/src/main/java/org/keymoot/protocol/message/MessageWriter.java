package org.keymoot.protocol.message;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.Disclosure;

/// Appends the fields of a message: integers big-endian, fixed fields bare, variable ones after their length.
///
/// It keeps true: arrays that it outgrows, and its last one after [#toByteArray()], are zeroed, for a message may carry
/// a share.
public final class MessageWriter {
    static final int INITIAL_BYTES = 1024;

    private byte[] buffer;
    private int length;

    public MessageWriter(int expectedBytes) {
        this.buffer = new byte[Math.max(16, expectedBytes)];
    }

    public MessageWriter u8(int value) {
        return unsigned(value, 1);
    }

    public MessageWriter u16(int value) {
        return unsigned(value, 2);
    }

    public MessageWriter u32(long value) {
        return unsigned(value, 4);
    }

    public MessageWriter u64(long value) {
        int at = grow(8);
        for (int i = 0; i < 8; i++) {
            buffer[at + i] = (byte) (value >>> (56 - 8 * i));
        }
        return this;
    }

    /// Bytes whose number the reader knows.
    public MessageWriter fixed(byte[] bytes) {
        int at = grow(bytes.length);
        System.arraycopy(bytes, 0, buffer, at, bytes.length);
        return this;
    }

    /// Bytes of native or heap memory whose number the reader knows.
    public MessageWriter fixed(MemorySegment bytes) {
        int size = Math.toIntExact(bytes.byteSize());
        int at = grow(size);
        MemorySegment.ofArray(buffer).asSlice(at, size).copyFrom(bytes);
        return this;
    }

    /// A four-byte length and the bytes.
    public MessageWriter block(byte[] bytes) {
        return u32(bytes.length).fixed(bytes);
    }

    /// A two-byte length and the UTF-8 bytes.
    public MessageWriter text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return u16(bytes.length).fixed(bytes);
    }

    public MessageWriter point(Point point) {
        return fixed(point.encode());
    }

    public MessageWriter scalar(Scalar scalar) {
        return fixed(scalar.encode());
    }

    /// The canonical 32 bytes of a secret, for a private message or a sealed row.
    public MessageWriter secret(SecretScalar secret) {
        int at = grow(32);
        secret.encodeTo(MemorySegment.ofArray(buffer).asSlice(at, 32), Disclosure.I_TAKE_THE_SECRET_OUT);
        return this;
    }

    public int length() {
        return length;
    }

    /// Ends the message: the writer is empty afterwards.
    public byte[] toByteArray() {
        byte[] out = Arrays.copyOf(buffer, length);
        Arrays.fill(buffer, (byte) 0);
        length = 0;
        return out;
    }

    private MessageWriter unsigned(long value, int size) {
        if (value < 0 || value >>> (8 * size) != 0) {
            throw new IllegalArgumentException(value + " does not fit in " + size + " unsigned bytes");
        }
        int at = grow(size);
        for (int i = 0; i < size; i++) {
            buffer[at + i] = (byte) (value >>> (8 * (size - 1 - i)));
        }
        return this;
    }

    private int grow(int size) {
        int at = length;
        length = Math.addExact(length, size);
        if (length > buffer.length) {
            byte[] old = buffer;
            buffer = Arrays.copyOf(old, Math.max(length, 2 * old.length));
            Arrays.fill(old, (byte) 0);
        }
        return at;
    }
}
