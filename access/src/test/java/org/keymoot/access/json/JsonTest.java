package org.keymoot.access.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is refused on the way in, and the one form on the way out.
final class JsonTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"a\":1,}",
                "{\"a\":1}{}",
                "{\"a\":1} x",
                "{\"a\":1,\"a\":2}",
                "{\"a\":NaN}",
                "{\"a\":Infinity}",
                "{\"a\":01}",
                "{\"a\":+1}",
                "{\"a\":.5}",
                "{\"a\":'b'}",
                "{a:1}",
                "{\"a\":1/*c*/}",
                "{\"a\":\"\u0001\"}",
                "{\"a\":\"\\x41\"}",
                "{\"a\":\"\\ud800\"}",
                "{\"a\":\"\\udc00\\ud800\"}",
                "{\"\\ud800\":1}",
                "{\"a\":123456789012345678901234567890123}",
                "\ufeff{}"
            })
    void refusesWhatReadersCouldUnderstandDifferently(String text) {
        assertThatThrownBy(() -> JsonReader.read(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidJsonException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7b2261223a22ff227d", "7b2261223a22c0af227d", "7b2261223a22eda080227d", "ff"})
    void refusesInvalidUtf8(String hex) {
        assertThatThrownBy(() -> JsonReader.read(HexFormat.of().parseHex(hex)))
                .isInstanceOf(InvalidJsonException.class);
    }

    @Test
    void refusesDeepNestingAndManyTokensQuickly() {
        assertThatThrownBy(() -> JsonReader.read("[".repeat(100_000))).isInstanceOf(InvalidJsonException.class);
        assertThatThrownBy(() -> JsonReader.read("{\"a\":".repeat(100_000))).isInstanceOf(InvalidJsonException.class);
        assertThatThrownBy(() -> JsonReader.read("[" + "1,".repeat(200_000) + "1]"))
                .isInstanceOf(InvalidJsonException.class);
        assertThatThrownBy(() -> JsonReader.read("\"" + "a".repeat(JsonReader.MAXIMUM_LENGTH) + "\""))
                .isInstanceOf(InvalidJsonException.class);
    }

    @Test
    void neverQuotesTheTextInItsMessages() {
        assertThatThrownBy(() -> JsonReader.read("{\"a\":\"hidden-value\", \"b\":tru}"))
                .isInstanceOf(InvalidJsonException.class)
                .hasMessageNotContaining("hidden-value");
    }

    @Test
    void writesOneFormOnly() {
        String text = CanonicalJson.object()
                .put("b", 1)
                .put("a", "é\"\\\n\u0000😀")
                .put("c", Instant.parse("2026-11-22T12:00:00.250Z"))
                .put("d", List.of(CanonicalJson.object().put("y", true), "z"))
                .put("e", Map.of("k2", "v", "k1", "w"))
                .put("f", Instant.parse("2026-11-22T12:00:00Z"))
                .text();
        assertThat(text)
                .isEqualTo("{\"a\":\"\\u00e9\\\"\\\\\\n\\u0000\\ud83d\\ude00\",\"b\":1,\"c\":1795348800.25,"
                        + "\"d\":[{\"y\":true},\"z\"],\"e\":{\"k1\":\"w\",\"k2\":\"v\"},\"f\":1795348800}");
        assertThatThrownBy(() -> CanonicalJson.object().put("a", 1).put("a", 2))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void tellsTombstonesFromValuesThatOnlyLookLikeThem() {
        assertThat(CanonicalJson.isTombstone("{\"deleted\":true}")).isTrue();
        assertThat(CanonicalJson.isTombstone("{\"tags\":{\"deleted\":\"true\"}}"))
                .isFalse();
        String nested = CanonicalJson.object()
                .put("policy", "{\"deleted\":true}")
                .put("tags", Map.of("a", "b"))
                .text();
        assertThat(CanonicalJson.isTombstone(nested)).isFalse();
    }

    /// A plaintext that a client forgot to quote must not come back in a message, which logs keep.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"Plaintext\":hiddenvalue}",
                "hiddenvalue",
                "{\"a\":\"b\" hiddenvalue}",
                "{hiddenvalue:1}",
                "{\"hiddenvalue\":1,\"hiddenvalue\":2}",
                "{\"a\":truehiddenvalue}",
                "{\"a\":1hiddenvalue}",
                "{\"a\":\"\\hiddenvalue\"}"
            })
    void repeatsNothingOfWhatItCouldNotRead(String text) {
        assertThatThrownBy(() -> JsonReader.read(text))
                .isInstanceOf(InvalidJsonException.class)
                .message()
                .isNotBlank()
                .doesNotContain("hidden")
                .contains(" at line 1, column ");
    }
}
