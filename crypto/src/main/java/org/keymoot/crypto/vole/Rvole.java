package org.keymoot.crypto.vole;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.ot.BlockHash;
import org.keymoot.crypto.ot.ExtensionContext;
import org.keymoot.crypto.ot.OtParameters;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// What both sides of a multiplication share: its sizes and its public values.
final class Rvole {
    /// ξ.
    static final int TRANSFERS = OtParameters.TRANSFERS;

    /// ℓ: inputs of the sender, which it multiplies with the receiver's one.
    static final int INPUTS = 2;

    /// ρ: columns that check the others.
    static final int CHECKS = 1;

    static final int WIDTH = INPUTS + CHECKS;

    static final int SCALAR_BYTES = 32;

    /// Bytes of one scalar for each transfer.
    static final int COLUMN_BYTES = TRANSFERS * SCALAR_BYTES;

    static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int WORDS = SCALAR_BYTES / Long.BYTES;

    private static final int CHALLENGE_BYTES = 64;

    private Rvole() {}

    /// Writes the public random gadget vector `g`.
    static void gadget(ExtensionContext context, HashToScalar reduction, MemorySegment gadget) {
        MemorySegment wide = reduction.wide();
        try (BlockHash hash = new BlockHash(context.enter(Transcript.start(Tag.RVOLE_GADGET)))) {
            for (int j = 0; j < TRANSFERS; j++) {
                hash.hash(0, 0, 0, 0, j << 8);
                hash.copyTo(wide, 0, 4);
                if (reduction.isWide()) {
                    hash.hash(0, 0, 0, 0, j << 8 | 1);
                    hash.copyTo(wide, 32, HashToScalar.FURTHER_WORDS);
                }
                reduction.reduce(gadget, (long) j * SCALAR_BYTES);
            }
        }
    }

    /// Writes the challenges `θ`, one for each input, which follow from the whole of the corrections.
    static void challenges(
            ExtensionContext context, ScalarField field, byte[] corrections, MemorySegment theta, MemorySegment wide) {
        byte[] bytes = context.enter(Transcript.start(Tag.RVOLE_CHALLENGE))
                .number(field.groupId().code())
                .bytes(corrections)
                .expand(INPUTS * CHALLENGE_BYTES);
        for (int i = 0; i < INPUTS; i++) {
            MemorySegment.copy(bytes, i * CHALLENGE_BYTES, wide, ValueLayout.JAVA_BYTE, 0, CHALLENGE_BYTES);
            field.rawReduce(theta, (long) i * SCALAR_BYTES, wide, 0, CHALLENGE_BYTES);
        }
    }

    /// Writes element `j` of the check column: the check's value of the transfer plus `Σ θ·` its inputs'
    /// values.
    static void checkElement(WideSum sums, MemorySegment checks, MemorySegment values, MemorySegment theta, int j) {
        long row = (long) j * WIDTH * SCALAR_BYTES;
        sums.sum(
                checks,
                (long) j * SCALAR_BYTES,
                values,
                row + (long) INPUTS * SCALAR_BYTES,
                theta,
                0,
                SCALAR_BYTES,
                values,
                row,
                SCALAR_BYTES,
                INPUTS);
    }

    /// Adds to `share` the sum of gadget times value over all transfers, for one input.
    static void gadgetSum(WideSum sums, MemorySegment share, MemorySegment gadget, MemorySegment values, int input) {
        sums.sum(
                share,
                0,
                share,
                0,
                gadget,
                0,
                SCALAR_BYTES,
                values,
                (long) input * SCALAR_BYTES,
                (long) WIDTH * SCALAR_BYTES,
                TRANSFERS);
    }

    /// `μ`: the hash of the check column.
    static SecretBytes check(ExtensionContext context, ScalarField field, MemorySegment column, SecretScope scope) {
        byte[] bound = context.enter(Transcript.start(Tag.RVOLE_CHECK))
                .number(field.groupId().code())
                .hash();
        return SecretTranscript.start(Tag.RVOLE_CHECK)
                .bytes(bound)
                .secret(column)
                .hash(scope);
    }

    /// Copies a scalar under a mask of ones or zeros.
    static void copyMasked(MemorySegment target, long offset, MemorySegment source, long sourceOffset, long mask) {
        for (int i = 0; i < WORDS; i++) {
            long at = (long) i * Long.BYTES;
            target.set(WORD, offset + at, source.get(WORD, sourceOffset + at) & mask);
        }
    }

    /// @throws InvalidEncodingException when one of the scalars in the first `length` bytes is not below the
    ///     order
    static void requireCanonical(ScalarField field, byte[] encoded, int length) throws InvalidEncodingException {
        long[] order = new long[WORDS];
        for (int i = 0; i < WORDS; i++) {
            order[i] = field.order().shiftRight(i * Long.SIZE).longValue();
        }
        MemorySegment bytes = MemorySegment.ofArray(encoded);
        for (int at = 0; at < length; at += SCALAR_BYTES) {
            int i = WORDS - 1;
            while (i > 0 && bytes.get(WORD, at + (long) i * Long.BYTES) == order[i]) {
                i--;
            }
            if (Long.compareUnsigned(bytes.get(WORD, at + (long) i * Long.BYTES), order[i]) >= 0) {
                throw new InvalidEncodingException(
                        "scalar " + at / SCALAR_BYTES + " of a reply is not below the group's order");
            }
        }
    }
}
