package org.keymoot.crypto.transcript;

import java.security.MessageDigest;
import java.util.List;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;

/// A hash of public values under one domain [Tag], over SHA-256.
///
/// It keeps true: every input is preceded by its type and length, so different sequences of inputs never
/// collide before the hash; each kind and length of output is its own domain. The methods that give output end
/// the transcript: it cannot be used again. Take a [#copy()] first to go on from a common beginning.
public final class Transcript {
    /// Bytes of [#hash()].
    public static final int HASH_BYTES = 32;

    /// Bytes reduced modulo q for a scalar: 512 bits, so that the bias is at most 2^-256 for the orders in use.
    static final int SCALAR_BYTES = 64;

    private final MessageDigest digest;
    private boolean ended;

    private Transcript(MessageDigest digest) {
        this.digest = digest;
    }

    public static Transcript start(Tag tag) {
        Transcript transcript = new Transcript(Framing.sha256());
        Framing.text(transcript.digest, Framing.TAG, tag.text());
        return transcript;
    }

    public Transcript bytes(byte[] value) {
        Framing.put(live(), Framing.BYTES, value);
        return this;
    }

    /// UTF-8.
    public Transcript text(String value) {
        Framing.text(live(), Framing.TEXT, value);
        return this;
    }

    /// Any integer, as 64 bits.
    public Transcript number(long value) {
        Framing.number(live(), value);
        return this;
    }

    /// With its group's code; the identity has a form of its own.
    public Transcript point(Point value) {
        Framing.point(live(), value);
        return this;
    }

    /// The number of points, then each.
    public Transcript points(List<? extends Point> values) {
        number(values.size());
        values.forEach(this::point);
        return this;
    }

    /// With its field's code.
    public Transcript scalar(Scalar value) {
        Framing.scalar(live(), value);
        return this;
    }

    /// An independent transcript with the same inputs so far.
    public Transcript copy() {
        try {
            return new Transcript((MessageDigest) live().clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's SHA-256 can be cloned", e);
        }
    }

    /// Ends with 32 bytes.
    public byte[] hash() {
        Framing.header(live(), Framing.END_HASH, HASH_BYTES);
        ended = true;
        return digest.digest();
    }

    /// Ends with a scalar whose distance from uniform is below 2^-128.
    public Scalar scalar(ScalarField field) {
        live().update((byte) field.groupId().code());
        return field.reduce(expand(SCALAR_BYTES));
    }

    /// Ends with `length` bytes.
    public byte[] expand(int length) {
        Framing.header(live(), Framing.END_EXPAND, length);
        ended = true;
        byte[] seed = digest.digest();
        byte[] out = new byte[length];
        for (int done = 0, block = 0; done < length; done += HASH_BYTES, block++) {
            byte[] next = start(Tag.TRANSCRIPT_EXPAND).bytes(seed).number(block).hash();
            System.arraycopy(next, 0, out, done, Math.min(HASH_BYTES, length - done));
        }
        return out;
    }

    private MessageDigest live() {
        if (ended) {
            throw new IllegalStateException("this transcript has given its output and cannot be used again");
        }
        return digest;
    }
}
