package org.keymoot.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
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
            for (int round = 0; round < rounds; round++) {
                startOnce(cluster, true, cached);
                startOnce(cluster, false, control);
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

    private static void startOnce(ScratchCluster cluster, boolean classCache, Starts into) throws Exception {
        Process command = cluster.runParty(1, classCache);
        try (BufferedReader lines = command.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.contains(READY)) {
                line = lines.readLine();
            }
            if (line == null) {
                throw new IOException("the party ended before it was ready");
            }
            Instant ready = Instant.now();
            ProcessHandle.Info party =
                    command.children().findFirst().orElseThrow().info();
            into.elapsed.add(
                    Duration.between(party.startInstant().orElseThrow(), ready).toNanos());
            into.processor.add(party.totalCpuDuration().orElseThrow().toNanos());
        } finally {
            command.destroy();
            command.waitFor();
        }
    }
}
