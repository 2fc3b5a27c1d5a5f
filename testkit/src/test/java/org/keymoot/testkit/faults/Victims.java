package org.keymoot.testkit.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keymoot.testkit.cluster.RunningCluster;

/// A cluster whose parties the test stops and starts one by one, each with the command line of its first start.
///
/// It keeps true: nobody but the test starts a party again, and closing ends every process.
final class Victims implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RunningCluster cluster;
    private final Map<String, List<String>> commandLines = new TreeMap<>();
    private final Map<String, ProcessHandle> startedHere = new TreeMap<>();
    private @Nullable Process tracer;

    private Victims(RunningCluster cluster) {
        this.cluster = cluster;
    }

    static Victims start(Path data) throws IOException, InterruptedException {
        Victims victims = new Victims(RunningCluster.start(data, "--no-restart"));
        for (String name : List.of("party-1", "party-2", "party-3", "endpoint")) {
            byte[] line = Files.readAllBytes(Path.of("/proc", Long.toString(victims.cluster.pid(name)), "cmdline"));
            victims.commandLines.put(
                    name,
                    // A first start may write the cache of classes, which later ones only read.
                    Stream.of(new String(line, StandardCharsets.UTF_8).split("\0"))
                            .map(word -> word.replace("-XX:AOTCacheOutput=", "-XX:AOTCache="))
                            .toList());
        }
        return victims;
    }

    RunningCluster cluster() {
        return cluster;
    }

    Path data() {
        return cluster.data();
    }

    /// The directory in which a party keeps everything.
    Path store(int party) {
        return cluster.data().resolve("party-" + party).resolve("data");
    }

    static String name(int party) {
        return "party-" + party;
    }

    ProcessHandle process(String name) throws IOException {
        ProcessHandle known = startedHere.get(name);
        if (known != null) {
            return known;
        }
        return ProcessHandle.of(cluster.pid(name)).orElseThrow(() -> new IOException(name + " does not run"));
    }

    /// SIGKILL, and waits for the end.
    void kill(String name) throws Exception {
        ProcessHandle process = process(name);
        process.destroyForcibly();
        process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /// SIGTERM, and waits for the end.
    void stop(String name) throws Exception {
        ProcessHandle process = process(name);
        process.destroy();
        process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /// Starts a process as it was first started.
    Process startProcess(String name, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(commandLine(name))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()));
        builder.environment().keySet().removeIf(variable -> variable.startsWith("KEYMOOT_"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    List<String> commandLine(String name) {
        return List.copyOf(java.util.Objects.requireNonNull(commandLines.get(name), name));
    }

    Path log(String name) {
        return cluster.data().resolve("logs").resolve(name + ".log");
    }

    void start(String name) throws IOException {
        start(name, Map.of());
    }

    void start(String name, Map<String, String> environment) throws IOException {
        startedHere.put(name, startProcess(name, environment).toHandle());
    }

    /// From now on it is killed when one of its threads calls fsync or fdatasync for the `nth` time.
    ///
    /// The tracer stops at every system call: with its quicker filter in the kernel, injected signals are lost.
    void dieAtSync(String name, int nth) throws Exception {
        Path log = cluster.data().resolve("strace-of-" + name);
        tracer = new ProcessBuilder(
                        "strace",
                        "-f",
                        "-p",
                        Long.toString(process(name).pid()),
                        "-e",
                        "trace=fsync,fdatasync",
                        "-e",
                        "inject=fsync,fdatasync:signal=KILL:when=" + nth,
                        "-o",
                        syncLog(name).toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        RunningCluster.await("the tracer is attached", PATIENCE, () -> {
            try {
                return Files.readString(log).contains("attached");
            } catch (IOException e) {
                return false;
            }
        });
    }

    private Path syncLog(String name) {
        return cluster.data().resolve("syncs-of-" + name);
    }

    /// How many times the traced process synced.
    long syncs(String name) throws IOException {
        try (var lines = Files.lines(syncLog(name))) {
            return lines.filter(line -> line.contains("sync(")).count();
        }
    }

    /// Ends the tracer; its party, if it still lives, goes on.
    void endTracing() throws Exception {
        if (tracer != null) {
            tracer.destroy();
            tracer.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            tracer = null;
        }
    }

    void awaitWhole() throws InterruptedException {
        cluster.awaitWhole();
    }

    static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Path target = to.resolve(from.relativize(folder).toString());
                Files.copy(folder, target, StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (tracer != null) {
            tracer.destroyForcibly();
        }
        for (ProcessHandle process : startedHere.values()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        cluster.close();
    }
}
