package org.keymoot.crypto.rsa;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The hashes of the paddings. SHA-1 is for OAEP only, where nothing rests on its collisions.
public enum RsaHash {
    SHA_1("SHA-1", 20, "3021300906052b0e03021a05000414"),
    SHA_256("SHA-256", 32, "3031300d060960864801650304020105000420"),
    SHA_384("SHA-384", 48, "3041300d060960864801650304020205000430"),
    SHA_512("SHA-512", 64, "3051300d060960864801650304020305000440");

    private final String name;
    private final int length;
    private final String digestInfo;

    RsaHash(String name, int length, String digestInfo) {
        this.name = name;
        this.length = length;
        this.digestInfo = digestInfo;
    }

    /// Bytes of a digest.
    public int length() {
        return length;
    }

    /// What comes before the digest in the DER of RFC 8017's DigestInfo.
    byte[] digestInfo() {
        return HexFormat.of().parseHex(digestInfo);
    }

    /// The digest of a message.
    public byte[] digest(byte[] message) {
        return start().digest(message);
    }

    MessageDigest start() {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + name, e);
        }
    }
}
