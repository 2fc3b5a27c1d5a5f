package org.keymoot.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.keymoot.bench.KmsConnection.Account;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A development cluster in a directory of its own, started as a user starts one and gone after the run.
final class ScratchCluster implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PORT_STEP = 50;
    private static final int[] PORTS = {0, 1, 10, 11, 20, 21, 30, 31};

    private final Path data;
    private final boolean keep;
    private final List<String> command;
    private final Account account;
    private boolean stopped;

    private ScratchCluster(Path data, boolean keep, List<String> command, Account account) {
        this.data = data;
        this.keep = keep;
        this.command = command;
        this.account = account;
    }

    /// @param stock presignatures that parties keep for each key and quorum
    /// @param keep whether the directory stays after the run
    static ScratchCluster start(int stock, boolean keep) throws IOException, InterruptedException {
        return start(stock, keep, false);
    }

    /// One whose programs write the caches of classes that an installation has.
    static ScratchCluster startWithClassCache() throws IOException, InterruptedException {
        return start(1, false, true);
    }

    private static ScratchCluster start(int stock, boolean keep, boolean classCache)
            throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("keymoot-bench-");
        List<String> command = List.of(
                "dev",
                "--detach",
                "--json",
                "--data",
                data.toString(),
                "--port-base",
                Integer.toString(freePorts()),
                "--stock",
                Integer.toString(stock));
        try {
            JsonNode screen = JSON.readTree(keymoot(classCache, command));
            JsonNode environment = JSON.readTree(keymoot("env", "--json", "--data", data.toString()));
            return new ScratchCluster(
                    data,
                    keep,
                    command,
                    new Account(
                            URI.create(screen.path("endpoint").stringValue()),
                            environment.path("AWS_REGION").stringValue(),
                            environment.path("AWS_ACCESS_KEY_ID").stringValue(),
                            environment.path("AWS_SECRET_ACCESS_KEY").stringValue()));
        } catch (IOException | RuntimeException e) {
            try {
                keymoot("down", "--data", data.toString());
            } catch (IOException other) {
                e.addSuppressed(other);
            }
            throw e;
        }
    }

    Account account() {
        return account;
    }

    Path data() {
        return data;
    }

    /// The free presignatures of each party.
    List<Long> presignatures() throws IOException, InterruptedException {
        List<Long> counts = new ArrayList<>();
        for (JsonNode party : JSON.readTree(keymoot("status", "--json", "--data", data.toString()))
                .path("party")) {
            counts.add(party.path("presignatures").longValue());
        }
        return counts;
    }

    /// The processor time that each process of the cluster has used, in nanoseconds, by the name of its file.
    long cpuNanos(String process) throws IOException {
        long pid =
                Long.parseLong(Files.readString(data.resolve(process + ".pid")).strip());
        OptionalLong nanos = ProcessHandle.of(pid)
                .flatMap(handle -> handle.info().totalCpuDuration())
                .map(duration -> OptionalLong.of(duration.toNanos()))
                .orElse(OptionalLong.empty());
        return nanos.orElse(0);
    }

    List<String> processes() throws IOException {
        try (Stream<Path> files = Files.list(data)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".pid") && !name.startsWith("supervisor"))
                    .map(name -> name.substring(0, name.length() - ".pid".length()))
                    .sorted()
                    .toList();
        }
    }

    /// Ends the processes; what they keep on disk stays.
    void stop() throws IOException, InterruptedException {
        keymoot("down", "--data", data.toString());
        stopped = true;
    }

    /// Starts what was stopped, at the same addresses.
    void startAgain() throws IOException, InterruptedException {
        keymoot(false, command);
        stopped = false;
    }

    /// Where a party keeps its registers and shares.
    Path database(int party) {
        return data.resolve("party-" + party).resolve("data").resolve("party.db");
    }

    /// Starts one party of a stopped cluster, with its log on the standard output as well.
    Process runParty(int party, boolean classCache) throws IOException {
        String config = data.resolve("party-" + party).resolve("party.yaml").toString();
        return builder(classCache, List.of("party", "run", "--config", config))
                .redirectErrorStream(true)
                .start();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (!stopped) {
            stop();
        }
        if (keep) {
            return;
        }
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /// Runs a command of the command line in a process of its own and returns what it printed.
    private static String keymoot(String... arguments) throws IOException, InterruptedException {
        return keymoot(false, List.of(arguments));
    }

    private static String keymoot(boolean classCache, List<String> arguments) throws IOException, InterruptedException {
        Process process = builder(classCache, arguments).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException("keymoot %s ended with %d: %s".formatted(arguments.getFirst(), code, printed));
        }
        return printed;
    }

    private static ProcessBuilder builder(boolean classCache, List<String> arguments) {
        String classPath = System.getProperty("java.class.path");
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath,
                "org.keymoot.cli.KeymootMain"));
        line.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().remove("KEYMOOT_LIB");
        if (classCache) {
            Path firstJar = Path.of(classPath.split(File.pathSeparator, 2)[0]).toAbsolutePath();
            builder.environment().put("KEYMOOT_LIB", firstJar.resolveSibling("").toString());
        }
        return builder;
    }

    private static int freePorts() throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            int base = 30_000 + PORT_STEP * ThreadLocalRandom.current().nextInt(50);
            if (allFree(base)) {
                return base;
            }
        }
        throw new IOException("no free range of ports between 30000 and 32500");
    }

    private static boolean allFree(int base) {
        for (int offset : PORTS) {
            try (ServerSocket socket = new ServerSocket(base + offset, 1, InetAddress.getLoopbackAddress())) {
                if (!socket.isBound()) {
                    return false;
                }
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }
}
