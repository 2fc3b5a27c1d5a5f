package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Turns the extension's 256 rows into columns of 256 bits, in blocks of 64 by 64, without secret indices.
final class BitMatrix {
    /// Bytes of a column.
    static final int COLUMN_BYTES = OtParameters.BASE_TRANSFERS / Byte.SIZE;

    private static final int BLOCK = Long.SIZE;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private BitMatrix() {}

    /// Bit `r` of column `j` becomes bit `j` of row `r`; the mask's columns are left out. `scratch` has 512
    /// bytes.
    static void transpose(MemorySegment rows, MemorySegment columns, MemorySegment scratch) {
        for (int down = 0; down < OtParameters.BASE_TRANSFERS / BLOCK; down++) {
            for (int across = 0; across < OtParameters.COLUMNS / BLOCK; across++) {
                for (int i = 0; i < BLOCK; i++) {
                    long row = (long) (down * BLOCK + i) * OtParameters.ROW_BYTES;
                    scratch.set(WORD, 8L * i, rows.get(WORD, row + 8L * across));
                }
                transposeBlock(scratch);
                for (int i = 0; i < BLOCK; i++) {
                    long column = (long) (across * BLOCK + i) * COLUMN_BYTES;
                    columns.set(WORD, column + 8L * down, scratch.get(WORD, 8L * i));
                }
            }
        }
    }

    /// Exchanges ever smaller quarters: 32 by 32, 16 by 16, down to single bits.
    private static void transposeBlock(MemorySegment block) {
        long mask = 0x00000000FFFFFFFFL;
        for (int width = 32; width != 0; width >>>= 1, mask ^= mask << width) {
            for (int i = 0; i < BLOCK; i = (i + width + 1) & ~width) {
                long upper = block.get(WORD, 8L * i);
                long lower = block.get(WORD, 8L * (i + width));
                long exchange = (upper >>> width ^ lower) & mask;
                block.set(WORD, 8L * i, upper ^ exchange << width);
                block.set(WORD, 8L * (i + width), lower ^ exchange);
            }
        }
    }
}
