package org.keymoot.platform.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A piece of the configuration before it is bound, with the place that it came from.
sealed interface Node {
    String origin();

    /// A single value, as text.
    record Leaf(String text, String origin) implements Node {}

    /// Named values; mutable while the environment is laid over the file.
    record Branch(LinkedHashMap<String, Node> members, String origin) implements Node {}

    /// Values in order.
    record Sequence(List<Node> elements, String origin) implements Node {}

    static Branch emptyBranch(String origin) {
        return new Branch(new LinkedHashMap<>(Map.of()), origin);
    }
}
