package org.keymoot.platform.json;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Writes maps, lists, texts, whole numbers, truth values and null as JSON with one spelling.
///
/// Members are sorted by name, there is no white space, and every character outside printable ASCII is escaped,
/// which covers line breaks, terminal control sequences and marks that reverse the direction of text. Fractions
/// are refused, because their spelling is not unique.
public final class CanonicalJson {
    private static final int MAXIMUM_DEPTH = 16;
    private static final HexFormat HEX = HexFormat.of();

    private CanonicalJson() {}

    /// @throws IllegalArgumentException for a value of another type, or one nested too deeply
    public static byte[] encode(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value, 0);
        return out.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void write(StringBuilder out, @Nullable Object value, int depth) {
        if (depth > MAXIMUM_DEPTH) {
            throw new IllegalArgumentException("nested deeper than " + MAXIMUM_DEPTH);
        }
        switch (value) {
            case null -> out.append("null");
            case Map<?, ?> map -> writeMap(out, map, depth);
            case List<?> list -> writeList(out, list, depth);
            case CharSequence text -> writeText(out, text.toString());
            case Boolean truth -> out.append(truth);
            case Integer number -> out.append(number);
            case Long number -> out.append(number);
            default ->
                throw new IllegalArgumentException(
                        "canonical JSON has no " + value.getClass().getName());
        }
    }

    private static void writeMap(StringBuilder out, Map<?, ?> map, int depth) {
        TreeMap<String, @Nullable Object> sorted = new TreeMap<>();
        map.forEach((name, member) -> sorted.put(String.valueOf(name), member));
        out.append('{');
        String separator = "";
        for (Map.Entry<String, @Nullable Object> member : sorted.entrySet()) {
            out.append(separator);
            writeText(out, member.getKey());
            out.append(':');
            write(out, member.getValue(), depth + 1);
            separator = ",";
        }
        out.append('}');
    }

    private static void writeList(StringBuilder out, List<?> list, int depth) {
        out.append('[');
        String separator = "";
        for (Object element : list) {
            out.append(separator);
            write(out, element, depth + 1);
            separator = ",";
        }
        out.append(']');
    }

    private static void writeText(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c >= ' ' && c <= '~') {
                out.append(c);
            } else {
                out.append("\\u").append(HEX.toHexDigits(c));
            }
        }
        out.append('"');
    }
}
