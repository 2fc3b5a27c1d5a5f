package org.keymoot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CommandLineTest {
    @TempDir
    Path folder;

    private record Run(int exitCode, String out, String err) {}

    private static Run run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = KeymootMain.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int exitCode = line.execute(arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }

    static List<List<String>> commands() {
        List<List<String>> all = new ArrayList<>();
        collect(KeymootMain.commandLine(), List.of(), all);
        return all;
    }

    private static void collect(CommandLine line, List<String> path, List<List<String>> all) {
        all.add(path);
        line.getSubcommands().forEach((name, child) -> {
            if (!name.equals("help")) {
                collect(child, Stream.concat(path.stream(), Stream.of(name)).toList(), all);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpBeginsWithExamplesAndListsOptionsAndExitCodes(List<String> command) {
        Run help = run(Stream.concat(command.stream(), Stream.of("--help")).toArray(String[]::new));
        assertThat(help.exitCode()).isZero();
        assertThat(help.err()).isEmpty();
        List<String> lines = help.out().lines().toList();
        assertThat(lines.indexOf("Examples:")).as(help.out()).isEqualTo(1);
        assertThat(lines.get(2)).as("an example of %s", command).contains("keymoot " + String.join(" ", command));
        assertThat(help.out()).contains("--json", "Exit codes:", "75");
    }

    @ParameterizedTest
    @CsvSource({
        "stauts, status",
        "statu, status",
        "dwon, down",
        "donw, down",
        "evn, env",
        "partty, party",
        "pary, party",
        "simluate, simulate",
        "simulat, simulate",
        "completon, completion",
        "adit, audit",
        "audti, audit",
    })
    void aMistypedCommandIsRecognised(String typed, String meant) {
        Run run = run(typed);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains("Did you mean").contains(meant);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void anUnknownOptionEndsWithUsage() {
        Run run = run("status", "--jsn");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains("--jsn").contains("--json");
    }

    @Test
    void aMissingClusterIsSaidWithWhatToDo() {
        Run run = run("status", "--data", folder.toString());
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains("there is no development cluster in " + folder, "what to do:", "keymoot dev");
    }

    @Test
    void anErrorIsJsonWhenAskedFor() {
        Run run = run("status", "--json", "--data", folder.toString());
        JsonNode json = JsonMapper.shared().readTree(run.out());
        assertThat(json.path("error").path("code").stringValue()).isEqualTo("USAGE");
    }

    @Test
    void devRefusesADirectoryThatIsNotItsOwn() throws Exception {
        Files.writeString(folder.resolve("shares.db"), "precious");
        Run run = run("dev", "--data", folder.toString());
        assertThat(run.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
        assertThat(run.err()).contains("no development cluster");
        assertThat(folder.resolve("shares.db")).hasContent("precious");
    }

    @Test
    void devBindsToOtherMachinesOnlyWithASecondFlag() {
        Run run = run("dev", "--data", folder.resolve("new").toString(), "--bind", "0.0.0.0");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains("--allow-non-loopback");
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"--account,12345", "--region,nowhere", "--port-base,80", "--parties,1", "--threshold,9", "--threshold,1"
    })
    void devNamesWhatIsWrong(String option, String value) {
        Run run = run("dev", "--data", folder.resolve("new").toString(), option, value);
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains(option).contains(value);
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"bash,complete -F", "zsh,bashcompinit", "fish,complete -c keymoot"})
    void everyShellHasACompletionScript(String shell, String contains) {
        Run run = run("completion", shell);
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains(contains, "status");
    }

    @Test
    void theAuthorityIsMadeOnceAndShowsItsFingerprint() {
        Path dir = folder.resolve("ca");
        Run first = run("ca", "init", "--dir", dir.toString(), "--cluster", "try", "--no-passphrase", "--json");
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(JsonMapper.shared().readTree(first.out()).path("fingerprint").stringValue())
                .isNotEmpty();
        Run second = run("ca", "init", "--dir", dir.toString(), "--cluster", "try", "--no-passphrase");
        assertThat(second.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
    }

    @Test
    void aPassphraseIsNeverAnArgument() {
        Run run = run("ca", "init", "--dir", folder.toString(), "--cluster", "x", "--passphrase", "secret");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
    }

    @Test
    void anOperatorsSettingsAreCheckedBeforeAnyPartyIsAsked() throws Exception {
        Path file = Files.writeString(folder.resolve("operator.yaml"), """
                cluster: prod
                partys: []
                reconstructionThreshold: 2
                """);
        Run run = run("status", "--config", file.toString());
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.code());
        assertThat(run.err()).contains("partys", "did you mean 'parties'", "tls.certificate must be given");
        assertThat(run("status", "--config", file.toString(), "--data", folder.toString())
                        .exitCode())
                .isEqualTo(ExitCode.USAGE.code());
    }

    @Test
    void anAddressThatIsInUseIsNoFaultOfOurs() throws Exception {
        Path dir = folder.resolve("ca");
        run("ca", "init", "--dir", dir.toString(), "--cluster", "try", "--no-passphrase");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Run run = run(
                    "ca",
                    "admit",
                    "--dir",
                    dir.toString(),
                    "--party",
                    "1",
                    "--no-passphrase",
                    "--listen",
                    "127.0.0.1:" + taken.getLocalPort());
            assertThat(run.exitCode()).isEqualTo(ExitCode.CONFLICT.code());
            assertThat(run.err()).contains("what to do:").doesNotContain("\tat ");
        }
    }
}
