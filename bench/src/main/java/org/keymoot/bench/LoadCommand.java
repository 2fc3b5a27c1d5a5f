package org.keymoot.bench;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.keymoot.bench.KmsConnection.Account;
import org.keymoot.bench.KmsConnection.Answer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// Drives an endpoint with requests of one kind and reports how many it answers a second, and how soon.
///
/// It keeps true: what is counted was answered with success within the time measured; every other answer is
/// reported as an error with its type; one answer of each scenario is checked by another action.
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = "Load an endpoint; without --endpoint, a development cluster of its own.")
final class LoadCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LONE_REQUESTS = 200;
    private static final int STOCK_PATIENCE_SECONDS = 300;
    private static final int KEY_PATIENCE_SECONDS = 30;
    private static final int BURST = 1000;
    private static final int BURST_CONNECTIONS = 64;
    private static final int OVERLOAD = 10;
    /// More than an endpoint lets wait for the parties at once.
    private static final int OVERLOAD_CONNECTIONS = 1000;
    private static final String THROTTLED = "ThrottlingException 400";
    private static final int RECOVERY_SECONDS = 10;
    private static final int RECOVERY_LIMIT_SECONDS = 5;
    /// An answer that takes longer, at half of what the cluster can do, shows that it is still behind.
    private static final long WELL_MILLIS = 250;

    @Option(
            names = "--endpoint",
            description = "Such as http://127.0.0.1:7600; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION are"
                    + " read from the environment.")
    @Nullable URI endpoint;

    @Option(
            names = "--scenario",
            split = ",",
            description = "What to ask for: ed25519-sign, ecdsa-sign, p256-sign, encrypt, decrypt, generate-data-key,"
                    + " generate-mac, describe-key, get-public-key (default ed25519-sign,ecdsa-sign).")
    List<String> scenarios = List.of("ed25519-sign", "ecdsa-sign");

    @Option(names = "--concurrency", description = "Connections at work at a time (default ${DEFAULT-VALUE}).")
    int concurrency = 16;

    @Option(names = "--seconds", description = "Length of each measurement (default ${DEFAULT-VALUE}).")
    int seconds = 10;

    @Option(names = "--warmup", description = "Seconds of the same load before it (default ${DEFAULT-VALUE}).")
    int warmup = 60;

    @Option(
            names = "--stock",
            description = "Presignatures that each quorum of the cluster keeps (default ${DEFAULT-VALUE}).")
    int stock = 1000;

    @Option(
            names = "--burst",
            split = ",",
            paramLabel = "RATE",
            description = "Afterwards, 1000 requests due at so many a second, each timed from when it was due.")
    List<Integer> burstRates = List.of();

    @Option(
            names = "--overload",
            description = "Afterwards, ten times the rate just measured, then half of it: what is shed, how soon all is"
                    + " well again.")
    boolean overload;

    @Option(names = "--keep", description = "Leave the cluster's directory behind, for its logs.")
    boolean keep;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    /// What one measurement found.
    ///
    /// @param ok whether it was answered as it should be
    private record Found(String scenario, LoadDriver.Result result, String note, boolean ok) {}

    @Override
    public Integer call() throws Exception {
        List<LoadScenario> asked = scenarios.stream().map(LoadScenario::of).toList();
        List<Found> found = new ArrayList<>();
        if (endpoint != null) {
            Account account = new Account(
                    endpoint,
                    environment("AWS_REGION"),
                    environment("AWS_ACCESS_KEY_ID"),
                    environment("AWS_SECRET_ACCESS_KEY"));
            for (LoadScenario scenario : asked) {
                found.addAll(measure(account, scenario, null));
            }
        } else {
            try (ScratchCluster cluster = ScratchCluster.start(stock, keep)) {
                System.err.println("cluster in " + cluster.data());
                for (LoadScenario scenario : asked) {
                    found.addAll(measure(cluster.account(), scenario, cluster));
                }
            }
        }
        print(found);
        return found.stream().allMatch(Found::ok) ? 0 : 1;
    }

    private List<Found> measure(Account account, LoadScenario scenario, @Nullable ScratchCluster cluster)
            throws Exception {
        LoadDriver driver = prepare(account, scenario);
        String name = scenario.option();
        List<Found> found = new ArrayList<>();
        driver.closedLoop(concurrency, warmup);
        Found sustained = closedLoop(scenario.usesStock() ? name + ", sustained" : name, driver, cluster);
        found.add(sustained);
        if (scenario.usesStock() && cluster != null) {
            fill(cluster);
            found.add(closedLoop(name + ", from stock", driver, cluster));
            fill(cluster);
        }
        found.add(found(name + ", one alone", driver.alone(LONE_REQUESTS), ""));
        for (int rate : burstRates) {
            if (scenario.usesStock() && cluster != null) {
                fill(cluster);
            }
            found.add(found(
                    "%s, %d due at %d/s".formatted(name, BURST, rate),
                    driver.openLoop(BURST_CONNECTIONS, rate, BURST, Long.MAX_VALUE),
                    ""));
        }
        if (overload) {
            found.addAll(overload(name, driver, sustained.result().perSecond()));
        }
        return found;
    }

    private static LoadDriver prepare(Account account, LoadScenario scenario) throws Exception {
        String key = makeKey(account, scenario);
        try (KmsConnection connection = new KmsConnection(account)) {
            String request = scenario.request(connection, key);
            scenario.check(connection, key, request);
            return new LoadDriver(account, scenario.action(), request);
        }
    }

    private static Found found(String scenario, LoadDriver.Result result, String note) {
        return new Found(scenario, result, note, result.errors().isEmpty());
    }

    private Found closedLoop(String name, LoadDriver driver, @Nullable ScratchCluster cluster) throws Exception {
        Map<String, Long> before = cpu(cluster);
        LoadDriver.Result result = driver.closedLoop(concurrency, seconds);
        StringBuilder spent = new StringBuilder();
        cpu(cluster)
                .forEach((process, nanos) -> spent.append(String.format(
                        Locale.ROOT,
                        "%s%s %.2f",
                        spent.isEmpty() ? "CPU ms for each answer: " : ", ",
                        process,
                        (nanos - before.getOrDefault(process, 0L))
                                / 1e6
                                / Math.max(1, result.latencies().count()))));
        return found(name, result, spent.toString());
    }

    /// Ten times what the cluster can do, and then half of what it can do until it is well again. Only throttling is a
    /// right answer to what is too much.
    private List<Found> overload(String name, LoadDriver driver, double capacity) throws InterruptedException {
        double offered = OVERLOAD * capacity;
        LoadDriver.Result during =
                driver.openLoop(OVERLOAD_CONNECTIONS, offered, (int) (offered * seconds), Long.MAX_VALUE);
        boolean shed = during.errors().keySet().stream().allMatch(THROTTLED::equals);
        double after = capacity / 2;
        LoadDriver.Result then =
                driver.openLoop(concurrency, after, (int) (after * RECOVERY_SECONDS), WELL_MILLIS * 1_000_000);
        double recovered = then.troubleEnds() / 1e9;
        return List.of(
                new Found(
                        "%s, %.0f/s offered".formatted(name, offered),
                        during,
                        "offered for %.1f s; what is too much must be answered %s".formatted(seconds + 0.0, THROTTLED),
                        shed),
                new Found(
                        "%s, %.0f/s afterwards".formatted(name, after),
                        then,
                        String.format(
                                Locale.ROOT,
                                "the last request refused or slower than %d ms was due %.2f s after the overload",
                                WELL_MILLIS,
                                recovered),
                        recovered <= RECOVERY_LIMIT_SECONDS));
    }

    private static Map<String, Long> cpu(@Nullable ScratchCluster cluster) throws IOException {
        Map<String, Long> cpu = new TreeMap<>();
        if (cluster != null) {
            for (String process : cluster.processes()) {
                cpu.put(process, cluster.cpuNanos(process));
            }
            cpu.put(
                    "driver",
                    ProcessHandle.current()
                            .info()
                            .totalCpuDuration()
                            .map(java.time.Duration::toNanos)
                            .orElse(0L));
        }
        return cpu;
    }

    /// Waits until each party that makes stock has what one quorum is to have, or no more comes.
    private void fill(ScratchCluster cluster) throws Exception {
        long last = -1;
        int still = 0;
        for (int second = 0; second < STOCK_PATIENCE_SECONDS && still < 5; second++) {
            long now =
                    cluster.presignatures().stream().mapToLong(Long::longValue).sum();
            still = now == last ? still + 1 : 0;
            last = now;
            Thread.sleep(1000);
        }
        System.err.println("presignatures kept by the parties: " + cluster.presignatures());
    }

    /// A cluster that has just started may still be linking its parties.
    static String makeKey(Account account, LoadScenario scenario) throws Exception {
        for (int second = 0; ; second++) {
            try (KmsConnection connection = new KmsConnection(account)) {
                Answer answer = connection.call("CreateKey", JSON.writeValueAsString(scenario.createKey()));
                if (answer.status() == 200) {
                    return JSON.readTree(answer.body())
                            .path("KeyMetadata")
                            .path("KeyId")
                            .stringValue();
                }
                if (second >= KEY_PATIENCE_SECONDS) {
                    throw new IOException("CreateKey for %s was answered %s".formatted(scenario.option(), answer));
                }
            }
            Thread.sleep(1000);
        }
    }

    private static String environment(String name) {
        return Objects.requireNonNull(
                System.getenv(name), () -> name + " is not set; `eval \"$(./keymoot env)\"` sets it");
    }

    private void print(List<Found> found) {
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            for (Found one : found) {
                Map<String, Object> fields = new LinkedHashMap<>();
                Latencies latencies = one.result().latencies();
                fields.put("perSecond", one.result().perSecond());
                fields.put("answers", latencies.count());
                if (latencies.count() > 0) {
                    fields.put("p50Millis", latencies.quantileMillis(0.5));
                    fields.put("p99Millis", latencies.quantileMillis(0.99));
                }
                fields.put("errors", one.result().errors());
                fields.put("note", one.note());
                fields.put("ok", one.ok());
                all.put(one.scenario(), fields);
            }
            System.out.println(JSON.writeValueAsString(all));
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%-34s %9s %9s %9s %9s  %s%n",
                "scenario",
                "per s",
                "answered",
                "p50 ms",
                "p99 ms",
                "errors");
        for (Found one : found) {
            Latencies latencies = one.result().latencies();
            boolean any = latencies.count() > 0;
            System.out.printf(
                    Locale.ROOT,
                    "%-34s %9.1f %9d %9.2f %9.2f  %s%n",
                    one.scenario(),
                    one.result().perSecond(),
                    latencies.count(),
                    any ? latencies.quantileMillis(0.5) : Double.NaN,
                    any ? latencies.quantileMillis(0.99) : Double.NaN,
                    one.result().errors().isEmpty() ? "none" : one.result().errors());
            if (!one.note().isEmpty()) {
                System.out.println("    " + one.note());
            }
        }
    }
}
