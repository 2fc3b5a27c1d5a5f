package org.keymoot.crypto.secret;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where secrets lie: slots of native memory in a few sizes, cut from chunks that live as long as the process.
///
/// It keeps true: a slot is zero when it is handed out, zeroed again before anyone else can have it, and handed
/// out to one owner at a time. Taking and returning a slot costs a short lock and no arena, for closing a
/// shared arena stops every thread.
///
/// A slot whose owner was collected without being closed is zeroed and taken back at a later request. This is a
/// net under a fall and no way down: nothing says when the collector will run.
final class SecretMemory {
    static final SecretMemory GLOBAL = new SecretMemory();

    static final int SMALLEST_SLOT_BYTES = 32;
    static final int LARGEST_SLOT_BYTES = 1 << 20;

    /// What is asked of the system at a time, so that small slots come in hundreds.
    private static final int CHUNK_BYTES = 64 << 10;

    private final SizeClass[] sizes;
    private final ReferenceQueue<MemorySegment> abandoned = new ReferenceQueue<>();

    SecretMemory() {
        int smallest = Integer.numberOfTrailingZeros(SMALLEST_SLOT_BYTES);
        int largest = Integer.numberOfTrailingZeros(LARGEST_SLOT_BYTES);
        sizes = new SizeClass[largest - smallest + 1];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = new SizeClass(SMALLEST_SLOT_BYTES << i);
        }
    }

    /// Hands out `length` zero bytes, aligned to 8. A secret longer than the largest slot has memory of its
    /// own.
    Lease lease(int length) {
        if (length < 0) {
            throw new IllegalArgumentException("expected a length of at least 0, found " + length);
        }
        takeBackAbandoned();
        if (length > LARGEST_SLOT_BYTES) {
            Arena arena = Arena.ofShared();
            return new Lease(arena.allocate(length, Long.BYTES), null, arena);
        }
        int slotBytes = Math.max(SMALLEST_SLOT_BYTES, Integer.highestOneBit(Math.max(1, 2 * length - 1)));
        int index = Integer.numberOfTrailingZeros(slotBytes) - Integer.numberOfTrailingZeros(SMALLEST_SLOT_BYTES);
        Slot slot = sizes[index].take();
        MemorySegment memory = slot.memory.asSlice(0, length);
        slot.loan = new Loan(memory, abandoned, slot);
        return new Lease(memory, slot.loan, null);
    }

    /// Zeroes and takes back every slot whose owner is gone.
    void takeBackAbandoned() {
        for (Reference<?> gone = abandoned.poll(); gone != null; gone = abandoned.poll()) {
            ((Loan) gone).end();
        }
    }

    /// Memory handed out, and the one way to return it.
    static final class Lease {
        private final MemorySegment memory;
        private final @Nullable Loan loan;
        private final @Nullable Arena arena;

        private Lease(MemorySegment memory, @Nullable Loan loan, @Nullable Arena arena) {
            this.memory = memory;
            this.loan = loan;
            this.arena = arena;
        }

        MemorySegment memory() {
            return memory;
        }

        /// Erases the bytes and returns them; a second call does nothing. Whatever still refers to the memory
        /// then reads zeros, and later perhaps what a next owner writes; [SecretBytes] therefore hands nothing
        /// out any more.
        synchronized void giveBack() {
            if (loan != null) {
                loan.end();
            } else if (arena != null && arena.scope().isAlive()) {
                memory.fill((byte) 0);
                arena.close();
            }
        }
    }

    private static final class Slot {
        private final SizeClass size;
        private final MemorySegment memory;

        /// Reachable from here as long as the slot is on loan, or the collector would forget to report it.
        private @Nullable Loan loan;

        private Slot(SizeClass size, MemorySegment memory) {
            this.size = size;
            this.memory = memory;
        }
    }

    /// One lending of a slot. It ends once, by [Lease#giveBack()] or, when the memory handed out can no longer
    /// be reached, by [#takeBackAbandoned()]; that each lending has its own end is what makes a late second
    /// return harmless to the slot's next owner.
    private static final class Loan extends PhantomReference<MemorySegment> {
        private final Slot slot;
        private boolean ended;

        private Loan(MemorySegment memory, ReferenceQueue<MemorySegment> abandoned, Slot slot) {
            super(memory, abandoned);
            this.slot = slot;
        }

        private synchronized void end() {
            if (!ended) {
                ended = true;
                clear();
                slot.memory.fill((byte) 0);
                slot.loan = null;
                slot.size.giveBack(slot);
            }
        }
    }

    private static final class SizeClass {
        private final int bytes;

        /// First in, first out: a slot rests as long as possible before it has a next owner.
        private final Deque<Slot> free = new ArrayDeque<>();

        /// Keeps the slots on loan reachable, and with them their [Loan]s.
        private final List<Slot> all = new ArrayList<>();

        private SizeClass(int bytes) {
            this.bytes = bytes;
        }

        private synchronized Slot take() {
            if (free.isEmpty()) {
                grow();
            }
            return free.removeFirst();
        }

        private synchronized void giveBack(Slot slot) {
            free.addLast(slot);
        }

        private void grow() {
            int count = Math.max(1, CHUNK_BYTES / bytes);
            MemorySegment chunk = Arena.global().allocate((long) count * bytes, SMALLEST_SLOT_BYTES);
            for (int i = 0; i < count; i++) {
                Slot slot = new Slot(this, chunk.asSlice((long) i * bytes, bytes));
                all.add(slot);
                free.addLast(slot);
            }
        }
    }
}
