package org.keymoot.crypto.secret;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class SecretMemoryTest {
    private final SecretMemory memory = new SecretMemory();

    @Test
    void cutsEachLengthToSizeAndAligned() {
        for (int length = 0; length <= 5000; length += 1 + length / 16) {
            SecretMemory.Lease lease = memory.lease(length);
            assertThat(lease.memory().byteSize()).isEqualTo(length);
            assertThat(lease.memory().address() % Long.BYTES).isZero();
            lease.giveBack();
        }
    }

    @Test
    void lendsNoByteTwiceAtATime() {
        List<SecretMemory.Lease> leases = new ArrayList<>();
        Set<Long> words = new HashSet<>();
        for (int i = 0; i < 5000; i++) {
            SecretMemory.Lease lease = memory.lease(8 * (1 + i % 40));
            leases.add(lease);
            for (long at = 0; at < lease.memory().byteSize(); at += Long.BYTES) {
                assertThat(words.add(lease.memory().address() + at)).isTrue();
            }
        }
        leases.forEach(SecretMemory.Lease::giveBack);
    }

    @Test
    void usesReturnedSlotsAgainAndZeroed() {
        Set<Long> addresses = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            SecretMemory.Lease lease = memory.lease(32);
            assertThat(lease.memory().mismatch(MemorySegment.ofArray(new byte[32])))
                    .isEqualTo(-1);
            lease.memory().fill((byte) -1);
            addresses.add(lease.memory().address());
            lease.giveBack();
        }
        assertThat(addresses).hasSizeLessThanOrEqualTo((64 << 10) / 32);
    }

    @Test
    void zeroesTheWholeSlotAndNotOnlyTheLengthAskedFor() {
        SecretMemory.Lease lease = memory.lease(20);
        MemorySegment slot = MemorySegment.ofAddress(lease.memory().address()).reinterpret(32);
        slot.fill((byte) 9);
        lease.giveBack();
        assertThat(slot.mismatch(MemorySegment.ofArray(new byte[32]))).isEqualTo(-1);
    }

    @Test
    void aSecondReturnLeavesTheNextOwnerAlone() {
        SecretMemory.Lease first = memory.lease(1 << 20);
        long address = first.memory().address();
        first.giveBack();
        SecretMemory.Lease second = memory.lease(1 << 20);
        assertThat(second.memory().address()).as("the slot is used again").isEqualTo(address);
        second.memory().fill((byte) 3);
        first.giveBack();
        assertThat(second.memory().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 3);
        assertThat(memory.lease(1 << 20).memory().address()).isNotEqualTo(address);
    }

    @Test
    void erasesAndTakesBackWhatWasAbandoned() throws InterruptedException {
        MemorySegment raw = abandon();
        for (int attempt = 0; attempt < 100 && raw.get(ValueLayout.JAVA_BYTE, 0) != 0; attempt++) {
            System.gc();
            Thread.sleep(10);
            memory.takeBackAbandoned();
        }
        assertThat(raw.mismatch(MemorySegment.ofArray(new byte[1 << 20]))).isEqualTo(-1);
        assertThat(memory.lease(1 << 20).memory().address()).isEqualTo(raw.address());
    }

    /// Returns a view of the memory that does not keep the lease alive.
    private MemorySegment abandon() {
        SecretMemory.Lease lease = memory.lease(1 << 20);
        lease.memory().fill((byte) 0x77);
        return MemorySegment.ofAddress(lease.memory().address()).reinterpret(1 << 20);
    }

    @Test
    void threadsNeverShareASlot() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                long mark = t + 1;
                Callable<Boolean> task = () -> neverSeesAnotherMark(mark);
                results.add(threads.submit(task));
            }
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
        }
    }

    private boolean neverSeesAnotherMark(long mark) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(mark);
        List<SecretMemory.Lease> held = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            if (held.size() < 20 && random.nextBoolean()) {
                SecretMemory.Lease lease = memory.lease(32);
                if (lease.memory().get(ValueLayout.JAVA_LONG, 0) != 0) {
                    return false;
                }
                lease.memory().set(ValueLayout.JAVA_LONG, 0, mark);
                held.add(lease);
            } else if (!held.isEmpty()) {
                SecretMemory.Lease lease = held.remove(random.nextInt(held.size()));
                if (lease.memory().get(ValueLayout.JAVA_LONG, 0) != mark) {
                    return false;
                }
                lease.giveBack();
            }
        }
        held.forEach(SecretMemory.Lease::giveBack);
        return true;
    }
}
