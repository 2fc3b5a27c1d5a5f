package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// What both sides of the extension compute alike: the rows from the leaves, and the challenges of the check.
final class Extension {
    static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// Bytes of all 256 rows.
    static final int ROWS_BYTES = OtParameters.BASE_TRANSFERS * OtParameters.ROW_BYTES;

    /// Bytes of all columns that carry transfers.
    static final int COLUMNS_BYTES = OtParameters.COLUMNS * BitMatrix.COLUMN_BYTES;

    /// Bytes of all combined rows.
    static final int COMBINED_BYTES = OtParameters.BASE_TRANSFERS * 16;

    /// Bytes of a block of 64 by 64 bits.
    static final int SCRATCH_BYTES = Long.SIZE * Long.BYTES;

    /// Bytes of a row for each leaf of a tree, and one more.
    static final int TREE_BYTES = (OtParameters.LEAVES + 1) * OtParameters.ROW_BYTES;

    private static final int WORDS_PER_HASH = BlockHash.LENGTH / Long.BYTES;

    private Extension() {}

    static BlockHash rowGenerator(ExtensionContext context) {
        return new BlockHash(context.enter(Transcript.start(Tag.COTE_ROW)));
    }

    static BlockHash padHash(ExtensionContext context) {
        return new BlockHash(context.enter(Transcript.start(Tag.COTE_PAD)));
    }

    /// Adds to row `b` of a tree the rows that its leaves generate at the places that have bit `b`, and to
    /// `sum` the rows of all leaves. The places from `firstPlace` on are public: the sender counts them from
    /// its secret leaf, and has none at place zero. `scratch` has a row for each place.
    static void addTree(
            BlockHash generator,
            MemorySegment leaves,
            long leafOffset,
            int firstPlace,
            MemorySegment rows,
            long treeOffset,
            MemorySegment sum,
            MemorySegment scratch) {
        for (int place = firstPlace; place < OtParameters.LEAVES; place++) {
            long leaf = leafOffset + (long) (place - firstPlace) * OtParameters.SEED_BYTES;
            long row = (long) place * OtParameters.ROW_BYTES;
            for (int word = 0, block = 0; word < OtParameters.ROW_WORDS; word += WORDS_PER_HASH, block++) {
                generator.hash(leaves, leaf, block);
                generator.copyTo(
                        scratch,
                        row + (long) word * Long.BYTES,
                        Math.min(WORDS_PER_HASH, OtParameters.ROW_WORDS - word));
            }
        }
        // Halve the number of rows for each bit: the odd ones add up to that bit's row, and each joins its even one.
        for (int bit = 0; bit < OtParameters.TREE_DEPTH; bit++) {
            int count = OtParameters.LEAVES >> bit;
            for (int at = 0; at < OtParameters.ROW_BYTES; at += Long.BYTES) {
                long odds = 0;
                for (int pair = 0; pair < count; pair += 2) {
                    long even = scratch.get(WORD, (long) pair * OtParameters.ROW_BYTES + at);
                    long odd = scratch.get(WORD, (long) (pair + 1) * OtParameters.ROW_BYTES + at);
                    odds ^= odd;
                    scratch.set(WORD, (long) (pair / 2) * OtParameters.ROW_BYTES + at, even ^ odd);
                }
                add(rows, treeOffset + (long) bit * OtParameters.ROW_BYTES + at, odds);
            }
        }
        for (int at = 0; at < OtParameters.ROW_BYTES; at += Long.BYTES) {
            add(sum, at, scratch.get(WORD, at));
        }
    }

    static RowCombiner combiner(ExtensionContext context, byte[] rows) {
        return new RowCombiner(
                context.enter(Transcript.start(Tag.COTE_CHALLENGE)).bytes(rows).expand(RowCombiner.ELEMENTS * 16));
    }

    private static void add(MemorySegment target, long offset, long value) {
        target.set(WORD, offset, target.get(WORD, offset) ^ value);
    }
}
