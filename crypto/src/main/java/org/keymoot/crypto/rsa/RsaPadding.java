package org.keymoot.crypto.rsa;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/// The paddings of RFC 8017, each between bytes and the encoded message that RSA's function is applied to.
///
/// It keeps true: encodings have the modulus's length; a signature's encoding is compared as a whole with
/// the one that is due, never parsed; OAEP's decoding tells nothing but success or failure and does not
/// branch on where it failed.
public final class RsaPadding {
    private static final byte PSS_TRAILER = (byte) 0xbc;

    private RsaPadding() {}

    /// EMSA-PKCS1-v1_5 (section 9.2) of a digest.
    public static byte[] pkcs1(RsaHash hash, byte[] digest, int length) {
        requireDigest(hash, digest);
        byte[] info = hash.digestInfo();
        byte[] encoded = new byte[length];
        int padding = length - 3 - info.length - digest.length;
        if (padding < 8) {
            throw new IllegalArgumentException("a modulus of " + length + " bytes is too short for " + hash);
        }
        encoded[1] = 1;
        Arrays.fill(encoded, 2, 2 + padding, (byte) 0xff);
        System.arraycopy(info, 0, encoded, 3 + padding, info.length);
        System.arraycopy(digest, 0, encoded, length - digest.length, digest.length);
        return encoded;
    }

    /// EMSA-PSS (section 9.1.1) of a digest, with MGF1 over the same hash.
    ///
    /// @param salt as long as the digest
    /// @param modulusBits a multiple of 8, so that the encoding is as long as the modulus
    public static byte[] pss(RsaHash hash, byte[] digest, byte[] salt, int modulusBits) {
        requireDigest(hash, digest);
        int length = modulusBits / 8;
        if (salt.length != hash.length() || length < 2 * hash.length() + 2) {
            throw new IllegalArgumentException("a salt is as long as the digest, and both fit in the modulus");
        }
        byte[] seed = pssSeed(hash, digest, salt);
        byte[] block = new byte[length - hash.length() - 1];
        block[block.length - salt.length - 1] = 1;
        System.arraycopy(salt, 0, block, block.length - salt.length, salt.length);
        mask(hash, seed, block);
        block[0] &= 0x7f;
        byte[] encoded = Arrays.copyOf(block, length);
        System.arraycopy(seed, 0, encoded, block.length, seed.length);
        encoded[length - 1] = PSS_TRAILER;
        return encoded;
    }

    /// EMSA-PSS verification (section 9.1.2): the salt is as long as the digest.
    public static boolean isPss(RsaHash hash, byte[] digest, byte[] encoded) {
        requireDigest(hash, digest);
        int length = encoded.length;
        int blockLength = length - hash.length() - 1;
        if (length < 2 * hash.length() + 2 || encoded[length - 1] != PSS_TRAILER || encoded[0] < 0) {
            return false;
        }
        byte[] seed = Arrays.copyOfRange(encoded, blockLength, length - 1);
        byte[] block = Arrays.copyOf(encoded, blockLength);
        mask(hash, seed, block);
        byte[] salt = Arrays.copyOfRange(block, blockLength - hash.length(), blockLength);
        return Arrays.equals(pss(hash, digest, salt, 8 * length), encoded);
    }

    private static byte[] pssSeed(RsaHash hash, byte[] digest, byte[] salt) {
        MessageDigest h = hash.start();
        h.update(new byte[8]);
        h.update(digest);
        return h.digest(salt);
    }

    /// EME-OAEP (section 7.1.1) with an empty label.
    ///
    /// @param seed as long as a digest, fresh and random
    /// @throws IllegalArgumentException when the message is longer than [#oaepCapacity]
    public static byte[] oaep(RsaHash hash, byte[] message, byte[] seed, int length) {
        if (seed.length != hash.length() || message.length > oaepCapacity(hash, length)) {
            throw new IllegalArgumentException("a message has at most " + oaepCapacity(hash, length)
                    + " bytes and a seed " + hash.length() + ", found " + message.length + " and " + seed.length);
        }
        int h = hash.length();
        byte[] block = new byte[length - h - 1];
        System.arraycopy(hash.start().digest(), 0, block, 0, h);
        block[block.length - message.length - 1] = 1;
        System.arraycopy(message, 0, block, block.length - message.length, message.length);
        mask(hash, seed, block);
        byte[] maskedSeed = seed.clone();
        mask(hash, block, maskedSeed);
        byte[] encoded = new byte[length];
        System.arraycopy(maskedSeed, 0, encoded, 1, h);
        System.arraycopy(block, 0, encoded, 1 + h, block.length);
        return encoded;
    }

    /// The longest message that OAEP takes.
    public static int oaepCapacity(RsaHash hash, int length) {
        return length - 2 * hash.length() - 2;
    }

    /// EME-OAEP decoding (section 7.1.2) with an empty label; empty for whatever is wrong.
    public static Optional<byte[]> oaepMessage(RsaHash hash, byte[] encoded) {
        int h = hash.length();
        if (encoded.length < 2 * h + 2) {
            return Optional.empty();
        }
        byte[] seed = Arrays.copyOfRange(encoded, 1, 1 + h);
        byte[] block = Arrays.copyOfRange(encoded, 1 + h, encoded.length);
        mask(hash, block, seed);
        mask(hash, seed, block);
        int wrong = encoded[0];
        byte[] label = hash.start().digest();
        for (int i = 0; i < h; i++) {
            wrong |= block[i] ^ label[i];
        }
        // Finds the first one after zeros by looking at every byte: `looking` is all ones until it was found.
        int looking = -1;
        int separator = 0;
        for (int i = h; i < block.length; i++) {
            int isOne = isZero(block[i] ^ 1);
            int isZero = isZero(block[i]);
            separator |= looking & isOne & i;
            wrong |= looking & ~isOne & ~isZero;
            looking &= ~isOne;
        }
        wrong |= looking;
        try {
            return wrong == 0 ? Optional.of(Arrays.copyOfRange(block, separator + 1, block.length)) : Optional.empty();
        } finally {
            Arrays.fill(block, (byte) 0);
            Arrays.fill(seed, (byte) 0);
        }
    }

    /// All ones for zero, zero for anything else.
    private static int isZero(int octet) {
        return ((octet & 0xff) - 1) >> 31;
    }

    /// Adds MGF1 (appendix B.2.1) of `seed` to `target`.
    private static void mask(RsaHash hash, byte[] seed, byte[] target) {
        for (int done = 0, counter = 0; done < target.length; done += hash.length(), counter++) {
            MessageDigest h = hash.start();
            h.update(seed);
            byte[] block = h.digest(ByteBuffer.allocate(4).putInt(counter).array());
            for (int i = 0; i < block.length && done + i < target.length; i++) {
                target[done + i] ^= block[i];
            }
        }
    }

    private static void requireDigest(RsaHash hash, byte[] digest) {
        if (digest.length != hash.length()) {
            throw new IllegalArgumentException(
                    "a digest of " + hash + " has " + hash.length() + " bytes, found " + digest.length);
        }
    }
}
