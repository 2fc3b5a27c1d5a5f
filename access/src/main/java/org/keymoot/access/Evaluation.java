package org.keymoot.access;

/// One evaluation of a key that the parties make together: of its pseudo-random function, of a Diffie-Hellman
/// agreement with a client's point, or of an RSA key's private operation on a client's ciphertext.
///
/// It keeps true: its input does not change after it was made; which share is used follows from key and material.
public final class Evaluation {
    /// What a key's pseudo-random function and a key agreement give: so many bytes. RSA gives as many as its
    /// modulus.
    public static final int OUTPUT_BYTES = 32;

    /// The most evaluations of one request.
    public static final int MAX_PER_REQUEST = 16;

    private final KeyRecord key;
    private final String materialId;
    private final Kind kind;
    private final byte[] input;

    /// What is evaluated.
    public enum Kind {
        /// The pseudo-random function; the input is any bytes.
        PRF,
        /// Key agreement; the input is the peer's point, encoded as SEC 1 has it, and the output its product's
        /// x-coordinate.
        ECDH,
        /// An RSA key's private operation. The input is the ciphertext, which
        /// [org.keymoot.crypto.rsa.RsaPublicKey#isProper] approves of; the output is the padded message, as
        /// long as the modulus.
        RSA
    }

    /// @param materialId which of the key's materials, as its register names it
    public Evaluation(KeyRecord key, String materialId, Kind kind, byte[] input) {
        this.key = key;
        this.materialId = materialId;
        this.kind = kind;
        this.input = input.clone();
    }

    public KeyRecord key() {
        return key;
    }

    public String materialId() {
        return materialId;
    }

    public Kind kind() {
        return kind;
    }

    public byte[] input() {
        return input.clone();
    }
}
