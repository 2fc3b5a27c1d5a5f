package org.keymoot.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--data`: which development cluster a command is about. Mixed into the commands that concern one.
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The cluster's data directory (default: .keymoot/dev beside the launcher).")
    @Nullable Path data;

    /// The directory, absolute.
    Path directory() {
        if (data != null) {
            return data.toAbsolutePath().normalize();
        }
        String launcher = System.getenv("KEYMOOT_LAUNCHER");
        Path folder = Path.of(".keymoot/dev");
        Path beside = launcher == null ? folder : Path.of(launcher).resolveSibling(folder);
        return beside.toAbsolutePath().normalize();
    }
}
