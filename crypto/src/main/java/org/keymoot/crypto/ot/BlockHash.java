package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.keymoot.crypto.transcript.Transcript;

/// SHA-256 of inputs that fit one block, for the thousands of short hashes of an extension: 20 bytes of
/// context, 32 secret bytes, and three bytes of index, 55 in all, the most that one compression takes.
///
/// It keeps true: all inputs have the same form, so none is ambiguous; the context is the beginning of the hash
/// of a [Transcript] whose tag and values name the use, so different uses meet only by a collision in 160 bits
/// against a value that neither party controls alone. It serves one thread. What is staged on the heap is
/// overwritten by [#close()]; the platform's hash keeps its own block there until the next one.
public final class BlockHash implements AutoCloseable {
    /// Bytes of a result.
    public static final int LENGTH = 32;

    private static final int CONTEXT_LENGTH = 20;

    private static final int INPUT_LENGTH = CONTEXT_LENGTH + LENGTH + 3;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final MessageDigest digest = sha256();
    private final byte[] input = new byte[INPUT_LENGTH];
    private final byte[] output = new byte[LENGTH];

    /// Takes over `context`, which names the use, and ends it.
    public BlockHash(Transcript context) {
        System.arraycopy(context.hash(), 0, input, 0, CONTEXT_LENGTH);
    }

    /// Hashes the 32 bytes at `offset` with an index below 2^24; [#word] and [#copyTo] then give the result.
    public void hash(MemorySegment secret, long offset, int index) {
        hash(
                secret.get(WORD, offset),
                secret.get(WORD, offset + 8),
                secret.get(WORD, offset + 16),
                secret.get(WORD, offset + 24),
                index);
    }

    /// Hashes four words with an index below 2^24.
    public void hash(long w0, long w1, long w2, long w3, int index) {
        WORDS.set(input, CONTEXT_LENGTH, w0);
        WORDS.set(input, CONTEXT_LENGTH + 8, w1);
        WORDS.set(input, CONTEXT_LENGTH + 16, w2);
        WORDS.set(input, CONTEXT_LENGTH + 24, w3);
        input[CONTEXT_LENGTH + LENGTH] = (byte) (index >>> 16);
        input[CONTEXT_LENGTH + LENGTH + 1] = (byte) (index >>> 8);
        input[CONTEXT_LENGTH + LENGTH + 2] = (byte) index;
        digest.update(input, 0, INPUT_LENGTH);
        try {
            digest.digest(output, 0, LENGTH);
        } catch (DigestException e) {
            throw new IllegalStateException("a hash fits its buffer", e);
        }
    }

    /// A 64-bit word of the last result, 0 to 3.
    public long word(int i) {
        return (long) WORDS.get(output, i * Long.BYTES);
    }

    /// Copies the first `words` words of the last result.
    public void copyTo(MemorySegment target, long offset, int words) {
        for (int i = 0; i < words; i++) {
            target.set(WORD, offset + (long) i * Long.BYTES, word(i));
        }
    }

    @Override
    public void close() {
        Arrays.fill(input, (byte) 0);
        Arrays.fill(output, (byte) 0);
        digest.reset();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
