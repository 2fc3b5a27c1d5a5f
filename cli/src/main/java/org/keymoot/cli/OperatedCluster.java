package org.keymoot.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.keymoot.platform.config.ConfigException;
import org.keymoot.platform.config.ConfigLoader;
import org.keymoot.platform.config.HostPort;

/// A cluster as an operator's commands need it: its parties, its threshold, and the certificate to come with.
///
/// @param parties each party's index and address
record OperatedCluster(
        String clusterId,
        int reconstructionThreshold,
        SortedMap<Integer, HostPort> parties,
        Path certificate,
        Path key,
        Path roots) {

    static OperatedCluster of(DevCluster cluster, Path data) {
        Path operator = DevCluster.operator(data);
        Map<Integer, HostPort> parties = cluster.partyIndices().stream()
                .collect(Collectors.toMap(
                        party -> party, party -> new HostPort(cluster.bind(), cluster.partyPort(party))));
        return new OperatedCluster(
                cluster.clusterId(),
                cluster.reconstructionThreshold(),
                new TreeMap<>(parties),
                operator.resolve("chain.pem"),
                operator.resolve("key.pem"),
                operator.resolve("ca.pem"));
    }

    /// @throws CliFailure naming every setting that is wrong
    static OperatedCluster load(Path file) throws IOException {
        OperatorConfig config;
        try {
            // Variables of the environment are for the programs that run for long; a command reads its file alone.
            config = new ConfigLoader(Map.of(), Set.of())
                    .load(OperatorConfig.class, file)
                    .value();
        } catch (ConfigException e) {
            throw new CliFailure(
                    ExitCode.USAGE, String.valueOf(e.getMessage()), "correct the operator's settings in " + file, e);
        }
        Map<Integer, HostPort> parties = config.parties().stream()
                .collect(Collectors.toMap(OperatorConfig.Party::party, OperatorConfig.Party::address));
        return new OperatedCluster(
                config.cluster(),
                config.reconstructionThreshold(),
                new TreeMap<>(parties),
                config.tls().certificate(),
                config.tls().key(),
                config.tls().roots());
    }

    List<Integer> partyIndices() {
        return List.copyOf(parties.keySet());
    }

    OperatorClient connect(int party) {
        HostPort address = parties.get(party);
        if (address == null) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "there is no party %d in this cluster of %d".formatted(party, parties.size()),
                    "name one of the parties that `keymoot status` lists");
        }
        return OperatorClient.connect(this, party, address);
    }
}
