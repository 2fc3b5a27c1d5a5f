package org.keymoot.testkit.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs commands as a user would, with Debian's clients first on the path.
public final class Shell {
    private static final Duration PATIENCE = Duration.ofSeconds(180);

    private Shell() {}

    /// What a command left.
    public record Result(int exitCode, String out, String err) {
        public Result mustSucceed() {
            if (exitCode != 0) {
                throw new AssertionError("exit code %d%n--- out%n%s%n--- err%n%s".formatted(exitCode, out, err));
            }
            return this;
        }
    }

    public static Path repository() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("keymoot")) ? here : here.resolveSibling("");
    }

    /// `./keymoot` with these arguments, on what the build has made.
    public static Result keymoot(String... arguments) throws IOException, InterruptedException {
        return keymoot(Map.of(), arguments);
    }

    /// The same, with these variables.
    public static Result keymoot(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> line =
                new ArrayList<>(List.of(repository().resolve("keymoot").toString()));
        line.addAll(List.of(arguments));
        return run(repository(), environment, "", line);
    }

    /// A script for bash, in a folder.
    public static Result bash(Path folder, String script) throws IOException, InterruptedException {
        return run(folder, Map.of(), "", List.of("bash", "-euo", "pipefail", "-c", script));
    }

    public static Result run(Path folder, Map<String, String> environment, String input, List<String> line)
            throws IOException, InterruptedException {
        return run(folder, environment, input, line, PATIENCE);
    }

    /// @param environment added to that of this process
    /// @param patience after which the command is ended and the test fails
    public static Result run(
            Path folder, Map<String, String> environment, String input, List<String> line, Duration patience)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("keymoot", ".out");
        Path err = Files.createTempFile("keymoot", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(line)
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().put("KEYMOOT_NO_BUILD", "1");
            builder.environment().put("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
            builder.environment().put("AWS_PAGER", "");
            builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
            builder.environment().putAll(environment);
            Process process = builder.start();
            process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().close();
            if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("%s did not end within %s".formatted(line, patience));
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }
}
