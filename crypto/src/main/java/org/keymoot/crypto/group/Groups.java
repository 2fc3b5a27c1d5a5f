package org.keymoot.crypto.group;

/// Where the identifiers meet the implementations; each group builds its tables when it is first asked for.
final class Groups {
    private Groups() {}

    static Group of(GroupId id) {
        return switch (id) {
            case SECP256K1 -> Secp256k1Group.INSTANCE;
            case P256, ED25519, RISTRETTO255 -> throw new IllegalArgumentException(id + " has no implementation yet");
        };
    }
}
