package org.keymoot.crypto.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ExpandMessageTest {
    /// RFC 9380 appendix K.1.
    @Test
    void expandsAsRfc9380() {
        byte[] dst = "QUUX-V01-CS02-with-expander-SHA256-128".getBytes(StandardCharsets.US_ASCII);
        assertThat(HexFormat.of().formatHex(ExpandMessage.SHA_256.expand(new byte[0], dst, 32)))
                .isEqualTo("68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235");
        assertThat(HexFormat.of()
                        .formatHex(ExpandMessage.SHA_256.expand("abc".getBytes(StandardCharsets.US_ASCII), dst, 32)))
                .isEqualTo("d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615");
    }

    @Test
    void refusesWhatRfc9380Forbids() {
        byte[] dst = new byte[1];
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExpandMessage.SHA_512.expand(dst, new byte[0], 64))
                .withMessageContaining("found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ExpandMessage.SHA_512.expand(dst, new byte[256], 64))
                .withMessageContaining("found 256");
        assertThatIllegalArgumentException().isThrownBy(() -> ExpandMessage.SHA_512.expand(dst, dst, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> ExpandMessage.SHA_512.expand(dst, dst, 255 * 64 + 1));
        assertThat(ExpandMessage.SHA_512.expand(dst, dst, 255 * 64)).hasSize(255 * 64);
    }
}
