package org.keymoot.crypto.rsa;

import java.math.BigInteger;
import java.util.BitSet;
import org.keymoot.crypto.random.RandomSource;

/// Safe primes: `p = 2p' + 1` with `p'` prime.
///
/// It keeps true: `p'` has passed tests to randomly chosen bases that a composite passes with a probability
/// below 2^-128, and given that, `p` is proven by Pocklington's criterion.
///
/// The numbers are on the heap and their search takes as long as it takes: it is for a dealer, who knows
/// the whole key anyway, in a process that ends or forgets it.
public final class SafePrimes {
    private static final int SIEVED = 1 << 18;
    private static final int INTERVAL = 1 << 16;
    private static final int ROUNDS = 64;
    private static final BigInteger THREE = BigInteger.valueOf(3);
    private static final int[] SMALL = smallPrimes();

    private SafePrimes() {}

    /// A safe prime of exactly `bits` bits whose two highest bits are set, so that the product of two has
    /// twice as many.
    public static BigInteger generate(int bits, RandomSource random) {
        if (bits < 64) {
            throw new IllegalArgumentException("a safe prime has 64 bits or more here, not " + bits);
        }
        while (true) {
            BigInteger start = new BigInteger(1, random.bytes((bits + 7) / 8))
                    .mod(BigInteger.ONE.shiftLeft(bits - 1))
                    .setBit(bits - 2)
                    .setBit(bits - 3)
                    .setBit(0);
            BitSet composite = sieve(start);
            for (int i = composite.nextClearBit(0); i < INTERVAL; i = composite.nextClearBit(i + 1)) {
                BigInteger half = start.add(BigInteger.valueOf(2L * i));
                BigInteger prime = half.shiftLeft(1).setBit(0);
                if (prime.bitLength() == bits && isSafe(half, prime, random)) {
                    return prime;
                }
            }
        }
    }

    /// Marks `i` where `start + 2i` or twice that plus one has a small factor.
    private static BitSet sieve(BigInteger start) {
        BitSet composite = new BitSet(INTERVAL + 1);
        for (int prime : SMALL) {
            long inverseOfTwo = (prime + 1) / 2;
            long remainder = start.mod(BigInteger.valueOf(prime)).longValue();
            // start + 2i = 0, and 2(start + 2i) + 1 = 0, that is start + 2i = -1/2.
            long first = (prime - remainder) * inverseOfTwo % prime;
            long second = (2L * prime - inverseOfTwo - remainder) % prime * inverseOfTwo % prime;
            for (long i = first; i < INTERVAL; i += prime) {
                composite.set((int) i);
            }
            for (long i = second; i < INTERVAL; i += prime) {
                composite.set((int) i);
            }
        }
        return composite;
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

    private static int[] smallPrimes() {
        BitSet composite = new BitSet(SIEVED);
        for (int i = 3; i * i < SIEVED; i += 2) {
            if (!composite.get(i)) {
                for (int j = i * i; j < SIEVED; j += 2 * i) {
                    composite.set(j);
                }
            }
        }
        BitSet primes = new BitSet(SIEVED);
        for (int i = 3; i < SIEVED; i += 2) {
            primes.set(i, !composite.get(i));
        }
        return primes.stream().toArray();
    }
}
