package org.keymoot.protocol.key;

import org.keymoot.crypto.group.GroupId;

/// The one thing that a key's shares are used for. The same share in two protocols would let one answer the
/// other's questions: an evaluation of a signing key is a Diffie-Hellman oracle for it.
///
/// [#code()] is part of transcripts and stored rows and never changes.
public enum KeyUse {
    /// Signatures, by the protocol of the group.
    SIGN(0),
    /// The pseudo-random function.
    EVALUATE(1),
    /// Diffie-Hellman agreement with points of others' choice.
    AGREE(2);

    private final int code;

    KeyUse(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// Whether there are keys of the group for this use.
    public boolean isDefinedIn(GroupId group) {
        return switch (this) {
            case SIGN -> true;
            case EVALUATE -> group == GroupId.RISTRETTO255;
            case AGREE -> group == GroupId.P256 || group == GroupId.SECP256K1;
        };
    }
}
