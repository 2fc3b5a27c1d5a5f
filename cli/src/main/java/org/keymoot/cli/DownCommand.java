package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Stops a development cluster.
@Command(
        name = "down",
        description = "Stop a development cluster; its keys stay in its data directory.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot down",
            "  keymoot down --data /srv/keymoot-two",
            "",
        })
final class DownCommand extends BaseCommand {
    /// Longer than the supervisor gives its parties.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Mixin
    DataOption data = new DataOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = data.directory();
        DevCluster.read(directory);
        Optional<ProcessHandle> supervisor = Supervisor.find(directory);
        boolean clean = supervisor.isEmpty() || Supervisor.stop(supervisor.get(), PATIENCE);
        String state = supervisor.isEmpty() ? "was not running" : clean ? "stopped" : "stopped by force";
        output.result(out(), Map.of("state", state, "data", directory.toString()), () -> "cluster " + state);
        return ExitCode.OK.code();
    }
}
