package org.keymoot.crypto.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.secret.SecretScope;

/// The laws that every group obeys; a class for each group extends this one.
abstract class GroupContract {
    private static final byte[] DST = "keymoot-contract".getBytes(StandardCharsets.US_ASCII);

    private final Random random = new Random(11);
    final Group group;

    GroupContract(GroupId id) {
        this.group = Group.of(id);
    }

    final Scalar randomScalar() {
        return group.scalars().of(new BigInteger(512, random));
    }

    final Point randomPoint() {
        return group.multiplyBase(randomScalar());
    }

    /// Scalars at which recoding, windows and reduction go wrong if they do.
    final List<Scalar> edgeScalars() {
        List<Scalar> edges = new ArrayList<>();
        for (BigInteger edge : ScalarFieldTest.edges(group.scalars().order())) {
            edges.add(group.scalars().of(edge));
        }
        return edges;
    }

    /// `k·P` by doubling and adding alone.
    final Point slowly(Scalar k, Point point) {
        Point sum = group.identity();
        BigInteger bits = k.toBigInteger();
        for (int i = bits.bitLength() - 1; i >= 0; i--) {
            sum = sum.add(sum);
            if (bits.testBit(i)) {
                sum = sum.add(point);
            }
        }
        return sum;
    }

    final Point withSecret(Scalar k, Point point) {
        try (SecretScope scope = new SecretScope()) {
            return group.multiply(point, secret(k, scope));
        }
    }

    final Point baseWithSecret(Scalar k) {
        try (SecretScope scope = new SecretScope()) {
            return group.multiplyBase(secret(k, scope));
        }
    }

    private SecretScalar secret(Scalar k, SecretScope scope) {
        try {
            return group.scalars().decodeSecret(scope, MemorySegment.ofArray(k.encode()));
        } catch (InvalidEncodingException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void identifiesItselfAndItsParts() {
        assertThat(Group.of(group.id())).isSameAs(group);
        assertThat(group.scalars().groupId()).isEqualTo(group.id());
        assertThat(group.generator().group()).isSameAs(group);
        assertThat(group.identity().isIdentity()).isTrue();
        assertThat(group.generator().isIdentity()).isFalse();
        assertThat(group.generator().encode()).hasSize(group.pointLength());
    }

    @Test
    void addsAsAnAbelianGroup() {
        Point identity = group.identity();
        for (int i = 0; i < 10; i++) {
            Point p = randomPoint();
            Point q = randomPoint();
            Point r = randomPoint();
            assertThat(p.add(q)).isEqualTo(q.add(p));
            assertThat(p.add(q).add(r)).isEqualTo(p.add(q.add(r)));
            assertThat(p.add(identity)).isEqualTo(p);
            assertThat(identity.add(p)).isEqualTo(p);
            assertThat(p.subtract(q)).isEqualTo(p.add(q.negate()));
            assertThat(p.add(p.negate())).isEqualTo(identity);
            assertThat(p.subtract(p).isIdentity()).isTrue();
            assertThat(p.add(p)).isEqualTo(group.multiply(p, group.scalars().of(2)));
            assertThat(p).isNotEqualTo(q).isNotEqualTo(identity).isNotEqualTo(p.negate());
            assertThat(p.negate().negate()).isEqualTo(p).hasSameHashCodeAs(p);
        }
        assertThat(identity.add(identity)).isEqualTo(identity);
        assertThat(identity.negate()).isEqualTo(identity);
    }

    @Test
    void generatorHasTheOrderOfTheScalars() {
        Scalar last = group.scalars().zero().subtract(group.scalars().one());
        assertThat(slowly(last, group.generator()).add(group.generator()).isIdentity())
                .isTrue();
        assertThat(slowly(last, group.generator())).isEqualTo(group.generator().negate());
    }

    @Test
    void allWaysToMultiplyAgreeAtTheEdges() {
        Point p = randomPoint();
        for (Scalar k : edgeScalars()) {
            Point expected = slowly(k, p);
            assertThat(withSecret(k, p)).isEqualTo(expected);
            assertThat(group.multiply(p, k)).isEqualTo(expected);
            Point expectedBase = slowly(k, group.generator());
            assertThat(baseWithSecret(k)).isEqualTo(expectedBase);
            assertThat(group.multiplyBase(k)).isEqualTo(expectedBase);
            assertThat(withSecret(k, group.generator())).isEqualTo(expectedBase);
        }
    }

    @Test
    void allWaysToMultiplyAgreeAtRandom() {
        for (int i = 0; i < 40; i++) {
            Scalar k = randomScalar();
            Point p = randomPoint();
            Point expected = slowly(k, p);
            assertThat(withSecret(k, p)).isEqualTo(expected);
            assertThat(group.multiply(p, k)).isEqualTo(expected);
            assertThat(baseWithSecret(k)).isEqualTo(group.multiplyBase(k)).isEqualTo(slowly(k, group.generator()));
        }
    }

    @Test
    void multiplesOfTheIdentityAreTheIdentity() {
        for (Scalar k : List.of(group.scalars().zero(), group.scalars().one(), randomScalar())) {
            assertThat(withSecret(k, group.identity()).isIdentity()).isTrue();
            assertThat(group.multiply(group.identity(), k).isIdentity()).isTrue();
        }
        assertThat(baseWithSecret(group.scalars().zero()).isIdentity()).isTrue();
    }

    @Test
    void multiplicationIsLinear() {
        for (int i = 0; i < 10; i++) {
            Scalar a = randomScalar();
            Scalar b = randomScalar();
            Point p = randomPoint();
            assertThat(group.multiply(p, a).add(group.multiply(p, b))).isEqualTo(group.multiply(p, a.add(b)));
            assertThat(group.multiply(group.multiply(p, a), b)).isEqualTo(group.multiply(p, a.multiply(b)));
        }
    }

    @Test
    void sumsProductsOfAnyNumber() {
        for (int count : List.of(0, 1, 2, 3, 7)) {
            List<Scalar> scalars = new ArrayList<>();
            List<Point> points = new ArrayList<>();
            Point expected = group.identity();
            for (int i = 0; i < count; i++) {
                Scalar k = i == 2 ? group.scalars().zero() : randomScalar();
                Point p = i == 3 ? group.identity() : i == 4 ? points.getFirst() : randomPoint();
                scalars.add(k);
                points.add(p);
                expected = expected.add(slowly(k, p));
            }
            assertThat(group.sumOfProducts(scalars, points)).isEqualTo(expected);
        }
        assertThatThrownBy(() -> group.sumOfProducts(List.of(group.scalars().one()), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void decodesWhatItEncodes() throws InvalidEncodingException {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            points.add(i == 5 ? group.generator() : randomPoint().subtract(randomPoint()));
        }
        List<byte[]> together = group.encodeAll(points);
        for (int i = 0; i < points.size(); i++) {
            byte[] encoded = points.get(i).encode();
            assertThat(encoded).hasSize(group.pointLength()).isEqualTo(together.get(i));
            assertThat(group.decode(encoded)).isEqualTo(points.get(i));
            assertThat(group.decode(encoded).encode()).isEqualTo(encoded);
        }
        assertThat(group.encodeAll(List.of())).isEmpty();
    }

    @Test
    void refusesBytesOfAnotherLength() {
        byte[] encoded = group.generator().encode();
        for (int length : List.of(0, 1, encoded.length - 1, encoded.length + 1, 65)) {
            byte[] other = Arrays.copyOf(encoded, length);
            assertThatThrownBy(() -> group.decode(other)).isInstanceOf(InvalidEncodingException.class);
        }
        assertThatThrownBy(() -> group.decode(new byte[group.pointLength()]))
                .isInstanceOf(InvalidEncodingException.class);
        byte[] allOnes = new byte[group.pointLength()];
        Arrays.fill(allOnes, (byte) 0xff);
        assertThatThrownBy(() -> group.decode(allOnes)).isInstanceOf(InvalidEncodingException.class);
    }

    @Test
    void randomBytesDecodeToAPointThatEncodesToThemOrAreRefused() {
        int accepted = 0;
        for (int i = 0; i < 200; i++) {
            byte[] encoded = group.generator().encode();
            byte[] noise = new byte[32];
            random.nextBytes(noise);
            System.arraycopy(noise, 0, encoded, encoded.length - 32, 32);
            try {
                Point point = group.decode(encoded);
                accepted++;
                assertThat(point.encode()).isEqualTo(encoded);
                Scalar last = group.scalars().zero().subtract(group.scalars().one());
                assertThat(group.multiply(point, last)).isEqualTo(point.negate());
            } catch (InvalidEncodingException expected) {
                assertThat(expected).hasMessageContaining("expected");
            }
        }
        assertThat(accepted).isPositive().isLessThan(200);
    }

    @Test
    void hashesMessagesToDistinctPointsThatDependOnTheTag() {
        Point p = group.hashToGroup(new byte[] {1}, DST);
        assertThat(p.isIdentity()).isFalse();
        assertThat(group.hashToGroup(new byte[] {1}, DST)).isEqualTo(p);
        assertThat(group.hashToGroup(new byte[] {2}, DST)).isNotEqualTo(p);
        assertThat(group.hashToGroup(new byte[] {1}, "other".getBytes(StandardCharsets.US_ASCII)))
                .isNotEqualTo(p);
        Scalar last = group.scalars().zero().subtract(group.scalars().one());
        assertThat(slowly(last, p)).isEqualTo(p.negate());
        assertThatThrownBy(() -> group.hashToGroup(new byte[1], new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group.hashToGroup(new byte[1], new byte[256]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesScalarsAndPointsOfAnotherGroup() {
        GroupId otherId = group.id() == GroupId.SECP256K1 ? GroupId.P256 : GroupId.SECP256K1;
        Scalar otherScalar = ScalarField.of(otherId).one();
        assertThatThrownBy(() -> group.multiplyBase(otherScalar)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group.multiply(group.generator(), otherScalar))
                .isInstanceOf(IllegalArgumentException.class);
        Point otherPoint = Group.of(otherId).generator();
        assertThatThrownBy(() -> group.generator().add(otherPoint)).isInstanceOf(IllegalArgumentException.class);
        assertThat(group.generator().equals(otherPoint)).isFalse();
    }
}
