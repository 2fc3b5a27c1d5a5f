package org.keymoot.platform.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/// A short secret from a file or the environment, such as a passphrase. It prints as `[redacted]` and compares
/// in constant time. Key material does not belong in settings; it has files of its own.
public final class SecretText implements AutoCloseable {
    private final char[] text;

    public SecretText(String text) {
        this.text = text.toCharArray();
    }

    /// A copy, which the caller overwrites after use.
    public char[] reveal() {
        return text.clone();
    }

    @Override
    public void close() {
        Arrays.fill(text, '\0');
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretText that && MessageDigest.isEqual(bytes(), that.bytes());
    }

    @Override
    public int hashCode() {
        return SecretText.class.hashCode();
    }

    @Override
    public String toString() {
        return "[redacted]";
    }

    private byte[] bytes() {
        return new String(text).getBytes(StandardCharsets.UTF_8);
    }
}
