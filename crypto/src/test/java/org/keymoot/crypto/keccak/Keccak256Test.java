package org.keymoot.crypto.keccak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.crypto.digests.KeccakDigest;
import org.junit.jupiter.api.Test;

class Keccak256Test {

    @Test
    void hashesTheWordsThatEveryoneKnowsTheHashOf() {
        assertThat(hex("")).isEqualTo("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
        assertThat(hex("hello")).isEqualTo("1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8");
        assertThat(hex("transfer(address,uint256)")).startsWith("a9059cbb");
    }

    @Test
    void agreesWithAnotherImplementationAtEveryLengthAroundTheBlocks() {
        Random random = new Random(11);
        for (int length = 0; length < 420; length++) {
            byte[] data = new byte[length];
            random.nextBytes(data);
            KeccakDigest other = new KeccakDigest(256);
            other.update(data, 0, length);
            byte[] expected = new byte[32];
            other.doFinal(expected, 0);
            assertThat(Keccak256.hash(data)).as("length %d", length).isEqualTo(expected);
        }
    }

    @Test
    void takesNoNoticeOfWhereThePartsAreCut() {
        byte[] data = new byte[300];
        new Random(12).nextBytes(data);
        byte[] whole = Keccak256.hash(data);
        for (int cut = 0; cut <= data.length; cut += 17) {
            assertThat(Keccak256.hash(Arrays.copyOf(data, cut), Arrays.copyOfRange(data, cut, data.length)))
                    .isEqualTo(whole);
        }
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(Keccak256.hash(text.getBytes(StandardCharsets.UTF_8)));
    }
}
