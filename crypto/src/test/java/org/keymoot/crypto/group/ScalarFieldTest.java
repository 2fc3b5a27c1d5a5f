package org.keymoot.crypto.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

/// Every operation of every scalar field against BigInteger, at the edges and at random.
class ScalarFieldTest {
    private static final int ROUNDS = 300;

    private final Random random = new Random(7);
    private final RandomSource source = target -> {
        byte[] bytes = new byte[(int) target.byteSize()];
        random.nextBytes(bytes);
        target.copyFrom(MemorySegment.ofArray(bytes));
    };

    /// Numbers at which carries, borrows and reductions go wrong if they do.
    static List<BigInteger> edges(BigInteger q) {
        List<BigInteger> edges = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            edges.add(BigInteger.valueOf(i));
            edges.add(q.subtract(BigInteger.valueOf(i + 1)));
            edges.add(q.shiftRight(1).add(BigInteger.valueOf(i - 1)));
        }
        for (int bit : List.of(51, 52, 64, 103, 104, 127, 128, 156, 192, 208, 251, 252)) {
            edges.add(BigInteger.ONE.shiftLeft(bit));
            edges.add(BigInteger.ONE.shiftLeft(bit).subtract(BigInteger.ONE));
            edges.add(q.subtract(BigInteger.ONE.shiftLeft(bit)).mod(q));
        }
        return edges;
    }

    private List<BigInteger> samples(BigInteger q) {
        List<BigInteger> samples = edges(q);
        for (int i = 0; i < 20; i++) {
            samples.add(new BigInteger(256, random).mod(q));
        }
        return samples;
    }

    @ParameterizedTest
    @EnumSource
    void computesAsBigIntegerDoes(GroupId id) {
        ScalarField field = ScalarField.of(id);
        BigInteger q = field.order();
        List<BigInteger> samples = samples(q);
        for (BigInteger a : samples) {
            Scalar x = field.of(a);
            assertThat(x.toBigInteger()).isEqualTo(a);
            assertThat(x.negate().toBigInteger()).isEqualTo(a.negate().mod(q));
            assertThat(x.isZero()).isEqualTo(a.signum() == 0);
            if (a.signum() != 0) {
                assertThat(x.invert().toBigInteger()).isEqualTo(a.modInverse(q));
            }
            for (BigInteger b : samples) {
                Scalar y = field.of(b);
                assertThat(x.add(y).toBigInteger()).isEqualTo(a.add(b).mod(q));
                assertThat(x.subtract(y).toBigInteger()).isEqualTo(a.subtract(b).mod(q));
                assertThat(x.multiply(y).toBigInteger()).isEqualTo(a.multiply(b).mod(q));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void secretsComputeAsPublicScalarsDo(GroupId id) {
        ScalarField field = ScalarField.of(id);
        BigInteger q = field.order();
        for (BigInteger a : samples(q)) {
            BigInteger b = new BigInteger(256, random).mod(q);
            try (SecretScope scope = new SecretScope()) {
                SecretScalar x = secret(field, a, scope);
                SecretScalar y = secret(field, b, scope);
                assertThat(reveal(x.add(y, scope))).isEqualTo(a.add(b).mod(q));
                assertThat(reveal(x.subtract(y, scope))).isEqualTo(a.subtract(b).mod(q));
                assertThat(reveal(x.multiply(y, scope))).isEqualTo(a.multiply(b).mod(q));
                assertThat(reveal(x.add(field.of(b), scope))).isEqualTo(a.add(b).mod(q));
                assertThat(reveal(x.multiply(field.of(b), scope)))
                        .isEqualTo(a.multiply(b).mod(q));
                assertThat(reveal(x.negate(scope))).isEqualTo(a.negate().mod(q));
                assertThat(reveal(x.copy(scope))).isEqualTo(a);
                assertThat(x.isZero()).isEqualTo(a.signum() == 0);
                BigInteger inverse = a.signum() == 0 ? BigInteger.ZERO : a.modInverse(q);
                assertThat(reveal(x.invert(scope))).isEqualTo(inverse);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void kernelsReduceAndAccumulateInPlace(GroupId id) {
        ScalarField field = ScalarField.of(id);
        BigInteger q = field.order();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(256, 8);
            for (int i = 0; i < ROUNDS; i++) {
                BigInteger d = new BigInteger(256, random).mod(q);
                BigInteger a = new BigInteger(256, random).mod(q);
                BigInteger b = i == 0 ? q.subtract(BigInteger.ONE) : new BigInteger(256, random).mod(q);
                put(memory, 8, 32, d);
                put(memory, 40, 32, a);
                put(memory, 72, 32, b);
                field.rawMultiplyAdd(memory, 8, memory, 40, memory, 72);
                assertThat(get(memory, 8)).isEqualTo(a.multiply(b).add(d).mod(q));
                field.rawMultiply(memory, 40, memory, 40, memory, 40);
                assertThat(get(memory, 40)).isEqualTo(a.multiply(a).mod(q));
                field.rawSubtract(memory, 72, memory, 40, memory, 72);
                assertThat(get(memory, 72)).isEqualTo(a.multiply(a).subtract(b).mod(q));
                field.rawAdd(memory, 72, memory, 72, memory, 72);
                assertThat(get(memory, 72))
                        .isEqualTo(a.multiply(a).subtract(b).shiftLeft(1).mod(q));
                int length = 32 + 8 * (i % 5);
                BigInteger wide = i < 5
                        ? BigInteger.ONE.shiftLeft(8 * length).subtract(BigInteger.ONE)
                        : new BigInteger(8 * length, random);
                put(memory, 104, length, wide);
                field.rawReduce(memory, 104, memory, 104, length);
                assertThat(get(memory, 104)).isEqualTo(wide.mod(q));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void reducesWideBigEndianBytes(GroupId id) {
        ScalarField field = ScalarField.of(id);
        for (int length = 48; length <= 64; length++) {
            byte[] wide = new byte[length];
            random.nextBytes(wide);
            assertThat(field.reduce(wide).toBigInteger()).isEqualTo(new BigInteger(1, wide).mod(field.order()));
        }
        assertThatThrownBy(() -> field.reduce(new byte[47])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> field.reduce(new byte[65])).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource
    void acceptsOnlyCanonicalEncodings(GroupId id) throws InvalidEncodingException {
        ScalarField field = ScalarField.of(id);
        BigInteger q = field.order();
        boolean bigEndian = id == GroupId.SECP256K1 || id == GroupId.P256;
        for (BigInteger a : samples(q)) {
            byte[] encoded = field.of(a).encode();
            assertThat(encoded).isEqualTo(bytes(a, 32, bigEndian));
            assertThat(field.decode(encoded)).isEqualTo(field.of(a));
        }
        for (BigInteger a : List.of(
                q,
                q.add(BigInteger.ONE),
                BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE),
                q.add(BigInteger.ONE.shiftLeft(100)))) {
            assertThatThrownBy(() -> field.decode(bytes(a, 32, bigEndian)))
                    .isInstanceOf(InvalidEncodingException.class);
        }
        assertThatThrownBy(() -> field.decode(new byte[31])).isInstanceOf(InvalidEncodingException.class);
        assertThatThrownBy(() -> field.decode(new byte[33])).isInstanceOf(InvalidEncodingException.class);
        try (SecretScope scope = new SecretScope()) {
            assertThatThrownBy(() -> field.decodeSecret(scope, MemorySegment.ofArray(bytes(q, 32, bigEndian))))
                    .isInstanceOf(InvalidEncodingException.class);
            BigInteger a = q.subtract(BigInteger.TWO);
            SecretScalar secret = field.decodeSecret(scope, MemorySegment.ofArray(bytes(a, 32, bigEndian)));
            byte[] back = new byte[32];
            secret.encodeTo(MemorySegment.ofArray(back), Disclosure.I_TAKE_THE_SECRET_OUT);
            assertThat(back).isEqualTo(bytes(a, 32, bigEndian));
        }
    }

    @ParameterizedTest
    @EnumSource
    void drawsSecretsThatAreNeverZero(GroupId id) {
        ScalarField field = ScalarField.of(id);
        int[] calls = {0};
        RandomSource zeroFirst = target -> {
            if (calls[0]++ == 0) {
                target.fill((byte) 0);
            } else {
                source.fill(target);
            }
        };
        try (SecretScope scope = new SecretScope()) {
            assertThat(field.random(scope, zeroFirst).isZero()).isFalse();
            assertThat(field.random(scope, source)).isNotEqualTo(field.random(scope, source));
        }
        assertThat(calls[0]).isEqualTo(2);
    }

    @Test
    void erasesWhatIsClosedAndRefusesToUseIt() {
        ScalarField field = ScalarField.of(GroupId.SECP256K1);
        MemorySegment memory;
        SecretScalar secret;
        try (SecretScope scope = new SecretScope()) {
            secret = field.random(scope, source);
            memory = secret.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
            assertThat(secret).hasToString("[redacted]");
        }
        assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        SecretScope scope = new SecretScope();
        assertThatThrownBy(() -> secret.negate(scope)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> secret.segment(Disclosure.I_TAKE_THE_SECRET_OUT))
                .isInstanceOf(IllegalStateException.class);
        scope.close();
    }

    @Test
    void refusesScalarsOfAnotherField() {
        Scalar ours = ScalarField.of(GroupId.ED25519).one();
        Scalar theirs = ScalarField.of(GroupId.RISTRETTO255).one();
        assertThatThrownBy(() -> ours.add(theirs)).isInstanceOf(IllegalArgumentException.class);
        assertThat(ours).isNotEqualTo(theirs);
    }

    private static SecretScalar secret(ScalarField field, BigInteger value, SecretScope scope) {
        try {
            return field.decodeSecret(
                    scope, MemorySegment.ofArray(field.of(value).encode()));
        } catch (InvalidEncodingException e) {
            throw new AssertionError(e);
        }
    }

    private static BigInteger reveal(SecretScalar secret) {
        return secret.reveal(Disclosure.I_TAKE_THE_SECRET_OUT).toBigInteger();
    }

    static byte[] bytes(BigInteger value, int length, boolean bigEndian) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[bigEndian ? length - 1 - i : i] = value.shiftRight(8 * i).byteValue();
        }
        return bytes;
    }

    private static void put(MemorySegment memory, int offset, int length, BigInteger value) {
        MemorySegment.copy(MemorySegment.ofArray(bytes(value, length, false)), 0, memory, offset, length);
    }

    private static BigInteger get(MemorySegment memory, int offset) {
        BigInteger value = BigInteger.ZERO;
        for (int i = 3; i >= 0; i--) {
            long word = memory.get(ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN), offset + 8L * i);
            value = value.shiftLeft(64).add(new BigInteger(Long.toUnsignedString(word)));
        }
        return value;
    }
}
