package org.keymoot.access.encryption;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// Names and values that a ciphertext is bound to; they are not secret, and decryption needs the same ones.
///
/// It keeps true: the order in which a client gives them does not matter, everything else does, the case of
/// letters included.
public record EncryptionContext(NavigableMap<String, String> pairs) {
    /// All names and values together, in bytes of UTF-8.
    public static final int MAXIMUM_BYTES = 8192;

    public static final EncryptionContext EMPTY = new EncryptionContext(new TreeMap<>());

    public EncryptionContext {
        pairs = Collections.unmodifiableNavigableMap(new TreeMap<>(pairs));
        if (sizeOf(pairs) > MAXIMUM_BYTES) {
            throw new IllegalArgumentException("an encryption context has at most " + MAXIMUM_BYTES + " bytes");
        }
    }

    /// Names and values together, in bytes of UTF-8.
    public static int sizeOf(Map<String, String> pairs) {
        return pairs.entrySet().stream()
                .mapToInt(pair -> pair.getKey().getBytes(StandardCharsets.UTF_8).length
                        + pair.getValue().getBytes(StandardCharsets.UTF_8).length)
                .sum();
    }

    byte[] hash() {
        Transcript transcript = Transcript.start(Tag.ENCRYPTION_CONTEXT).number(pairs.size());
        pairs.forEach((name, value) -> transcript.text(name).text(value));
        return transcript.hash();
    }
}
