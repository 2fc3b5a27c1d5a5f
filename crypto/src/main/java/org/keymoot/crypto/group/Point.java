package org.keymoot.crypto.group;

/// An immutable element of a [Group]'s prime-order group.
///
/// It keeps true: the element is in the prime-order subgroup. `equals` compares group elements and is for public
/// values.
public interface Point {
    Group group();

    Point add(Point other);

    Point subtract(Point other);

    Point negate();

    boolean isIdentity();

    /// The canonical encoding, [Group#pointLength()] bytes: SEC 1 compressed for secp256k1 and P-256 (33), RFC 8032 for
    /// Ed25519 (32), RFC 9496 for ristretto255 (32). The identity of a Weierstrass group has no such encoding.
    ///
    /// @throws IllegalStateException for the identity of secp256k1 or P-256
    byte[] encode();
}
