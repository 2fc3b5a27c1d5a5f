package org.keymoot.cli.provision;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
import org.keymoot.platform.config.ConfigException;
import org.keymoot.platform.config.ConfigLoader;

/// Reads [AgentsConfig] from YAML.
public final class RolesFile {
    private RolesFile() {}

    /// @param file null for the guide's roles
    public static AgentsConfig read(@Nullable Path file) throws IOException {
        if (file == null) {
            return AgentsConfig.guide();
        }
        try {
            return new ConfigLoader(Map.of(), Set.of())
                    .load(AgentsConfig.class, file)
                    .value();
        } catch (ConfigException e) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    String.join("; ", e.problems()),
                    "correct %s; the guide for agents describes it".formatted(file),
                    e);
        }
    }
}
