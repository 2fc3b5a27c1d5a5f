package org.keymoot.platform.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Reads YAML into [Node]s, keeping the line of each value and refusing a name that is given twice.
final class YamlTree {
    private static final int MAXIMUM_DEPTH = 32;

    private final String source;

    private YamlTree(String source) {
        this.source = source;
    }

    /// @throws ConfigException when it is not YAML, or not a mapping at its top
    static Node.Branch parse(String text, String source) {
        YamlTree tree = new YamlTree(source);
        try (JsonParser parser = YAMLMapper.shared().createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return Node.emptyBranch(source);
            }
            Node node = tree.read(parser, "", 0);
            if (node instanceof Node.Branch branch && parser.nextToken() == null) {
                return branch;
            }
            throw new ConfigException(
                    source, List.of("it must be one mapping of names to values, such as 'cluster: name'"));
        } catch (JacksonException e) {
            String where =
                    e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
            throw new ConfigException(source, List.of(where + "not YAML: " + firstLine(e.getOriginalMessage())));
        }
    }

    private Node read(JsonParser parser, String path, int depth) {
        String origin = origin(parser);
        if (depth > MAXIMUM_DEPTH) {
            throw new ConfigException(source, List.of(path + " is nested deeper than " + MAXIMUM_DEPTH + " levels"));
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> branch(parser, path, depth, origin);
            case START_ARRAY -> sequence(parser, path, depth, origin);
            case VALUE_NULL -> new Node.Leaf("", origin);
            default -> new Node.Leaf(parser.getString(), origin);
        };
    }

    private Node branch(JsonParser parser, String path, int depth, String origin) {
        LinkedHashMap<String, Node> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            String place = origin(parser);
            parser.nextToken();
            String memberPath = path.isEmpty() ? name : path + "." + name;
            if (members.put(name, read(parser, memberPath, depth + 1)) != null) {
                throw new ConfigException(source, List.of(memberPath + " is given twice (again at " + place + ")"));
            }
        }
        return new Node.Branch(members, origin);
    }

    private Node sequence(JsonParser parser, String path, int depth, String origin) {
        List<Node> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            elements.add(read(parser, path + "[" + elements.size() + "]", depth + 1));
        }
        return new Node.Sequence(elements, origin);
    }

    private String origin(JsonParser parser) {
        return source + " line " + parser.currentTokenLocation().getLineNr();
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }
}
