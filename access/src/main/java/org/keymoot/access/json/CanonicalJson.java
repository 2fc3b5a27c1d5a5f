package org.keymoot.access.json;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Writes JSON in one form only: members sorted by name, no white space, ASCII with the shortest escapes, integers
/// without exponent, instants as seconds since 1970 with up to three decimals.
public final class CanonicalJson {
    private static final String HEX = "0123456789abcdef";

    private CanonicalJson() {}

    public static ObjectBuilder object() {
        return new ObjectBuilder();
    }

    /// The members of an object that was read, but for one.
    public static ObjectBuilder object(JsonNode read, String without) {
        ObjectBuilder object = new ObjectBuilder();
        for (Map.Entry<String, JsonNode> member : read.properties()) {
            if (!member.getKey().equals(without)) {
                object.member(member.getKey(), member.getValue());
            }
        }
        return object;
    }

    /// The body of an AWS error.
    public static String error(String type, @Nullable String message) {
        ObjectBuilder object = object().put("__type", type);
        if (message != null) {
            object.put("message", message);
        }
        return object.text();
    }

    /// Tells whether a register's content stands for "deleted".
    public static boolean isTombstone(String json) {
        return json.contains("\"deleted\":true") && JsonReader.stored(json).has("deleted");
    }

    /// One object under construction; each member is set at most once.
    public static final class ObjectBuilder {
        private final TreeMap<String, Object> members = new TreeMap<>();

        private ObjectBuilder() {}

        public ObjectBuilder put(String name, String value) {
            return member(name, value);
        }

        public ObjectBuilder put(String name, long value) {
            return member(name, value);
        }

        public ObjectBuilder put(String name, boolean value) {
            return member(name, value);
        }

        public ObjectBuilder put(String name, Instant value) {
            return member(name, value);
        }

        public ObjectBuilder put(String name, ObjectBuilder value) {
            return member(name, value);
        }

        public ObjectBuilder put(String name, Map<String, String> value) {
            return member(name, new TreeMap<>(value));
        }

        /// @param value of strings or objects
        public ObjectBuilder put(String name, List<?> value) {
            return member(name, List.copyOf(value));
        }

        private ObjectBuilder member(String name, Object value) {
            if (members.put(name, value) != null) {
                throw new IllegalArgumentException("member " + name + " is set twice");
            }
            return this;
        }

        public String text() {
            StringBuilder out = new StringBuilder();
            write(out, members);
            return out.toString();
        }
    }

    private static void write(StringBuilder out, Object value) {
        switch (value) {
            case String text -> writeString(out, text);
            case Long number -> out.append(number.longValue());
            case Boolean flag -> out.append(flag.booleanValue());
            case Instant instant -> writeSeconds(out, instant);
            case ObjectBuilder object -> write(out, object.members);
            case Map<?, ?> map -> writeMembers(out, map);
            case List<?> list -> writeElements(out, list);
            case JsonNode node -> writeRead(out, node);
            default -> throw new IllegalArgumentException("no JSON form for " + value.getClass());
        }
    }

    private static void writeRead(StringBuilder out, JsonNode node) {
        if (node.isObject()) {
            Map<String, JsonNode> members = new TreeMap<>();
            node.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
            writeMembers(out, members);
        } else if (node.isArray()) {
            writeElements(out, node);
        } else if (node.isString()) {
            writeString(out, node.stringValue());
        } else if (node.isNumber()) {
            out.append(node.decimalValue().toPlainString());
        } else {
            out.append(node.booleanValue());
        }
    }

    private static void writeMembers(StringBuilder out, Map<?, ?> map) {
        String separator = "";
        out.append('{');
        for (Map.Entry<?, ?> member : map.entrySet()) {
            out.append(separator);
            writeString(out, (String) member.getKey());
            out.append(':');
            write(out, member.getValue());
            separator = ",";
        }
        out.append('}');
    }

    private static void writeElements(StringBuilder out, Iterable<?> list) {
        String separator = "";
        out.append('[');
        for (Object element : list) {
            out.append(separator);
            write(out, element);
            separator = ",";
        }
        out.append(']');
    }

    private static void writeSeconds(StringBuilder out, Instant instant) {
        BigDecimal seconds = BigDecimal.valueOf(instant.toEpochMilli(), 3).stripTrailingZeros();
        out.append(seconds.toPlainString());
    }

    private static void writeString(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c >= 0x20 && c < 0x7f) {
                        out.append(c);
                    } else {
                        out.append("\\u");
                        for (int shift = 12; shift >= 0; shift -= 4) {
                            out.append(HEX.charAt(c >> shift & 0xf));
                        }
                    }
                }
            }
        }
        out.append('"');
    }
}
