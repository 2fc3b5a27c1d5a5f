package org.keymoot.platform.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.keymoot.platform.disk.InsecurePermissions;
import org.keymoot.platform.disk.PrivateFiles;

/// Loads settings: the file first, then `KEYMOOT_…` variables over it, then defaults for what is missing.
///
/// A setting `mesh.listenPort` is overlaid by `KEYMOOT_MESH_LISTEN_PORT`, or by the content of the private file
/// that `KEYMOOT_MESH_LISTEN_PORT_FILE` names. A variable that matches no setting stops the start, as a
/// misspelt name in the file does.
public final class ConfigLoader {
    public static final String PREFIX = "KEYMOOT_";
    private static final String FILE_SUFFIX = "_FILE";
    private static final int MAXIMUM_FILE_BYTES = 1 << 20;

    private final Map<String, String> environment;
    private final Set<String> reserved;

    /// @param environment the variables of the process
    /// @param reserved `KEYMOOT_…` variables that mean something else, to be passed over
    public ConfigLoader(Map<String, String> environment, Set<String> reserved) {
        this.environment = new TreeMap<>(environment);
        this.reserved = Set.copyOf(reserved);
    }

    /// A loader over this process's environment. Variables of the launcher and of logging share the settings'
    /// prefix and are not settings.
    public static ConfigLoader ofProcess() {
        return new ConfigLoader(
                System.getenv(),
                Set.of(
                        "KEYMOOT_JAVA_HOME",
                        "KEYMOOT_LAUNCHER",
                        "KEYMOOT_LIB",
                        "KEYMOOT_LOG_LEVEL",
                        "KEYMOOT_NO_BUILD",
                        "KEYMOOT_VECTORS"));
    }

    /// Loads `file` as a `type`.
    ///
    /// @throws ConfigException naming every problem
    public <T extends Record> Loaded<T> load(Class<T> type, Path file) throws IOException {
        String text;
        try {
            if (Files.size(file) > MAXIMUM_FILE_BYTES) {
                throw new ConfigException(
                        file.toString(), List.of("it is larger than " + MAXIMUM_FILE_BYTES + " bytes"));
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new ConfigException(file.toString(), List.of("there is no such file"));
        }
        return parse(type, text, file.getFileName().toString());
    }

    /// Binds YAML that is already in memory.
    ///
    /// @throws ConfigException naming every problem
    public <T extends Record> Loaded<T> parse(Class<T> type, String yaml, String source) {
        Node.Branch tree = YamlTree.parse(yaml, source);
        List<String> problems = new ArrayList<>();
        overlay(type, tree, problems);
        return new Binder(source, problems).bind(type, tree);
    }

    private void overlay(Class<? extends Record> type, Node.Branch tree, List<String> problems) {
        Map<String, String> paths = Schema.leaves(type).stream()
                .collect(Collectors.toMap(Schema::variable, path -> path, (a, b) -> a, LinkedHashMap::new));
        environment.forEach((name, value) -> {
            if (!name.startsWith(PREFIX) || reserved.contains(name)) {
                return;
            }
            String path = paths.get(name);
            if (path != null) {
                put(tree, path, new Node.Leaf(value, name));
                return;
            }
            String withoutSuffix =
                    name.endsWith(FILE_SUFFIX) ? name.substring(0, name.length() - FILE_SUFFIX.length()) : name;
            path = name.endsWith(FILE_SUFFIX) ? paths.get(withoutSuffix) : null;
            if (path == null) {
                problems.add("environment variable %s matches no setting%s"
                        .formatted(
                                name,
                                Nearest.to(name, paths.keySet())
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse("; unset it")));
            } else {
                readFile(tree, path, name, Path.of(value), problems);
            }
        });
    }

    private static void readFile(Node.Branch tree, String path, String name, Path file, List<String> problems) {
        try {
            String content = new String(PrivateFiles.read(file), StandardCharsets.UTF_8);
            put(tree, path, new Node.Leaf(content.stripTrailing(), "file " + file + " (" + name + ")"));
        } catch (IOException e) {
            problems.add("%s: file %s named by %s cannot be read; check that it exists and that this user owns it"
                    .formatted(path, file, name));
        } catch (InsecurePermissions e) {
            problems.add(path + ": " + e.getMessage());
        }
    }

    private static void put(Node.Branch tree, String path, Node.Leaf leaf) {
        Node.Branch at = tree;
        String[] names = path.split("\\.");
        for (int i = 0; i < names.length - 1; i++) {
            Node next = at.members().get(names[i]);
            if (!(next instanceof Node.Branch)) {
                next = Node.emptyBranch(leaf.origin());
                at.members().put(names[i], next);
            }
            at = (Node.Branch) next;
        }
        at.members().put(names[names.length - 1], leaf);
    }
}
