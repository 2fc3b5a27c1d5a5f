package org.keymoot.cli;

import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Prints a completion script for a shell.
@Command(
        name = "completion",
        description = "Print a completion script for bash, zsh or fish.",
        footerHeading = "Examples:%n",
        footer = {
            "  source <(keymoot completion bash)",
            "  keymoot completion fish > ~/.config/fish/completions/keymoot.fish",
            "",
        })
final class CompletionCommand extends BaseCommand {
    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Parameters(paramLabel = "SHELL", description = "One of bash, zsh, fish.")
    Shell shell;

    @Override
    public Integer call() {
        String script = switch (shell) {
            case BASH, ZSH -> KeymootMain.bashCompletion();
            case FISH -> fish(KeymootMain.commandLine(), "");
        };
        output.result(out(), Map.of("shell", shell.name().toLowerCase(Locale.ROOT), "script", script), () -> script);
        return ExitCode.OK.code();
    }

    /// One `complete` line for each subcommand and option; a nested command's lines ask for its parent's name.
    private static String fish(CommandLine line, String parent) {
        StringBuilder script = new StringBuilder();
        String condition = parent.isEmpty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + parent;
        line.getSubcommands().forEach((name, child) -> {
            String about = firstLine(child.getCommandSpec().usageMessage().description());
            script.append("complete -c keymoot -f -n '%s' -a %s -d '%s'%n".formatted(condition, name, about));
            child.getCommandSpec()
                    .options()
                    .forEach(option ->
                            script.append("complete -c keymoot -n '__fish_seen_subcommand_from %s' -l %s -d '%s'%n"
                                    .formatted(
                                            name,
                                            option.longestName().replaceFirst("^-+", ""),
                                            firstLine(option.description()))));
            if (!child.getSubcommands().isEmpty()) {
                script.append(fish(child, name));
            }
        });
        return script.toString();
    }

    private static String firstLine(String[] text) {
        return text.length == 0 ? "" : text[0].replace("'", "");
    }
}
