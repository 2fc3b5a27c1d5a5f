package org.keymoot.access.encryption;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import org.keymoot.crypto.transcript.Tag;

/// HKDF with SHA-256 (RFC 5869) over one output of the pseudo-random function.
///
/// It keeps true: what is derived for different tags or from different headers is independent.
final class Expansion {
    private Expansion() {}

    /// @param salt randomness of the party that answers; empty where the result must be the same each time
    /// @param header what the result is bound to beside its tag
    static byte[] derive(byte[] output, byte[] salt, Tag tag, byte[] header, int length) {
        byte[] name = tag.text().getBytes(StandardCharsets.US_ASCII);
        byte[] info = Arrays.copyOf(name, name.length + 1 + header.length);
        System.arraycopy(header, 0, info, name.length + 1, header.length);
        try {
            HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract().addIKM(output);
            if (salt.length > 0) {
                extract.addSalt(salt);
            }
            return KDF.getInstance("HKDF-SHA256").deriveData(extract.thenExpand(info, length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform has HKDF with SHA-256", e);
        }
    }
}
