package org.keymoot.crypto.secret;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.keymoot.crypto.random.RandomSource;

/// A fixed number of secret bytes outside the Java heap, erased by [#close()].
///
/// It keeps true: the bytes are readable only through [#segment(Disclosure)] while open, comparison takes the same time
/// for equal and unequal contents, and nothing that prints this object prints its contents.
public final class SecretBytes implements AutoCloseable {
    private final Arena arena;
    private final MemorySegment segment;
    private volatile boolean closed;

    private SecretBytes(int length) {
        this.arena = Arena.ofShared();
        this.segment = arena.allocate(length, Long.BYTES);
    }

    /// Allocates `length` zero bytes.
    public static SecretBytes allocate(int length) {
        return new SecretBytes(length);
    }

    /// Draws `length` secret bytes from `random`.
    public static SecretBytes random(int length, RandomSource random) {
        SecretBytes bytes = new SecretBytes(length);
        random.fill(bytes.segment);
        return bytes;
    }

    /// Copies from `source`, which stays the caller's to erase.
    public static SecretBytes copyOf(MemorySegment source) {
        SecretBytes bytes = new SecretBytes(Math.toIntExact(source.byteSize()));
        bytes.segment.copyFrom(source);
        return bytes;
    }

    public int length() {
        return (int) segment.byteSize();
    }

    /// The live memory; it becomes unreadable when this object is closed.
    ///
    /// @throws IllegalStateException when already closed
    public MemorySegment segment(Disclosure token) {
        Objects.requireNonNull(token);
        if (closed) {
            throw new IllegalStateException("secret has been erased");
        }
        return segment;
    }

    /// Erases the bytes. Closing twice is harmless.
    @Override
    public synchronized void close() {
        if (!closed) {
            segment.fill((byte) 0);
            closed = true;
            arena.close();
        }
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof SecretBytes that) || that.length() != length() || closed || that.closed) {
            return false;
        }
        int difference = 0;
        for (int i = 0; i < length(); i++) {
            difference |= segment.get(ValueLayout.JAVA_BYTE, i) ^ that.segment.get(ValueLayout.JAVA_BYTE, i);
        }
        return difference == 0;
    }

    /// Depends on the length only, so that hashing reveals nothing of the contents.
    @Override
    public int hashCode() {
        return length();
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
