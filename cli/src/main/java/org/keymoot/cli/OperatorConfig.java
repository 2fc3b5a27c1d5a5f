package org.keymoot.cli;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.keymoot.platform.config.Doc;
import org.keymoot.platform.config.HostPort;

/// The settings of an operator: which cluster, where its parties are, and the certificate that they know the operator
/// by.
public record OperatorConfig(
        @Doc("The cluster's name, as in its certificates.") String cluster,

        @Doc("Every party of the cluster and where it listens.")
        List<Party> parties,

        @Doc("How many parties are needed to use a key.") int reconstructionThreshold,

        @Doc("The operator's certificate and key, and the cluster's root.")
        Tls tls) {

    public OperatorConfig {
        parties = List.copyOf(parties);
        Set<Integer> indices = new HashSet<>();
        for (Party party : parties) {
            if (party.party() < 1 || party.party() > parties.size() || !indices.add(party.party())) {
                throw new IllegalArgumentException("parties: indices must be 1 to %d, each once, found %d"
                        .formatted(parties.size(), party.party()));
            }
        }
        if (reconstructionThreshold < 2 || reconstructionThreshold > parties.size()) {
            throw new IllegalArgumentException("reconstructionThreshold: must be 2 to %d, found %d"
                    .formatted(parties.size(), reconstructionThreshold));
        }
    }

    /// One party.
    public record Party(
            @Doc("Its index, from 1.") int party,
            @Doc("Where it listens.") HostPort address) {}

    /// Files of PEM.
    public record Tls(
            @Doc("The certificate with its chain.") Path certificate,

            @Doc("Its private key, readable by this user only.")
            Path key,

            @Doc("The certificate of the cluster's root.") Path roots) {}
}
