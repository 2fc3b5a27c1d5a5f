package org.keymoot.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.platform.config.Nearest;
import org.keymoot.platform.disk.InsecurePermissions;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.UsageMessageSpec;

/// The `keymoot` command.
@Command(
        name = "keymoot",
        description = "Keys that several parties hold together and that never exist whole in one place.",
        version = "keymoot " + KeymootMain.VERSION,
        subcommands = {
            DevCommand.class,
            EnvCommand.class,
            StatusCommand.class,
            DownCommand.class,
            PartyCommand.class,
            KmsCommand.class,
            OperatorCommand.class,
            CaCommand.class,
            AuditCommand.class,
            AccountCommand.class,
            IamCommand.class,
            EthCommand.class,
            ProvisionCommand.class,
            FundCommand.class,
            Web3SignerCommand.class,
            SimulateCommand.class,
            CompletionCommand.class,
            CommandLine.HelpCommand.class,
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot dev                          start three parties and a KMS endpoint on this machine",
            "  eval \"$(keymoot env)\"                point AWS clients of this shell at it",
            "  keymoot status                       see each party and the margin over the threshold",
            "  keymoot help COMMAND                 learn about one command",
            "",
        })
public final class KeymootMain extends BaseCommand {
    static final String VERSION = "0.1.0";

    @CommandLine.Option(names = "--version", versionHelp = true, description = "Print the version and exit.")
    boolean version;

    public static void main(String[] args) {
        int code = commandLine().execute(args);
        // Client channels keep threads of their own; a command is over when it says so.
        Runtime.getRuntime().exit(code);
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new KeymootMain());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler(KeymootMain::report);
        line.setParameterExceptionHandler(KeymootMain::reportUsage);
        examplesFirst(line);
        return line;
    }

    /// Help begins with examples, which the commands keep in their footers.
    private static void examplesFirst(CommandLine line) {
        line.setHelpSectionKeys(List.of(
                UsageMessageSpec.SECTION_KEY_DESCRIPTION,
                UsageMessageSpec.SECTION_KEY_FOOTER_HEADING,
                UsageMessageSpec.SECTION_KEY_FOOTER,
                UsageMessageSpec.SECTION_KEY_SYNOPSIS_HEADING,
                UsageMessageSpec.SECTION_KEY_SYNOPSIS,
                UsageMessageSpec.SECTION_KEY_PARAMETER_LIST,
                UsageMessageSpec.SECTION_KEY_OPTION_LIST,
                UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING,
                UsageMessageSpec.SECTION_KEY_COMMAND_LIST,
                UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST_HEADING,
                UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST));
        UsageMessageSpec usage = line.getCommandSpec().usageMessage();
        usage.commandListHeading("Commands:%n");
        usage.width(100);
        if (usage.exitCodeList().isEmpty()) {
            usage.exitCodeListHeading("Exit codes:%n");
            var codes = new LinkedHashMap<String, String>();
            for (ExitCode code : ExitCode.values()) {
                codes.put(Integer.toString(code.code()), code.meaning());
            }
            usage.exitCodeList(codes);
        }
        line.getSubcommands().values().forEach(KeymootMain::examplesFirst);
    }

    private static int report(Exception failure, CommandLine line, CommandLine.ParseResult parsed) throws Exception {
        CliFailure known = switch (failure) {
            case CliFailure expected -> expected;
            case AwsCallFailure e -> refused(e);
            case NoSuchFileException e ->
                new CliFailure(
                        ExitCode.USAGE,
                        "there is no file " + e.getFile(),
                        "check the path; it is relative to this directory",
                        e);
            case IOException e ->
                new CliFailure(
                        ExitCode.CONFLICT,
                        "%s: %s".formatted(e.getClass().getSimpleName(), e.getMessage()),
                        "check that this user may use the file, and that the address is free",
                        e);
            case InsecurePermissions e ->
                new CliFailure(ExitCode.CONFLICT, String.valueOf(e.getMessage()), "change the mode, then try again", e);
            default -> throw failure;
        };
        boolean json = line.getCommand() instanceof BaseCommand command && command.output.json;
        if (json) {
            line.getOut()
                    .println(Output.toJson(Map.of(
                            "error",
                            Map.of(
                                    "code", known.exitCode().name(),
                                    "message", String.valueOf(known.getMessage()),
                                    "remedy", known.remedy()))));
            line.getOut().flush();
        }
        PrintWriter err = line.getErr();
        err.println("keymoot: " + known.getMessage());
        err.println("  what to do: " + known.remedy());
        err.flush();
        return known.exitCode().code();
    }

    /// What a refusal of the endpoint means for the one who typed the command.
    private static CliFailure refused(AwsCallFailure e) {
        String what = "%s was refused: %s: %s".formatted(e.action(), e.type(), e.getMessage());
        if (e.status() >= 500) {
            return new CliFailure(ExitCode.RETRY_LATER, what, "see `keymoot status`; then run it again", e);
        }
        return switch (e.type()) {
            case "AccessDeniedException", "AccessDenied" ->
                new CliFailure(ExitCode.DENIED, what, "ask for the permission, or use another profile", e);
            case "UnrecognizedClientException",
                    "InvalidSignatureException",
                    "MissingAuthenticationTokenException",
                    "IncompleteSignatureException",
                    "ExpiredTokenException",
                    "ExpiredToken",
                    "InvalidClientTokenId",
                    "SignatureDoesNotMatch" ->
                new CliFailure(ExitCode.AUTHENTICATION, what, "check the access key, its secret and this clock", e);
            case "ThrottlingException" -> new CliFailure(ExitCode.RETRY_LATER, what, "wait, then run it again", e);
            case "ValidationException", "SerializationException", "ValidationError", "InvalidInput" ->
                new CliFailure(ExitCode.USAGE, what, "correct what was given", e);
            default -> new CliFailure(ExitCode.CONFLICT, what, "see the message; nothing was changed by this call", e);
        };
    }

    private static int reportUsage(CommandLine.ParameterException failure, String[] args) {
        CommandLine line = failure.getCommandLine();
        PrintWriter err = line.getErr();
        err.println("keymoot: " + failure.getMessage());
        err.println(suggestion(failure, line)
                .map(meant -> "  Did you mean: " + meant + "?")
                .orElse("  what to do: see `" + line.getCommandSpec().qualifiedName() + " --help`"));
        err.flush();
        return ExitCode.USAGE.code();
    }

    /// The command or option that was probably meant.
    private static Optional<String> suggestion(CommandLine.ParameterException failure, CommandLine line) {
        if (!(failure instanceof CommandLine.UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return Optional.empty();
        }
        String typed = unmatched.getUnmatched().getFirst();
        if (!typed.startsWith("-")) {
            return Nearest.to(typed, line.getSubcommands().keySet());
        }
        List<String> options = line.getCommandSpec().options().stream()
                .flatMap(option -> Arrays.stream(option.names()))
                .toList();
        return Nearest.to(typed, options);
    }

    /// The completion script for bash; zsh reads it too.
    static String bashCompletion() {
        return AutoComplete.bash("keymoot", commandLine());
    }
}
