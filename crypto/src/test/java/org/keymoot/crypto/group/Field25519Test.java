package org.keymoot.crypto.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Field25519Test {
    private static final BigInteger P = Field25519.P;

    private final Random random = new Random(25519);

    private List<BigInteger> values() {
        List<BigInteger> values = new ArrayList<>();
        for (int i = -25; i <= 25; i++) {
            values.add(BigInteger.valueOf(i).mod(P));
            values.add(BigInteger.TWO.pow(255).add(BigInteger.valueOf(i)).mod(P));
            values.add(BigInteger.TWO.pow(51 * (1 + Math.abs(i) % 4)).add(BigInteger.valueOf(i)));
        }
        for (int i = 0; i < 100; i++) {
            values.add(new BigInteger(255, random).mod(P));
        }
        return values;
    }

    @Test
    void computesAsIntegersModuloThePrime() {
        List<BigInteger> values = values();
        for (BigInteger a : values) {
            BigInteger b = values.get(random.nextInt(values.size()));
            Field25519 x = Field25519.of(a);
            Field25519 y = Field25519.of(b);
            Field25519 out = new Field25519();
            Field25519.sum(out, x, y);
            assertThat(out.toBigInteger()).isEqualTo(a.add(b).mod(P));
            Field25519.difference(out, x, y);
            assertThat(out.toBigInteger()).isEqualTo(a.subtract(b).mod(P));
            Field25519.product(out, x, y);
            assertThat(out.toBigInteger()).isEqualTo(a.multiply(b).mod(P));
            Field25519.square(out, x);
            assertThat(out.toBigInteger()).isEqualTo(a.multiply(a).mod(P));
            Field25519.product(x, x, x);
            assertThat(x.toBigInteger()).isEqualTo(a.multiply(a).mod(P));
        }
    }

    /// Random limbs of the largest size allowed, positive and negative, so that an overflow anywhere shows.
    @Test
    void productsAreExactAtTheLargestLimbsAllowed() {
        long largest = (1L << 53) - 1;
        for (int i = 0; i < 2000; i++) {
            long[] left = new long[Field25519.LIMBS];
            long[] right = new long[Field25519.LIMBS];
            for (int j = 0; j < Field25519.LIMBS; j++) {
                left[j] = limb(i, largest);
                right[j] = limb(i, largest);
            }
            Field25519 a = new Field25519();
            Field25519 b = new Field25519();
            Field25519 out = new Field25519();
            a.load(left, 0);
            b.load(right, 0);
            BigInteger x = value(left);
            BigInteger y = value(right);
            assertThat(a.toBigInteger()).isEqualTo(x.mod(P));
            Field25519.product(out, a, b);
            assertThat(out.toBigInteger()).isEqualTo(x.multiply(y).mod(P));
            assertCarried(out);
            Field25519.square(out, a);
            assertThat(out.toBigInteger()).isEqualTo(x.multiply(x).mod(P));
            assertCarried(out);
        }
    }

    private long limb(int round, long largest) {
        return switch (round % 4) {
            case 0 -> largest;
            case 1 -> -largest;
            case 2 -> random.nextBoolean() ? largest : -largest;
            default -> random.nextLong() >> 10;
        };
    }

    private static BigInteger value(long[] limbs) {
        BigInteger sum = BigInteger.ZERO;
        for (int i = 0; i < limbs.length; i++) {
            sum = sum.add(BigInteger.valueOf(limbs[i]).shiftLeft(51 * i));
        }
        return sum;
    }

    private static void assertCarried(Field25519 a) {
        long[] limbs = new long[Field25519.LIMBS];
        a.store(limbs, 0);
        for (long limb : limbs) {
            assertThat(Math.abs(limb)).isLessThan((1L << 51) + (1L << 16));
        }
    }

    @Test
    void encodesCanonicallyWhateverTheLimbs() {
        for (BigInteger value : values()) {
            byte[] bytes = Field25519.of(value).encode();
            Field25519 again = new Field25519();
            again.decode(bytes, 0);
            assertThat(again.toBigInteger()).isEqualTo(value);
            again.negateIf(-1);
            assertThat(again.toBigInteger()).isEqualTo(value.negate().mod(P));
            again.negateIf(0);
            assertThat(again.toBigInteger()).isEqualTo(value.negate().mod(P));
        }
    }

    @Test
    void invertsAndTakesZeroToZero() {
        for (BigInteger value : values()) {
            Field25519 out = new Field25519();
            Field25519.invert(out, Field25519.of(value));
            assertThat(out.toBigInteger()).isEqualTo(value.modPow(P.subtract(BigInteger.TWO), P));
        }
    }

    @Test
    void takesRootsOfRatiosAsRfc9496Says() {
        BigInteger i = Field25519.SQRT_MINUS_ONE.toBigInteger();
        BigInteger half = P.subtract(BigInteger.ONE).shiftRight(1);
        for (BigInteger u : values()) {
            BigInteger v = new BigInteger(250, random).add(BigInteger.ONE);
            Field25519 r = new Field25519();
            long square = Field25519.squareRootOfRatio(r, Field25519.of(u), Field25519.of(v));
            BigInteger ratio = u.multiply(v.modInverse(P)).mod(P);
            boolean expected = ratio.signum() == 0 || ratio.modPow(half, P).equals(BigInteger.ONE);
            assertThat(square).isEqualTo(expected ? -1 : 0);
            BigInteger root = r.toBigInteger();
            assertThat(root.testBit(0)).isFalse();
            assertThat(root.multiply(root).mod(P))
                    .isEqualTo(expected ? ratio : ratio.multiply(i).mod(P));
        }
        Field25519 r = new Field25519();
        Field25519 zero = new Field25519();
        assertThat(Field25519.squareRootOfRatio(r, zero, zero)).isEqualTo(-1);
        assertThat(r.zeroMask()).isEqualTo(-1);
        assertThat(Field25519.squareRootOfRatio(r, Field25519.ONE, zero)).isZero();
        assertThat(r.zeroMask()).isEqualTo(-1);
    }

    @Test
    void reducesFortyEightBytes() {
        for (int i = 0; i < 50; i++) {
            byte[] wide = new byte[50];
            random.nextBytes(wide);
            if (i == 0) {
                Arrays.fill(wide, (byte) 0xff);
            }
            Field25519 out = new Field25519();
            out.decodeWide(wide, 2);
            assertThat(out.toBigInteger()).isEqualTo(new BigInteger(1, Arrays.copyOfRange(wide, 2, 50)).mod(P));
        }
    }

    @Test
    void selectsAndSwapsByMask() {
        Field25519 a = Field25519.of(BigInteger.valueOf(11));
        Field25519 b = Field25519.of(BigInteger.TWO.pow(200));
        Field25519 c = new Field25519(a);
        c.select(0, b);
        assertThat(Field25519.equalMask(c, a)).isEqualTo(-1);
        c.select(-1, b);
        assertThat(Field25519.equalMask(c, b)).isEqualTo(-1);
        assertThat(Field25519.equalMask(c, a)).isZero();
        Field25519.swap(0, a, b);
        assertThat(a.toBigInteger()).isEqualTo(BigInteger.valueOf(11));
        Field25519.swap(-1, a, b);
        assertThat(b.toBigInteger()).isEqualTo(BigInteger.valueOf(11));

        long[] table = new long[3 * Field25519.LIMBS];
        for (int i = 0; i < 3; i++) {
            Field25519.of(BigInteger.valueOf(100 + i)).store(table, i * Field25519.LIMBS);
        }
        for (int wanted = 0; wanted <= 3; wanted++) {
            Field25519 chosen = Field25519.of(BigInteger.valueOf(99));
            chosen.selectFrom(table, 0, Field25519.LIMBS, 3, wanted);
            assertThat(chosen.toBigInteger()).isEqualTo(BigInteger.valueOf(99 + wanted));
        }
    }

    @Test
    void printsNothingOfItsValue() {
        assertThat(Field25519.ONE).hasToString("[redacted]");
    }
}
