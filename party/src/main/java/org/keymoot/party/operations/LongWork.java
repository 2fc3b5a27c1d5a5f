package org.keymoot.party.operations;

import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Computations of seconds, such as the search for the primes of an RSA key pair that a client asked for.
///
/// It keeps true: they take one thread of the platform at a time, of low priority, so that neither sessions
/// nor other requests wait for them; what does not fit into the queue is refused at once.
final class LongWork implements AutoCloseable {
    /// Computations that may wait for their turn.
    static final int MAX_WAITING = 8;

    private static final long IDLE_SECONDS = 30;

    private final ThreadPoolExecutor executor;

    LongWork() {
        executor = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                task -> Thread.ofPlatform()
                        .name("long-work")
                        .daemon()
                        .priority(Thread.MIN_PRIORITY)
                        .unstarted(task));
        executor.allowCoreThreadTimeOut(true);
    }

    /// Waits for the result; empty when too many wait already.
    <T> Optional<T> run(Supplier<T> work) {
        try {
            return Optional.of(CompletableFuture.supplyAsync(work, executor).join());
        } catch (RejectedExecutionException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
