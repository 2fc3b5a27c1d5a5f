package org.keymoot.access.encryption;

import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// Message authentication: the pseudo-random function at the message, expanded to the length of a tag.
///
/// It keeps true: tags of different keys, algorithms and messages are independent.
public final class MacTag {
    private MacTag() {}

    /// Where the function is evaluated for a message. (5.1)
    public static byte[] input(String account, String keyId, String algorithm, byte[] message) {
        return Transcript.start(Tag.MAC_INPUT)
                .text(account)
                .text(keyId)
                .text(algorithm)
                .bytes(message)
                .hash();
    }

    /// The tag. (5.2)
    ///
    /// @param input as [#input]
    /// @param output of the function at it
    public static byte[] of(byte[] input, byte[] output, int length) {
        return Expansion.derive(output, new byte[0], Tag.MAC_TAG, input, length);
    }
}
