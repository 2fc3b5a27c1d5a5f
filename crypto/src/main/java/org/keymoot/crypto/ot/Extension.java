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

    static final int SCRATCH_BYTES = Long.SIZE * Long.BYTES;

    private static final int WORDS_PER_HASH = BlockHash.LENGTH / Long.BYTES;

    private Extension() {}

    static BlockHash rowGenerator(ExtensionContext context) {
        return new BlockHash(context.enter(Transcript.start(Tag.COTE_ROW)));
    }

    static BlockHash padHash(ExtensionContext context) {
        return new BlockHash(context.enter(Transcript.start(Tag.COTE_PAD)));
    }

    /// Adds the row that `leaf` generates to row `b` of the tree for every bit `b` of `place`, and to the row
    /// at `sumOffset` of `sum`. The place is public: the sender counts it from its secret leaf.
    static void addLeaf(
            BlockHash generator,
            MemorySegment leaves,
            long leafOffset,
            int place,
            MemorySegment rows,
            long treeOffset,
            MemorySegment sum,
            long sumOffset) {
        for (int word = 0; word < OtParameters.ROW_WORDS; word++) {
            if (word % WORDS_PER_HASH == 0) {
                generator.hash(leaves, leafOffset, word / WORDS_PER_HASH);
            }
            long value = generator.word(word % WORDS_PER_HASH);
            long at = (long) word * Long.BYTES;
            for (int bit = 0; bit < OtParameters.TREE_DEPTH; bit++) {
                if ((place >>> bit & 1) != 0) {
                    add(rows, treeOffset + (long) bit * OtParameters.ROW_BYTES + at, value);
                }
            }
            add(sum, sumOffset + at, value);
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
