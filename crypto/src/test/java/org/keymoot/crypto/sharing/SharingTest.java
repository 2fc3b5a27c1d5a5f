package org.keymoot.crypto.sharing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

final class SharingTest {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;
    private static final ReconstructionThreshold THREE = ReconstructionThreshold.of(3);

    private final SecretScope scope = new SecretScope();
    private final SeededRandom random = new SeededRandom(3);
    private final Group group = Group.of(GroupId.SECP256K1);

    @AfterEach
    void erase() {
        scope.close();
    }

    @ParameterizedTest
    @EnumSource
    void anyQuorumGivesTheSecretAndEveryOtherShare(GroupId id) {
        ScalarField field = ScalarField.of(id);
        SharingPolynomial polynomial = SharingPolynomial.random(field, THREE, random, scope);
        Scalar secret = polynomial.coefficient(0).reveal(TAKE);
        PartyIndex absent = PartyIndex.of(255);
        for (List<Integer> numbers : List.of(List.of(1, 2, 3), List.of(7, 255, 4), List.of(9, 1, 200))) {
            List<PartyIndex> quorum = numbers.stream().map(PartyIndex::of).toList();
            Scalar atZero = field.zero();
            Scalar atAbsent = field.zero();
            for (PartyIndex party : quorum) {
                Scalar share = polynomial.evaluate(party, scope).reveal(TAKE);
                atZero = atZero.add(Lagrange.atZero(field, quorum, party).multiply(share));
                atAbsent = atAbsent.add(
                        Lagrange.atParty(field, absent, quorum, party).multiply(share));
                assertThat(Objects.requireNonNull(
                                        Lagrange.allAtZero(field, quorum).get(party))
                                .toBigInteger())
                        .isEqualTo(Lagrange.atZero(field, quorum, party).toBigInteger());
            }
            assertThat(atZero.toBigInteger()).isEqualTo(secret.toBigInteger());
            assertThat(atAbsent.toBigInteger())
                    .isEqualTo(polynomial.evaluate(absent, scope).reveal(TAKE).toBigInteger());
        }
    }

    @Test
    void evaluationIsThePolynomialsValue() {
        ScalarField field = group.scalars();
        SharingPolynomial polynomial = SharingPolynomial.random(field, THREE, random, scope);
        for (int party : new int[] {1, 2, 128, 255}) {
            Scalar x = field.of(party);
            Scalar expected = polynomial.coefficient(2).reveal(TAKE).multiply(x).multiply(x);
            expected = expected.add(polynomial.coefficient(1).reveal(TAKE).multiply(x));
            expected = expected.add(polynomial.coefficient(0).reveal(TAKE));
            assertThat(polynomial
                            .evaluate(PartyIndex.of(party), scope)
                            .reveal(TAKE)
                            .toBigInteger())
                    .isEqualTo(expected.toBigInteger());
        }
    }

    @Test
    void commitmentHoldsForEachShareAndForNoOther() {
        SharingPolynomial polynomial = SharingPolynomial.random(group.scalars(), THREE, random, scope);
        FeldmanCommitment commitment = polynomial.commit(group);
        for (int party = 1; party <= 5; party++) {
            SecretScalar share = polynomial.evaluate(PartyIndex.of(party), scope);
            assertThat(commitment.holds(PartyIndex.of(party), share)).isTrue();
            assertThat(commitment.holds(PartyIndex.of(party + 1), share)).isFalse();
            assertThat(commitment.holds(
                            PartyIndex.of(party), share.add(group.scalars().one(), scope)))
                    .isFalse();
        }
        assertThat(commitment.constantTerm()).isEqualTo(group.multiplyBase(polynomial.coefficient(0)));
    }

    @Test
    void shareOfAnotherFieldIsRefused() {
        SharingPolynomial polynomial = SharingPolynomial.random(group.scalars(), THREE, random, scope);
        SecretScalar foreign = ScalarField.of(GroupId.P256).random(scope, random);
        assertThat(polynomial.commit(group).holds(PartyIndex.of(1), foreign)).isFalse();
    }

    @Test
    void sharingOfZeroLeavesTheSecretAsItIs() throws Exception {
        SharingPolynomial key = SharingPolynomial.random(group.scalars(), THREE, random, scope);
        SharingPolynomial zero = SharingPolynomial.ofZero(group.scalars(), THREE, random, scope);
        FeldmanCommitment refresh = zero.commit(group);
        assertThat(refresh.sharesZero()).isTrue();
        assertThat(refresh.encode()).hasSize(2 * 33);
        assertThat(FeldmanCommitment.decodeOfZero(group, THREE, refresh.encode()))
                .isEqualTo(refresh);
        FeldmanCommitment sum = FeldmanCommitment.sum(List.of(key.commit(group), refresh));
        assertThat(sum.constantTerm()).isEqualTo(key.commit(group).constantTerm());
        PartyIndex party = PartyIndex.of(2);
        SecretScalar share = key.evaluate(party, scope).add(zero.evaluate(party, scope), scope);
        assertThat(sum.holds(party, share)).isTrue();
        assertThat(refresh.holds(party, zero.evaluate(party, scope))).isTrue();
    }

    @Test
    void commitmentSurvivesEncoding() throws Exception {
        FeldmanCommitment commitment =
                SharingPolynomial.random(group.scalars(), THREE, random, scope).commit(group);
        assertThat(commitment.encode()).hasSize(FeldmanCommitment.encodedLength(group, THREE));
        assertThat(FeldmanCommitment.decode(group, THREE, commitment.encode())).isEqualTo(commitment);
    }

    @Test
    void commitmentOfAnyOtherLengthIsRefused() {
        byte[] encoded = SharingPolynomial.random(group.scalars(), THREE, random, scope)
                .commit(group)
                .encode();
        for (int length : new int[] {0, 1, 33, 66, 98, 100}) {
            assertThatExceptionOfType(InvalidCommitmentException.class)
                    .isThrownBy(() -> FeldmanCommitment.decode(group, THREE, Arrays.copyOf(encoded, length)));
        }
        byte[] longer = Arrays.copyOf(encoded, 4 * 33);
        System.arraycopy(encoded, 0, longer, 3 * 33, 33);
        assertThatExceptionOfType(InvalidCommitmentException.class)
                .isThrownBy(() -> FeldmanCommitment.decode(group, THREE, longer));
        List<Point> two = List.of(group.generator(), group.generator());
        assertThatExceptionOfType(InvalidCommitmentException.class)
                .isThrownBy(() -> FeldmanCommitment.of(group, THREE, two));
    }

    @Test
    void identityAmongTheTermsIsRefused() {
        for (int at = 0; at < 3; at++) {
            List<Point> points = new ArrayList<>(List.of(group.generator(), group.generator(), group.generator()));
            points.set(at, group.identity());
            assertThatExceptionOfType(InvalidCommitmentException.class)
                    .isThrownBy(() -> FeldmanCommitment.of(group, THREE, points));
        }
        List<Point> zero = List.of(group.generator(), group.identity());
        assertThatExceptionOfType(InvalidCommitmentException.class)
                .isThrownBy(() -> FeldmanCommitment.ofZero(group, THREE, zero));
    }

    @Test
    void commitmentsThatCancelAreRefusedInTheSum() throws Exception {
        List<Point> points = List.of(group.generator(), group.generator(), group.generator());
        List<Point> opposite = points.stream().map(Point::negate).toList();
        FeldmanCommitment one = FeldmanCommitment.of(group, THREE, points);
        FeldmanCommitment other = FeldmanCommitment.of(group, THREE, opposite);
        assertThatExceptionOfType(InvalidCommitmentException.class)
                .isThrownBy(() -> FeldmanCommitment.sum(List.of(one, other)));
    }

    @Test
    void indicesAndThresholdsAreInRange() {
        for (int value : new int[] {-1, 0, 256}) {
            assertThatIllegalArgumentException().isThrownBy(() -> PartyIndex.of(value));
            assertThatIllegalArgumentException().isThrownBy(() -> ReconstructionThreshold.of(value));
        }
        assertThat(THREE.corruptionBound()).isEqualTo(new CorruptionBound(2));
        assertThat(THREE.corruptionBound().reconstructionThreshold()).isEqualTo(THREE);
    }

    @Test
    void quorumNamesEachPartyOnce() {
        List<PartyIndex> twice = List.of(PartyIndex.of(1), PartyIndex.of(2), PartyIndex.of(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lagrange.atZero(group.scalars(), twice, PartyIndex.of(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lagrange.atZero(group.scalars(), List.of(PartyIndex.of(1)), PartyIndex.of(2)));
    }
}
