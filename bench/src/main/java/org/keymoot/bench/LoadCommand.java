package org.keymoot.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
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

/// Drives an endpoint with Sign requests and reports how many it answers a second, and how soon.
///
/// It keeps true: what is counted was answered with a signature within the time measured; every other answer is
/// reported as an error with its type; one answer of each scenario is checked by Verify.
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
            names = "--spec",
            split = ",",
            description = "Key specs to sign with (default ECC_NIST_EDWARDS25519,ECC_SECG_P256K1).")
    List<String> specs = List.of("ECC_NIST_EDWARDS25519", "ECC_SECG_P256K1");

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
        List<Found> found = new ArrayList<>();
        if (endpoint != null) {
            Account account = new Account(
                    endpoint,
                    environment("AWS_REGION"),
                    environment("AWS_ACCESS_KEY_ID"),
                    environment("AWS_SECRET_ACCESS_KEY"));
            for (String spec : specs) {
                found.addAll(measure(account, spec, null));
            }
        } else {
            try (ScratchCluster cluster = ScratchCluster.start(stock, keep)) {
                System.err.println("cluster in " + cluster.data());
                for (String spec : specs) {
                    found.addAll(measure(cluster.account(), spec, cluster));
                }
            }
        }
        print(found);
        return found.stream().allMatch(one -> one.errors().isEmpty()) ? 0 : 1;
    }

    private List<Found> measure(Account account, String spec, @Nullable ScratchCluster cluster) throws Exception {
        boolean ecdsa = !spec.equals("ECC_NIST_EDWARDS25519");
        String algorithm = ecdsa ? "ECDSA_SHA_256" : "ED25519_SHA_512";
        String key = makeKey(account, spec);
        String request = signRequest(key, algorithm);
        check(account, key, algorithm, request);
        List<Found> found = new ArrayList<>();
        if (!ecdsa) {
            run(account, request, concurrency, warmup, null);
            found.add(named("Ed25519 Sign", run(account, request, concurrency, seconds, cluster)));
            found.add(named("Ed25519 Sign, one alone", lone(account, request)));
            return found;
        }
        run(account, request, concurrency, warmup, null);
        found.add(named("ECDSA Sign, sustained", run(account, request, concurrency, seconds, cluster)));
        if (cluster != null) {
            fill(cluster);
            found.add(named("ECDSA Sign, from stock", run(account, request, concurrency, seconds, cluster)));
            fill(cluster);
        }
        found.add(named("ECDSA Sign, one alone", lone(account, request)));
        return found;
    }

    private static Found named(String scenario, Found found) {
        return new Found(scenario, found.perSecond(), found.latencies(), found.errors(), found.cpu());
    }

    private Found lone(Account account, String request) throws Exception {
        Map<String, Integer> errors = new TreeMap<>();
        Latencies latencies = new Latencies();
        long start = System.nanoTime();
        try (KmsConnection connection = new KmsConnection(account)) {
            for (int i = 0; i < LONE_REQUESTS; i++) {
                one(connection, request, latencies, errors);
                Thread.sleep(5);
            }
        }
        return new Found("", latencies.count() / ((System.nanoTime() - start) / 1e9), latencies, errors, "");
    }

    /// Signs on `connections` connections at once for `time` seconds.
    private static Found run(
            Account account, String request, int connections, int time, @Nullable ScratchCluster cluster)
            throws Exception {
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
                try (KmsConnection connection = new KmsConnection(account)) {
                    while (!stop.get()) {
                        one(connection, request, own, ownErrors);
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

    private static void one(KmsConnection connection, String request, Latencies latencies, Map<String, Integer> errors)
            throws IOException {
        long start = System.nanoTime();
        Answer answer = connection.call("Sign", request);
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
    private static String makeKey(Account account, String spec) throws Exception {
        for (int second = 0; ; second++) {
            try (KmsConnection connection = new KmsConnection(account)) {
                Answer answer = connection.call(
                        "CreateKey", JSON.writeValueAsString(Map.of("KeySpec", spec, "KeyUsage", "SIGN_VERIFY")));
                if (answer.status() == 200) {
                    return JSON.readTree(answer.body())
                            .path("KeyMetadata")
                            .path("KeyId")
                            .stringValue();
                }
                if (second >= KEY_PATIENCE_SECONDS) {
                    throw new IOException("CreateKey %s was answered %s".formatted(spec, answer));
                }
            }
            Thread.sleep(1000);
        }
    }

    private static String message() {
        return Base64.getEncoder().encodeToString("what is to be signed".getBytes(StandardCharsets.UTF_8));
    }

    private static String signRequest(String key, String algorithm) {
        return JSON.writeValueAsString(
                Map.of("KeyId", key, "Message", message(), "MessageType", "RAW", "SigningAlgorithm", algorithm));
    }

    private static void check(Account account, String key, String algorithm, String request) throws IOException {
        try (KmsConnection connection = new KmsConnection(account)) {
            Answer signed = connection.call("Sign", request);
            String signature = JSON.readTree(signed.body()).path("Signature").asString("");
            Answer verified = connection.call(
                    "Verify",
                    JSON.writeValueAsString(Map.of(
                            "KeyId",
                            key,
                            "Message",
                            message(),
                            "MessageType",
                            "RAW",
                            "SigningAlgorithm",
                            algorithm,
                            "Signature",
                            signature)));
            if (verified.status() != 200
                    || !JSON.readTree(verified.body()).path("SignatureValid").asBoolean(false)) {
                throw new IOException(
                        "a signature was expected that verifies; found %s, then %s".formatted(signed, verified));
            }
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
                fields.put("signatures", one.latencies().count());
                if (one.latencies().count() > 0) {
                    fields.put("p50Millis", one.latencies().quantileMillis(0.5));
                    fields.put("p99Millis", one.latencies().quantileMillis(0.99));
                }
                fields.put("errors", one.errors());
                fields.put("cpuMillisPerSignature", one.cpu());
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
                "signed",
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
                System.out.println("    CPU ms for each signature: " + one.cpu());
            }
        }
    }
}
