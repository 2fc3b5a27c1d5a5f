package org.keymoot.crypto.commit;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// A commitment to a value: 32 bytes, hiding by a random nonce and binding by the hash.
///
/// It keeps true: it opens only in the session, for the party and for the purpose that it was made for, and
/// comparing takes constant time.
public final class HashCommitment {
    public static final int LENGTH = 32;

    private final byte[] digest;

    private HashCommitment(byte[] digest) {
        this.digest = digest;
    }

    /// Commits to `value` and returns what opens it; [Opening#commitment] gives what to send first.
    public static Opening commit(byte[] value, RandomSource random) {
        return new Opening(random.bytes(Opening.NONCE_LENGTH), value.clone());
    }

    static HashCommitment of(CommitmentContext context, Opening opening) {
        return new HashCommitment(Transcript.start(Tag.COMMITMENT)
                .bytes(context.sessionId())
                .number(context.party().value())
                .text(context.purpose())
                .bytes(opening.nonce())
                .bytes(opening.value())
                .hash());
    }

    /// @throws InvalidEncodingException when not 32 bytes
    public static HashCommitment decode(byte[] encoded) throws InvalidEncodingException {
        if (encoded.length != LENGTH) {
            throw new InvalidEncodingException(
                    "expected a commitment of " + LENGTH + " bytes, found " + encoded.length);
        }
        return new HashCommitment(encoded.clone());
    }

    /// Tells whether `opening` opens this commitment in `context`, in constant time.
    public boolean isOpenedBy(CommitmentContext context, Opening opening) {
        return MessageDigest.isEqual(digest, of(context, opening).digest);
    }

    public byte[] encode() {
        return digest.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HashCommitment that && MessageDigest.isEqual(digest, that.digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    @Override
    public String toString() {
        return "HashCommitment[" + HexFormat.of().formatHex(digest, 0, 4) + "…]";
    }
}
