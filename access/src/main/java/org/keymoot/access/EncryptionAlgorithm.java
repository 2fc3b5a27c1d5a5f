package org.keymoot.access;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.rsa.RsaHash;

/// The encryption algorithms that parties run today. The names are AWS's.
enum EncryptionAlgorithm {
    /// The parties' pseudo-random function and AES-256-GCM.
    SYMMETRIC_DEFAULT(null),
    RSAES_OAEP_SHA_1(RsaHash.SHA_1),
    RSAES_OAEP_SHA_256(RsaHash.SHA_256);

    /// Every algorithm that AWS's model lists.
    static final List<String> ALL_OF_AWS =
            List.of("SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE");

    private final @Nullable RsaHash rsaHash;

    EncryptionAlgorithm(@Nullable RsaHash rsaHash) {
        this.rsaHash = rsaHash;
    }

    /// The hash of an RSA algorithm.
    ///
    /// @throws IllegalStateException for the others
    RsaHash rsaHash() {
        if (rsaHash == null) {
            throw new IllegalStateException(this + " is no algorithm of RSA keys");
        }
        return rsaHash;
    }
}
