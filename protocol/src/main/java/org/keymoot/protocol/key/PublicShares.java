package org.keymoot.protocol.key;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.sharing.Lagrange;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageReader;
import org.keymoot.protocol.message.MessageWriter;

/// What all the world may know of a shared key: its terms, public key, chain code and each party's verification share.
///
/// It keeps true: there is exactly one verification share for each party, and neither they nor the public key are the
/// identity. Whether they fit together is [#areConsistent()].
public record PublicShares(KeyTerms terms, Point publicKey, byte[] chainCode, List<Point> verificationShares) {
    public static final int CHAIN_CODE_BYTES = 32;

    public PublicShares {
        verificationShares = List.copyOf(verificationShares);
        if (verificationShares.size() != terms.parties()) {
            throw new IllegalArgumentException("each of " + terms.parties() + " parties has a verification share, not "
                    + verificationShares.size());
        }
        if (chainCode.length != CHAIN_CODE_BYTES) {
            throw new IllegalArgumentException("a chain code has 32 bytes, not " + chainCode.length);
        }
        if (publicKey.isIdentity() || verificationShares.stream().anyMatch(Point::isIdentity)) {
            throw new IllegalArgumentException("neither a public key nor a verification share is the identity");
        }
        chainCode = chainCode.clone();
    }

    @Override
    public byte[] chainCode() {
        return chainCode.clone();
    }

    /// The share of `party` times the generator.
    public Point verificationShare(int party) {
        return verificationShares.get(party - 1);
    }

    /// Tells whether all verification shares lie on one polynomial of the threshold's degree through the public key.
    public boolean areConsistent() {
        int threshold = terms.reconstructionThreshold().value();
        List<PartyIndex> first = terms.everyone().subList(0, threshold).stream()
                .map(PartyIndex::of)
                .toList();
        if (!interpolate(first, null).equals(publicKey)) {
            return false;
        }
        for (int party = threshold + 1; party <= terms.parties(); party++) {
            if (!interpolate(first, PartyIndex.of(party)).equals(verificationShare(party))) {
                return false;
            }
        }
        return true;
    }

    private Point interpolate(List<PartyIndex> from, @Nullable PartyIndex target) {
        Group group = terms.group();
        List<Scalar> coefficients = new ArrayList<>();
        List<Point> points = new ArrayList<>();
        for (PartyIndex party : from) {
            coefficients.add(
                    target == null
                            ? Lagrange.atZero(group.scalars(), from, party)
                            : Lagrange.atParty(group.scalars(), target, from, party));
            points.add(verificationShare(party.value()));
        }
        return group.sumOfProducts(coefficients, points);
    }

    public void write(MessageWriter out) {
        terms.write(out);
        out.point(publicKey).fixed(chainCode);
        verificationShares.forEach(out::point);
    }

    public static PublicShares read(MessageReader in) throws Malformed {
        KeyTerms terms = KeyTerms.read(in);
        Point publicKey = in.point(terms.group());
        byte[] chainCode = in.fixed(CHAIN_CODE_BYTES);
        return new PublicShares(terms, publicKey, chainCode, in.points(terms.group(), terms.parties()));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PublicShares that
                && terms.equals(that.terms)
                && publicKey.equals(that.publicKey)
                && Arrays.equals(chainCode, that.chainCode)
                && verificationShares.equals(that.verificationShares);
    }

    @Override
    public int hashCode() {
        return 31 * terms.hashCode() + Arrays.hashCode(chainCode);
    }

    @Override
    public String toString() {
        return "public shares of " + terms;
    }
}
