package org.keymoot.crypto.vole;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.SecretScope;

final class WideSumTest {
    private final SecretScope scope = new SecretScope();

    @AfterEach
    void erase() {
        scope.close();
    }

    @ParameterizedTest
    @EnumSource
    void sumsAreThoseOfBigIntegers(GroupId group) {
        ScalarField field = ScalarField.of(group);
        SeededRandom random = new SeededRandom(group.code());
        for (int count : new int[] {0, 1, 2, 416, WideSum.MAX_PRODUCTS}) {
            check(field, count, new BigInteger(1, random.bytes(32)).mod(field.order()), random);
            check(field, count, field.order().subtract(BigInteger.ONE), null);
            check(field, count, BigInteger.ZERO, null);
        }
    }

    @ParameterizedTest
    @EnumSource
    void hashesAreReducedAsBigIntegersAre(GroupId group) {
        ScalarField field = ScalarField.of(group);
        HashToScalar reduction = new HashToScalar(field, scope);
        BigInteger limit = BigInteger.ONE.shiftLeft(256);
        for (BigInteger value : new BigInteger[] {
            BigInteger.ZERO,
            field.order().subtract(BigInteger.ONE),
            field.order(),
            field.order().add(BigInteger.ONE),
            limit.subtract(BigInteger.ONE),
            field.order().subtract(BigInteger.ONE.shiftLeft(64)),
            new BigInteger(1, new SeededRandom(1).bytes(32))
        }) {
            reduction.wide().fill((byte) 0);
            put(reduction.wide(), 0, value);
            MemorySegment out = scope.allocate(32).segment(Rvole.TAKE);
            reduction.reduce(out, 0);
            assertThat(RvoleReference.number(out.toArray(ValueLayout.JAVA_BYTE)))
                    .isEqualTo(value.mod(field.order()));
        }
    }

    /// The same value everywhere, or random ones when there is a source.
    private void check(ScalarField field, int count, BigInteger value, @Nullable SeededRandom random) {
        MemorySegment a = scope.allocate(32 * (count + 1)).segment(Rvole.TAKE);
        MemorySegment b = scope.allocate(64 * (count + 1)).segment(Rvole.TAKE);
        BigInteger expected = value;
        for (int i = 0; i < count; i++) {
            BigInteger x = random == null ? value : new BigInteger(1, random.bytes(32)).mod(field.order());
            BigInteger y = random == null ? value : new BigInteger(1, random.bytes(32)).mod(field.order());
            put(a, 32L * i, x);
            put(b, 64L * i, y);
            expected = expected.add(x.multiply(y));
        }
        MemorySegment start = scope.allocate(32).segment(Rvole.TAKE);
        put(start, 0, value);
        new WideSum(field, scope).sum(start, 0, start, 0, a, 0, 32, b, 0, 64, count);
        assertThat(RvoleReference.number(start.toArray(ValueLayout.JAVA_BYTE))).isEqualTo(expected.mod(field.order()));
    }

    private static void put(MemorySegment target, long offset, BigInteger value) {
        MemorySegment.copy(MemorySegment.ofArray(RvoleReference.bytes(value)), 0, target, offset, 32);
    }
}
