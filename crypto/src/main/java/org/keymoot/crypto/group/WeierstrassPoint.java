package org.keymoot.crypto.group;

/// A point of secp256k1 or P-256, with the affine coordinates that ECDSA and SubjectPublicKeyInfo need.
public interface WeierstrassPoint extends Point {
    /// The affine x coordinate, 32 bytes big-endian.
    byte[] x();

    boolean yIsOdd();

    /// SEC 1 uncompressed, 65 bytes.
    byte[] encodeUncompressed();
}
