package org.keymoot.crypto.secret;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.keymoot.crypto.random.RandomSource;

/// A fixed number of secret bytes outside the Java heap, erased by [#close()].
///
/// It keeps true: the bytes are readable only through [#segment(Disclosure)] while open, comparison takes the
/// same time for equal and unequal contents, and nothing that prints this object prints its contents.
public final class SecretBytes implements AutoCloseable {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    private final SecretMemory.Lease lease;
    private final MemorySegment segment;
    private volatile boolean closed;

    private SecretBytes(int length) {
        this.lease = SecretMemory.GLOBAL.lease(length);
        this.segment = lease.memory();
    }

    /// Allocates `length` zero bytes.
    public static SecretBytes allocate(int length) {
        return new SecretBytes(length);
    }

    /// Draws `length` secret bytes from `random`.
    public static SecretBytes random(int length, RandomSource random) {
        SecretBytes bytes = new SecretBytes(length);
        try {
            random.fill(bytes.segment);
            return bytes;
        } catch (RuntimeException | Error e) {
            bytes.close();
            throw e;
        }
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

    /// The live memory, for use until this object is closed. It must not be kept longer: closing zeroes it, and
    /// after that it may become part of another secret.
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
    public void close() {
        closed = true;
        lease.giveBack();
    }

    /// Compares in a time that depends on the lengths only. A closed secret equals nothing but itself.
    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof SecretBytes that) || that.length() != length() || closed || that.closed) {
            return false;
        }
        long difference = 0;
        int words = length() / Long.BYTES * Long.BYTES;
        for (int i = 0; i < words; i += Long.BYTES) {
            difference |= segment.get(WORD, i) ^ that.segment.get(WORD, i);
        }
        for (int i = words; i < length(); i++) {
            difference |= segment.get(ValueLayout.JAVA_BYTE, i) ^ that.segment.get(ValueLayout.JAVA_BYTE, i);
        }
        return difference == 0 && !closed && !that.closed;
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
