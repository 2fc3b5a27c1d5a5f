package org.keymoot.access;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.secret.SecretBytes;

/// An access key whose secret the test knows.
public record TestCredential(Principal principal, String secret, boolean active) implements Credential {
    @Override
    public byte[] sign(CredentialScope scope, byte[] stringToSign) {
        byte[] ascii = secret.getBytes(StandardCharsets.US_ASCII);
        try (SecretBytes bytes = SecretBytes.copyOf(MemorySegment.ofArray(ascii))) {
            return SigningKey.sign(bytes, scope, stringToSign);
        }
    }
}
