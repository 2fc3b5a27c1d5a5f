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
import java.util.concurrent.atomic.AtomicBoolean;
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

    @Option(names = "--keep", description = "Leave the cluster's directory behind, for its logs.")
    boolean keep;

    @Option(names = "--json", description = "Print one JSON object.")
    boolean json;

    /// What one measurement found.
    private record Found(
            String scenario, double perSecond, Latencies latencies, Map<String, Integer> errors, String cpu) {}

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
        return found.stream().allMatch(one -> one.errors().isEmpty()) ? 0 : 1;
    }

    private List<Found> measure(Account account, LoadScenario scenario, @Nullable ScratchCluster cluster)
            throws Exception {
        Work work = prepare(account, scenario);
        String name = scenario.option();
        List<Found> found = new ArrayList<>();
        run(work, concurrency, warmup, null);
        found.add(named(scenario.usesStock() ? name + ", sustained" : name, run(work, concurrency, seconds, cluster)));
        if (scenario.usesStock() && cluster != null) {
            fill(cluster);
            found.add(named(name + ", from stock", run(work, concurrency, seconds, cluster)));
            fill(cluster);
        }
        found.add(named(name + ", one alone", lone(work)));
        return found;
    }

    /// A request that is sent over and over.
    private record Work(Account account, String action, String request) {}

    private static Work prepare(Account account, LoadScenario scenario) throws Exception {
        String key = makeKey(account, scenario);
        try (KmsConnection connection = new KmsConnection(account)) {
            String request = scenario.request(connection, key);
            scenario.check(connection, key, request);
            return new Work(account, scenario.action(), request);
        }
    }

    private static Found named(String scenario, Found found) {
        return new Found(scenario, found.perSecond(), found.latencies(), found.errors(), found.cpu());
    }

    private static Found lone(Work work) throws Exception {
        Map<String, Integer> errors = new TreeMap<>();
        Latencies latencies = new Latencies();
        long start = System.nanoTime();
        try (KmsConnection connection = new KmsConnection(work.account())) {
            for (int i = 0; i < LONE_REQUESTS; i++) {
                one(connection, work, latencies, errors);
                Thread.sleep(5);
            }
        }
        return new Found("", latencies.count() / ((System.nanoTime() - start) / 1e9), latencies, errors, "");
    }

    /// Asks on `connections` connections at once for `time` seconds.
    private static Found run(Work work, int connections, int time, @Nullable ScratchCluster cluster) throws Exception {
        Map<String, Integer> errors = new TreeMap<>();
        Latencies all = new Latencies();
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        Map<String, Long> before = cpu(cluster);
        long start = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                Latencies own = new Latencies();
                Map<String, Integer> ownErrors = new TreeMap<>();
                try (KmsConnection connection = new KmsConnection(work.account())) {
                    while (!stop.get()) {
                        one(connection, work, own, ownErrors);
                    }
                } catch (IOException e) {
                    ownErrors.merge(String.valueOf(e.getMessage()), 1, Integer::sum);
                }
                synchronized (all) {
                    all.addAll(own);
                    ownErrors.forEach((type, count) -> errors.merge(type, count, Integer::sum));
                }
            }));
        }
        Thread.sleep(1000L * time);
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        StringBuilder spent = new StringBuilder();
        cpu(cluster)
                .forEach((process, nanos) -> spent.append(String.format(
                        Locale.ROOT,
                        "%s%s %.2f",
                        spent.isEmpty() ? "" : ", ",
                        process,
                        (nanos - before.getOrDefault(process, 0L)) / 1e6 / Math.max(1, all.count()))));
        return new Found("", all.count() / elapsed, all, errors, spent.toString());
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

    private static void one(KmsConnection connection, Work work, Latencies latencies, Map<String, Integer> errors)
            throws IOException {
        long start = System.nanoTime();
        Answer answer = connection.call(work.action(), work.request());
        if (answer.status() == 200) {
            latencies.add(System.nanoTime() - start);
        } else {
            errors.merge(
                    JSON.readTree(answer.body()).path("__type").asString("") + " " + answer.status(), 1, Integer::sum);
        }
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
    private static String makeKey(Account account, LoadScenario scenario) throws Exception {
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
                fields.put("perSecond", one.perSecond());
                fields.put("answers", one.latencies().count());
                if (one.latencies().count() > 0) {
                    fields.put("p50Millis", one.latencies().quantileMillis(0.5));
                    fields.put("p99Millis", one.latencies().quantileMillis(0.99));
                }
                fields.put("errors", one.errors());
                fields.put("cpuMillisPerAnswer", one.cpu());
                all.put(one.scenario(), fields);
            }
            System.out.println(JSON.writeValueAsString(all));
            return;
        }
        System.out.printf(
                Locale.ROOT,
                "%-26s %9s %9s %9s %9s  %s%n",
                "scenario",
                "per s",
                "answered",
                "p50 ms",
                "p99 ms",
                "errors");
        for (Found one : found) {
            boolean any = one.latencies().count() > 0;
            System.out.printf(
                    Locale.ROOT,
                    "%-26s %9.1f %9d %9.2f %9.2f  %s%n",
                    one.scenario(),
                    one.perSecond(),
                    one.latencies().count(),
                    any ? one.latencies().quantileMillis(0.5) : Double.NaN,
                    any ? one.latencies().quantileMillis(0.99) : Double.NaN,
                    one.errors().isEmpty() ? "none" : one.errors());
            if (!one.cpu().isEmpty()) {
                System.out.println("    CPU ms for each answer: " + one.cpu());
            }
        }
    }
}
