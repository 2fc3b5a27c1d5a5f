package org.keymoot.party.directory;

import java.util.concurrent.locks.ReentrantLock;

/// A piece of work that serves all who wait for it at once.
///
/// It keeps true: a caller returns after a whole round that began after its call; rounds follow each other one
/// at a time, so any number of callers causes no more of them than time allows.
final class SharedRound {
    private final ReentrantLock running = new ReentrantLock();
    private final Round round;
    /// Rounds begun; written while `running` is held.
    private volatile long begun;

    /// The work.
    interface Round {
        void run() throws InterruptedException;
    }

    SharedRound(Round round) {
        this.round = round;
    }

    void fetch() throws InterruptedException {
        long before = begun;
        running.lockInterruptibly();
        try {
            // Somebody who waited as well has begun and ended one since.
            if (begun > before) {
                return;
            }
            begun++;
            round.run();
        } finally {
            running.unlock();
        }
    }
}
