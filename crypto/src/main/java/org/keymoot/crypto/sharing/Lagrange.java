package org.keymoot.crypto.sharing;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;

/// Lagrange's coefficients: what each share of a quorum is multiplied by so that the products add up to the
/// polynomial's value at zero, or at another party's index. They are public.
public final class Lagrange {
    private Lagrange() {}

    /// The coefficient of `party` for the secret.
    ///
    /// @throws IllegalArgumentException when the quorum holds a party twice or lacks `party`
    public static Scalar atZero(ScalarField field, Collection<PartyIndex> quorum, PartyIndex party) {
        return at(field, field.zero(), quorum, party);
    }

    /// The coefficient of `party` for the share of `target`, which may lie outside the quorum.
    ///
    /// @throws IllegalArgumentException when the quorum holds a party twice or lacks `party`
    public static Scalar atParty(
            ScalarField field, PartyIndex target, Collection<PartyIndex> quorum, PartyIndex party) {
        return at(field, field.of(target.value()), quorum, party);
    }

    /// Every party's coefficient for the secret.
    public static Map<PartyIndex, Scalar> allAtZero(ScalarField field, Collection<PartyIndex> quorum) {
        Map<PartyIndex, Scalar> all = new HashMap<>();
        for (PartyIndex party : quorum) {
            all.put(party, atZero(field, quorum, party));
        }
        return Map.copyOf(all);
    }

    private static Scalar at(ScalarField field, Scalar x, Collection<PartyIndex> quorum, PartyIndex party) {
        if (new HashSet<>(quorum).size() != quorum.size()) {
            throw new IllegalArgumentException("a quorum names each party once: " + quorum);
        }
        if (!quorum.contains(party)) {
            throw new IllegalArgumentException(party + " is not in the quorum " + quorum);
        }
        Scalar own = field.of(party.value());
        Scalar numerator = field.one();
        Scalar denominator = field.one();
        for (PartyIndex other : quorum) {
            if (!other.equals(party)) {
                Scalar at = field.of(other.value());
                numerator = numerator.multiply(x.subtract(at));
                denominator = denominator.multiply(own.subtract(at));
            }
        }
        return numerator.multiply(denominator.invert());
    }
}
