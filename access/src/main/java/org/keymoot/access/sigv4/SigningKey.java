package org.keymoot.access.sigv4;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;

/// AWS4-HMAC-SHA256's key derivation and signature.
///
/// The JDK's HMAC takes its key from the heap; every array made here is overwritten before the call returns.
public final class SigningKey {
    private static final String HMAC = "HmacSHA256";
    private static final byte[] PREFIX = "AWS4".getBytes(StandardCharsets.US_ASCII);

    private SigningKey() {}

    /// HMAC-SHA-256 of `stringToSign` under the key derived from the secret access key for `scope`.
    ///
    /// @param secretAccessKey the secret access key in ASCII
    public static byte[] sign(SecretBytes secretAccessKey, CredentialScope scope, byte[] stringToSign) {
        try (SecretBytes key = derive(secretAccessKey, scope)) {
            return mac(key, stringToSign);
        }
    }

    /// The 32-byte key for `scope`, with which [#mac] signs any number of requests.
    ///
    /// @param secretAccessKey the secret access key in ASCII
    public static SecretBytes derive(SecretBytes secretAccessKey, CredentialScope scope) {
        MemorySegment segment = secretAccessKey.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        byte[] seed = Arrays.copyOf(PREFIX, PREFIX.length + secretAccessKey.length());
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, seed, PREFIX.length, secretAccessKey.length());
        byte[] dateKey = hmacAndErase(seed, ascii(scope.date()));
        byte[] regionKey = hmacAndErase(dateKey, ascii(scope.region()));
        byte[] serviceKey = hmacAndErase(regionKey, ascii(scope.service()));
        byte[] signingKey = hmacAndErase(serviceKey, ascii(CredentialScope.TERMINATOR));
        try {
            return SecretBytes.copyOf(MemorySegment.ofArray(signingKey));
        } finally {
            Arrays.fill(signingKey, (byte) 0);
        }
    }

    /// HMAC-SHA-256 of `message` under the secret itself.
    public static byte[] mac(SecretBytes secret, byte[] message) {
        byte[] key = secret.segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
        return hmacAndErase(key, message);
    }

    /// HMAC-SHA-256; the key is erased.
    static byte[] hmacAndErase(byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new Borrowed(key));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + HMAC, e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /// A key that stays in the caller's array: the JDK's own class would keep a second copy that nobody can erase. The
    /// MAC erases the one that it asks for.
    private static final class Borrowed implements SecretKey {
        private static final long serialVersionUID = 1L;

        private final transient byte[] key;

        Borrowed(byte[] key) {
            this.key = key;
        }

        @Override
        public String getAlgorithm() {
            return HMAC;
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        @Override
        public byte[] getEncoded() {
            return key.clone();
        }

        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
