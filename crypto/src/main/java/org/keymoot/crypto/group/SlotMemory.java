package org.keymoot.crypto.group;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/// Small pieces of native memory, cut from blocks because one arena per scalar would cost more than the arithmetic.
///
/// It keeps true: no piece is handed out twice, so a reference kept after [SecretScalar#close()] reads zeros and never
/// another secret; a block is freed by the collector once nothing refers to any of its pieces.
final class SlotMemory {
    static final int SLOT_BYTES = 32;
    private static final int BLOCK_BYTES = 256 * SLOT_BYTES;

    private volatile Block current = new Block();

    /// Returns `bytes` zero bytes, a multiple of [#SLOT_BYTES] and at most a block.
    MemorySegment allocate(int bytes) {
        while (true) {
            Block block = current;
            int start = block.used.getAndAdd(bytes);
            if (start >= 0 && start + bytes <= BLOCK_BYTES) {
                return block.memory.asSlice(start, bytes);
            }
            replace(block);
        }
    }

    private synchronized void replace(Block full) {
        if (current == full) {
            current = new Block();
        }
    }

    private static final class Block {
        private final MemorySegment memory = Arena.ofAuto().allocate(BLOCK_BYTES, SLOT_BYTES);
        private final AtomicInteger used = new AtomicInteger();
    }
}
