package org.keymoot.crypto.transcript;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;

/// A [Transcript] whose inputs or outputs are secret: inputs are read from off-heap memory, outputs are
/// off-heap.
///
/// It keeps true: output goes nowhere but into memory that the given scope erases; all that is staged on the
/// heap is one short buffer, overwritten before each method returns. A residual remains: the platform's SHA-256
/// keeps its block and its state in heap arrays, which are overwritten when a transcript ends but may have been
/// copied by the collector in between.
public final class SecretTranscript {
    private static final int STAGE_BYTES = 256;

    private final MessageDigest digest = Framing.sha256();
    private final byte[] stage = new byte[STAGE_BYTES];
    private boolean ended;

    private SecretTranscript() {}

    public static SecretTranscript start(Tag tag) {
        SecretTranscript transcript = new SecretTranscript();
        Framing.text(transcript.digest, Framing.TAG, tag.text());
        return transcript;
    }

    public SecretTranscript bytes(byte[] value) {
        Framing.put(live(), Framing.BYTES, value);
        return this;
    }

    public SecretTranscript text(String value) {
        Framing.text(live(), Framing.TEXT, value);
        return this;
    }

    public SecretTranscript number(long value) {
        Framing.number(live(), value);
        return this;
    }

    public SecretTranscript point(Point value) {
        Framing.point(live(), value);
        return this;
    }

    public SecretTranscript scalar(Scalar value) {
        Framing.scalar(live(), value);
        return this;
    }

    /// Secret bytes; the length is public.
    public SecretTranscript secret(MemorySegment value) {
        int length = Math.toIntExact(value.byteSize());
        Framing.header(live(), Framing.SECRET, length);
        try {
            for (int done = 0; done < length; done += STAGE_BYTES) {
                int step = Math.min(STAGE_BYTES, length - done);
                MemorySegment.copy(value, ValueLayout.JAVA_BYTE, done, stage, 0, step);
                digest.update(stage, 0, step);
            }
        } finally {
            Arrays.fill(stage, (byte) 0);
        }
        return this;
    }

    public SecretTranscript secret(SecretBytes value) {
        return secret(value.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
    }

    /// A secret scalar, in its little-endian form in memory.
    public SecretTranscript secret(SecretScalar value) {
        return secret(value.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
    }

    /// Ends with 32 secret bytes.
    public SecretBytes hash(SecretScope scope) {
        Framing.header(live(), Framing.END_HASH, Transcript.HASH_BYTES);
        SecretBytes out = scope.allocate(Transcript.HASH_BYTES);
        finish(out.segment(Disclosure.I_TAKE_THE_SECRET_OUT), 0, Transcript.HASH_BYTES);
        ended = true;
        return out;
    }

    /// Ends with a secret scalar whose distance from uniform is below 2^-128.
    public SecretScalar scalar(ScalarField field, SecretScope scope) {
        live().update((byte) field.groupId().code());
        try (SecretScope local = new SecretScope()) {
            MemorySegment wide = expand(Transcript.SCALAR_BYTES, local).segment(Disclosure.I_TAKE_THE_SECRET_OUT);
            reverse(wide);
            SecretScalar out = field.secretZero(scope);
            field.rawReduce(out.segment(Disclosure.I_TAKE_THE_SECRET_OUT), 0, wide, 0, Transcript.SCALAR_BYTES);
            return out;
        }
    }

    /// Ends with `length` secret bytes.
    public SecretBytes expand(int length, SecretScope scope) {
        Framing.header(live(), Framing.END_EXPAND, length);
        SecretBytes out = scope.allocate(length);
        MemorySegment target = out.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        byte[] seed = new byte[Transcript.HASH_BYTES];
        try {
            into(seed);
            for (int done = 0, block = 0; done < length; done += Transcript.HASH_BYTES, block++) {
                Framing.text(digest, Framing.TAG, Tag.TRANSCRIPT_EXPAND.text());
                Framing.put(digest, Framing.BYTES, seed);
                Framing.number(digest, block);
                Framing.header(digest, Framing.END_HASH, Transcript.HASH_BYTES);
                finish(target, done, Math.min(Transcript.HASH_BYTES, length - done));
            }
        } finally {
            Arrays.fill(seed, (byte) 0);
            digest.reset();
            ended = true;
        }
        return out;
    }

    private void finish(MemorySegment target, long offset, int length) {
        try {
            into(stage);
            MemorySegment.copy(stage, 0, target, ValueLayout.JAVA_BYTE, offset, length);
        } finally {
            Arrays.fill(stage, (byte) 0);
            digest.reset();
        }
    }

    private void into(byte[] buffer) {
        try {
            digest.digest(buffer, 0, Transcript.HASH_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("a hash fits its buffer", e);
        }
    }

    private static void reverse(MemorySegment bytes) {
        for (long low = 0, high = bytes.byteSize() - 1; low < high; low++, high--) {
            byte swap = bytes.get(ValueLayout.JAVA_BYTE, low);
            bytes.set(ValueLayout.JAVA_BYTE, low, bytes.get(ValueLayout.JAVA_BYTE, high));
            bytes.set(ValueLayout.JAVA_BYTE, high, swap);
        }
    }

    private MessageDigest live() {
        if (ended) {
            throw new IllegalStateException("this transcript has given its output and cannot be used again");
        }
        return digest;
    }
}
