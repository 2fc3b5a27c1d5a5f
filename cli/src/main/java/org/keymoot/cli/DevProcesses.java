package org.keymoot.cli;

import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.keymoot.api.gateway.v1.StatusAnswer;
import org.keymoot.api.gateway.v1.StatusRequest;

/// The processes of a development cluster: started together, watched, and stopped together.
///
/// It keeps true: when this is closed, none of its processes is left running.
final class DevProcesses implements AutoCloseable {
    private static final Duration RESTART_PAUSE = Duration.ofSeconds(3);
    /// Enough for a first run to write its class cache.
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

    private final Path data;
    private final DevCluster cluster;
    private final boolean restart;
    private final Consumer<String> tell;
    private final ClassCache caches = ClassCache.ofInstallation();
    private final Map<String, Process> running = new LinkedHashMap<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private boolean closing;
    private volatile boolean ready;

    DevProcesses(Path data, DevCluster cluster, boolean restart, Consumer<String> tell) {
        this.data = data;
        this.cluster = cluster;
        this.restart = restart;
        this.tell = tell;
    }

    void start() throws IOException {
        Supervisor.register(data);
        for (int party : cluster.partyIndices()) {
            launch(
                    "party-" + party,
                    Program.PARTY,
                    DevCluster.party(data, party).resolve("party.yaml"));
        }
        launch("endpoint", Program.KMS, data.resolve("endpoint/kms.yaml"));
    }

    private synchronized void launch(String name, Program program, Path config) throws IOException {
        if (closing) {
            return;
        }
        Path log = DevCluster.logs(data).resolve(name + ".log");
        Process process = program.start(log, caches.options(program), "--config", config.toString());
        running.put(name, process);
        Files.writeString(data.resolve(name + ".pid"), process.pid() + "\n");
        process.onExit().thenAccept(ended -> ended(name, program, config, ended.exitValue()));
    }

    private void ended(String name, Program program, Path config, int exitValue) {
        synchronized (this) {
            if (closing) {
                return;
            }
            tell.accept("%s ended with %d; its words are in %s"
                    .formatted(name, exitValue, DevCluster.logs(data).resolve(name + ".log")));
        }
        if (!restart || !ready) {
            return;
        }
        try {
            Thread.sleep(RESTART_PAUSE);
            launch(name, program, config);
            tell.accept(name + " was started again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            tell.accept("%s could not be started again: %s".formatted(name, e.getMessage()));
        }
    }

    /// Waits until every party takes part and is linked with every other, and the endpoint answers.
    void awaitReady(Duration patience) throws InterruptedException {
        Instant deadline = Instant.now().plus(patience);
        for (int party : cluster.partyIndices()) {
            await(() -> partyIsReady(party), "party " + party, "party-" + party, deadline);
        }
        await(this::endpointIsReady, "the endpoint", "endpoint", deadline);
        ready = true;
    }

    private interface Check {
        boolean holds() throws InterruptedException;
    }

    private void await(Check check, String who, String process, Instant deadline) throws InterruptedException {
        while (!check.holds()) {
            boolean alive;
            synchronized (this) {
                Process started = running.get(process);
                alive = started != null && started.isAlive();
            }
            if (Instant.now().isAfter(deadline) || !alive) {
                throw new CliFailure(
                        ExitCode.RETRY_LATER,
                        who + " did not become ready",
                        "its words are in %s; another cluster may hold its port"
                                .formatted(DevCluster.logs(data).resolve(process + ".log")));
            }
            Thread.sleep(50);
        }
    }

    private boolean partyIsReady(int party) {
        try (OperatorClient client = OperatedCluster.of(cluster, data).connect(party)) {
            StatusAnswer status = client.calls().status(StatusRequest.getDefaultInstance());
            return status.getRecovering().isEmpty()
                    && status.getPeersList().stream().allMatch(peer -> peer.getLinked());
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    private boolean endpointIsReady() throws InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest health = HttpRequest.newBuilder(URI.create(cluster.endpointUrl() + "/health"))
                    .timeout(Duration.ofSeconds(2))
                    .build();
            return client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /// Blocks until this is closed, which a signal does.
    void awaitEnd() throws InterruptedException {
        end.await();
    }

    @Override
    public void close() {
        List<Process> left;
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
            left = List.copyOf(running.values());
        }
        left.forEach(Process::destroy);
        Instant deadline = Instant.now().plus(STOP_PATIENCE);
        for (Process process : left) {
            try {
                long millis =
                        Math.max(0, Duration.between(Instant.now(), deadline).toMillis());
                if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }
        try {
            Files.deleteIfExists(DevCluster.supervisorFile(data));
            Files.deleteIfExists(DevCluster.readyFile(data));
        } catch (IOException e) {
            tell.accept("cannot remove the marks of a running cluster: " + e.getMessage());
        }
        end.countDown();
    }
}
