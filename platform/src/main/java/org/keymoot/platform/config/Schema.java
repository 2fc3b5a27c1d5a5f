package org.keymoot.platform.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a settings record admits: its names, and a reference of them for people.
public final class Schema {
    private Schema() {}

    /// One line of the reference.
    ///
    /// @param path full name; `[]` stands for each element of a list, `<name>` for each name of a map
    /// @param type what is written there
    /// @param defaultValue its default, null when it must be given, empty when it may be left out
    /// @param doc what it does
    public record Line(String path, String type, @Nullable String defaultValue, String doc) {}

    /// All settings of `type` in their order, for the generated reference.
    public static List<Line> reference(Class<? extends Record> type) {
        List<Line> lines = new ArrayList<>();
        describe(type, "", lines);
        return lines;
    }

    /// The full names of the settings that are single values with a fixed place, which the environment can
    /// overlay.
    static List<String> leaves(Class<? extends Record> type) {
        return reference(type).stream()
                .map(Line::path)
                .filter(path -> !path.contains("[]") && !path.contains("<name>"))
                .toList();
    }

    /// The environment variable that overlays the setting `path`.
    public static String variable(String path) {
        return ConfigLoader.PREFIX
                + path.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                        .replace('.', '_')
                        .toUpperCase(Locale.ROOT);
    }

    private static void describe(Class<?> type, String prefix, List<Line> lines) {
        for (RecordComponent component : type.getRecordComponents()) {
            String path = prefix.isEmpty() ? component.getName() : prefix + "." + component.getName();
            describe(component, component.getGenericType(), path, lines);
        }
    }

    private static void describe(RecordComponent component, Type type, String path, List<Line> lines) {
        Class<?> raw = raw(type);
        if (raw == List.class) {
            describe(component, argument(type, 0), path + "[]", lines);
        } else if (raw == Map.class) {
            describe(component, argument(type, 1), path + ".<name>", lines);
        } else if (raw == Optional.class) {
            describe(component, argument(type, 0), path, lines);
        } else if (raw.isRecord() && !Binder.isScalar(raw)) {
            describe(raw, path, lines);
        } else {
            Default fallback = component.getAnnotation(Default.class);
            Doc doc = component.getAnnotation(Doc.class);
            String value = fallback != null ? fallback.value() : optional(component) ? "" : null;
            lines.add(new Line(path, Binder.describe(raw), value, doc == null ? "" : doc.value()));
        }
    }

    private static boolean optional(RecordComponent component) {
        Class<?> raw = component.getType();
        return raw == Optional.class || raw == List.class || raw == Map.class;
    }

    static Class<?> raw(Type type) {
        return switch (type) {
            case Class<?> c -> c;
            case ParameterizedType p -> raw(p.getRawType());
            default -> throw new IllegalArgumentException("a settings record cannot hold a " + type.getTypeName());
        };
    }

    static Type argument(Type type, int index) {
        if (type instanceof ParameterizedType parameterized) {
            return parameterized.getActualTypeArguments()[index];
        }
        throw new IllegalArgumentException(type.getTypeName() + " lacks its type argument");
    }
}
