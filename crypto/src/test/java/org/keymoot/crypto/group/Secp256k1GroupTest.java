package org.keymoot.crypto.group;

/// secp256k1 under the common laws.
class Secp256k1GroupTest extends WeierstrassContract {
    Secp256k1GroupTest() {
        super(GroupId.SECP256K1, "secp256k1");
    }
}
