package org.keymoot.crypto.group;

import static org.keymoot.crypto.group.Field25519.difference;
import static org.keymoot.crypto.group.Field25519.product;
import static org.keymoot.crypto.group.Field25519.square;
import static org.keymoot.crypto.group.Field25519.sum;

import java.math.BigInteger;

/// Elligator 2 onto edwards25519 (RFC 9380 section 6.8.2), in constant time.
///
/// The map first finds a point `(s, t)` of the Montgomery curve `t² = s³ + J·s² + s` (section 6.7.1 with `Z =
/// 2`), then carries it over by `x = √(−(J + 2))·s/t`, `y = (s − 1)/(s + 1)` (appendix D.1).
final class EdwardsElligator {
    private static final Field25519 J = Field25519.of(BigInteger.valueOf(486662));
    private static final Field25519 MINUS_J = Field25519.of(BigInteger.valueOf(-486662));

    /// The even `√(−(J + 2))`.
    private static final Field25519 ROOT_OF_MINUS_J_MINUS_TWO = Field25519.of(
            new BigInteger("6853475219497561581579357271197624642482790079785650197046958215289687604742"));

    /// `√(2/i)` with `i = √−1`: neither 2 nor `i` is a square, so that their quotient is one.
    private static final Field25519 ROOT_OF_TWO_OVER_I = Field25519.of(
            new BigInteger("38214883241950591754978413199355411911188925816896391856984770930832735035198"));

    private EdwardsElligator() {}

    /// The point of the whole curve, cofactor not yet cleared, that `u` maps to.
    static EdwardsCoordinates map(Field25519 u) {
        Field25519 tv = new Field25519();
        Field25519 twoUSquared = new Field25519();
        Field25519 denominator = new Field25519();
        square(tv, u);
        sum(twoUSquared, tv, tv);
        sum(denominator, twoUSquared, Field25519.ONE);

        // With w = 1 + 2u² and s₁ = −J/w, g(s₁) = N/w³ where N = −J·(J² − J²·w + w²). No u makes w zero, because −1/2
        // is not a square.
        Field25519 numerator = new Field25519();
        Field25519 cube = new Field25519();
        product(tv, J, J);
        product(numerator, tv, denominator);
        difference(numerator, tv, numerator);
        square(tv, denominator);
        sum(numerator, numerator, tv);
        product(numerator, numerator, MINUS_J);
        product(cube, tv, denominator);

        // r = √g(s₁), or √(i·g(s₁)) when that is no square. Then s₂ = s₁·2u² serves, with g(s₂) = 2u²·g(s₁) and
        // √g(s₂) = u·r·√(2/i).
        Field25519 r = new Field25519();
        long firstServes = Field25519.squareRootOfRatio(r, numerator, cube);
        Field25519 s = new Field25519();
        product(s, MINUS_J, twoUSquared);
        s.select(firstServes, MINUS_J);
        Field25519 t = new Field25519();
        product(t, r, u);
        product(t, t, ROOT_OF_TWO_OVER_I);
        t.select(firstServes, r);
        // The sign is odd for the first root and even for the second.
        t.negateIf(t.negativeMask() ^ firstServes);

        return toEdwards(s, denominator, t);
    }

    /// Carries `(s/w, t)` over; where the rational map has no value, RFC 9380 says the identity.
    private static EdwardsCoordinates toEdwards(Field25519 s, Field25519 w, Field25519 t) {
        Field25519 sum = new Field25519();
        Field25519 difference = new Field25519();
        sum(sum, s, w);
        difference(difference, s, w);
        Field25519 xNumerator = new Field25519();
        Field25519 xDenominator = new Field25519();
        product(xNumerator, s, ROOT_OF_MINUS_J_MINUS_TWO);
        product(xDenominator, w, t);

        Field25519 x = new Field25519();
        Field25519 y = new Field25519();
        Field25519 z = new Field25519();
        Field25519 xy = new Field25519();
        product(x, xNumerator, sum);
        product(y, difference, xDenominator);
        product(z, xDenominator, sum);
        product(xy, xNumerator, difference);

        long noValue = z.zeroMask();
        x.select(noValue, new Field25519());
        y.select(noValue, Field25519.ONE);
        z.select(noValue, Field25519.ONE);
        xy.select(noValue, new Field25519());
        return new EdwardsCoordinates(x, y, z, xy);
    }
}
