package org.keymoot.platform.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class CanonicalJsonTest {
    @Test
    void sortsMembersAndWritesNoSpace() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("b", List.of(1, 2L, true));
        map.put("a", Map.of("x", "y"));
        assertThat(text(map)).isEqualTo("{\"a\":{\"x\":\"y\"},\"b\":[1,2,true]}");
        assertThat(text(null)).isEqualTo("null");
    }

    @Test
    void escapesWhateverCouldMoveACursorOrTurnTextAround() {
        String hostile = "a\r\nb\u001b[2Jc\u202eevil\u0000\u009b\ud800 é \"\\";
        String written = text(hostile);
        assertThat(written).matches("[ -~]*").contains("\\u000d\\u000a", "\\u001b", "\\u202e", "\\u0000", "\\u009b");
        assertThat(JsonMapper.shared().readTree(text("é\r\"\\\u202e")).stringValue())
                .isEqualTo("é\r\"\\\u202e");
    }

    @Test
    void refusesFractionsAndDeepNesting() {
        assertThatThrownBy(() -> CanonicalJson.encode(1.5)).isInstanceOf(IllegalArgumentException.class);
        Object deep = List.of();
        for (int i = 0; i < 20; i++) {
            deep = List.of(deep);
        }
        Object tooDeep = deep;
        assertThatThrownBy(() -> CanonicalJson.encode(tooDeep)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String text(@Nullable Object value) {
        return new String(CanonicalJson.encode(value), StandardCharsets.US_ASCII);
    }
}
