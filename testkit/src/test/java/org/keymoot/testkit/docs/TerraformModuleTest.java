package org.keymoot.testkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.keymoot.testkit.cluster.Shell;

/// The Terraform module, as far as it can be checked without Terraform: that it is balanced, that all that it names is
/// declared, and that it makes the guide's keys.
class TerraformModuleTest {
    private static final Path MODULE = Shell.repository().resolve("deploy/terraform");
    private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");

    private static String text(Path folder) throws IOException {
        StringBuilder all = new StringBuilder();
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".tf"))
                    .sorted()
                    .toList()) {
                all.append(Files.readString(file)).append('\n');
            }
        }
        return all.toString().replaceAll("(?m)#.*$", "");
    }

    private static List<Path> folders() {
        return List.of(MODULE, MODULE.resolve("modules/agents"), MODULE.resolve("examples/development"));
    }

    private static Set<String> all(String text, String expression) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = Pattern.compile(expression).matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    @Test
    void everyBracketIsClosed() throws IOException {
        for (Path folder : folders()) {
            Deque<Character> open = new ArrayDeque<>();
            for (char c : STRING.matcher(text(folder)).replaceAll("").toCharArray()) {
                switch (c) {
                    case '{', '[', '(' -> open.push(c);
                    case '}' -> assertThat(open.pop()).as("%s", folder).isEqualTo('{');
                    case ']' -> assertThat(open.pop()).as("%s", folder).isEqualTo('[');
                    case ')' -> assertThat(open.pop()).as("%s", folder).isEqualTo('(');
                    default -> {}
                }
            }
            assertThat(open).as("%s", folder).isEmpty();
        }
    }

    @Test
    void whatIsNamedIsDeclaredAndWhatIsDeclaredIsUsed() throws IOException {
        for (Path folder : folders()) {
            String text = text(folder);
            assertThat(all(text, "\\bvar\\.([a-z_]+)"))
                    .as("variables of %s", folder)
                    .isEqualTo(all(text, "(?m)^variable \"([a-z_]+)\""));
            Set<String> resources = new TreeSet<>();
            Matcher declared =
                    Pattern.compile("(?m)^resource \"([a-z_]+)\" \"([a-z_]+)\"").matcher(text);
            while (declared.find()) {
                resources.add(declared.group(1) + "." + declared.group(2));
            }
            assertThat(resources)
                    .as("resources of %s", folder)
                    .containsAll(all(text, "(?<![a-z.\"])(aws_[a-z_]+\\.[a-z_]+)\\b"));
        }
        String agents = text(MODULE.resolve("modules/agents"));
        assertThat(all(text(MODULE), "module\\.agents\\.([a-z_]+)"))
                .isEqualTo(all(agents, "(?m)^output \"([a-z_]+)\""));
        assertThat(all(text(MODULE), "(?s)module \"agents\" \\{.*?\\n  (account_id) "))
                .containsExactly("account_id");
    }

    @Test
    void itMakesTheGuidesTwelveKeys() throws IOException {
        String text = text(MODULE);
        List<String> names = new ArrayList<>();
        for (String environment : list(text, "environments")) {
            for (String role : list(text, "roles")) {
                names.add(environment + "-" + role);
            }
        }
        assertThat(names)
                .containsExactlyInAnyOrder(
                        "staging-watcher-signer",
                        "staging-watcher-attestation",
                        "staging-updater-signer",
                        "staging-updater-attestation",
                        "staging-processor-signer",
                        "staging-relayer-signer",
                        "production-watcher-signer",
                        "production-watcher-attestation",
                        "production-updater-signer",
                        "production-updater-attestation",
                        "production-processor-signer",
                        "production-relayer-signer");
        assertThat(all(text, "(?m)^resource \"([a-z_]+)\""))
                .containsExactlyInAnyOrder(
                        "aws_kms_key",
                        "aws_kms_alias",
                        "aws_iam_policy",
                        "aws_iam_group",
                        "aws_iam_group_policy_attachment",
                        "aws_iam_user",
                        "aws_iam_user_group_membership");
        assertThat(text(MODULE.resolve("modules/agents"))).contains("ForAnyValue:StringLike", "kms:ResourceAliases");
    }

    private static List<String> list(String text, String variable) {
        Matcher block = Pattern.compile("(?s)variable \"" + variable + "\" \\{.*?default\\s*=\\s*\\[(.*?)\\]")
                .matcher(text);
        assertThat(block.find()).isTrue();
        return List.copyOf(all(block.group(1), "\"([a-z-]+)\""));
    }
}
