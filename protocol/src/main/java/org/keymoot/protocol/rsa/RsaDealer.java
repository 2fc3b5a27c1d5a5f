package org.keymoot.protocol.rsa;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.rsa.RsaModulus;
import org.keymoot.crypto.rsa.SafePrimes;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.key.InvalidKeyShareException;

/// Makes an RSA key and shares it, as Shoup's dealer does.
///
/// It keeps true: the modulus is a product of two safe primes and has exactly the wanted length; the
/// sharing polynomial has uniform coefficients modulo the order of the squares.
///
/// The dealer knows the whole key while it works. Its numbers are on the heap, where they cannot be erased
/// but only be left to the collector, so a dealt key is to be marked as dealt for good.
public final class RsaDealer {
    private static final int NEAR_BITS = 100;

    private RsaDealer() {}

    /// @param bits 2048, 3072 or 4096
    public static List<RsaKeyShare> deal(
            byte[] keyId, int bits, int parties, ReconstructionThreshold threshold, RandomSource random) {
        if (bits % 1024 != 0) {
            throw new IllegalArgumentException("a modulus has a multiple of 1024 bits, not " + bits);
        }
        BigInteger p = SafePrimes.generate(bits / 2, random);
        BigInteger q;
        do {
            q = SafePrimes.generate(bits / 2, random);
        } while (areNear(p, q));
        return deal(keyId, p, q, parties, threshold, random);
    }

    /// With safe primes that are given, each of half the modulus's length.
    ///
    /// @throws IllegalArgumentException when they are equal, or so near each other that their
    ///     product is factored easily
    public static List<RsaKeyShare> deal(
            byte[] keyId,
            BigInteger p,
            BigInteger q,
            int parties,
            ReconstructionThreshold threshold,
            RandomSource random) {
        if (areNear(p, q) || p.bitLength() != q.bitLength() || p.multiply(q).bitLength() != 2 * p.bitLength()) {
            throw new IllegalArgumentException("a modulus needs two primes of half its length that are not near");
        }
        RsaModulus ring = new RsaModulus(p.multiply(q));
        BigInteger order = p.shiftRight(1).multiply(q.shiftRight(1));
        BigInteger[] coefficients = new BigInteger[threshold.value()];
        coefficients[0] = RsaPublicShares.EXPONENT.modInverse(order);
        for (int i = 1; i < coefficients.length; i++) {
            coefficients[i] = below(order, random);
        }
        BigInteger root;
        do {
            root = below(ring.value(), random);
        } while (!root.gcd(ring.value()).equals(BigInteger.ONE) || root.compareTo(BigInteger.TWO) < 0);
        BigInteger base = root.multiply(root).mod(ring.value());
        List<BigInteger> secrets = new ArrayList<>();
        for (int party = 1; party <= parties; party++) {
            BigInteger value = BigInteger.ZERO;
            for (int i = coefficients.length - 1; i >= 0; i--) {
                value = value.multiply(BigInteger.valueOf(party))
                        .add(coefficients[i])
                        .mod(order);
            }
            secrets.add(value);
        }
        RsaPublicShares publicShares = new RsaPublicShares(
                keyId,
                parties,
                threshold,
                ring.value(),
                base,
                secrets.stream()
                        .map(secret -> base.modPow(secret, ring.value()))
                        .toList());
        List<RsaKeyShare> shares = new ArrayList<>();
        for (int party = 1; party <= parties; party++) {
            byte[] secret = ring.encode(secrets.get(party - 1));
            try {
                shares.add(RsaKeyShare.of(publicShares, party, MemorySegment.ofArray(secret)));
            } catch (InvalidKeyShareException e) {
                throw new IllegalStateException("a share that was just dealt does not fit", e);
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
        }
        return List.copyOf(shares);
    }

    private static boolean areNear(BigInteger p, BigInteger q) {
        return p.subtract(q).abs().bitLength() < p.bitLength() - NEAR_BITS;
    }

    private static BigInteger below(BigInteger bound, RandomSource random) {
        byte[] bytes = random.bytes(bound.bitLength() / 8 + 17);
        try {
            return new BigInteger(1, bytes).mod(bound);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
