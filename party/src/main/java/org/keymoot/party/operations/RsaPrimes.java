package org.keymoot.party.operations;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.rsa.RsaModulus;
import org.keymoot.crypto.rsa.SafePrimes;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;

/// The safe primes of the RSA keys that this party deals, found ahead where it can be.
///
/// A pair takes a second for RSA_2048 and half a minute or more for RSA_4096. So once keys of a length were
/// asked for, the primes of the next one are searched for at leisure, with the processor idle most of the
/// time; while somebody waits, the search runs without a break.
///
/// It keeps true: a prime serves one key; none is ever written anywhere, those that wait are off the heap,
/// and a restart forgets them; searches take a share of the processors, however many wait.
final class RsaPrimes implements AutoCloseable {
    /// Primes kept of each length that was asked for: those of one key.
    static final int READY = 2;

    /// The longest that a request waits: many clients give up after half a minute.
    static final Duration PATIENCE = Duration.ofSeconds(24);

    /// Requests that may wait at a time.
    static final int MAX_WAITING = 8;

    /// At leisure the search pauses for so many times what a test took.
    private static final int LEISURE = 3;

    private final RandomSource random;
    private final Duration patience;
    private final int searchers;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final TreeMap<Integer, Shelf> shelves = new TreeMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private int waiting;
    private volatile boolean closed;

    RsaPrimes(RandomSource random) {
        this(random, PATIENCE, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    RsaPrimes(RandomSource random, Duration patience, int searchers) {
        this.random = random;
        this.patience = patience;
        this.searchers = searchers;
    }

    /// The primes of one length.
    private static final class Shelf {
        final Deque<SecretBytes> ready = new ArrayDeque<>();
        volatile int wanted;

        boolean isUrgent() {
            return ready.size() < wanted;
        }

        boolean isLow() {
            return ready.size() < READY;
        }
    }

    /// No primes were found in the time that a request has. The search goes on.
    static final class NotYet extends Exception {
        NotYet(String what) {
            super(what);
        }
    }

    /// The two primes of one key. Closing it erases them.
    final class Pair implements AutoCloseable {
        private final int primeBits;
        private final List<SecretBytes> primes;
        private boolean kept;

        private Pair(int primeBits, List<SecretBytes> primes) {
            this.primeBits = primeBits;
            this.primes = primes;
        }

        /// On the heap, where it cannot be erased: the arithmetic of a dealer is there.
        BigInteger prime(int which) {
            byte[] bytes =
                    primes.get(which).segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
            try {
                return new BigInteger(1, bytes);
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        }

        /// Gives the primes back, since nothing was made of them.
        void keep() {
            lock.lock();
            try {
                if (!closed && !kept) {
                    kept = true;
                    shelf(primeBits).ready.addAll(primes);
                    changed.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            if (!kept) {
                primes.forEach(SecretBytes::close);
            }
        }
    }

    /// Takes the primes for a modulus of `bits`; waits while they are searched for.
    ///
    /// @throws NotYet when that took too long, or too many wait already
    Pair take(int bits) throws NotYet, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        lock.lockInterruptibly();
        try {
            Shelf shelf = shelf(bits / 2);
            if (shelf.ready.size() < READY && waiting >= MAX_WAITING) {
                throw new NotYet(
                        "%d requests wait for the primes of RSA keys already; try again later".formatted(waiting));
            }
            waiting++;
            shelf.wanted += READY;
            try {
                search();
                while (shelf.ready.size() < READY) {
                    long left = deadline - System.nanoTime();
                    if (left <= 0 || closed) {
                        throw new NotYet(
                                "no primes for an RSA key of %d bits were found within %s; the search goes on, so try again"
                                        .formatted(bits, patience));
                    }
                    changed.await(left, TimeUnit.NANOSECONDS);
                }
                List<SecretBytes> primes = List.of(shelf.ready.remove(), shelf.ready.remove());
                return new Pair(bits / 2, primes);
            } finally {
                waiting--;
                shelf.wanted -= READY;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// How many primes of half this modulus's length are ready.
    int ready(int bits) {
        lock.lock();
        try {
            return shelf(bits / 2).ready.size();
        } finally {
            lock.unlock();
        }
    }

    private Shelf shelf(int primeBits) {
        return shelves.computeIfAbsent(primeBits, any -> new Shelf());
    }

    private void search() {
        while (threads.size() < searchers && !closed) {
            threads.add(Thread.ofPlatform()
                    .name("rsa-primes-" + threads.size())
                    .daemon()
                    .priority(Thread.MIN_PRIORITY)
                    .start(this::run));
        }
        changed.signalAll();
    }

    private void run() {
        try {
            while (!closed) {
                int primeBits = next();
                Optional<BigInteger> found = SafePrimes.search(primeBits, random, new Pace(primeBits));
                if (found.isPresent()) {
                    add(primeBits, found.get());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// The length to search for: one that somebody waits for, the shortest first, or one of which too few
    /// are ready.
    private int next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                for (boolean urgent : new boolean[] {true, false}) {
                    for (var entry : shelves.entrySet()) {
                        if (urgent
                                ? entry.getValue().isUrgent()
                                : entry.getValue().isLow()) {
                            return entry.getKey();
                        }
                    }
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Without a break while somebody waits for this length; not at all while somebody waits for another
    /// alone.
    private final class Pace implements SafePrimes.Pace {
        private final int primeBits;
        private long testedFrom = System.nanoTime();

        Pace(int primeBits) {
            this.primeBits = primeBits;
        }

        @Override
        public boolean goOn() {
            if (closed) {
                return false;
            }
            boolean urgent;
            lock.lock();
            try {
                urgent = shelf(primeBits).isUrgent();
                var before = urgent ? shelves.headMap(primeBits) : shelves;
                if (!urgent && !shelf(primeBits).isLow()
                        || before.values().stream().anyMatch(Shelf::isUrgent)) {
                    return false;
                }
            } finally {
                lock.unlock();
            }
            if (!urgent) {
                LockSupport.parkNanos(LEISURE * (System.nanoTime() - testedFrom));
            }
            testedFrom = System.nanoTime();
            return !closed && !Thread.currentThread().isInterrupted();
        }
    }

    private void add(int primeBits, BigInteger prime) {
        byte[] bytes = RsaModulus.encode(prime, primeBits / 8);
        lock.lock();
        try {
            if (!closed) {
                shelf(primeBits).ready.add(SecretBytes.copyOf(MemorySegment.ofArray(bytes)));
                changed.signalAll();
            }
        } finally {
            lock.unlock();
            Arrays.fill(bytes, (byte) 0);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            threads.forEach(Thread::interrupt);
            shelves.values().forEach(shelf -> {
                shelf.ready.forEach(SecretBytes::close);
                shelf.ready.clear();
            });
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
