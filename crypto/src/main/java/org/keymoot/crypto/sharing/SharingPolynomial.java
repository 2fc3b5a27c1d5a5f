package org.keymoot.crypto.sharing;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

/// A polynomial over a scalar field with secret coefficients, whose values at the parties' indices are their
/// shares of its value at zero.
///
/// It keeps true: it has exactly [ReconstructionThreshold#value()] coefficients; all live in the scope given at
/// its birth and are erased with it; evaluation takes constant time in them.
public final class SharingPolynomial {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    private final ScalarField field;
    private final List<SecretScalar> coefficients;

    private SharingPolynomial(ScalarField field, List<SecretScalar> coefficients) {
        this.field = field;
        this.coefficients = List.copyOf(coefficients);
    }

    /// Shares a fresh random secret.
    public static SharingPolynomial random(
            ScalarField field, ReconstructionThreshold threshold, RandomSource random, SecretScope scope) {
        return sharing(field.random(scope, random), threshold, random, scope);
    }

    /// Shares `secret`, which is copied.
    public static SharingPolynomial sharing(
            SecretScalar secret, ReconstructionThreshold threshold, RandomSource random, SecretScope scope) {
        ScalarField field = secret.field();
        List<SecretScalar> coefficients = new ArrayList<>(threshold.value());
        coefficients.add(secret.copy(scope));
        for (int i = 1; i < threshold.value(); i++) {
            coefficients.add(field.random(scope, random));
        }
        return new SharingPolynomial(field, coefficients);
    }

    /// Shares zero, for refreshing shares without changing what they share.
    public static SharingPolynomial ofZero(
            ScalarField field, ReconstructionThreshold threshold, RandomSource random, SecretScope scope) {
        try (SecretScope local = new SecretScope()) {
            return sharing(field.secretZero(local), threshold, random, scope);
        }
    }

    public ScalarField field() {
        return field;
    }

    public ReconstructionThreshold threshold() {
        return new ReconstructionThreshold(coefficients.size());
    }

    /// The coefficient of x^`power`; it stays the property of this polynomial's scope.
    public SecretScalar coefficient(int power) {
        return coefficients.get(power);
    }

    /// The share of `party`.
    public SecretScalar evaluate(PartyIndex party, SecretScope scope) {
        SecretScalar result = field.secretZero(scope);
        MemorySegment value = result.segment(TAKE);
        try (SecretScope local = new SecretScope()) {
            SecretScalar argument = field.secretZero(local);
            MemorySegment x = argument.segment(TAKE);
            x.set(ValueLayout.JAVA_BYTE, 0, (byte) party.value());
            value.copyFrom(coefficients.getLast().segment(TAKE));
            for (int i = coefficients.size() - 2; i >= 0; i--) {
                field.rawMultiply(value, 0, value, 0, x, 0);
                field.rawAdd(value, 0, value, 0, coefficients.get(i).segment(TAKE), 0);
            }
        }
        return result;
    }

    /// Commits to every coefficient. For a polynomial made by [#ofZero] the constant term is left out.
    public FeldmanCommitment commit(Group group) {
        List<Point> points = new ArrayList<>(coefficients.size());
        boolean sharesZero = coefficients.getFirst().isZero();
        for (int i = sharesZero ? 1 : 0; i < coefficients.size(); i++) {
            points.add(group.multiplyBase(coefficients.get(i)));
        }
        try {
            return sharesZero
                    ? FeldmanCommitment.ofZero(group, threshold(), points)
                    : FeldmanCommitment.of(group, threshold(), points);
        } catch (InvalidCommitmentException e) {
            throw new IllegalStateException("random coefficients are not zero", e);
        }
    }
}
