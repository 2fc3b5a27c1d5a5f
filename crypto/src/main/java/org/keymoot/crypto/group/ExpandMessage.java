package org.keymoot.crypto.group;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// `expand_message_xmd` of RFC 9380 section 5.3.1, for the hashes of the suites in use.
enum ExpandMessage {
    SHA_256("SHA-256", 32, 64),
    SHA_512("SHA-512", 64, 128);

    private static final int MAX_DST_BYTES = 255;
    private static final int MAX_BLOCKS = 255;

    private final String algorithm;
    private final int hashBytes;
    private final int blockBytes;

    ExpandMessage(String algorithm, int hashBytes, int blockBytes) {
        this.algorithm = algorithm;
        this.hashBytes = hashBytes;
        this.blockBytes = blockBytes;
    }

    /// Spreads `message` over `length` uniform bytes, apart from every other `dst` of 1 to 255 bytes.
    byte[] expand(byte[] message, byte[] dst, int length) {
        if (dst.length < 1 || dst.length > MAX_DST_BYTES) {
            throw new IllegalArgumentException(
                    "expected a domain separation tag of 1 to 255 bytes, found " + dst.length);
        }
        int blocks = Math.ceilDiv(length, hashBytes);
        if (length < 1 || blocks > MAX_BLOCKS) {
            throw new IllegalArgumentException(
                    "expected to expand to 1 to %d bytes, found %d".formatted(MAX_BLOCKS * hashBytes, length));
        }
        MessageDigest hash = newHash();
        hash.update(new byte[blockBytes]);
        hash.update(message);
        hash.update((byte) (length >>> 8));
        hash.update((byte) length);
        hash.update((byte) 0);
        finishDst(hash, dst);
        byte[] first = hash.digest();

        byte[] uniform = new byte[length];
        byte[] block = new byte[hashBytes];
        for (int i = 0; i < blocks; i++) {
            for (int j = 0; j < hashBytes; j++) {
                block[j] ^= first[j];
            }
            hash.update(block);
            hash.update((byte) (i + 1));
            finishDst(hash, dst);
            block = hash.digest();
            int at = i * hashBytes;
            System.arraycopy(block, 0, uniform, at, Math.min(hashBytes, length - at));
        }
        return uniform;
    }

    private static void finishDst(MessageDigest hash, byte[] dst) {
        hash.update(dst);
        hash.update((byte) dst.length);
    }

    private MessageDigest newHash() {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }
}
