package org.keymoot.crypto.group;

/// P-256 under the common laws.
class P256GroupTest extends WeierstrassContract {
    P256GroupTest() {
        super(GroupId.P256, "secp256r1");
    }
}
