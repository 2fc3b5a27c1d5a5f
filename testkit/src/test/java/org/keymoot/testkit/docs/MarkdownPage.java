package org.keymoot.testkit.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// One Markdown file: its fenced blocks, and its prose without them.
record MarkdownPage(Path file, List<Fence> fences, List<String> prose) {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern SPAN = Pattern.compile("`([^`]+)`");

    /// A fenced block with the line on which it begins.
    record Fence(int line, String tag, String text) {}

    static MarkdownPage read(Path file) throws IOException {
        List<Fence> fences = new ArrayList<>();
        List<String> prose = new ArrayList<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).startsWith("```")) {
                prose.add(lines.get(i));
                continue;
            }
            int begin = i;
            StringBuilder text = new StringBuilder();
            for (i++; i < lines.size() && !lines.get(i).startsWith("```"); i++) {
                text.append(lines.get(i)).append('\n');
            }
            fences.add(new Fence(begin + 1, lines.get(begin).substring(3).strip(), text.toString()));
        }
        return new MarkdownPage(file, fences, prose);
    }

    static List<MarkdownPage> all(Path repository) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> top = Files.list(repository);
                Stream<Path> below = Files.walk(repository.resolve("docs"))) {
            Stream.concat(top, below)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .forEach(files::add);
        }
        List<MarkdownPage> pages = new ArrayList<>();
        for (Path file : files) {
            pages.add(read(file));
        }
        return pages;
    }

    /// The blocks that are neither run, nor listed as not run, nor compared with what a command printed.
    List<Fence> shown() {
        return IntStream.range(0, fences.size())
                .filter(i -> switch (fences.get(i).tag()) {
                    case "sh", "console" -> false;
                    case "text" -> i == 0 || !fences.get(i - 1).tag().equals("sh");
                    default -> true;
                })
                .mapToObj(fences::get)
                .toList();
    }

    List<String> links() {
        return found(LINK);
    }

    /// The inline code, and the lines of the blocks that show commands.
    List<String> code() {
        return Stream.concat(
                        found(SPAN).stream(),
                        fences.stream()
                                .filter(fence ->
                                        fence.tag().equals("sh") || fence.tag().equals("console"))
                                .flatMap(fence ->
                                        fence.text().replace("\\\n", " ").lines()))
                .toList();
    }

    /// The names by which links reach this page's headings, as forges make them.
    List<String> anchors() {
        return prose.stream()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    /// The first column of the tables under a heading, where it is inline code.
    List<String> tableUnder(String heading) {
        return prose.stream()
                .dropWhile(line -> !line.equals(heading))
                .skip(1)
                .takeWhile(line -> !line.startsWith("#"))
                .filter(line -> line.startsWith("| `"))
                .toList();
    }

    private List<String> found(Pattern pattern) {
        return prose.stream()
                .collect(Collectors.joining("\n"))
                .transform(text -> pattern.matcher(text).results())
                .map((MatchResult match) -> match.group(1))
                .toList();
    }
}
