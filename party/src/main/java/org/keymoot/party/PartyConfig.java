package org.keymoot.party;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.keymoot.platform.config.Default;
import org.keymoot.platform.config.Doc;
import org.keymoot.platform.config.HostPort;

/// The settings of a party.
public record PartyConfig(
        @Doc("The cluster's name, as in its certificates.") String cluster,
        @Doc("This party's index, from 1.") int party,

        @Doc("Every party of the cluster with the address at which the others reach it.")
        List<Peer> parties,

        @Doc("How many parties are needed to use a key.") int reconstructionThreshold,

        @Default("1") @Doc("Counts the generations of the cluster's set-up.")
        long epoch,

        @Doc("Where peers, endpoints and operators connect.")
        HostPort listen,

        @Default("127.0.0.1:9646") @Doc("Where metrics and health are shown.")
        HostPort metrics,

        @Doc("The directory that holds everything this party stores.")
        Path data,

        @Doc("This party's certificate and key, and the cluster's roots.")
        Tls tls,

        @Doc("The file with the key that seals what is stored; it must not lie in backups of the data.")
        Path sealKey,

        @Doc("A private file with access keys to take over at the start.")
        Optional<Path> accessKeys,

        @Default("16") @Doc("Presignatures kept for each key and quorum in use; 0 keeps none.")
        int stock,

        @Default("production") @Doc("`development` only for clusters that `keymoot dev` makes.")
        Mode mode) {

    /// Whether loopback conveniences are permitted.
    public enum Mode {
        PRODUCTION,
        DEVELOPMENT
    }

    /// One party of the cluster.
    public record Peer(
            @Doc("Its index, from 1.") int party,
            @Doc("Where it listens.") HostPort address) {}

    /// Files of PEM.
    public record Tls(
            @Doc("The certificate with its chain.") Path certificate,

            @Doc("Its private key, readable by this user only.")
            Path key,

            @Doc("The certificates of the cluster's roots.") Path roots) {}

    private static final int MAX_STOCK = 1000;

    public PartyConfig {
        parties = List.copyOf(parties);
        Set<Integer> indices = new HashSet<>();
        for (Peer peer : parties) {
            if (peer.party() < 1 || peer.party() > parties.size() || !indices.add(peer.party())) {
                throw new IllegalArgumentException("parties: indices must be 1 to %d, each once, found %d"
                        .formatted(parties.size(), peer.party()));
            }
        }
        if (party < 1 || party > parties.size()) {
            throw new IllegalArgumentException(
                    "party: must be one of the listed parties 1 to %d, found %d".formatted(parties.size(), party));
        }
        if (reconstructionThreshold < 2 || reconstructionThreshold > parties.size()) {
            throw new IllegalArgumentException("reconstructionThreshold: must be 2 to %d, found %d"
                    .formatted(parties.size(), reconstructionThreshold));
        }
        if (stock < 0 || stock > MAX_STOCK) {
            throw new IllegalArgumentException("stock: must be 0 to %d, found %d".formatted(MAX_STOCK, stock));
        }
    }

    HostPort addressOf(int index) {
        return parties.stream()
                .filter(peer -> peer.party() == index)
                .findFirst()
                .orElseThrow()
                .address();
    }
}
