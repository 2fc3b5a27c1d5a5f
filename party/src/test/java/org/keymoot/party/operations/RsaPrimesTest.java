package org.keymoot.party.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.random.SeededRandom;

/// Primes of 512 bits, which take milliseconds, and of 4096, which nobody finds in the time of a test.
class RsaPrimesTest {
    private static final int SHORT = 1024;
    private static final int LONG = 8192;

    @Test
    void givesEveryPrimeToOneKeyAndFindsThoseOfTheNextAhead() throws Exception {
        try (RsaPrimes primes = new RsaPrimes(new SeededRandom(1), Duration.ofSeconds(30), 1)) {
            Set<BigInteger> seen = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                try (RsaPrimes.Pair pair = primes.take(SHORT)) {
                    for (int which : new int[] {0, 1}) {
                        BigInteger prime = pair.prime(which);
                        assertThat(prime.bitLength()).isEqualTo(SHORT / 2);
                        assertThat(prime.isProbablePrime(50)).isTrue();
                        assertThat(prime.shiftRight(1).isProbablePrime(50)).isTrue();
                        assertThat(seen.add(prime)).isTrue();
                    }
                }
            }
            awaitReady(primes);
            assertThat(primes.ready(SHORT)).isEqualTo(RsaPrimes.READY);
        }
    }

    private static void awaitReady(RsaPrimes primes) throws InterruptedException {
        for (int i = 0; i < 3000 && primes.ready(SHORT) < RsaPrimes.READY; i++) {
            Thread.sleep(10);
        }
    }

    @Test
    void primesOfWhichNothingWasMadeAreGivenAgainAndUsedOnesAreErased() throws Exception {
        try (RsaPrimes primes = new RsaPrimes(new SeededRandom(2), Duration.ofSeconds(30), 1)) {
            awaitFirst(primes);
            RsaPrimes.Pair kept = primes.take(SHORT);
            Set<BigInteger> before = Set.of(kept.prime(0), kept.prime(1));
            kept.keep();
            kept.close();
            Set<BigInteger> after = new HashSet<>();
            for (int i = 0; i < 2; i++) {
                try (RsaPrimes.Pair pair = primes.take(SHORT)) {
                    after.add(pair.prime(0));
                    after.add(pair.prime(1));
                }
            }
            assertThat(after).containsAll(before);
            RsaPrimes.Pair used = primes.take(SHORT);
            used.close();
            assertThatThrownBy(() -> used.prime(0)).isInstanceOf(IllegalStateException.class);
        }
    }

    private static void awaitFirst(RsaPrimes primes) throws Exception {
        primes.take(SHORT).close();
        awaitReady(primes);
    }

    /// Requests that cannot be served end, the shorter ones are served meanwhile, and too many are refused
    /// at once.
    @Test
    void aSearchWithoutEndHoldsNobodyElseUp() throws Exception {
        try (RsaPrimes primes = new RsaPrimes(new SeededRandom(3), Duration.ofSeconds(3), 1);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<RsaPrimes.Pair>> hopeless = new ArrayList<>();
            for (int i = 0; i < RsaPrimes.MAX_WAITING - 1; i++) {
                hopeless.add(callers.submit(() -> primes.take(LONG)));
            }
            Thread.sleep(200);
            primes.take(SHORT).close();
            hopeless.add(callers.submit(() -> primes.take(LONG)));
            Thread.sleep(200);
            long start = System.nanoTime();
            assertThatThrownBy(() -> primes.take(LONG)).isInstanceOf(RsaPrimes.NotYet.class);
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(1));
            for (Future<RsaPrimes.Pair> waiting : hopeless) {
                assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(RsaPrimes.NotYet.class);
            }
        }
    }

    @Test
    void whoWaitsIsSentAwayAtTheEnd() throws Exception {
        RsaPrimes primes = new RsaPrimes(new SeededRandom(4), Duration.ofSeconds(60), 1);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<RsaPrimes.Pair> waiting = callers.submit(() -> primes.take(LONG));
            Thread.sleep(100);
            primes.close();
            assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(RsaPrimes.NotYet.class);
        }
    }
}
