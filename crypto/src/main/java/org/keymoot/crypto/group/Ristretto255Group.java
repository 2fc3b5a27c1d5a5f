package org.keymoot.crypto.group;

import static org.keymoot.crypto.group.Field25519.difference;
import static org.keymoot.crypto.group.Field25519.product;
import static org.keymoot.crypto.group.Field25519.square;
import static org.keymoot.crypto.group.Field25519.sum;

import java.math.BigInteger;
import java.util.Arrays;

/// The group ristretto255 of RFC 9496: edwards25519 without its cofactor.
final class Ristretto255Group extends EdwardsGroup {
    /// The constants of RFC 9496 section 4.1.
    private static final Field25519 ROOT_OF_AD_MINUS_ONE = Field25519.of(
            new BigInteger("25063068953384623474111414158702152701244531502492656460079210482610430750235"));

    private static final Field25519 ONE_MINUS_D_SQUARED = Field25519.of(
            new BigInteger("1159843021668779879193775521855586647937357759715417654439879720876111806838"));

    private static final Field25519 D_MINUS_ONE_SQUARED = Field25519.of(
            new BigInteger("40440834346308536858101042469323190826248399146238708352240133220865137265952"));

    private static final Field25519 MINUS_ONE = Field25519.of(BigInteger.ONE.negate());

    static final Ristretto255Group INSTANCE = new Ristretto255Group();

    private Ristretto255Group() {
        super(ScalarField.of(GroupId.RISTRETTO255));
    }

    @Override
    public GroupId id() {
        return GroupId.RISTRETTO255;
    }

    @Override
    EdwardsPoint element(EdwardsCoordinates coordinates) {
        return new Ristretto255Point(this, coordinates);
    }

    /// RFC 9496 section 4.3.1, and not the identity.
    @Override
    public Point decode(byte[] encoded) throws InvalidEncodingException {
        requireLength(encoded);
        Field25519 s = new Field25519();
        s.decode(encoded, 0);
        if (!Arrays.equals(s.encode(), encoded)) {
            throw new InvalidEncodingException("expected a ristretto255 encoding below 2^255 - 19");
        }
        if (s.negativeMask() != 0) {
            throw new InvalidEncodingException("expected an even ristretto255 encoding");
        }
        if (s.zeroMask() != 0) {
            throw new InvalidEncodingException("expected a ristretto255 element other than the identity");
        }

        Field25519 u1 = new Field25519();
        Field25519 u2 = new Field25519();
        Field25519 u2Squared = new Field25519();
        Field25519 v = new Field25519();
        Field25519 tv = new Field25519();
        square(tv, s);
        difference(u1, Field25519.ONE, tv);
        sum(u2, Field25519.ONE, tv);
        square(u2Squared, u2);
        square(tv, u1);
        product(v, tv, EdwardsCoordinates.D);
        v.negateIf(-1);
        difference(v, v, u2Squared);

        Field25519 inverseRoot = new Field25519();
        product(tv, v, u2Squared);
        long wasSquare = Field25519.squareRootOfRatio(inverseRoot, Field25519.ONE, tv);

        Field25519 x = new Field25519();
        Field25519 y = new Field25519();
        Field25519 t = new Field25519();
        product(x, inverseRoot, u2);
        product(y, inverseRoot, x);
        product(y, y, v);
        product(x, x, s);
        sum(x, x, x);
        x.makeNonNegative();
        product(x, x, Field25519.ONE);
        product(y, y, u1);
        product(t, x, y);
        if (wasSquare == 0 || t.negativeMask() != 0 || y.zeroMask() != 0) {
            throw new InvalidEncodingException(
                    "expected the encoding of a ristretto255 element, found one that no element has");
        }
        return element(new EdwardsCoordinates(x, y, Field25519.ONE, t));
    }

    /// `hash_to_ristretto255` of RFC 9380 appendix B with `expand_message_xmd` and SHA-512.
    @Override
    public Point hashToGroup(byte[] message, byte[] dst) {
        return derive(ExpandMessage.SHA_512.expand(message, dst, 2 * Field25519.BYTES));
    }

    /// The element derivation of RFC 9496 section 4.3.4 from 64 uniform bytes.
    Point derive(byte[] uniform) {
        if (uniform.length != 2 * Field25519.BYTES) {
            throw new IllegalArgumentException("expected 64 uniform bytes, found " + uniform.length);
        }
        Field25519 first = new Field25519();
        Field25519 second = new Field25519();
        first.decode(uniform, 0);
        second.decode(uniform, Field25519.BYTES);
        return element(map(first).plus(map(second)));
    }

    /// `MAP` of RFC 9496 section 4.3.4, in constant time.
    private static EdwardsCoordinates map(Field25519 t) {
        Field25519 r = new Field25519();
        Field25519 u = new Field25519();
        Field25519 v = new Field25519();
        Field25519 tv = new Field25519();
        square(r, t);
        product(r, r, Field25519.SQRT_MINUS_ONE);
        sum(u, r, Field25519.ONE);
        product(u, u, ONE_MINUS_D_SQUARED);
        product(v, r, EdwardsCoordinates.D);
        difference(v, MINUS_ONE, v);
        sum(tv, r, EdwardsCoordinates.D);
        product(v, v, tv);

        Field25519 s = new Field25519();
        Field25519 c = new Field25519(MINUS_ONE);
        long wasSquare = Field25519.squareRootOfRatio(s, u, v);
        product(tv, s, t);
        tv.makeNonNegative();
        tv.negateIf(-1);
        s.select(~wasSquare, tv);
        c.select(~wasSquare, r);

        Field25519 n = new Field25519();
        difference(n, r, Field25519.ONE);
        product(n, n, c);
        product(n, n, D_MINUS_ONE_SQUARED);
        difference(n, n, v);

        Field25519 w0 = new Field25519();
        Field25519 w1 = new Field25519();
        Field25519 w2 = new Field25519();
        Field25519 w3 = new Field25519();
        product(w0, s, v);
        sum(w0, w0, w0);
        product(w1, n, ROOT_OF_AD_MINUS_ONE);
        square(tv, s);
        difference(w2, Field25519.ONE, tv);
        sum(w3, Field25519.ONE, tv);

        Field25519 x = new Field25519();
        Field25519 y = new Field25519();
        Field25519 z = new Field25519();
        Field25519 xy = new Field25519();
        product(x, w0, w3);
        product(y, w2, w1);
        product(z, w1, w3);
        product(xy, w0, w2);
        return new EdwardsCoordinates(x, y, z, xy);
    }
}
