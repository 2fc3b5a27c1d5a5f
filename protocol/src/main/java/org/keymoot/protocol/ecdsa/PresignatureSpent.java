package org.keymoot.protocol.ecdsa;

import java.util.HexFormat;

/// A presignature was spent already or is not in the store; it must not be used, and another may be.
public final class PresignatureSpent extends Exception {
    public PresignatureSpent(byte[] presignatureId) {
        super("presignature " + HexFormat.of().formatHex(presignatureId, 0, 4) + " is spent or unknown");
    }
}
