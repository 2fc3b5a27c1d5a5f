package org.keymoot.cli.aws;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.secret.SecretBytes;

/// An access key with its secret.
public final class AwsCredentials implements AutoCloseable {
    private final String accessKeyId;
    private final SecretBytes secret;
    private final @Nullable String sessionToken;

    /// @param secretAccessKey as the environment or a file has it
    public AwsCredentials(String accessKeyId, String secretAccessKey, @Nullable String sessionToken) {
        this.accessKeyId = accessKeyId;
        this.sessionToken = sessionToken;
        byte[] bytes = secretAccessKey.getBytes(StandardCharsets.UTF_8);
        this.secret = SecretBytes.copyOf(MemorySegment.ofArray(bytes));
        Arrays.fill(bytes, (byte) 0);
    }

    public String accessKeyId() {
        return accessKeyId;
    }

    @Nullable String sessionToken() {
        return sessionToken;
    }

    byte[] sign(CredentialScope scope, String stringToSign) {
        return SigningKey.sign(secret, scope, stringToSign.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        secret.close();
    }

    @Override
    public String toString() {
        return accessKeyId + " [redacted]";
    }
}
