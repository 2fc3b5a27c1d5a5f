package org.keymoot.protocol.frost;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

/// One signature in the making: the key, the message and everybody's commitments, and what follows from them.
///
/// It keeps true: the commitments are sorted by identifier and no signer is there twice.
public final class SigningPackage {
    private final FrostSuite suite;
    private final Group group;
    private final List<NonceCommitment> commitments;
    private final List<Scalar> bindingFactors;
    private final Point groupCommitment;
    private final Scalar challenge;
    private final byte[] bindingPrefix;

    public SigningPackage(
            FrostSuite suite, Point publicKey, byte[] message, List<NonceCommitment> unsortedCommitments) {
        this.suite = suite;
        this.group = suite.group();
        this.commitments = unsortedCommitments.stream()
                .sorted(Comparator.comparingInt(NonceCommitment::identifier))
                .toList();
        for (int i = 1; i < commitments.size(); i++) {
            if (commitments.get(i - 1).identifier() == commitments.get(i).identifier()) {
                throw new IllegalArgumentException(
                        "signer " + commitments.get(i).identifier() + " commits twice");
            }
        }
        this.bindingPrefix = FrostSuite.concatenate(
                publicKey.encode(), suite.messageDigest(message), suite.commitmentsDigest(encodedCommitments()));
        this.bindingFactors = commitments.stream()
                .map(commitment -> suite.bindingFactor(bindingFactorInput(commitment.identifier())))
                .toList();
        this.groupCommitment = groupCommitmentOf();
        this.challenge = groupCommitment.isIdentity()
                ? group.scalars().zero()
                : suite.challenge(groupCommitment, publicKey, message);
    }

    /// `R`, the sum of all nonces times the generator.
    public Point groupCommitment() {
        return groupCommitment;
    }

    /// What H1 hashes for a signer.
    public byte[] bindingFactorInput(int identifier) {
        return FrostSuite.concatenate(
                bindingPrefix, group.scalars().of(identifier).encode());
    }

    public Scalar bindingFactor(int identifier) {
        return bindingFactors.get(indexOf(identifier));
    }

    /// This signer's share of the signature: `z = d + ρ·e + λ·s·c`. The nonces are erased before it is returned.
    ///
    /// @throws IllegalArgumentException when there are fewer commitments than shares are needed, the signer's own
    ///     is not among them as it made it, or `R` is the identity
    public Scalar sign(Nonces nonces, SecretScalar share, int reconstructionThreshold) {
        try (nonces;
                SecretScope scope = new SecretScope()) {
            if (commitments.size() < reconstructionThreshold) {
                throw new IllegalArgumentException("a signature needs commitments of " + reconstructionThreshold
                        + " signers, not of " + commitments.size());
            }
            if (!commitments.contains(nonces.commitment())) {
                throw new IllegalArgumentException("the commitment of signer "
                        + nonces.commitment().identifier() + " is not in the list as it made it");
            }
            if (groupCommitment.isIdentity()) {
                throw new IllegalArgumentException("the nonces cancel out");
            }
            nonces.spend();
            int self = nonces.commitment().identifier();
            Scalar factor = lagrange(self).multiply(challenge);
            return nonces.binding()
                    .multiply(bindingFactor(self), scope)
                    .add(nonces.hiding(), scope)
                    .add(share.multiply(factor, scope), scope)
                    .reveal(Disclosure.I_TAKE_THE_SECRET_OUT);
        }
    }

    /// Adds up the shares of all signers, unchecked.
    public FrostSignature aggregate(List<Scalar> shares) {
        if (shares.size() != commitments.size()) {
            throw new IllegalArgumentException(
                    "expected " + commitments.size() + " signature shares, found " + shares.size());
        }
        Scalar sum = group.scalars().zero();
        for (Scalar share : shares) {
            sum = sum.add(share);
        }
        return new FrostSignature(groupCommitment, sum);
    }

    /// Tells whether a signer's share fits its commitment and its verification share.
    public boolean verifyShare(int identifier, Point verificationShare, Scalar share) {
        NonceCommitment commitment = commitments.get(indexOf(identifier));
        Point expected = commitment
                .hiding()
                .add(group.multiply(commitment.binding(), bindingFactor(identifier)))
                .add(group.multiply(verificationShare, challenge.multiply(lagrange(identifier))));
        return group.multiplyBase(share).equals(expected);
    }

    public FrostSuite suite() {
        return suite;
    }

    private Scalar lagrange(int identifier) {
        ScalarField field = group.scalars();
        Scalar numerator = field.one();
        Scalar denominator = field.one();
        Scalar own = field.of(identifier);
        for (NonceCommitment commitment : commitments) {
            if (commitment.identifier() != identifier) {
                Scalar other = field.of(commitment.identifier());
                numerator = numerator.multiply(other);
                denominator = denominator.multiply(other.subtract(own));
            }
        }
        return numerator.multiply(denominator.invert());
    }

    private Point groupCommitmentOf() {
        List<Point> bindings =
                commitments.stream().map(NonceCommitment::binding).toList();
        Point sum = group.sumOfProducts(bindingFactors, bindings);
        for (NonceCommitment commitment : commitments) {
            sum = sum.add(commitment.hiding());
        }
        return sum;
    }

    private byte[] encodedCommitments() {
        List<Point> points = new ArrayList<>(2 * commitments.size());
        for (NonceCommitment commitment : commitments) {
            points.add(commitment.hiding());
            points.add(commitment.binding());
        }
        List<byte[]> encoded = group.encodeAll(points);
        byte[][] parts = new byte[3 * commitments.size()][];
        for (int i = 0; i < commitments.size(); i++) {
            parts[3 * i] = group.scalars().of(commitments.get(i).identifier()).encode();
            parts[3 * i + 1] = encoded.get(2 * i);
            parts[3 * i + 2] = encoded.get(2 * i + 1);
        }
        return FrostSuite.concatenate(parts);
    }

    private int indexOf(int identifier) {
        for (int i = 0; i < commitments.size(); i++) {
            if (commitments.get(i).identifier() == identifier) {
                return i;
            }
        }
        throw new IllegalArgumentException("signer " + identifier + " has no commitment");
    }
}
