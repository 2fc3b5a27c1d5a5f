package org.keymoot.crypto.group;

/// secp256k1 or P-256, with what only a curve in short Weierstrass form has.
public interface WeierstrassGroup extends Group {
    @Override
    WeierstrassPoint generator();

    @Override
    WeierstrassPoint identity();

    @Override
    WeierstrassPoint decode(byte[] encoded) throws InvalidEncodingException;

    /// Decodes SEC 1 uncompressed, 65 bytes, and validates as [#decode] does.
    WeierstrassPoint decodeUncompressed(byte[] encoded) throws InvalidEncodingException;

    @Override
    WeierstrassPoint hashToGroup(byte[] message, byte[] dst);

    /// The non-uniform map of RFC 9380 section 3 (`encode_to_curve`), half the cost of [#hashToGroup] but not a random
    /// oracle.
    WeierstrassPoint encodeToGroup(byte[] message, byte[] dst);
}
