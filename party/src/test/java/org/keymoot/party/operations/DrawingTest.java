package org.keymoot.party.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;

class DrawingTest {
    private static final String DIGEST = "ab".repeat(32);

    private static byte[] combine(String session, int length, Map<Integer, Integer> parts) {
        try (SecretScope scope = new SecretScope()) {
            Map<Integer, SecretBytes> secret = new TreeMap<>();
            parts.forEach((party, fill) -> {
                byte[] part = new byte[64];
                java.util.Arrays.fill(part, fill.byteValue());
                secret.put(party, scope.own(SecretBytes.copyOf(MemorySegment.ofArray(part))));
            });
            return Drawing.combine(DIGEST, session, secret, length, scope);
        }
    }

    @Test
    void everyPartChangesAllOfTheResult() {
        byte[] drawn = combine("s", 64, Map.of(1, 0, 2, 0, 3, 0));
        assertThat(combine("s", 64, Map.of(1, 0, 2, 0, 3, 0))).isEqualTo(drawn);
        for (int party = 1; party <= 3; party++) {
            Map<Integer, Integer> one = new TreeMap<>(Map.of(1, 0, 2, 0, 3, 0));
            one.put(party, 1);
            byte[] other = combine("s", 64, one);
            int same = 0;
            for (int i = 0; i < 64; i++) {
                same += other[i] == drawn[i] ? 1 : 0;
            }
            assertThat(same).as("bytes that party %d did not change", party).isLessThan(8);
        }
    }

    @Test
    void generatorsThatGiveTheSameDoNotCancelOut() {
        assertThat(combine("s", 32, Map.of(1, 7, 2, 7)))
                .isNotEqualTo(new byte[32])
                .isNotEqualTo(combine("s", 32, Map.of(1, 9, 2, 9)))
                .isNotEqualTo(combine("t", 32, Map.of(1, 7, 2, 7)))
                .isNotEqualTo(combine("s", 32, Map.of(1, 7, 3, 7)));
    }

    @Test
    void aLongerResultHasAsManyBytesAsAskedFor() {
        assertThat(combine("s", 1024, Map.of(1, 7, 2, 8))).hasSize(1024);
        assertThat(combine("s", 1, Map.of(1, 7, 2, 8))).hasSize(1);
    }
}
