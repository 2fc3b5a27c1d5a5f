package org.keymoot.cli;

import java.io.Console;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Asks before something is done that cannot be undone: at a terminal by a phrase that is typed, in scripts by `--yes`
/// with a reason.
final class Confirmation {
    @Option(names = "--yes", description = "Do not ask; needs --reason.")
    boolean yes;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the record.")
    @Nullable String reason;

    /// @param phrase what has to be typed
    /// @return the reason for the record
    String require(String question, String phrase) {
        if (yes) {
            if (reason == null || reason.isBlank()) {
                throw new CliFailure(ExitCode.USAGE, "--yes needs a reason", "add --reason with a few words");
            }
            return reason;
        }
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "there is no terminal to ask at: " + question,
                    "add --yes and --reason if it is meant, or --dry-run to look only");
        }
        console.printf("%s%nType '%s' to go on: ", question, phrase);
        String typed = console.readLine();
        if (typed == null || !typed.strip().equals(phrase)) {
            throw new CliFailure(ExitCode.CONFLICT, "not confirmed; nothing was done", "type the phrase as shown");
        }
        return reason == null ? "confirmed at a terminal" : reason;
    }
}
