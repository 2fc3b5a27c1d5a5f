package org.keymoot.crypto.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.sharing.SharingPolynomial;

final class ProofTest {
    private static final byte[] SESSION = {1, 2};
    private static final PartyIndex ONE = PartyIndex.of(1);
    private static final ReconstructionThreshold TWO = ReconstructionThreshold.of(2);

    private final SecretScope scope = new SecretScope();
    private final SeededRandom random = new SeededRandom(4);
    private final Group group = Group.of(GroupId.SECP256K1);

    @AfterEach
    void erase() {
        scope.close();
    }

    @ParameterizedTest
    @EnumSource
    void proofOfKnowledgeVerifiesInItsContextOnly(GroupId id) throws Exception {
        Group any = Group.of(id);
        SecretScalar x = any.scalars().random(scope, random);
        Point subject = any.multiplyBase(x);
        List<Point> statement = List.of(subject, any.generator());
        ProofContext context = new ProofContext(SESSION, ONE, statement, 0);
        SchnorrProof proof = SchnorrProof.decode(
                any, SchnorrProof.prove(any, context, x, random).encode());
        assertThat(proof.verify(context)).isTrue();
        assertThat(SchnorrProof.verifyAll(any, List.of(context), List.of(proof)))
                .isTrue();
        List<ProofContext> others = List.of(
                new ProofContext(new byte[] {1, 3}, ONE, statement, 0),
                new ProofContext(SESSION, PartyIndex.of(2), statement, 0),
                new ProofContext(SESSION, ONE, List.of(subject, subject), 0),
                new ProofContext(SESSION, ONE, List.of(any.generator(), subject), 1),
                new ProofContext(SESSION, ONE, List.of(subject), 0),
                new ProofContext(SESSION, ONE, statement, 1));
        for (ProofContext other : others) {
            assertThat(proof.verify(other)).isFalse();
            assertThat(SchnorrProof.verifyAll(any, List.of(other), List.of(proof)))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void sameLogarithmProofVerifiesForItsClaimOnly(GroupId id) throws Exception {
        Group any = Group.of(id);
        SecretScalar x = any.scalars().random(scope, random);
        for (int count : new int[] {1, 3}) {
            List<Point> bases = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                bases.add(any.multiplyBase(any.scalars().random(scope, random)));
            }
            List<Point> products =
                    bases.stream().map(base -> any.multiply(base, x)).toList();
            Point key = any.multiplyBase(x);
            SameLogarithmProof.Claim claim = new SameLogarithmProof.Claim(SESSION, ONE, key, bases, products);
            SameLogarithmProof proof = SameLogarithmProof.decode(
                    any, SameLogarithmProof.prove(any, claim, x, random).encode());
            assertThat(proof.verify(claim)).isTrue();
            assertThat(proof.verify(new SameLogarithmProof.Claim(new byte[] {1, 3}, ONE, key, bases, products)))
                    .isFalse();
            assertThat(proof.verify(new SameLogarithmProof.Claim(SESSION, PartyIndex.of(2), key, bases, products)))
                    .isFalse();
            List<SameLogarithmProof.Claim> others = new ArrayList<>(
                    List.of(new SameLogarithmProof.Claim(SESSION, ONE, any.generator(), bases, products)));
            for (int i = 0; i < count; i++) {
                others.add(new SameLogarithmProof.Claim(SESSION, ONE, key, bases, with(products, i, any.generator())));
                others.add(new SameLogarithmProof.Claim(SESSION, ONE, key, with(bases, i, any.generator()), products));
                others.add(new SameLogarithmProof.Claim(SESSION, ONE, key, bases, with(products, i, any.identity())));
            }
            if (count > 1) {
                // Errors that cancel out when everything is added up with equal weights.
                others.add(new SameLogarithmProof.Claim(
                        SESSION,
                        ONE,
                        key,
                        bases,
                        with(
                                with(products, 0, products.get(0).add(any.generator())),
                                1,
                                products.get(1).subtract(any.generator()))));
            }
            // None of these is true, so not even who knows x can prove it.
            for (SameLogarithmProof.Claim other : others) {
                assertThat(proof.verify(other)).isFalse();
                assertThat(SameLogarithmProof.prove(any, other, x, random).verify(other))
                        .isFalse();
            }
        }
    }

    private static List<Point> with(List<Point> points, int at, Point other) {
        List<Point> changed = new ArrayList<>(points);
        changed.set(at, other);
        return changed;
    }

    @Test
    void batchRefusesWhenAnyProofIsWrong() {
        List<ProofContext> contexts = new ArrayList<>();
        List<SchnorrProof> proofs = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            SecretScalar x = group.scalars().random(scope, random);
            ProofContext context = ProofContext.of(SESSION, PartyIndex.of(i), group.multiplyBase(x));
            contexts.add(context);
            proofs.add(SchnorrProof.prove(group, context, x, random));
        }
        assertThat(SchnorrProof.verifyAll(group, contexts, proofs)).isTrue();
        for (int i = 0; i < 4; i++) {
            List<SchnorrProof> exchanged = new ArrayList<>(proofs);
            exchanged.set(i, proofs.get((i + 1) % 4));
            assertThat(SchnorrProof.verifyAll(group, contexts, exchanged)).isFalse();
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SchnorrProof.verifyAll(group, contexts, proofs.subList(0, 3)));
        assertThatIllegalArgumentException().isThrownBy(() -> SchnorrProof.verifyAll(group, List.of(), List.of()));
    }

    @Test
    void proofWithAnyBitChangedIsRefused() {
        SecretScalar x = group.scalars().random(scope, random);
        ProofContext context = ProofContext.of(SESSION, ONE, group.multiplyBase(x));
        byte[] encoded = SchnorrProof.prove(group, context, x, random).encode();
        for (int i = 0; i < encoded.length; i++) {
            byte[] changed = encoded.clone();
            changed[i] ^= 1;
            assertThat(verifies(changed, context)).isFalse();
        }
        for (int length : new int[] {0, 64, 66}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> SchnorrProof.decode(group, Arrays.copyOf(encoded, length)));
        }
    }

    @Test
    void repeatedRandomnessDoesNotRepeatTheNonceOfAnotherStatement() {
        SecretScalar x = group.scalars().random(scope, random);
        Point subject = group.multiplyBase(x);
        byte[] one = SchnorrProof.prove(group, ProofContext.of(SESSION, ONE, subject), x, new SeededRandom(1))
                .encode();
        byte[] other = SchnorrProof.prove(
                        group, ProofContext.of(SESSION, PartyIndex.of(2), subject), x, new SeededRandom(1))
                .encode();
        assertThat(Arrays.copyOf(one, 33)).isNotEqualTo(Arrays.copyOf(other, 33));
    }

    @Test
    void coefficientsAreProvenAllOrNone() throws Exception {
        SharingPolynomial polynomial = SharingPolynomial.random(group.scalars(), TWO, random, scope);
        FeldmanCommitment commitment = polynomial.commit(group);
        byte[] encoded = CoefficientProofs.prove(SESSION, ONE, polynomial, commitment, random)
                .encode();
        assertThat(encoded).hasSize(CoefficientProofs.encodedLength(group, TWO));
        assertThat(CoefficientProofs.decode(group, TWO, encoded).verify(SESSION, ONE, commitment))
                .isTrue();
        assertThat(CoefficientProofs.decode(group, TWO, encoded).verify(SESSION, PartyIndex.of(2), commitment))
                .isFalse();
        byte[] exchanged = new byte[encoded.length];
        System.arraycopy(encoded, 0, exchanged, 65, 65);
        System.arraycopy(encoded, 65, exchanged, 0, 65);
        assertThat(CoefficientProofs.decode(group, TWO, exchanged).verify(SESSION, ONE, commitment))
                .isFalse();
        for (int length : new int[] {0, 65, 129, 195}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> CoefficientProofs.decode(group, TWO, Arrays.copyOf(encoded, length)));
        }
        byte[] one = Arrays.copyOf(encoded, 65);
        assertThat(CoefficientProofs.decodeOfZero(group, TWO, one).verify(SESSION, ONE, commitment))
                .isFalse();
        assertThatExceptionOfType(InvalidEncodingException.class)
                .isThrownBy(() -> CoefficientProofs.decodeOfZero(group, ReconstructionThreshold.of(1), new byte[0]));
    }

    @Test
    void coefficientsOfASharingOfZeroAreProvenWithoutTheConstant() throws Exception {
        SharingPolynomial polynomial = SharingPolynomial.ofZero(group.scalars(), TWO, random, scope);
        FeldmanCommitment commitment = polynomial.commit(group);
        byte[] encoded = CoefficientProofs.prove(SESSION, ONE, polynomial, commitment, random)
                .encode();
        assertThat(CoefficientProofs.decodeOfZero(group, TWO, encoded).verify(SESSION, ONE, commitment))
                .isTrue();
    }

    @Test
    void equalityVerifiesForItsClaimOnly() throws Exception {
        SecretScalar x = group.scalars().random(scope, random);
        SecretScalar y = group.scalars().random(scope, random);
        Point base = group.hashToGroup(new byte[] {1}, new byte[] {2});
        EqualityProof.Claim claim =
                new EqualityProof.Claim(SESSION, ONE, group.multiplyBase(x), base, group.multiply(base, x));
        EqualityProof proof = EqualityProof.decode(
                group, EqualityProof.prove(group, claim, x, random).encode());
        assertThat(proof.verify(claim)).isTrue();
        Point other = group.multiply(base, y);
        List<EqualityProof.Claim> wrong = List.of(
                new EqualityProof.Claim(new byte[] {9}, ONE, claim.toGenerator(), base, claim.toBase()),
                new EqualityProof.Claim(SESSION, PartyIndex.of(2), claim.toGenerator(), base, claim.toBase()),
                new EqualityProof.Claim(SESSION, ONE, claim.toGenerator(), base, other),
                new EqualityProof.Claim(SESSION, ONE, group.multiplyBase(y), base, claim.toBase()),
                new EqualityProof.Claim(SESSION, ONE, claim.toGenerator(), other, claim.toBase()));
        for (EqualityProof.Claim each : wrong) {
            assertThat(proof.verify(each)).isFalse();
        }
        EqualityProof.Claim unequal = new EqualityProof.Claim(SESSION, ONE, group.multiplyBase(x), base, other);
        assertThat(EqualityProof.prove(group, unequal, x, random).verify(unequal))
                .isFalse();
        assertThat(EqualityProof.prove(group, unequal, y, random).verify(unequal))
                .isFalse();
        byte[] encoded = proof.encode();
        for (int length : new int[] {0, 97, 99}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> EqualityProof.decode(group, Arrays.copyOf(encoded, length)));
        }
        for (int i = 0; i < encoded.length; i++) {
            byte[] changed = encoded.clone();
            changed[i] ^= 1;
            assertThat(equalityVerifies(changed, claim)).isFalse();
        }
    }

    @Test
    void nothingIsProvenAboutTheIdentity() {
        SecretScalar zero = group.scalars().secretZero(scope);
        ProofContext context = ProofContext.of(SESSION, ONE, group.identity());
        SchnorrProof proof = SchnorrProof.prove(group, context, zero, random);
        assertThat(proof.verify(context)).isFalse();
        assertThat(SchnorrProof.verifyAll(group, List.of(context), List.of(proof)))
                .isFalse();
    }

    private boolean verifies(byte[] encoded, ProofContext context) {
        try {
            return SchnorrProof.decode(group, encoded).verify(context);
        } catch (InvalidEncodingException e) {
            return false;
        }
    }

    private boolean equalityVerifies(byte[] encoded, EqualityProof.Claim claim) {
        try {
            return EqualityProof.decode(group, encoded).verify(claim);
        } catch (InvalidEncodingException e) {
            return false;
        }
    }
}
