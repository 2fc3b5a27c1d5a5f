package org.keymoot.crypto.group;

/// Where the identifiers meet the implementations; each group builds its tables when it is first asked for.
final class Groups {
    private Groups() {}

    static Group of(GroupId id) {
        return switch (id) {
            case SECP256K1 -> Secp256k1Group.INSTANCE;
            case P256 -> P256Group.INSTANCE;
            case ED25519 -> Ed25519Group.INSTANCE;
            case RISTRETTO255 -> Ristretto255Group.INSTANCE;
        };
    }
}
