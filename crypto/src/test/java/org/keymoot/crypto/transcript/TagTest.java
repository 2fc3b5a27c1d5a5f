package org.keymoot.crypto.transcript;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TagTest {
    @Test
    void noTagIsThePrefixOfAnother() {
        for (Tag tag : Tag.values()) {
            for (Tag other : Tag.values()) {
                if (tag != other) {
                    assertThat(other.text()).doesNotStartWith(tag.text());
                }
            }
        }
    }

    @Test
    void everyTagCarriesTheProjectAndAVersion() {
        for (Tag tag : Tag.values()) {
            assertThat(tag.text()).matches("keymoot/[a-z0-9/-]+/v[1-9][0-9]*");
        }
    }
}
