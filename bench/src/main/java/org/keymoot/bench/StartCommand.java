package org.keymoot.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// How long one party takes from the start of its process until it serves, with the cache of classes that its first run
/// leaves behind, beside the same without.
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        description = "Start a party alone, with and without its cache of classes in turn.")
final class StartCommand implements Callable<Integer> {
    private static final String READY = "\"ready\"";

    @Option(names = "--rounds", description = "Starts of each kind (default ${DEFAULT-VALUE}).")
    int rounds = 9;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    /// The times of one kind of start.
    private static final class Starts {
        private final Latencies elapsed = new Latencies();
        private final Latencies processor = new Latencies();

        Map<String, Object> figures() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("ready after, median ms", elapsed.quantileMillis(0.5));
            figures.put("ready after, slowest ms", elapsed.quantileMillis(1));
            figures.put("processor time, median ms", processor.quantileMillis(0.5));
            return figures;
        }
    }

    @Override
    public Integer call() throws Exception {
        Starts cached = new Starts();
        Starts control = new Starts();
        try (ScratchCluster cluster = ScratchCluster.startWithClassCache()) {
            cluster.stop();
            List<String> cachedLine = commandLine(cluster, true);
            List<String> controlLine = commandLine(cluster, false);
            for (int round = 0; round < rounds; round++) {
                startOnce(cachedLine, cached);
                startOnce(controlLine, control);
            }
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("with its cache", cached.figures());
        all.put("without", control.figures());
        if (json) {
            System.out.println(JsonMapper.shared().writeValueAsString(all));
        } else {
            print("with its cache", cached);
            print("without", control);
        }
        return 0;
    }

    private static void print(String kind, Starts starts) {
        System.out.printf(
                Locale.ROOT,
                "%-16s ready after %.0f ms (median; slowest %.0f), processor time %.0f ms%n",
                kind,
                starts.elapsed.quantileMillis(0.5),
                starts.elapsed.quantileMillis(1),
                starts.processor.quantileMillis(0.5));
    }

    /// How `keymoot party run` starts the party's own process. The time at which the kernel says that a process began
    /// is off by up to a second, so it is started and timed without the command in between.
    private static List<String> commandLine(ScratchCluster cluster, boolean classCache) throws Exception {
        Process command = cluster.runParty(1, classCache);
        try (BufferedReader lines = command.inputReader()) {
            awaitReady(lines);
            long party = command.children().findFirst().orElseThrow().pid();
            // The JDK does not tell a command line of this length.
            String line = Files.readString(Path.of("/proc", Long.toString(party), "cmdline"));
            return List.of(line.split("\0"));
        } finally {
            command.destroy();
            command.waitFor();
        }
    }

    private static void startOnce(List<String> line, Starts into) throws Exception {
        long start = System.nanoTime();
        Process party = new ProcessBuilder(line).redirectErrorStream(true).start();
        try (BufferedReader lines = party.inputReader()) {
            awaitReady(lines);
            into.elapsed.add(System.nanoTime() - start);
            into.processor.add(party.info().totalCpuDuration().orElseThrow().toNanos());
        } finally {
            party.destroy();
            party.waitFor();
        }
    }

    private static void awaitReady(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        while (line != null && !line.contains(READY)) {
            line = lines.readLine();
        }
        if (line == null) {
            throw new IOException("the party ended before it was ready");
        }
    }
}
