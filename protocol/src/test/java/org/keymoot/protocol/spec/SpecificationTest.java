package org.keymoot.protocol.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Ties each specification in `docs/protocols` to the sources that carry it out: every assert and every send
/// that one has, the other has too.
class SpecificationTest {
    private static final Path DOCUMENTS = Path.of("..", "docs", "protocols");
    private static final Path SOURCES = Path.of("src", "main", "java", "org", "keymoot", "protocol");
    private static final String SIMULATION = "simulation";

    /// Which sources carry out which specification.
    private static final Map<String, List<String>> CARRIED_OUT_BY = new TreeMap<>(Map.of(
            "session", List.of("session"),
            "dkg", List.of("dkg"),
            "dealing", List.of("dealing"),
            "frost", List.of("frost"),
            "prf", List.of("prf"),
            "rsa", List.of("rsa/RsaPower.java"),
            "rsa-dealing", List.of("rsa/RsaDealing.java"),
            "pair-setup", List.of("pairsetup"),
            "ecdsa-presign", List.of("ecdsa/Quorum.java", "ecdsa/Presigning.java", "ecdsa/EcdsaPresign.java"),
            "ecdsa-sign", List.of("ecdsa/EcdsaSign.java")));

    private static final Pattern STEP =
            Pattern.compile("^- (\\d+\\.\\d+) \\*+(send|private|receive|assert)\\b[^*]*\\*+ ", Pattern.MULTILINE);
    private static final Pattern ANY_STEP = Pattern.compile("^[-*] \\**\\d+\\.\\d+", Pattern.MULTILINE);
    private static final Pattern ASSERT = Pattern.compile("\\brequire\\(\\s*\"(\\d+\\.\\d+)\"");
    private static final Pattern BLAME = Pattern.compile("\\bcheated\\(\\s*\"(\\d+\\.\\d+)\"");
    private static final Pattern SEND =
            Pattern.compile("\\b(?:broadcast|startBroadcast|exchange|startExchange|confirmBroadcasts|swap|tell)"
                    + "\\((?:\\s*session,)?\\s*\"(\\d+\\.\\d+)\"");

    @Test
    void everyAssertIsRequiredInTheCodeAndTheReverse() throws IOException {
        for (String document : CARRIED_OUT_BY.keySet()) {
            String sources = sources(document);
            Set<String> asserts = steps(document, "assert");
            Set<String> required = found(ASSERT, sources);
            Set<String> blamed = found(BLAME, sources);
            assertThat(union(required, blamed)).as("asserts of %s.md", document).containsAll(asserts);
            assertThat(asserts)
                    .as("require(\"n.m\") in the sources of %s.md", document)
                    .containsAll(required)
                    .isNotEmpty();
            assertThat(union(asserts, steps(document, "receive")))
                    .as("cheated(\"n.m\") in the sources of %s.md", document)
                    .containsAll(blamed);
        }
    }

    @Test
    void everySendIsMadeByTheCodeAndTheReverse() throws IOException {
        for (String document : CARRIED_OUT_BY.keySet()) {
            assertThat(found(SEND, sources(document)))
                    .as("sends of %s.md and the sending calls of its sources", document)
                    .isEqualTo(steps(document, "send"))
                    .isNotEmpty();
        }
    }

    @Test
    void everySourceThatRequiresSomethingHasASpecificationAndTheReverse() throws IOException {
        Set<Path> covered = new TreeSet<>();
        for (String document : CARRIED_OUT_BY.keySet()) {
            covered.addAll(files(document));
        }
        for (Path file : javaFiles(SOURCES)) {
            String text = Files.readString(file);
            if (!file.startsWith(SOURCES.resolve(SIMULATION))
                    && (!found(ASSERT, text).isEmpty() || !found(BLAME, text).isEmpty())) {
                assertThat(covered).as("sources with a specification").contains(file);
            }
        }
        try (Stream<Path> documents = Files.list(DOCUMENTS)) {
            assertThat(documents.map(file -> file.getFileName().toString().replace(".md", "")))
                    .containsAll(CARRIED_OUT_BY.keySet());
        }
    }

    @Test
    void everyStepIsOfAKnownKindAndNumberedOnce() throws IOException {
        for (String document : CARRIED_OUT_BY.keySet()) {
            String text = Files.readString(DOCUMENTS.resolve(document + ".md"));
            List<String> numbers =
                    STEP.matcher(text).results().map(step -> step.group(1)).toList();
            assertThat(numbers).as(document).doesNotHaveDuplicates();
            assertThat(numbers)
                    .as("steps of %s.md that are not written as `- n.m **kind** …`", document)
                    .hasSize((int) ANY_STEP.matcher(text).results().count());
        }
    }

    @Test
    void aStepThatOnlyOneSideHasIsFound() {
        assertThat(found(ASSERT, "session.require(\"3.1\", ok, 2, \"…\"); checks.require(\n   \"3.2\", ok)"))
                .containsExactly("3.1", "3.2");
        assertThat(found(SEND, "session.broadcast(\"1.1\", m, c); x.startExchange(\n\"1.2\""))
                .containsExactly("1.1", "1.2");
        assertThat(found(ASSERT, "the word require alone")).isEmpty();
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> all = new TreeSet<>(one);
        all.addAll(other);
        return all;
    }

    private static Set<String> steps(String document, String kind) throws IOException {
        Set<String> steps = new TreeSet<>();
        Matcher step = STEP.matcher(Files.readString(DOCUMENTS.resolve(document + ".md")));
        while (step.find()) {
            if (step.group(2).equals(kind)) {
                steps.add(step.group(1));
            }
        }
        return steps;
    }

    private static String sources(String document) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Path file : files(document)) {
            all.append(Files.readString(file));
        }
        return all.toString();
    }

    private static List<Path> files(String document) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String source : CARRIED_OUT_BY.getOrDefault(document, List.of())) {
            files.addAll(javaFiles(SOURCES.resolve(source)));
        }
        return files;
    }

    private static List<Path> javaFiles(Path under) throws IOException {
        try (Stream<Path> files = Files.walk(under)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    private static Set<String> found(Pattern pattern, String text) {
        Set<String> steps = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            steps.add(matcher.group(1));
        }
        return steps;
    }
}
