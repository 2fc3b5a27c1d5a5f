package org.keymoot.kms;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.keymoot.platform.config.Default;
import org.keymoot.platform.config.Doc;
import org.keymoot.platform.config.HostPort;

/// The settings of an endpoint.
public record KmsConfig(
        @Doc("Name of the cluster, as in its certificates.") String cluster,

        @Doc("Where clients connect.") @Default("127.0.0.1:7440")
        HostPort listen,

        @Doc("Certificate and key shown to clients; without it the endpoint speaks plain HTTP.")
        Optional<ClientTls> clientTls,

        @Doc("Certificate and key by which the endpoint names itself to the parties.")
        Identity identity,

        @Doc("The parties' gateways.") List<Party> parties,

        @Doc("Where metrics and health are shown.") @Default("127.0.0.1:9646")
        HostPort telemetry,

        @Doc("Requests that wait for parties at once; further ones are throttled.") @Default("256")
        int maximumConcurrent,

        @Doc("Time for a request, with all attempts.") @Default("30s")
        Duration requestTimeout,

        @Doc("Time for one party's answer before another is asked.") @Default("10s")
        Duration attemptTimeout) {

    public KmsConfig {
        if (parties.isEmpty()) {
            throw new IllegalArgumentException("parties must list at least one party's gateway");
        }
        Set<Integer> indices = new HashSet<>();
        for (Party party : parties) {
            if (party.index() < 1 || !indices.add(party.index())) {
                throw new IllegalArgumentException(
                        "each party has an index of its own from 1, found " + party.index() + " twice or below 1");
            }
        }
        if (maximumConcurrent < 1) {
            throw new IllegalArgumentException("maximumConcurrent must be at least 1, found " + maximumConcurrent);
        }
        if (!requestTimeout.isPositive() || !attemptTimeout.isPositive()) {
            throw new IllegalArgumentException("requestTimeout and attemptTimeout must be longer than nothing");
        }
    }

    /// TLS towards clients.
    public record ClientTls(
            @Doc("Certificate chain, PEM.") Path certificate,

            @Doc("Private key, PEM, readable by its owner only.")
            Path key) {}

    /// TLS towards parties.
    public record Identity(
            @Doc("Certificate chain, PEM.") Path certificate,

            @Doc("Private key, PEM, readable by its owner only.")
            Path key,

            @Doc("Root certificates of the cluster's authority, PEM.")
            Path roots) {}

    /// One party.
    public record Party(
            @Doc("The party's index in the cluster.") int index,
            @Doc("Address of its gateway.") HostPort gateway) {}
}
