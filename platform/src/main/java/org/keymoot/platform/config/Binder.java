package org.keymoot.platform.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Turns [Node]s into records, collecting every problem instead of stopping at the first.
final class Binder {
    private static final int LONGEST_SHOWN_VALUE = 80;

    /// Types that are written as one value, with how they are called in messages.
    private static final Map<Class<?>, Scalar> SCALARS = scalars();

    private final String source;
    private final List<String> problems;
    private final List<Setting> settings = new ArrayList<>();

    private record Scalar(String name, Function<String, Object> parse) {}

    Binder(String source, List<String> problems) {
        this.source = source;
        this.problems = problems;
    }

    <T extends Record> Loaded<T> bind(Class<T> type, Node.Branch tree) {
        Object value = record(type, tree, "");
        if (value == null || !problems.isEmpty()) {
            throw new ConfigException(source, problems);
        }
        return new Loaded<>(type.cast(value), settings);
    }

    static boolean isScalar(Class<?> type) {
        return SCALARS.containsKey(type) || type.isEnum();
    }

    static String describe(Class<?> type) {
        Scalar scalar = SCALARS.get(type);
        return scalar != null ? scalar.name() : enumNames(type);
    }

    private @Nullable Object value(Type type, @Nullable Default fallback, @Nullable Node node, String path) {
        Class<?> raw = Schema.raw(type);
        if (node instanceof Node.Leaf leaf && leaf.text().isEmpty() && raw != String.class) {
            return value(type, fallback, null, path);
        }
        if (raw == Optional.class) {
            if (node == null) {
                return Optional.empty();
            }
            Object present = value(Schema.argument(type, 0), null, node, path);
            return present == null ? null : Optional.of(present);
        }
        if (node == null && fallback != null) {
            return value(type, null, new Node.Leaf(fallback.value(), "default"), path);
        }
        if (raw == List.class) {
            return list(Schema.argument(type, 0), node, path);
        }
        if (raw == Map.class) {
            return map(Schema.argument(type, 1), node, path);
        }
        if (raw.isRecord() && !isScalar(raw)) {
            return record(raw, node == null ? Node.emptyBranch("default") : node, path);
        }
        if (node == null) {
            return problem("%s must be given: %s".formatted(path, describe(raw)));
        }
        return scalar(raw, node, path);
    }

    private @Nullable Object record(Class<?> type, Node node, String path) {
        if (!(node instanceof Node.Branch branch)) {
            return problem("%s (%s) must be a mapping with the names %s"
                    .formatted(path, node.origin(), String.join(", ", names(type))));
        }
        refuseUnknown(type, branch, path);
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] arguments = new Object[components.length];
        int before = problems.size();
        for (int i = 0; i < components.length; i++) {
            String name = components[i].getName();
            arguments[i] = value(
                    components[i].getGenericType(),
                    components[i].getAnnotation(Default.class),
                    branch.members().get(name),
                    join(path, name));
        }
        return problems.size() > before || Arrays.asList(arguments).contains(null)
                ? null
                : construct(type, components, arguments, path);
    }

    private void refuseUnknown(Class<?> type, Node.Branch branch, String path) {
        List<String> known = names(type);
        branch.members().forEach((name, member) -> {
            if (!known.contains(name)) {
                problems.add("%s (%s) is not known; %s"
                        .formatted(join(path, name), member.origin(), advice(type, name, known)));
            }
        });
    }

    private static String advice(Class<?> type, String name, List<String> known) {
        for (RecordComponent component : type.getRecordComponents()) {
            Renamed renamed = component.getAnnotation(Renamed.class);
            if (renamed != null && renamed.from().equals(name)) {
                return "it is now called '" + component.getName() + "'";
            }
        }
        return Nearest.to(name, known)
                .map(near -> "did you mean '" + near + "'?")
                .orElse("known here: " + String.join(", ", known));
    }

    private @Nullable Object construct(
            Class<?> type, RecordComponent[] components, @Nullable Object[] arguments, String path) {
        try {
            Class<?>[] types =
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                return problem((path.isEmpty() ? "" : path + ": ") + refused.getMessage());
            }
            throw new IllegalStateException(type + " failed on its values", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " cannot be made from its components", e);
        }
    }

    private @Nullable Object list(Type element, @Nullable Node node, String path) {
        if (node == null) {
            return List.of();
        }
        // The environment has no lists, so it separates by commas.
        List<Node> nodes = switch (node) {
            case Node.Sequence sequence -> sequence.elements();
            case Node.Leaf leaf ->
                Arrays.stream(leaf.text().split(","))
                        .map(text -> (Node) new Node.Leaf(text.strip(), leaf.origin()))
                        .toList();
            case Node.Branch branch -> {
                problems.add("%s (%s) must be a list".formatted(path, branch.origin()));
                yield List.of();
            }
        };
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Object value = value(element, null, nodes.get(i), path + "[" + i + "]");
            if (value != null) {
                values.add(value);
            }
        }
        return List.copyOf(values);
    }

    private @Nullable Object map(Type element, @Nullable Node node, String path) {
        if (node == null) {
            return Map.of();
        }
        if (!(node instanceof Node.Branch branch)) {
            return problem("%s (%s) must be a mapping of names to values".formatted(path, node.origin()));
        }
        Map<String, Object> values = new LinkedHashMap<>();
        branch.members().forEach((name, member) -> {
            Object value = value(element, null, member, join(path, name));
            if (value != null) {
                values.put(name, value);
            }
        });
        return values;
    }

    private @Nullable Object scalar(Class<?> type, Node node, String path) {
        if (!(node instanceof Node.Leaf leaf)) {
            return problem("%s (%s) must be one value: %s".formatted(path, node.origin(), describe(type)));
        }
        boolean secret = type == SecretText.class;
        try {
            Object value =
                    type.isEnum() ? constant(type, leaf.text()) : parser(type).apply(leaf.text());
            settings.add(new Setting(path, shown(value), leaf.origin()));
            return value;
        } catch (IllegalArgumentException | ArithmeticException e) {
            String reason = e instanceof NumberFormatException || e.getMessage() == null
                    ? "it must be " + describe(type)
                    : e.getMessage();
            return problem(
                    "%s = %s (%s): %s".formatted(path, secret ? "[redacted]" : shown(leaf), leaf.origin(), reason));
        }
    }

    private static Function<String, Object> parser(Class<?> type) {
        Scalar scalar = SCALARS.get(type);
        if (scalar == null) {
            throw new IllegalStateException("a settings record cannot hold a " + type.getName());
        }
        return scalar.parse();
    }

    private static String shown(Node.Leaf leaf) {
        String text = leaf.text();
        String cut = text.length() > LONGEST_SHOWN_VALUE ? text.substring(0, LONGEST_SHOWN_VALUE) + "…" : text;
        return "'" + cut.replaceAll("\\p{Cntrl}", "?") + "'";
    }

    private static String shown(Object value) {
        return switch (value) {
            case Duration duration -> Durations.format(duration);
            case Enum<?> constant -> spelling(constant);
            default -> value.toString();
        };
    }

    private static Object constant(Class<?> type, String text) {
        for (Object constant : type.getEnumConstants()) {
            if (spelling((Enum<?>) constant).equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("it must be " + enumNames(type));
    }

    private static String enumNames(Class<?> type) {
        List<String> names = new ArrayList<>();
        if (type.isEnum()) {
            for (Object constant : type.getEnumConstants()) {
                names.add(spelling((Enum<?>) constant));
            }
        }
        return "one of " + String.join(", ", names);
    }

    private static String spelling(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private @Nullable Object problem(String text) {
        problems.add(text);
        return null;
    }

    private static List<String> names(Class<?> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("it must be true or false");
        };
    }

    private static Map<Class<?>, Scalar> scalars() {
        Map<Class<?>, Scalar> types = new LinkedHashMap<>();
        types.put(String.class, new Scalar("text", text -> text));
        types.put(int.class, new Scalar("a whole number", Integer::valueOf));
        types.put(long.class, new Scalar("a whole number", Long::valueOf));
        types.put(boolean.class, new Scalar("true or false", Binder::truth));
        types.put(Duration.class, new Scalar("a duration, such as 30s", Durations::parse));
        types.put(DataSize.class, new Scalar("a size, such as 64KiB", DataSize::parse));
        types.put(HostPort.class, new Scalar("host:port", HostPort::parse));
        types.put(Path.class, new Scalar("a path", Path::of));
        types.put(URI.class, new Scalar("a URI", URI::create));
        types.put(SecretText.class, new Scalar("a secret", SecretText::new));
        return types;
    }
}
