package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// Which cluster an operator's command is about: a development cluster by its data directory, any other by the
/// operator's settings.
final class ClusterOption {
    @ArgGroup
    Which which = new Which();

    static final class Which {
        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "A development cluster's data directory (default: .keymoot/dev beside the launcher).")
        @Nullable Path data;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "An operator's settings, YAML: the cluster, its parties, the operator's certificate.")
        @Nullable Path config;
    }

    OperatedCluster cluster() throws IOException {
        if (which.config != null) {
            return OperatedCluster.load(which.config);
        }
        DataOption development = new DataOption();
        development.data = which.data;
        Path directory = development.directory();
        return OperatedCluster.of(DevCluster.read(directory), directory);
    }
}
