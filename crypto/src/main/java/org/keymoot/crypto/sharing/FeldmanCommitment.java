package org.keymoot.crypto.sharing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;

/// Feldman's commitment to a [SharingPolynomial]: its coefficients times the generator.
///
/// It keeps true: it stands for exactly as many coefficients as shares are needed, none of them the identity,
/// except that a sharing of zero has the identity as its constant term and does not send it. A vector that is
/// longer would silently raise the threshold, a shorter one would lower it.
public final class FeldmanCommitment {
    private final Group group;
    private final boolean sharesZero;
    private final List<Point> points;

    private FeldmanCommitment(Group group, boolean sharesZero, List<? extends Point> points) {
        this.group = group;
        this.sharesZero = sharesZero;
        this.points = List.copyOf(points);
    }

    /// A commitment to a polynomial that shares an unknown secret, constant term first.
    ///
    /// @throws InvalidCommitmentException when the number of points is not the threshold or one is the identity
    public static FeldmanCommitment of(Group group, ReconstructionThreshold threshold, List<? extends Point> points)
            throws InvalidCommitmentException {
        requireCount(threshold.value(), points.size());
        requireNoIdentity(points, 0);
        return new FeldmanCommitment(group, false, points);
    }

    /// A commitment to a polynomial that shares zero; `points` leaves out the constant term.
    ///
    /// @throws InvalidCommitmentException when the number of points is not one below the threshold or one is
    ///     the identity
    public static FeldmanCommitment ofZero(Group group, ReconstructionThreshold threshold, List<? extends Point> points)
            throws InvalidCommitmentException {
        requireCount(threshold.degree(), points.size());
        requireNoIdentity(points, 1);
        List<Point> all = new ArrayList<>(threshold.value());
        all.add(group.identity());
        all.addAll(points);
        return new FeldmanCommitment(group, true, all);
    }

    /// The commitment to the sum of the committed polynomials.
    ///
    /// @throws InvalidCommitmentException when the sum has the identity as a term where it is not allowed,
    ///     which happens only if some of them were chosen to that end
    /// @throws IllegalArgumentException when they are not of one group and threshold
    public static FeldmanCommitment sum(List<FeldmanCommitment> commitments) throws InvalidCommitmentException {
        FeldmanCommitment first = commitments.getFirst();
        List<Point> total = new ArrayList<>(first.points);
        boolean sharesZero = first.sharesZero;
        for (FeldmanCommitment next : commitments.subList(1, commitments.size())) {
            if (next.group.id() != first.group.id() || next.points.size() != total.size()) {
                throw new IllegalArgumentException("only commitments of one group and one threshold can be added");
            }
            sharesZero &= next.sharesZero;
            for (int i = 0; i < total.size(); i++) {
                total.set(i, total.get(i).add(next.points.get(i)));
            }
        }
        requireNoIdentity(sharesZero ? total.subList(1, total.size()) : total, sharesZero ? 1 : 0);
        return new FeldmanCommitment(first.group, sharesZero, total);
    }

    /// Decodes what [#encode()] wrote for a sharing of an unknown secret.
    ///
    /// @throws InvalidCommitmentException when the length is not that of exactly `threshold` points or one is
    ///     invalid
    public static FeldmanCommitment decode(Group group, ReconstructionThreshold threshold, byte[] encoded)
            throws InvalidCommitmentException {
        return of(group, threshold, decodePoints(group, threshold.value(), encoded));
    }

    /// Decodes what [#encode()] wrote for a sharing of zero.
    ///
    /// @throws InvalidCommitmentException when the length is not that of exactly `threshold - 1` points or one
    ///     is invalid
    public static FeldmanCommitment decodeOfZero(Group group, ReconstructionThreshold threshold, byte[] encoded)
            throws InvalidCommitmentException {
        return ofZero(group, threshold, decodePoints(group, threshold.degree(), encoded));
    }

    /// Bytes of a commitment to a polynomial that shares an unknown secret.
    public static int encodedLength(Group group, ReconstructionThreshold threshold) {
        return group.pointLength() * threshold.value();
    }

    public Group group() {
        return group;
    }

    public ReconstructionThreshold threshold() {
        return new ReconstructionThreshold(points.size());
    }

    /// All terms, constant first, as many as the threshold; the first is the identity for a sharing of zero.
    public List<Point> points() {
        return points;
    }

    /// The public key of the shared secret.
    public Point constantTerm() {
        return points.getFirst();
    }

    public boolean sharesZero() {
        return sharesZero;
    }

    /// The verification share of `party`: its share times the generator.
    public Point evaluate(PartyIndex party) {
        Scalar x = group.scalars().of(party.value());
        Scalar power = group.scalars().one();
        List<Scalar> powers = new ArrayList<>(points.size());
        List<Point> terms = new ArrayList<>(points.size());
        for (int i = 0; i < points.size(); i++) {
            if (i > 0 || !sharesZero) {
                powers.add(power);
                terms.add(points.get(i));
            }
            power = power.multiply(x);
        }
        return terms.isEmpty() ? group.identity() : group.sumOfProducts(powers, terms);
    }

    /// Tells whether `share` is the committed polynomial's value at `party`.
    public boolean holds(PartyIndex party, SecretScalar share) {
        return share.field().groupId() == group.id()
                && group.multiplyBase(share).equals(evaluate(party));
    }

    public byte[] encode() {
        List<Point> sent = sharesZero ? points.subList(1, points.size()) : points;
        byte[] out = new byte[sent.size() * group.pointLength()];
        int at = 0;
        for (byte[] point : group.encodeAll(sent)) {
            System.arraycopy(point, 0, out, at, point.length);
            at += point.length;
        }
        return out;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FeldmanCommitment that
                && that.group.id() == group.id()
                && that.sharesZero == sharesZero
                && that.points.equals(points);
    }

    @Override
    public int hashCode() {
        return Objects.hash(group.id(), sharesZero, points.size());
    }

    @Override
    public String toString() {
        return "FeldmanCommitment[" + group.id() + ", threshold " + points.size() + "]";
    }

    private static List<Point> decodePoints(Group group, int count, byte[] encoded) throws InvalidCommitmentException {
        int length = group.pointLength();
        if (encoded.length != count * length) {
            throw new InvalidCommitmentException("expected " + count + " points of " + length
                    + " bytes in a commitment, found " + encoded.length + " bytes");
        }
        List<Point> points = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            try {
                points.add(group.decode(Arrays.copyOfRange(encoded, i * length, (i + 1) * length)));
            } catch (InvalidEncodingException e) {
                throw new InvalidCommitmentException("point " + i + " of a commitment is invalid", e);
            }
        }
        return points;
    }

    private static void requireCount(int expected, int found) throws InvalidCommitmentException {
        if (expected != found) {
            throw new InvalidCommitmentException("expected " + expected + " points in a commitment, found " + found);
        }
    }

    private static void requireNoIdentity(List<? extends Point> points, int firstPower)
            throws InvalidCommitmentException {
        for (int i = 0; i < points.size(); i++) {
            if (points.get(i).isIdentity()) {
                throw new InvalidCommitmentException("the commitment's term of power " + (i + firstPower)
                        + " is the identity, which is not allowed");
            }
        }
    }
}
