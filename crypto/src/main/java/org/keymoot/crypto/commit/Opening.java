package org.keymoot.crypto.commit;

import java.util.Arrays;
import org.keymoot.crypto.group.InvalidEncodingException;

/// What opens a [HashCommitment]: a nonce of 32 bytes and the value. It is kept back until the protocol shows
/// it and is not printed before.
public final class Opening {
    public static final int NONCE_LENGTH = 32;

    private final byte[] nonce;
    private final byte[] value;

    Opening(byte[] nonce, byte[] value) {
        this.nonce = nonce;
        this.value = value;
    }

    /// The commitment that this opens in `context`.
    public HashCommitment commitment(CommitmentContext context) {
        return HashCommitment.of(context, this);
    }

    public byte[] value() {
        return value.clone();
    }

    byte[] nonce() {
        return nonce;
    }

    /// The nonce, then the value.
    public byte[] encode() {
        byte[] out = Arrays.copyOf(nonce, NONCE_LENGTH + value.length);
        System.arraycopy(value, 0, out, NONCE_LENGTH, value.length);
        return out;
    }

    /// Decodes an opening of a value of exactly `valueLength` bytes.
    ///
    /// @throws InvalidEncodingException when the length differs
    public static Opening decode(byte[] encoded, int valueLength) throws InvalidEncodingException {
        if (encoded.length != NONCE_LENGTH + valueLength) {
            throw new InvalidEncodingException(
                    "expected an opening of " + (NONCE_LENGTH + valueLength) + " bytes, found " + encoded.length);
        }
        return new Opening(
                Arrays.copyOf(encoded, NONCE_LENGTH), Arrays.copyOfRange(encoded, NONCE_LENGTH, encoded.length));
    }

    @Override
    public String toString() {
        return "Opening[redacted]";
    }
}
