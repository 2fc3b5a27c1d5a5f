package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.SecretScope;

/// The integers modulo a group's prime order `q`, 2^252 < q < 2^256.
///
/// The `raw…` kernels work on canonical 32-byte little-endian values inside native segments (offsets in bytes,
/// multiples of 8), in constant time; the destination may be one of the operands.
public interface ScalarField {
    GroupId groupId();

    BigInteger order();

    Scalar zero();

    Scalar one();

    /// A small public value, such as a party's index.
    Scalar of(long value);

    /// `value mod q` for any non-negative public value.
    Scalar of(BigInteger value);

    /// Interprets 48 to 64 bytes, big-endian, and reduces mod q; the bias is at most 2^-128 (RFC 9380 section 5.3).
    Scalar reduce(byte[] wideBigEndian);

    /// The canonical fixed encoding: 32 bytes, big-endian for secp256k1 and P-256, little-endian for Ed25519 and
    /// ristretto255 (as RFC 9591 section 6 has it).
    ///
    /// @throws InvalidEncodingException when not 32 bytes or not below q
    Scalar decode(byte[] encoded) throws InvalidEncodingException;

    /// A uniformly random non-zero secret.
    SecretScalar random(SecretScope scope, RandomSource random);

    /// The secret zero, for accumulating.
    SecretScalar secretZero(SecretScope scope);

    /// A secret from its canonical encoding (as [#decode]); the source stays the caller's to erase.
    ///
    /// @throws InvalidEncodingException when not 32 bytes or not below q
    SecretScalar decodeSecret(SecretScope scope, MemorySegment encoded) throws InvalidEncodingException;

    /// `wide mod q` of `length` (32 to 64, a multiple of 8) little-endian bytes.
    void rawReduce(MemorySegment d, long dOffset, MemorySegment wide, long wideOffset, int length);

    void rawAdd(MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset);

    void rawSubtract(MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset);

    void rawMultiply(MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset);

    /// `d += a·b`.
    void rawMultiplyAdd(MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset);

    /// The scalar field of the group; it can be had without the group's tables.
    static ScalarField of(GroupId id) {
        return PrimeOrderField.of(id);
    }
}
