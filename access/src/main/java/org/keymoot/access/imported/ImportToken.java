package org.keymoot.access.imported;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.keymoot.access.RegisterName;

/// What says which party made a wrapping key, for which KMS key, for which algorithm and for how long.
///
/// It keeps true: every member is under the code that the party made with a secret of this very token, so what was
/// changed is found by that party; others read the token without being able to check it.
@SuppressWarnings("ArrayRecordComponent")
public record ImportToken(
        int party, byte[] id, WrappingAlgorithm algorithm, Instant validTo, byte[] keyHash, byte[] code) {
    /// Names the wrapping key at its party.
    public static final int ID_BYTES = 16;

    /// The secret that a token's code is made with.
    public static final int SECRET_BYTES = 32;

    private static final byte[] MAGIC = {'k', 'm', 'i', '1'};
    private static final int HASH_BYTES = 32;
    private static final int CONTENT_BYTES = MAGIC.length + 1 + ID_BYTES + 1 + Long.BYTES + HASH_BYTES;

    /// Bytes of a token.
    public static final int BYTES = CONTENT_BYTES + HASH_BYTES;

    /// A token for a wrapping key that was just made.
    ///
    /// @param secret [#SECRET_BYTES] of the party's own
    public static ImportToken issue(
            int party, byte[] id, WrappingAlgorithm algorithm, Instant validTo, RegisterName key, byte[] secret) {
        ImportToken bare = new ImportToken(party, id, algorithm, validTo, hash(key), new byte[HASH_BYTES]);
        return new ImportToken(party, id, algorithm, validTo, bare.keyHash, bare.codeWith(secret));
    }

    /// Empty when it was never a token.
    public static Optional<ImportToken> parse(byte[] encoded) {
        if (encoded.length != BYTES || !Arrays.equals(encoded, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(encoded, MAGIC.length, BYTES - MAGIC.length);
        int party = in.get() & 0xff;
        byte[] id = new byte[ID_BYTES];
        in.get(id);
        Optional<WrappingAlgorithm> algorithm = WrappingAlgorithm.ofCode(in.get());
        long millis = in.getLong();
        byte[] keyHash = new byte[HASH_BYTES];
        in.get(keyHash);
        byte[] code = new byte[HASH_BYTES];
        in.get(code);
        return algorithm.map(known -> new ImportToken(party, id, known, Instant.ofEpochMilli(millis), keyHash, code));
    }

    public byte[] encode() {
        return ByteBuffer.allocate(BYTES).put(content()).put(code).array();
    }

    public boolean isFor(RegisterName key) {
        return MessageDigest.isEqual(keyHash, hash(key));
    }

    public boolean isOver(Instant now) {
        return !now.isBefore(validTo);
    }

    /// Whether this party made the token.
    public boolean isMadeWith(byte[] secret) {
        return MessageDigest.isEqual(code, codeWith(secret));
    }

    private byte[] content() {
        return ByteBuffer.allocate(CONTENT_BYTES)
                .put(MAGIC)
                .put((byte) party)
                .put(id)
                .put((byte) algorithm.code())
                .putLong(validTo.toEpochMilli())
                .put(keyHash)
                .array();
    }

    private byte[] codeWith(byte[] secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return mac.doFinal(content());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static byte[] hash(RegisterName key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(("keymoot import\n" + key.text()).getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "import token of party " + party + " until " + validTo;
    }
}
