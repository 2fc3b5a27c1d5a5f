package org.keymoot.crypto.group;

/// The groups Keymoot computes in. [#code()] is part of transcripts and stored rows and never changes.
public enum GroupId {
    SECP256K1(1),
    P256(2),
    ED25519(3),
    RISTRETTO255(4);

    private final int code;

    GroupId(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
