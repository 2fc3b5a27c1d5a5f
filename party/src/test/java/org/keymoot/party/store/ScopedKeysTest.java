package org.keymoot.party.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.secret.SecretBytes;

class ScopedKeysTest {
    private static final byte[] MESSAGE = "to be signed".getBytes(US_ASCII);

    private final List<String> derived = new ArrayList<>();

    private SecretBytes derive(CredentialScope scope) {
        derived.add(scope.date());
        try (SecretBytes secret = secret()) {
            return SigningKey.derive(secret, scope);
        }
    }

    private static SecretBytes secret() {
        return SecretBytes.copyOf(MemorySegment.ofArray("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".getBytes(US_ASCII)));
    }

    private static CredentialScope day(int day) {
        return new CredentialScope("202601%02d".formatted(day), "us-east-1", "kms");
    }

    private byte[] sign(ScopedKeys keys, CredentialScope scope) {
        byte[] signature = keys.sign(scope, MESSAGE, () -> derive(scope));
        try (SecretBytes secret = secret()) {
            assertThat(signature).isEqualTo(SigningKey.sign(secret, scope, MESSAGE));
        }
        return signature;
    }

    @Test
    void theSecretIsAskedForOnceForEachScope() {
        ScopedKeys keys = new ScopedKeys();
        assertThat(sign(keys, day(1))).isEqualTo(sign(keys, day(1))).isNotEqualTo(sign(keys, day(2)));
        assertThat(derived).containsExactly("20260101", "20260102");
    }

    @Test
    void theScopeThatWasNotUsedForLongestMakesPlaceForANewOne() {
        ScopedKeys keys = new ScopedKeys();
        for (int day = 1; day <= ScopedKeys.KEPT; day++) {
            sign(keys, day(day));
        }
        sign(keys, day(1));
        sign(keys, day(ScopedKeys.KEPT + 1));
        derived.clear();
        sign(keys, day(1));
        assertThat(derived).isEmpty();
        sign(keys, day(2));
        assertThat(derived).containsExactly("20260102");
    }

    @Test
    void aSecretThatCountsNoMoreLeavesNoKeyBehind() {
        ScopedKeys keys = new ScopedKeys();
        sign(keys, day(1));
        keys.erase();
        derived.clear();
        sign(keys, day(1));
        sign(keys, day(1));
        assertThat(derived).hasSize(2);
    }
}
