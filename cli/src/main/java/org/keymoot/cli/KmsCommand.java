package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Groups the commands about the endpoint.
@Command(
        name = "kms",
        description = "Run the AWS-KMS-compatible endpoint, join it to a cluster, find what is wrong, import a key.",
        subcommands = {KmsCommand.Run.class, JoinCommand.Endpoint.class, DoctorCommand.class, ImportKeyCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot kms run --config /etc/keymoot/kms.yaml",
            "  keymoot kms join --authority ca.example:7443 --fingerprint 9c1e-… --cluster prod --name kms-1 --out identity",
            "",
        })
final class KmsCommand extends BaseCommand {
    /// Runs the endpoint in place of this process's work.
    @Command(
            name = "run",
            description = "Run an endpoint until it is told to stop.",
            footerHeading = "Examples:%n",
            footer = {
                "  keymoot kms run --config /etc/keymoot/kms.yaml",
                "",
            })
    static final class Run extends BaseCommand {
        @Option(
                names = "--config",
                required = true,
                paramLabel = "FILE",
                description = "The endpoint's settings, YAML.")
        Path config = Path.of("");

        @Override
        public Integer call() throws Exception {
            return runProgram(Program.KMS, config);
        }
    }

    /// Runs a program in a process of its own, with this one's streams, and passes signals and its end on.
    static int runProgram(Program program, Path config) throws IOException, InterruptedException {
        if (!Files.isReadable(config)) {
            throw new CliFailure(
                    ExitCode.USAGE, "%s cannot be read".formatted(config), "name the settings' file with --config");
        }
        Process process = program.process(
                        ClassCache.ofInstallation().options(program),
                        "--config",
                        config.toAbsolutePath().toString())
                .inheritIO()
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            process.destroy();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }));
        return process.waitFor();
    }
}
