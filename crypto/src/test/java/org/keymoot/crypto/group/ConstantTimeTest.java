package org.keymoot.crypto.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;

/// A tripwire for leaks through time, after Reparaz, Balasch and Verbauwhede's "dudect": two classes of inputs
/// are timed in random order and Welch's t-test asks whether their means differ.
///
/// Each test runs a leaky control in the same way. When the control is not caught the machine was too noisy to say
/// anything, and the test fails for that reason; a pass is no proof, for the just-in-time compiler promises nothing.
@Tag("slow")
class ConstantTimeTest {
    /// Beyond this the classes are told apart with certainty; leaks show values in the hundreds.
    private static final double CAUGHT = 10;

    /// The share of the slowest measurements that is dropped, as interrupts and collections fall in there.
    private static final double CROPPED = 0.10;

    private final Random random = new Random(7);

    private interface Operation {
        Object run(int input);
    }

    private static volatile Object sink = "";

    /// `|t|` between inputs of class 0 and of class 1; `operation` is called with the class.
    private double t(int measurements, Operation operation) {
        for (int i = 0; i < measurements / 2; i++) {
            sink = operation.run(i & 1);
        }
        double least = Double.MAX_VALUE;
        for (int attempt = 0; attempt < 3; attempt++) {
            least = Math.min(least, Math.abs(measure(measurements, operation)));
            if (least < CAUGHT) {
                break;
            }
        }
        return least;
    }

    private double measure(int measurements, Operation operation) {
        long[] times = new long[measurements];
        boolean[] classes = new boolean[measurements];
        for (int i = 0; i < measurements; i++) {
            classes[i] = random.nextBoolean();
            int input = classes[i] ? 1 : 0;
            long start = System.nanoTime();
            sink = operation.run(input);
            times[i] = System.nanoTime() - start;
        }
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        long limit = sorted[(int) (measurements * (1 - CROPPED))];
        double[] count = new double[2];
        double[] mean = new double[2];
        double[] squares = new double[2];
        for (int i = 0; i < measurements; i++) {
            if (times[i] <= limit) {
                int c = classes[i] ? 1 : 0;
                count[c]++;
                double delta = times[i] - mean[c];
                mean[c] += delta / count[c];
                squares[c] += delta * (times[i] - mean[c]);
            }
        }
        double error = squares[0] / (count[0] - 1) / count[0] + squares[1] / (count[1] - 1) / count[1];
        return (mean[0] - mean[1]) / Math.sqrt(error);
    }

    private SecretScalar[] sparseAndDense(Group group, SecretScope scope) throws InvalidEncodingException {
        BigInteger sparse = BigInteger.ONE.shiftLeft(251);
        BigInteger dense = new BigInteger("7a".repeat(31), 16).add(BigInteger.ONE.shiftLeft(251));
        return new SecretScalar[] {secret(group, sparse, scope), secret(group, dense, scope)};
    }

    private static SecretScalar secret(Group group, BigInteger value, SecretScope scope)
            throws InvalidEncodingException {
        byte[] encoded = group.scalars().of(value).encode();
        return group.scalars().decodeSecret(scope, MemorySegment.ofArray(encoded));
    }

    /// Double and add, with an addition for each bit that is set.
    private static Point leaky(Group group, SecretScalar k, Point point) {
        BigInteger bits = k.reveal(Disclosure.I_TAKE_THE_SECRET_OUT).toBigInteger();
        Point sum = group.identity();
        for (int i = bits.bitLength() - 1; i >= 0; i--) {
            sum = sum.add(sum);
            if (bits.testBit(i)) {
                sum = sum.add(point);
            }
        }
        return sum;
    }

    @ParameterizedTest
    @EnumSource
    void multiplicationOfAPointDoesNotTellSparseFromDenseScalars(GroupId id) throws InvalidEncodingException {
        Group group = Group.of(id);
        Point point = group.multiplyBase(group.scalars().of(12345));
        try (SecretScope scope = new SecretScope()) {
            SecretScalar[] k = sparseAndDense(group, scope);
            assertThat(t(2_000, input -> leaky(group, k[input], point)))
                    .as("the leaky control is caught")
                    .isGreaterThan(CAUGHT);
            assertThat(t(20_000, input -> group.multiply(point, k[input]))).isLessThan(CAUGHT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void multiplicationOfTheBaseDoesNotTellSparseFromDenseScalars(GroupId id) throws InvalidEncodingException {
        Group group = Group.of(id);
        try (SecretScope scope = new SecretScope()) {
            SecretScalar[] k = sparseAndDense(group, scope);
            assertThat(t(2_000, input -> leaky(group, k[input], group.generator())))
                    .as("the leaky control is caught")
                    .isGreaterThan(CAUGHT);
            assertThat(t(40_000, input -> group.multiplyBase(k[input]))).isLessThan(CAUGHT);
        }
    }

    @Test
    void comparisonOfSecretsDoesNotTellWhereTheyDiffer() {
        int length = 4096;
        try (SecretBytes secret = SecretBytes.allocate(length);
                SecretBytes early = SecretBytes.allocate(length);
                SecretBytes late = SecretBytes.allocate(length)) {
            early.segment(Disclosure.I_TAKE_THE_SECRET_OUT).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            late.segment(Disclosure.I_TAKE_THE_SECRET_OUT).set(ValueLayout.JAVA_BYTE, length - 1, (byte) 1);
            SecretBytes[] others = {early, late};
            MemorySegment own = secret.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
            assertThat(t(50_000, input -> own.mismatch(others[input].segment(Disclosure.I_TAKE_THE_SECRET_OUT)) < 0))
                    .as("the leaky control is caught")
                    .isGreaterThan(CAUGHT);
            assertThat(t(50_000, input -> secret.equals(others[input]))).isLessThan(CAUGHT);
        }
    }
}
