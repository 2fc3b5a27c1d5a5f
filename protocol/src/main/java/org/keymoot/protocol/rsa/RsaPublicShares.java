package org.keymoot.protocol.rsa;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.rsa.RsaModulus;
import org.keymoot.crypto.rsa.RsaPublicKey;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageReader;
import org.keymoot.protocol.message.MessageWriter;

/// What all the world may know of a shared RSA key: the modulus `N`, a square `v`, and `vᵢ = v^sᵢ` for each
/// party's `sᵢ`.
///
/// It keeps true: there is one verification value for each of 2 to [#MAX_PARTIES] parties, fewer than the
/// public exponent, and all are numbers between 1 and `N`.
public record RsaPublicShares(
        byte[] keyId,
        int parties,
        ReconstructionThreshold reconstructionThreshold,
        BigInteger modulus,
        BigInteger verificationBase,
        List<BigInteger> verificationValues) {
    /// The public exponent of every key, a prime greater than any number of parties.
    public static final BigInteger EXPONENT = RsaPublicKey.EXPONENT;

    /// `n!` enters exponents, so the number of parties is kept small.
    public static final int MAX_PARTIES = 32;

    private static final int MAX_MODULUS_BYTES = 1024;

    public RsaPublicShares {
        verificationValues = List.copyOf(verificationValues);
        keyId = keyId.clone();
        if (keyId.length < 1 || keyId.length > KeyTerms.MAX_KEY_ID_BYTES) {
            throw new IllegalArgumentException("a key id has 1 to 64 bytes, not " + keyId.length);
        }
        if (parties > MAX_PARTIES
                || reconstructionThreshold.value() < 2
                || reconstructionThreshold.value() > parties
                || verificationValues.size() != parties) {
            throw new IllegalArgumentException("a key needs 2 to n shares of at most " + MAX_PARTIES
                    + " parties, each with a verification value, not " + reconstructionThreshold.value() + " of "
                    + parties + " with " + verificationValues.size());
        }
        BigInteger n = modulus;
        if (!isUnit(verificationBase, n) || !verificationValues.stream().allMatch(value -> isUnit(value, n))) {
            throw new IllegalArgumentException("a verification value is a unit of the ring");
        }
    }

    private static boolean isUnit(BigInteger value, BigInteger modulus) {
        return value.signum() > 0
                && value.compareTo(modulus) < 0
                && value.gcd(modulus).equals(BigInteger.ONE);
    }

    @Override
    public byte[] keyId() {
        return keyId.clone();
    }

    public RsaPublicKey publicKey() {
        return new RsaPublicKey(modulus);
    }

    public RsaModulus ring() {
        return new RsaModulus(modulus);
    }

    public BigInteger verificationValue(int party) {
        return verificationValues.get(party - 1);
    }

    /// `Δ = n!`, which makes Lagrange's coefficients integers.
    BigInteger delta() {
        BigInteger product = BigInteger.ONE;
        for (int i = 2; i <= parties; i++) {
            product = product.multiply(BigInteger.valueOf(i));
        }
        return product;
    }

    /// `Δ` times Lagrange's coefficient of `party` for the value at `at`, interpolated from `quorum`: an
    /// integer.
    BigInteger coefficient(List<Integer> quorum, int party, int at) {
        BigInteger numerator = delta();
        BigInteger denominator = BigInteger.ONE;
        for (int other : quorum) {
            if (other != party) {
                numerator = numerator.multiply(BigInteger.valueOf((long) at - other));
                denominator = denominator.multiply(BigInteger.valueOf((long) party - other));
            }
        }
        return numerator.divide(denominator);
    }

    /// Whether all verification values are powers of `v` by values of one polynomial of degree `t − 1`,
    /// whose value at zero is the inverse of `e`.
    boolean lieOnOnePolynomial() {
        List<Integer> first = IntStream.rangeClosed(1, reconstructionThreshold.value())
                .boxed()
                .toList();
        BigInteger delta = delta();
        for (int party = reconstructionThreshold.value() + 1; party <= parties; party++) {
            if (!interpolated(first, party).equals(verificationValue(party).modPow(delta, modulus))) {
                return false;
            }
        }
        return interpolated(first, 0).modPow(EXPONENT, modulus).equals(verificationBase.modPow(delta, modulus));
    }

    /// `v^(Δ·f(at))` from the verification values of `quorum`.
    private BigInteger interpolated(List<Integer> quorum, int at) {
        BigInteger product = BigInteger.ONE;
        for (int party : quorum) {
            BigInteger power = verificationValue(party).modPow(coefficient(quorum, party, at), modulus);
            product = product.multiply(power).mod(modulus);
        }
        return product;
    }

    public void write(MessageWriter out) {
        RsaModulus ring = ring();
        out.u8(keyId.length)
                .fixed(keyId)
                .u8(parties)
                .u8(reconstructionThreshold.value())
                .block(ring.encode(modulus))
                .fixed(ring.encode(verificationBase));
        verificationValues.forEach(value -> out.fixed(ring.encode(value)));
    }

    public static RsaPublicShares read(MessageReader in) throws Malformed {
        byte[] keyId = in.fixed(in.u8(1, KeyTerms.MAX_KEY_ID_BYTES, "length of the key id"));
        int parties = in.u8(2, MAX_PARTIES, "number of parties");
        int threshold = in.u8(2, parties, "reconstruction threshold");
        byte[] modulus = in.block(MAX_MODULUS_BYTES);
        try {
            RsaModulus ring = new RsaModulus(new BigInteger(1, modulus));
            if (ring.length() != modulus.length) {
                throw new Malformed("a modulus has no leading zeros");
            }
            BigInteger base = new BigInteger(1, in.fixed(ring.length()));
            List<BigInteger> values = new ArrayList<>();
            for (int i = 0; i < parties; i++) {
                values.add(new BigInteger(1, in.fixed(ring.length())));
            }
            return new RsaPublicShares(
                    keyId, parties, new ReconstructionThreshold(threshold), ring.value(), base, values);
        } catch (IllegalArgumentException e) {
            throw new Malformed(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RsaPublicShares that
                && Arrays.equals(keyId, that.keyId)
                && parties == that.parties
                && reconstructionThreshold.equals(that.reconstructionThreshold)
                && modulus.equals(that.modulus)
                && verificationBase.equals(that.verificationBase)
                && verificationValues.equals(that.verificationValues);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(keyId) + modulus.hashCode();
    }

    @Override
    public String toString() {
        return "RSA key of " + modulus.bitLength() + " bits, " + reconstructionThreshold.value() + " of " + parties;
    }
}
