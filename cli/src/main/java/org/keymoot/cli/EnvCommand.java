package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Prints what an AWS client reads, as shell commands.
@Command(
        name = "env",
        description = "Print the environment variables that point AWS clients at a development cluster.",
        footerHeading = "Examples:%n",
        footer = {
            "  eval \"$(keymoot env)\"               this shell's AWS clients use the cluster",
            "  keymoot env --json                  the same as JSON",
            "",
        })
final class EnvCommand extends BaseCommand {
    @Mixin
    DataOption data = new DataOption();

    @Override
    public Integer call() throws IOException {
        Path directory = data.directory();
        DevCluster cluster = DevCluster.read(directory);
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("AWS_ENDPOINT_URL", cluster.endpointUrl());
        variables.put("AWS_ACCESS_KEY_ID", cluster.accessKeyId());
        variables.put("AWS_SECRET_ACCESS_KEY", DevSetup.secretAccessKey(DevCluster.credentialsFile(directory)));
        variables.put("AWS_REGION", cluster.region());
        // Clients of the first generation of the AWS command line read this one.
        variables.put("AWS_DEFAULT_REGION", cluster.region());
        output.result(
                out(),
                variables,
                () -> variables.entrySet().stream()
                        .map(entry -> "export %s=%s".formatted(entry.getKey(), shellQuoted(entry.getValue())))
                        .collect(Collectors.joining("\n")));
        return ExitCode.OK.code();
    }

    private static String shellQuoted(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }
}
