package org.keymoot.crypto.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class SeededRandomTest {
    @Test
    void sameSeedGivesTheSameBytesOnEveryMachine() {
        assertThat(HexFormat.of().formatHex(new SeededRandom(42).bytes(16)))
                .isEqualTo("00e57a4e7b3538ea1b47d14ef6a2c03a");
    }

    @Test
    void bytesDoNotDependOnHowTheyAreDrawn() {
        SeededRandom one = new SeededRandom(1);
        SeededRandom other = new SeededRandom(1);
        byte[] whole = one.bytes(100);
        assertThat(other.bytes(33)).isEqualTo(Arrays.copyOf(whole, 33));
        assertThat(other.bytes(67)).isEqualTo(Arrays.copyOfRange(whole, 33, 100));
    }

    @Test
    void childrenDifferByNameAndIgnoreWhatTheParentDrew() {
        SeededRandom parent = new SeededRandom(1);
        byte[] before = parent.child("a").bytes(32);
        parent.bytes(5);
        assertThat(parent.child("a").bytes(32)).isEqualTo(before);
        assertThat(parent.child("b").bytes(32)).isNotEqualTo(before);
        assertThat(new SeededRandom(2).child("a").bytes(32)).isNotEqualTo(before);
    }
}
