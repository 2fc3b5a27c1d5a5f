package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What a development cluster is: written to its data directory when it is made, read by every later command.
///
/// It keeps true: the number of parties and the threshold never change over the life of a data directory;
/// ports, account and Region are those of the last start.
///
/// @param format of this file
/// @param clusterId names the cluster in its certificates
/// @param account twelve digits
/// @param portBase the endpoint's port; party `i` listens at `portBase + 10·i`, its metrics at one above
/// @param accessKeyId of the account's root credential; the secret is in the credentials file
/// @param caFingerprint of the cluster's root certificate
record DevCluster(
        int format,
        String clusterId,
        String account,
        String region,
        String bind,
        int portBase,
        int parties,
        int reconstructionThreshold,
        String accessKeyId,
        String caFingerprint) {
    static final int FORMAT = 1;
    static final int PORTS_PER_PARTY = 10;

    private static final String FILE = "dev.json";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    List<Integer> partyIndices() {
        return IntStream.rangeClosed(1, parties).boxed().toList();
    }

    int partyPort(int party) {
        return portBase + PORTS_PER_PARTY * party;
    }

    int metricsPort(int party) {
        return partyPort(party) + 1;
    }

    String endpointUrl() {
        return "http://%s:%d".formatted(bind, portBase);
    }

    DevCluster startedAt(String newBind, int newPortBase, String newAccount, String newRegion) {
        return new DevCluster(
                format,
                clusterId,
                newAccount,
                newRegion,
                newBind,
                newPortBase,
                parties,
                reconstructionThreshold,
                accessKeyId,
                caFingerprint);
    }

    DevCluster withCaFingerprint(String fingerprint) {
        return new DevCluster(
                format,
                clusterId,
                account,
                region,
                bind,
                portBase,
                parties,
                reconstructionThreshold,
                accessKeyId,
                fingerprint);
    }

    static boolean isIn(Path data) {
        return Files.isRegularFile(data.resolve(FILE));
    }

    /// @throws CliFailure when there is no development cluster in `data`
    static DevCluster read(Path data) {
        Path file = data.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "there is no development cluster in " + data,
                    "start one with `keymoot dev --data %s`, or name another directory with --data".formatted(data));
        }
        try {
            DevCluster cluster = JSON.readValue(Files.readString(file), DevCluster.class);
            if (cluster.format() != FORMAT) {
                throw new CliFailure(
                        ExitCode.CONFLICT,
                        "%s has format %d, this release reads format %d".formatted(file, cluster.format(), FORMAT),
                        "use the release that made it, or another --data directory");
            }
            return cluster;
        } catch (IOException | JacksonException e) {
            throw new CliFailure(
                    ExitCode.INTEGRITY,
                    "%s cannot be read: %s".formatted(file, e.getMessage()),
                    "restore it from a backup of the directory; nothing else was touched",
                    e);
        }
    }

    void write(Path data) throws IOException {
        Path fresh = data.resolve(FILE + ".new");
        Files.writeString(fresh, Output.toJson(this) + "\n");
        Files.move(fresh, data.resolve(FILE), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    static Path party(Path data, int party) {
        return data.resolve("party-" + party);
    }

    static Path logs(Path data) {
        return data.resolve("logs");
    }

    static Path credentialsFile(Path data) {
        return data.resolve("aws-credentials");
    }

    static Path awsConfigFile(Path data) {
        return data.resolve("aws-config");
    }

    static Path readyFile(Path data) {
        return data.resolve("ready");
    }

    static Path supervisorFile(Path data) {
        return data.resolve("supervisor.pid");
    }

    /// Where the operator's certificate and key lie.
    static Path operator(Path data) {
        return data.resolve("operator");
    }
}
