package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OutcomeLabelTest {
    private static final Pattern ERROR =
            Pattern.compile("(?:refuse|conflict|AwsError\\.of|new AwsError)\\(\\s*(?:[0-9]+,\\s*)?\"([A-Za-z]+)\"");

    @Test
    void everyErrorThatTheCodeCanRaiseHasAWordOfItsOwn() throws IOException {
        TreeSet<String> raised = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Matcher matcher = ERROR.matcher(Files.readString(file));
                while (matcher.find()) {
                    raised.add(matcher.group(1));
                }
            }
        }
        assertThat(raised).hasSizeGreaterThan(30);
        assertThat(raised).allSatisfy(type -> assertThat(OutcomeLabel.of(type)).isNotEqualTo(OutcomeLabel.OTHER));
    }

    @Test
    void whatSomebodyElseMakesUpHasNoLabelOfItsOwn() {
        assertThat(OutcomeLabel.of("SomethingElse")).isEqualTo("other");
        assertThat(OutcomeLabel.of("ThrottlingException")).isEqualTo(OutcomeLabel.of("Throttling"));
        assertThat(OutcomeLabel.of("AccessDenied")).isEqualTo("denied");
        assertThat(OutcomeLabel.of("")).isEqualTo("success");
    }
}
