package org.keymoot.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Starts a whole cluster on one machine, each party a process of its own, and an endpoint for AWS clients.
@Command(
        name = "dev",
        description = "Start parties and a KMS endpoint on this machine, for development.",
        footerHeading = "Examples:%n",
        footer = {
            "  keymoot dev                                    until Ctrl-C, in .keymoot/dev",
            "  keymoot dev --detach && eval \"$(keymoot env)\"  in the background; this shell's AWS clients use it",
            "  keymoot dev --data two --port-base 7700        a second cluster beside the first",
            "",
        })
final class DevCommand extends BaseCommand {
    static final int DEFAULT_PORT_BASE = 7600;

    private static final Duration READY_PATIENCE = Duration.ofSeconds(90);
    private static final int MAXIMUM_PARTIES = 13;

    @Mixin
    DataOption data = new DataOption();

    @Option(
            names = "--port-base",
            paramLabel = "N",
            description = "Port of the endpoint; party i uses N+10i and N+10i+1 (default: as before, else "
                    + DEFAULT_PORT_BASE + ").")
    @Nullable Integer portBase;

    @Option(
            names = "--account",
            paramLabel = "ID",
            description = "Twelve digits (default: as before, else 123456789012).")
    @Nullable String account;

    @Option(names = "--region", description = "Region of the printed settings (default: as before, else us-east-1).")
    @Nullable String region;

    @Option(names = "--parties", description = "Number of parties, 2 to " + MAXIMUM_PARTIES + " (default 3).")
    @Nullable Integer parties;

    @Option(names = "--threshold", description = "Shares needed to use a key (default 2).")
    @Nullable Integer threshold;

    @Option(
            names = "--stock",
            paramLabel = "N",
            description = "Presignatures that parties keep for each ECDSA key and quorum in use (default 16).")
    @Nullable Integer stock;

    @Option(names = "--detach", description = "Return when all is ready; `keymoot down` stops it.")
    boolean detach;

    @Option(
            names = "--bind",
            defaultValue = "127.0.0.1",
            description = "Address to listen at (default ${DEFAULT-VALUE}).")
    String bind = "127.0.0.1";

    @Option(
            names = "--allow-non-loopback",
            description = "Needed with a --bind that other machines can reach: the endpoint speaks plain HTTP.")
    boolean allowNonLoopback;

    @Option(names = "--no-restart", description = "Do not start a party again when its process ends.")
    boolean noRestart;

    @Override
    public Integer call() throws Exception {
        Path directory = data.directory();
        requireLoopback();
        requireDevelopmentData(directory);
        Optional<ProcessHandle> running = Supervisor.find(directory);
        if (running.isPresent()) {
            throw new CliFailure(
                    ExitCode.CONFLICT,
                    "a cluster runs in %s already (process %d)"
                            .formatted(directory, running.get().pid()),
                    "stop it with `keymoot down`, or name another --data and --port-base");
        }
        DevCluster wanted = new DevSetup(directory, stock).prepare(settings(directory));
        return detach ? detached(directory, wanted) : inForeground(directory, wanted);
    }

    private DevCluster settings(Path directory) {
        boolean known = DevCluster.isIn(directory);
        DevCluster before = known
                ? DevCluster.read(directory)
                : DevSetup.fresh(number("--parties", parties, 3), number("--threshold", threshold, 2));
        if (known) {
            requireSame("--parties", parties, before.parties());
            requireSame("--threshold", threshold, before.reconstructionThreshold());
        }
        if (before.parties() < 2 || before.parties() > MAXIMUM_PARTIES) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "--parties must be 2 to %d, is %d".formatted(MAXIMUM_PARTIES, before.parties()),
                    "choose a number in that range");
        }
        if (before.reconstructionThreshold() < 2 || before.reconstructionThreshold() > before.parties()) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "--threshold must be 2 to %d, is %d".formatted(before.parties(), before.reconstructionThreshold()),
                    "choose how many parties must take part in a signature");
        }
        String chosenAccount = account == null ? before.account() : account;
        if (!chosenAccount.matches("[0-9]{12}")) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "--account must be twelve digits, is '%s'".formatted(chosenAccount),
                    "for example 123456789012");
        }
        String chosenRegion = region == null ? before.region() : region;
        if (!chosenRegion.matches("[a-z]{2}(-[a-z]+)+-[0-9]+")) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "--region has the form us-east-1, is '%s'".formatted(chosenRegion),
                    "for example eu-central-1");
        }
        int chosenPort = portBase == null ? before.portBase() : portBase;
        int last = chosenPort + DevCluster.PORTS_PER_PARTY * before.parties() + 1;
        if (chosenPort < 1024 || last > 65535) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "--port-base %d needs the ports up to %d".formatted(chosenPort, last),
                    "choose a number from 1024 on that leaves room below 65536");
        }
        return before.startedAt(bind, chosenPort, chosenAccount, chosenRegion);
    }

    private static int number(String name, @Nullable Integer given, int otherwise) {
        return given == null ? otherwise : given;
    }

    private static void requireSame(String option, @Nullable Integer given, int before) {
        if (given != null && given != before) {
            throw new CliFailure(
                    ExitCode.CONFLICT,
                    "%s is %d, the cluster was made with %d".formatted(option, given, before),
                    "leave %s out, or make another cluster with --data".formatted(option));
        }
    }

    private void requireLoopback() throws UnknownHostException {
        if (!InetAddress.getByName(bind).isLoopbackAddress() && !allowNonLoopback) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "--bind %s can be reached from other machines, and a development endpoint speaks plain HTTP"
                            .formatted(bind),
                    "leave --bind out, or add --allow-non-loopback if you mean it");
        }
    }

    private static void requireDevelopmentData(Path directory) throws IOException {
        if (!Files.exists(directory) || DevCluster.isIn(directory)) {
            return;
        }
        try (var entries = Files.list(directory)) {
            if (entries.findAny().isPresent()) {
                throw new CliFailure(
                        ExitCode.CONFLICT,
                        "%s holds something that is no development cluster".formatted(directory),
                        "name an empty or new directory with --data; production data is never opened by `keymoot dev`");
            }
        }
    }

    private Integer inForeground(Path directory, DevCluster cluster) throws Exception {
        try (DevProcesses processes = new DevProcesses(directory, cluster, !noRestart, this::tell)) {
            Thread stopper = new Thread(processes::close, "stop");
            Runtime.getRuntime().addShutdownHook(stopper);
            processes.start();
            processes.awaitReady(READY_PATIENCE);
            Files.writeString(DevCluster.readyFile(directory), Instant.now() + "\n");
            show(directory, cluster);
            processes.awaitEnd();
        }
        return ExitCode.OK.code();
    }

    /// Starts this command again as a process of its own and waits for the file by which it says that all is ready.
    private Integer detached(Path directory, DevCluster cluster) throws Exception {
        Path ready = DevCluster.readyFile(directory);
        Files.deleteIfExists(ready);
        Path log = DevCluster.logs(directory).resolve("dev.log");
        List<String> line = new ArrayList<>(List.of("dev", "--data", directory.toString(), "--bind", bind));
        if (allowNonLoopback) {
            line.add("--allow-non-loopback");
        }
        if (noRestart) {
            line.add("--no-restart");
        }
        if (stock != null) {
            line.addAll(List.of("--stock", stock.toString()));
        }
        Process process = Program.DEV.start(log, List.of(), line.toArray(String[]::new));
        Instant deadline = Instant.now().plus(READY_PATIENCE).plusSeconds(5);
        while (!Files.exists(ready)) {
            if (!process.isAlive() || Instant.now().isAfter(deadline)) {
                process.destroy();
                throw new CliFailure(
                        ExitCode.RETRY_LATER,
                        "the cluster did not become ready",
                        "see %s for what its processes said".formatted(DevCluster.logs(directory)));
            }
            Thread.sleep(50);
        }
        show(directory, cluster);
        return ExitCode.OK.code();
    }

    private void show(Path directory, DevCluster cluster) {
        List<String> next = nextCommands(cluster);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("endpoint", cluster.endpointUrl());
        json.put("region", cluster.region());
        json.put("account", cluster.account());
        json.put("credentialsFile", DevCluster.credentialsFile(directory).toString());
        json.put("profile", DevSetup.PROFILE);
        json.put("caFingerprint", cluster.caFingerprint());
        json.put("parties", cluster.parties());
        json.put("reconstructionThreshold", cluster.reconstructionThreshold());
        json.put("nextCommands", next);
        output.result(out(), json, () -> """

                        keymoot development cluster: NOT FOR PRODUCTION, all parties share this machine and user

                          endpoint        %s
                          region          %s, account %s
                          access key      %s
                                          profile '%s' in %s
                          CA fingerprint  %s
                          parties         %d, any %d of them sign

                        Point the AWS clients of a shell at it:

                          %s

                        Then:

                          %s
                        """.formatted(
                        cluster.endpointUrl(),
                        cluster.region(),
                        cluster.account(),
                        cluster.accessKeyId(),
                        DevSetup.PROFILE,
                        DevCluster.credentialsFile(directory),
                        cluster.caFingerprint(),
                        cluster.parties(),
                        cluster.reconstructionThreshold(),
                        envCommand(directory),
                        String.join("\n\n  ", next)));
    }

    private static String envCommand(Path directory) {
        String launcher = System.getenv().getOrDefault("KEYMOOT_LAUNCHER", "keymoot");
        return "eval \"$(%s env --data %s)\"".formatted(launcher, directory);
    }

    /// Commands that work as they are in a shell that has the environment; older AWS command lines do not read the
    /// endpoint from it, so each names it.
    private static List<String> nextCommands(DevCluster cluster) {
        String aws = "aws --endpoint-url %s kms ".formatted(cluster.endpointUrl());
        return List.of(
                "KEY=$(" + aws
                        + "create-key --key-spec ECC_SECG_P256K1 --key-usage SIGN_VERIFY --query KeyMetadata.KeyId --output text); echo $KEY",
                "printf hello > message; " + aws
                        + "sign --key-id $KEY --message fileb://message --message-type RAW --signing-algorithm ECDSA_SHA_256 --query Signature --output text | base64 -d > signature",
                aws
                        + "get-public-key --key-id $KEY --query PublicKey --output text | base64 -d | openssl pkey -pubin -inform DER -out public.pem && openssl dgst -sha256 -verify public.pem -signature signature message");
    }
}
