package org.keymoot.party.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What computes for seconds waits for its turn, and what does not fit is refused.
class LongWorkTest {
    private static final int TOO_MANY = 4;

    @Test
    void doesOneThingAtATimeAndRefusesWhatDoesNotFit() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (LongWork work = new LongWork();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Optional<Boolean>>> asked = new ArrayList<>();
            for (int i = 0; i < 1 + LongWork.MAX_WAITING + TOO_MANY; i++) {
                asked.add(callers.submit(() -> work.run(() -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    boolean released = await(hold);
                    atOnce.decrementAndGet();
                    return released;
                })));
            }
            while (asked.stream().filter(Future::isDone).count() < TOO_MANY) {
                Thread.sleep(1);
            }
            hold.countDown();
            int done = 0;
            for (Future<Optional<Boolean>> one : asked) {
                done += one.get(10, TimeUnit.SECONDS).isPresent() ? 1 : 0;
            }
            assertThat(done).isEqualTo(1 + LongWork.MAX_WAITING);
            assertThat(most).hasValue(1);
        }
    }

    @Test
    void passesOnWhatWentWrong() {
        try (LongWork work = new LongWork()) {
            assertThatThrownBy(() -> work.run(() -> {
                        throw new IllegalStateException("no primes");
                    }))
                    .hasMessageContaining("no primes");
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
