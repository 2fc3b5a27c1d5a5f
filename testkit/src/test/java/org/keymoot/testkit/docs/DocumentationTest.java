package org.keymoot.testkit.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.cli.KeymootMain;
import org.keymoot.cli.OperatorConfig;
import org.keymoot.cli.provision.AgentsConfig;
import org.keymoot.cli.web3signer.Web3SignerConfig;
import org.keymoot.kms.KmsConfig;
import org.keymoot.party.PartyConfig;
import org.keymoot.platform.config.Default;
import org.keymoot.testkit.cluster.Shell;
import picocli.CommandLine;

/// What the documents show is run as it stands, in a folder of its own; what cannot be run is on a list with the
/// reason.
class DocumentationTest {
    /// Blocks that are shown and not run: what they contain, and why.
    private static final Map<String, String> NOT_RUN = Map.of(
            "./keymoot dev       # builds", "runs until Ctrl-C; and `./keymoot test` would run this test",
            "keymoot party join --authority", "asks at a terminal; the block after it does the same without one",
            "keymoot ca admit --dir ca --party 1", "asks at a terminal; the block after it does the same without one",
            "--parties 5 --threshold 3", "five parties more are too many for a test's machine",
            "keymoot party recover", "needs a party that is gone for good",
            "keymoot party release", "needs a pair in quarantine, which takes a party that cheats",
            "create-open-id-connect-provider",
                    "needs a provider of OpenID Connect; FederationTest runs the same on one",
            "./keymoot test      # everything", "runs this test, and `format` changes sources");

    /// What the launcher does by itself, before any Java runs.
    private static final Set<String> LAUNCHER_COMMANDS =
            Set.of("test", "test-slow", "format", "sbom", "vectors", "bench");

    /// Options of other programs that the prose names.
    private static final Set<String> FOREIGN_OPTIONS = Set.of("--endpoint-url");

    private static final Pattern COMMAND =
            Pattern.compile("(?<!--profile)(?:^|[\\s(])(?:\\./)?keymoot(?= )([^|;&>)`]*)");
    private static final Pattern SHOWN_COMMAND = Pattern.compile(
            "(?m)^ *(\\$ |# )?((\\./)?keymoot|\\$?(aws|kms|iam)|openssl|terraform|helm|curl|eval|export|docker) [^=:]*$");
    private static final Pattern DOCUMENTED_PORT = Pattern.compile("(?<=127\\.0\\.0\\.1:)7(?=[0-9]{2})");
    private static final int[] PORTS_IN_USE = {440, 443, 451, 452, 453, 461, 462, 463, 464, 600, 601, 610, 620, 630};
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    static Path folder = Path.of("");

    /// Nothing that a page started may outlive the test, however it ends: each such process has the folder's name in
    /// its command line.
    @AfterEach
    void endWhatIsLeft() throws IOException {
        Files.deleteIfExists(folder.resolve("keymoot"));
        Files.deleteIfExists(folder.resolve("cli/target/lib"));
        Path proc = Path.of("/proc");
        if (!Files.isDirectory(proc)) {
            return;
        }
        try (Stream<Path> processes = Files.list(proc)) {
            for (Path process : processes
                    .filter(p -> p.getFileName().toString().matches("[0-9]+"))
                    .toList()) {
                if (commandLine(process).contains(folder.toString())) {
                    ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                            .ifPresent(ProcessHandle::destroyForcibly);
                }
            }
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    @Test
    void everyBlockDoesWhatThePageSays() throws Exception {
        Path link = Files.createDirectories(folder.resolve("cli/target")).resolve("lib");
        Files.createSymbolicLink(link, Shell.repository().resolve("cli/target/lib"));
        Files.createSymbolicLink(folder.resolve("keymoot"), Shell.repository().resolve("keymoot"));
        String ports = freePortPrefix();
        for (MarkdownPage page : readingOrder()) {
            run(page, ports);
        }
    }

    /// The README first, then the guide as it links on; what needs no order comes last.
    private static List<MarkdownPage> readingOrder() throws IOException {
        List<String> order = List.of("README.md", "getting-started.md", "production.md");
        return MarkdownPage.all(Shell.repository()).stream()
                .filter(page -> !commands(page).isEmpty())
                .sorted(Comparator.comparing(DocumentationTest::needsARunningCluster)
                        .thenComparingInt(page -> {
                            int place = order.indexOf(page.file().getFileName().toString());
                            return place < 0 ? order.size() : place;
                        }))
                .toList();
    }

    private static String commands(MarkdownPage page) {
        return page.fences().stream()
                .filter(fence -> fence.tag().equals("sh"))
                .map(MarkdownPage.Fence::text)
                .collect(Collectors.joining());
    }

    /// A page that starts no cluster itself is for readers who have one; all of these share one.
    private static boolean needsARunningCluster(MarkdownPage page) {
        String commands = commands(page);
        return commands.contains("./keymoot env") && !commands.contains("dev --detach");
    }

    /// Runs a page's blocks in one shell, as a reader would, and compares what each printed.
    private static void run(MarkdownPage page, String ports) throws Exception {
        String name = page.file().getFileName().toString();
        Path outputs = Files.createDirectories(folder.resolve("outputs-" + name));
        StringBuilder script = new StringBuilder("trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n");
        if (needsARunningCluster(page)) {
            script.append(onPorts("./keymoot status > status 2>&1 || ./keymoot dev --detach > started 2>&1\n", ports));
        }
        for (MarkdownPage.Fence fence : page.fences()) {
            if (fence.tag().equals("sh")) {
                script.append("{\n%s} > '%s' 2>&1\n"
                        .formatted(onPorts(fence.text(), ports), outputs.resolve(Integer.toString(fence.line()))));
            }
        }
        Path file = Files.writeString(folder.resolve(name + ".sh"), script);
        Shell.Result result = Shell.run(
                folder,
                Map.of(
                        "PATH",
                        folder + ":/usr/bin:/bin:/usr/sbin:/sbin",
                        "HOME",
                        folder.toString(),
                        "JAVA_HOME",
                        System.getProperty("java.home"),
                        "CLASSPATH",
                        librariesOfOthers()),
                "",
                List.of("bash", "-euo", "pipefail", file.toString()),
                PATIENCE);
        List<MarkdownPage.Fence> fences = page.fences();
        for (int i = 0; i < fences.size(); i++) {
            Path output = outputs.resolve(Integer.toString(fences.get(i).line()));
            if (fences.get(i).tag().equals("sh") && Files.exists(output)) {
                String place =
                        "%s, block at line %d".formatted(name, fences.get(i).line());
                boolean last = i + 1 == fences.size()
                        || fences.subList(i + 1, fences.size()).stream()
                                .noneMatch(next -> Files.exists(outputs.resolve(Integer.toString(next.line()))));
                if (result.exitCode() != 0 && last) {
                    fail("%s ended with %d:%n%s%n%s%s"
                            .formatted(place, result.exitCode(), Files.readString(output), result.err(), logs()));
                }
                if (i + 1 < fences.size() && fences.get(i + 1).tag().equals("text")) {
                    compare(place, onPorts(fences.get(i + 1).text(), ports), Files.readString(output));
                }
            }
        }
        assertThat(result.exitCode()).as(name + result.err()).isZero();
    }

    /// What a reader's Java program has on its class path: the libraries of this module, and nothing of ours.
    private static String librariesOfOthers() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar") && !entry.contains("keymoot") && !entry.contains("logback"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static void compare(String place, String expected, String printed) {
        String pattern = Arrays.stream(expected.strip().split("…", -1))
                .map(Pattern::quote)
                .collect(Collectors.joining("[\\s\\S]*?"));
        assertThat(printed.strip().matches(pattern))
                .as("%s%n--- the page says%n%s%n--- it printed%n%s", place, expected, printed)
                .isTrue();
    }

    /// The last words of the processes that a page started.
    private static String logs() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder, 4)) {
            for (Path log : files.filter(
                            file -> file.toString().matches(".*(logs/.*\\.log|/log|\\.joining|\\.admitting)"))
                    .toList()) {
                List<String> lines = Files.readAllLines(log);
                text.append("--- %s%n".formatted(folder.relativize(log)));
                lines.subList(Math.max(0, lines.size() - 3), lines.size())
                        .forEach(line -> text.append(line).append('\n'));
            }
        }
        return text.toString();
    }

    /// The pages name ports from 7400 to 7699; here they become others that are free.
    private static String onPorts(String text, String ports) {
        return DOCUMENTED_PORT
                .matcher(text)
                .replaceAll(ports)
                .replace("dev --detach", "dev --detach --port-base " + ports + "600");
    }

    private static String freePortPrefix() {
        for (int prefix = 29; prefix > 10; prefix--) {
            int thousands = prefix * 1000;
            if (Arrays.stream(PORTS_IN_USE).allMatch(port -> isFree(thousands + port))) {
                return Integer.toString(prefix);
            }
        }
        throw new IllegalStateException("no free range of ports");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void whatIsShownAndNotRunIsFewAndHasAReason() throws Exception {
        List<String> shown = MarkdownPage.all(Shell.repository()).stream()
                .flatMap(page -> page.fences().stream())
                .filter(fence -> fence.tag().equals("console"))
                .map(MarkdownPage.Fence::text)
                .toList();
        assertThat(shown)
                .allSatisfy(text -> assertThat(NOT_RUN.keySet()).anyMatch(text::contains))
                .hasSameSizeAs(NOT_RUN.keySet());
    }

    @Test
    void everyBlockSaysWhatItIs() throws Exception {
        for (MarkdownPage page : MarkdownPage.all(Shell.repository())) {
            assertThat(String.join("\n", page.prose()))
                    .as("%s: a block is fenced; an indented one would be neither run nor listed", page.file())
                    .doesNotContainPattern("(?m)^\\s*\n( {4}|\\t) *\\S");
            assertThat(page.shown())
                    .as("%s: what follows no command is no output", page.file())
                    .noneSatisfy(fence -> assertThat(fence.text()).containsPattern(SHOWN_COMMAND));
            assertThat(page.fences())
                    .as("%s", page.file())
                    .allSatisfy(fence -> assertThat(fence.tag()).isIn("sh", "text", "console", ""));
        }
    }

    @Test
    void everyLinkLeadsSomewhere() throws Exception {
        List<String> dead = new ArrayList<>();
        for (MarkdownPage page : MarkdownPage.all(Shell.repository())) {
            for (String link : page.links()) {
                if (link.matches("[a-z]+:.*")) {
                    continue;
                }
                String[] parts = link.split("#", 2);
                Path target = parts[0].isEmpty() ? page.file() : page.file().resolveSibling(parts[0]);
                boolean leads = Files.exists(target)
                        && (parts.length == 1
                                || MarkdownPage.read(target).anchors().contains(parts[1]));
                if (!leads) {
                    dead.add(page.file().getFileName() + " -> " + link);
                }
            }
        }
        assertThat(dead).isEmpty();
    }

    /// The benchmarks are a program of their own, with options of its own.
    private static boolean isOfTheBench(String option) throws IOException {
        try (Stream<Path> sources = Files.walk(Shell.repository().resolve("bench/src/main/java"))) {
            for (Path source :
                    sources.filter(file -> file.toString().endsWith(".java")).toList()) {
                if (Files.readString(source).contains('"' + option + '"')) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void everyCommandAndOptionThatIsShownExists() throws Exception {
        List<String> unknown = new ArrayList<>();
        int checked = 0;
        for (MarkdownPage page : MarkdownPage.all(Shell.repository())) {
            for (String code : page.code()) {
                Matcher matcher = COMMAND.matcher(code);
                while (matcher.find()) {
                    checked++;
                    problem(matcher.group(1))
                            .ifPresent(what -> unknown.add(page.file().getFileName() + ": " + code + ": " + what));
                }
                String option = code.split("[ =]", 2)[0];
                if (option.startsWith("--") && option.length() > 2 && !isAnOption(option) && !isOfTheBench(option)) {
                    unknown.add(page.file().getFileName() + ": no command has " + code);
                }
            }
        }
        assertThat(unknown).isEmpty();
        assertThat(checked).isGreaterThan(40);
    }

    /// What is wrong with the words after `keymoot`.
    private static Optional<String> problem(String words) {
        CommandLine line = commandLine();
        List<String> tokens = Arrays.stream(words.strip().split("\\s+")).toList();
        if (LAUNCHER_COMMANDS.contains(tokens.getFirst()) || tokens.getFirst().startsWith("\"$")) {
            return Optional.empty();
        }
        boolean descending = true;
        for (String token : tokens) {
            if (token.startsWith("--")) {
                descending = false;
                String option = token.split("=", 2)[0];
                if (option.matches("--[a-z-]+") && !has(line, option)) {
                    return Optional.of(
                            "`%s` has no %s".formatted(line.getCommandSpec().qualifiedName(), option));
                }
            } else if (descending && line.getSubcommands().containsKey(token)) {
                line = line.getSubcommands().get(token);
            } else if (descending && token.matches("[a-z-]+") && expectsACommand(line)) {
                return token.equals("stauts") || token.equals("help")
                        ? Optional.empty()
                        : Optional.of("`%s` has no command %s"
                                .formatted(line.getCommandSpec().qualifiedName(), token));
            }
        }
        return Optional.empty();
    }

    private static boolean expectsACommand(CommandLine line) {
        return !line.getSubcommands().isEmpty();
    }

    private static boolean has(CommandLine line, String option) {
        return line.getCommandSpec().optionsMap().containsKey(option);
    }

    private static boolean isAnOption(String option) {
        return FOREIGN_OPTIONS.contains(option) || isAnOption(commandLine(), option);
    }

    private static boolean isAnOption(CommandLine line, String option) {
        return has(line, option)
                || line.getSubcommands().values().stream().anyMatch(child -> isAnOption(child, option));
    }

    private static CommandLine commandLine() {
        return new CommandLine(new KeymootMain());
    }

    @Test
    void everySettingIsInTheGuideWithItsDefault() throws Exception {
        MarkdownPage guide = MarkdownPage.read(Shell.repository().resolve("docs/guide/production.md"));
        assertThat(names(guide.tableUnder("### party.yaml"))).isEqualTo(settings(PartyConfig.class, ""));
        assertThat(names(guide.tableUnder("### kms.yaml"))).isEqualTo(settings(KmsConfig.class, ""));
        assertThat(names(guide.tableUnder("### operator.yaml"))).isEqualTo(settings(OperatorConfig.class, ""));
        MarkdownPage ethereum = MarkdownPage.read(Shell.repository().resolve("docs/guide/ethereum.md"));
        assertThat(names(ethereum.tableUnder("### web3signer.yaml"))).isEqualTo(settings(Web3SignerConfig.class, ""));
        MarkdownPage agents = MarkdownPage.read(Shell.repository().resolve("docs/guide/agents.md"));
        assertThat(names(agents.tableUnder("### The agents' file"))).isEqualTo(settings(AgentsConfig.class, ""));
    }

    /// Each row's name and, where it has one in code, its default.
    private static Set<String> names(List<String> rows) {
        return rows.stream()
                .map(row -> row.split("\\|"))
                .map(cells -> cells[1].strip().replace("`", "")
                        + (cells[2].contains("`") ? " = " + cells[2].strip().replace("`", "") : ""))
                .collect(Collectors.toSet());
    }

    private static Set<String> settings(Class<?> type, String prefix) {
        return Arrays.stream(type.getRecordComponents())
                .flatMap(component -> {
                    String name = prefix + component.getName();
                    Class<?> inner = record(component);
                    if (inner != null) {
                        return settings(inner, name + ".").stream();
                    }
                    Default preset = component.getAnnotation(Default.class);
                    // An empty default stands for something that the settings' record works out.
                    boolean shown = preset != null && !preset.value().isEmpty();
                    return Stream.of(shown ? name + " = " + preset.value() : name);
                })
                .collect(Collectors.toSet());
    }

    /// The nested settings record of a component, optional or not; lists are described in one row.
    private static @org.jspecify.annotations.Nullable Class<?> record(RecordComponent component) {
        Class<?> type = component.getType();
        if (type == Optional.class
                && component.getGenericType() instanceof java.lang.reflect.ParameterizedType optional
                && optional.getActualTypeArguments()[0] instanceof Class<?> present) {
            type = present;
        }
        return type.isRecord() && type.getEnclosingClass() == component.getDeclaringRecord() ? type : null;
    }
}
