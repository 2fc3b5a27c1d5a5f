package org.keymoot.access.ethereum;

import java.nio.charset.StandardCharsets;
import org.keymoot.crypto.keccak.Keccak256;

/// The digest of a message that a person signs (EIP-191, version 0x45): it can never be that of a transaction.
public final class PersonalMessage {
    private PersonalMessage() {}

    public static byte[] digest(byte[] message) {
        String prefix = "\u0019Ethereum Signed Message:\n" + message.length;
        return Keccak256.hash(prefix.getBytes(StandardCharsets.US_ASCII), message);
    }
}
