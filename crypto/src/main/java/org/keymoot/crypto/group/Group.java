package org.keymoot.crypto.group;

import java.util.List;

/// A group of prime order with its generator and scalar field.
///
/// It keeps true: [#decode] accepts only canonical encodings of non-identity elements of the prime-order group; methods
/// that take a [SecretScalar] run in constant time in it (no secret-dependent branch or index). Methods that take a
/// [Scalar] may vary in time and are for public values only.
public interface Group {
    GroupId id();

    ScalarField scalars();

    Point generator();

    Point identity();

    /// Bytes of an encoded point.
    int pointLength();

    /// Decodes and validates.
    ///
    /// @throws InvalidEncodingException when the length or form is wrong, the point is off the curve, outside the
    ///     prime-order subgroup, not canonical, or the identity
    Point decode(byte[] encoded) throws InvalidEncodingException;

    /// `k·G` in constant time.
    Point multiplyBase(SecretScalar k);

    /// `k·P` in constant time in `k`.
    Point multiply(Point point, SecretScalar k);

    /// `k·G` for public `k`.
    Point multiplyBase(Scalar k);

    /// `k·P` for public `k`.
    Point multiply(Point point, Scalar k);

    /// `Σ kᵢ·Pᵢ` for public scalars; the lists have equal length.
    Point sumOfProducts(List<Scalar> scalars, List<? extends Point> points);

    /// Encodes many points with one field inversion where the group allows it.
    List<byte[]> encodeAll(List<? extends Point> points);

    /// The random-oracle map of RFC 9380 section 3 (`hash_to_curve`) with the group's suite, or RFC 9496's for
    /// ristretto255; `dst` is the domain separation tag, 1 to 255 bytes.
    Point hashToGroup(byte[] message, byte[] dst);

    /// The non-uniform map of RFC 9380 section 3 (`encode_to_curve`) with the group's suite; cheaper than
    /// [#hashToGroup], and not a random oracle.
    ///
    /// @throws UnsupportedOperationException for a group that has no such suite, as ristretto255
    default Point encodeToGroup(byte[] message, byte[] dst) {
        throw new UnsupportedOperationException(id() + " has no non-uniform map");
    }

    static Group of(GroupId id) {
        return Groups.of(id);
    }
}
