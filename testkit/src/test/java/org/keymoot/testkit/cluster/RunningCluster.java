package org.keymoot.testkit.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A cluster started by `./keymoot dev --detach` on ports of its own.
public final class RunningCluster implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path data;
    private final int portBase;
    private final Map<String, String> environment;
    private final List<String> options;
    private JsonNode screen;
    private @Nullable Process supervisor;

    private RunningCluster(
            Path data, int portBase, Map<String, String> environment, List<String> options, JsonNode screen) {
        this.data = data;
        this.portBase = portBase;
        this.environment = environment;
        this.options = options;
        this.screen = screen;
    }

    public static RunningCluster start(Path data, String... options) throws IOException, InterruptedException {
        return start(data, Map.of(), options);
    }

    /// A cluster whose processes have these variables.
    public static RunningCluster start(Path data, Map<String, String> environment, String... options)
            throws IOException, InterruptedException {
        RunningCluster cluster =
                new RunningCluster(data, freePorts(), environment, List.of(options), JSON.createObjectNode());
        cluster.up();
        return cluster;
    }

    /// A cluster whose supervisor is a child of this process, as at a terminal.
    static RunningCluster startInForeground(Path data) throws IOException, InterruptedException {
        int portBase = freePorts();
        RunningCluster cluster = new RunningCluster(data, portBase, Map.of(), List.of(), JSON.createObjectNode());
        // A process that was started in a shell's background ignores Ctrl-C, and so would its children.
        ProcessBuilder builder = new ProcessBuilder(
                        "env",
                        "--default-signal=INT",
                        Shell.repository().resolve("keymoot").toString(),
                        "dev",
                        "--data",
                        data.toString(),
                        "--port-base",
                        Integer.toString(portBase))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("KEYMOOT_NO_BUILD", "1");
        cluster.supervisor = builder.start();
        await("the cluster is ready", Duration.ofSeconds(90), () -> Files.exists(data.resolve("ready")));
        return cluster;
    }

    /// The parties and the endpoint.
    List<ProcessHandle> processes() throws IOException {
        List<ProcessHandle> processes = new ArrayList<>();
        for (String name : List.of("party-1", "party-2", "party-3", "endpoint")) {
            ProcessHandle.of(pid(name)).ifPresent(processes::add);
        }
        return processes;
    }

    /// What Ctrl-C sends.
    void interrupt() throws IOException, InterruptedException {
        Shell.bash(
                        data,
                        "kill -INT "
                                + Objects.requireNonNull(supervisor, "not in the foreground")
                                        .pid())
                .mustSucceed();
    }

    public void up() throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                "dev", "--detach", "--json", "--data", data.toString(), "--port-base", Integer.toString(portBase)));
        line.addAll(options);
        screen = JSON.readTree(Shell.keymoot(environment, line.toArray(String[]::new))
                .mustSucceed()
                .out());
    }

    public void down() throws IOException, InterruptedException {
        Shell.keymoot("down", "--data", data.toString()).mustSucceed();
    }

    /// What the start printed.
    public JsonNode screen() {
        return screen;
    }

    public Path data() {
        return data;
    }

    public String endpoint() {
        return screen.path("endpoint").stringValue();
    }

    public JsonNode status() throws IOException, InterruptedException {
        return JSON.readTree(
                Shell.keymoot("status", "--json", "--data", data.toString()).out());
    }

    public JsonNode environment() throws IOException, InterruptedException {
        return JSON.readTree(Shell.keymoot("env", "--json", "--data", data.toString())
                .mustSucceed()
                .out());
    }

    public String secretAccessKey() throws IOException, InterruptedException {
        return environment().path("AWS_SECRET_ACCESS_KEY").stringValue();
    }

    /// The AWS SDK's client, unmodified.
    public KmsClient client() throws IOException, InterruptedException {
        JsonNode environment = environment();
        return KmsClient.builder()
                .endpointOverride(
                        URI.create(environment.path("AWS_ENDPOINT_URL").stringValue()))
                .region(Region.of(environment.path("AWS_REGION").stringValue()))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(
                        environment.path("AWS_ACCESS_KEY_ID").stringValue(),
                        environment.path("AWS_SECRET_ACCESS_KEY").stringValue())))
                .httpClient(UrlConnectionHttpClient.create())
                .build();
    }

    public long pid(String process) throws IOException {
        return Long.parseLong(Files.readString(data.resolve(process + ".pid")).strip());
    }

    /// Ends a process with SIGKILL.
    public void kill(String process) throws IOException {
        ProcessHandle.of(pid(process)).ifPresent(ProcessHandle::destroyForcibly);
    }

    /// Waits until all parties are up and none lags.
    public void awaitWhole() throws InterruptedException {
        await("the cluster is whole again", Duration.ofSeconds(60), () -> {
            try {
                JsonNode status = status();
                if (status.path("up").intValue() < status.path("parties").intValue()) {
                    return false;
                }
                for (JsonNode party : status.path("party")) {
                    for (JsonNode peer : party.path("peers")) {
                        if (!peer.path("linked").booleanValue()) {
                            return false;
                        }
                    }
                    if (party.path("lag").longValue() != 0) {
                        return false;
                    }
                }
                return true;
            } catch (IOException | RuntimeException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        });
    }

    public static void await(String what, Duration patience, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within %s: %s".formatted(patience, what));
            }
            Thread.sleep(100);
        }
    }

    /// A base from which the ports that a cluster of three needs are free now.
    private static int freePorts() throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            int base = 20_000 + 50 * ThreadLocalRandom.current().nextInt(200);
            if (allFree(base)) {
                return base;
            }
        }
        throw new IOException("no free range of ports");
    }

    private static boolean allFree(int base) {
        for (int offset : new int[] {0, 1, 10, 11, 20, 21, 30, 31}) {
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

    @Override
    public void close() throws IOException, InterruptedException {
        Shell.keymoot("down", "--data", data.toString());
    }
}
