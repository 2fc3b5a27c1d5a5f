package org.keymoot.crypto.vole;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
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

/// What both sides of a multiplication share: its sizes, its public values, and how hashes become scalars.
///
/// It keeps true: a hash becomes a scalar with a bias of at most 2^-126. For a field whose order is close
/// enough to 2^256 (secp256k1) 256 bits of hash are enough; for the others, P-256 among them with a bias of
/// 2^-32 otherwise, 384 bits are reduced. Challenges are always reduced from 512 bits.
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

    private static final int NARROW_GAP_BITS = 130;

    private Rvole() {}

    /// Words of hash that make one scalar: 4 or 6.
    static int wordsPerScalar(ScalarField field) {
        BigInteger gap = BigInteger.TWO.pow(256).subtract(field.order());
        return gap.bitLength() <= NARROW_GAP_BITS ? 4 : 6;
    }

    /// Writes the public random gadget vector `g`.
    static void gadget(ExtensionContext context, ScalarField field, MemorySegment gadget, MemorySegment wide) {
        int words = wordsPerScalar(field);
        try (BlockHash hash = new BlockHash(context.enter(Transcript.start(Tag.RVOLE_GADGET)))) {
            for (int j = 0; j < TRANSFERS; j++) {
                hash.hash(0, 0, 0, 0, j << 8);
                hash.copyTo(wide, 0, 4);
                if (words > 4) {
                    hash.hash(0, 0, 0, 0, j << 8 | 1);
                    hash.copyTo(wide, 32, words - 4);
                }
                field.rawReduce(gadget, (long) j * SCALAR_BYTES, wide, 0, words * Long.BYTES);
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
