package org.keymoot.crypto.rsa;

import java.math.BigInteger;
import java.util.BitSet;
import java.util.Optional;
import org.keymoot.crypto.random.RandomSource;

/// Safe primes: `p = 2p' + 1` with `p'` prime.
///
/// It keeps true: `p'` has passed tests to randomly chosen bases that a composite passes with a probability
/// below 2^-128, and given that, `p` is proven by Pocklington's criterion.
///
/// The numbers are on the heap and their search takes as long as it takes: it is for a dealer, who knows
/// the whole key anyway, in a process that ends or forgets it.
public final class SafePrimes {
    private static final int SHORT_BITS = 512;
    private static final int SIEVED_SHORT = 1 << 16;
    private static final int SIEVED_LONG = 1 << 21;
    private static final int INTERVAL_SHORT = 1 << 14;
    private static final int INTERVAL_LONG = 1 << 18;
    private static final int ROUNDS = 64;
    private static final long LOW = 0xffffffffL;
    private static final BigInteger THREE = BigInteger.valueOf(3);

    private SafePrimes() {}

    /// Is asked before each test of a candidate, which takes milliseconds.
    @FunctionalInterface
    public interface Pace {
        /// May take its time; false ends the search.
        boolean goOn();
    }

    /// A safe prime of exactly `bits` bits whose two highest bits are set, so that the product of two has
    /// twice as many.
    public static BigInteger generate(int bits, RandomSource random) {
        return search(bits, random, () -> true).orElseThrow();
    }

    /// As [#generate], unless `pace` ends it before.
    public static Optional<BigInteger> search(int bits, RandomSource random, Pace pace) {
        if (bits < 64) {
            throw new IllegalArgumentException("a safe prime has 64 bits or more here, not " + bits);
        }
        // A test costs more than a sieve saves below some length; far above it the sieve's bound grows with it.
        int factor = Math.max(1, bits / 1024);
        int[] small = smallPrimes(bits <= SHORT_BITS ? SIEVED_SHORT : SIEVED_LONG * factor);
        int interval = bits <= SHORT_BITS ? INTERVAL_SHORT : INTERVAL_LONG * factor * factor;
        while (true) {
            BigInteger start = new BigInteger(1, random.bytes((bits + 7) / 8))
                    .mod(BigInteger.ONE.shiftLeft(bits - 1))
                    .setBit(bits - 2)
                    .setBit(bits - 3)
                    .setBit(0);
            BitSet composite = sieve(start, small, interval);
            for (int i = composite.nextClearBit(0); i < interval; i = composite.nextClearBit(i + 1)) {
                if (!pace.goOn()) {
                    return Optional.empty();
                }
                BigInteger half = start.add(BigInteger.valueOf(2L * i));
                BigInteger prime = half.shiftLeft(1).setBit(0);
                if (prime.bitLength() == bits && isSafe(half, prime, random)) {
                    return Optional.of(prime);
                }
            }
        }
    }

    /// Marks `i` where `start + 2i` or twice that plus one has a small factor.
    private static BitSet sieve(BigInteger start, int[] small, int interval) {
        BitSet composite = new BitSet(interval + 1);
        int[] limbs = limbs(start);
        for (int prime : small) {
            long inverseOfTwo = (prime + 1) / 2;
            long remainder = 0;
            for (int limb : limbs) {
                remainder = (remainder << 32 | limb & LOW) % prime;
            }
            // start + 2i = 0, and 2(start + 2i) + 1 = 0, that is start + 2i = -1/2.
            long first = (prime - remainder) * inverseOfTwo % prime;
            long second = (2L * prime - inverseOfTwo - remainder) % prime * inverseOfTwo % prime;
            for (long i = first; i < interval; i += prime) {
                composite.set((int) i);
            }
            for (long i = second; i < interval; i += prime) {
                composite.set((int) i);
            }
        }
        return composite;
    }

    private static int[] limbs(BigInteger number) {
        int[] limbs = new int[(number.bitLength() + 31) / 32];
        for (int i = 0; i < limbs.length; i++) {
            limbs[i] = number.shiftRight(32 * (limbs.length - 1 - i)).intValue();
        }
        return limbs;
    }

    private static boolean isSafe(BigInteger half, BigInteger prime, RandomSource random) {
        BigInteger two = BigInteger.TWO;
        if (!two.modPow(half.subtract(BigInteger.ONE), half).equals(BigInteger.ONE)
                || !two.modPow(prime.subtract(BigInteger.ONE), prime).equals(BigInteger.ONE)) {
            return false;
        }
        // Pocklington: half is a prime factor of prime - 1 above its root, and 2^2 - 1 = 3 has no factor in common.
        return prime.gcd(THREE).equals(BigInteger.ONE) && isProbablePrime(half, random);
    }

    /// Miller and Rabin's test.
    static boolean isProbablePrime(BigInteger odd, RandomSource random) {
        BigInteger minusOne = odd.subtract(BigInteger.ONE);
        int twos = minusOne.getLowestSetBit();
        BigInteger exponent = minusOne.shiftRight(twos);
        for (int round = 0; round < ROUNDS; round++) {
            BigInteger base = new BigInteger(1, random.bytes(odd.bitLength() / 8 + 8))
                    .mod(odd.subtract(THREE))
                    .add(BigInteger.TWO);
            BigInteger power = base.modPow(exponent, odd);
            boolean passes = power.equals(BigInteger.ONE) || power.equals(minusOne);
            for (int i = 1; i < twos && !passes; i++) {
                power = power.multiply(power).mod(odd);
                passes = power.equals(minusOne);
            }
            if (!passes) {
                return false;
            }
        }
        return true;
    }

    /// The odd primes below `bound`.
    private static int[] smallPrimes(int bound) {
        // The i-th bit stands for 2i + 1.
        BitSet composite = new BitSet(bound / 2);
        composite.set(0);
        for (int i = 1; (2 * i + 1) * (2 * i + 1) < bound; i++) {
            if (!composite.get(i)) {
                int prime = 2 * i + 1;
                for (int j = prime * prime / 2; j < bound / 2; j += prime) {
                    composite.set(j);
                }
            }
        }
        composite.flip(0, bound / 2);
        return composite.stream().map(i -> 2 * i + 1).toArray();
    }
}
