package org.keymoot.cli.provision;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// The keys as the agents' deployments read them.
///
/// A deployment is of one environment and one home network. It signs transactions on every network and attests for its
/// home, so each has the signers of all networks and the attestation keys of its own.
public final class AgentValues {
    /// Stands for the chain where the keys' names have none, so that one signer serves all.
    private static final String ANY_NETWORK = "default";

    /// How a deployment is given its keys.
    public enum Format {
        /// Environment variables, a section for each agent.
        VARIABLES,
        /// Values of the agents' Helm chart.
        HELM
    }

    private AgentValues() {}

    /// The settings of each deployment, by its name: the environment, and the home network where the keys' names have
    /// one.
    ///
    /// @param plain the keys that are held whole, in hexadecimal; asked for rows without a key id only
    public static Map<String, String> deployments(
            List<AgentRow> rows, Format format, Function<AgentKey, String> plain) {
        List<AgentRow> present =
                rows.stream().filter(row -> !row.address().isEmpty()).toList();
        Map<String, String> deployments = new LinkedHashMap<>();
        for (AgentRow row : present) {
            String home = row.key().network();
            String name = row.key().environment() + (home.isEmpty() ? "" : "-" + home);
            deployments.computeIfAbsent(name, any -> {
                List<AgentRow> own = present.stream()
                        .filter(other ->
                                other.key().environment().equals(row.key().environment()))
                        .filter(other ->
                                !attests(other) || other.key().network().equals(home))
                        .toList();
                return switch (format) {
                    case VARIABLES -> variables(name, own, plain);
                    case HELM -> helm(name, own, plain);
                };
            });
        }
        return deployments;
    }

    private static String variables(String deployment, List<AgentRow> rows, Function<AgentKey, String> plain) {
        StringBuilder out = new StringBuilder();
        for (String agent : agents(rows)) {
            out.append("# ").append(deployment).append(' ').append(agent).append('\n');
            for (AgentRow row : of(agent, rows)) {
                String prefix = attests(row)
                        ? "OPT_BASE_UPDATER_"
                        : "OPT_BASE_SIGNERS_"
                                + network(row).toUpperCase(Locale.ROOT).replace('-', '_') + "_";
                if (row.keyId().isEmpty()) {
                    out.append(prefix).append("TYPE=hexKey\n");
                    out.append(prefix)
                            .append("KEY=")
                            .append(plain.apply(row.key()))
                            .append('\n');
                    continue;
                }
                out.append(prefix).append("TYPE=aws\n");
                out.append(prefix).append("ID=").append(row.keyId()).append('\n');
                out.append(prefix).append("REGION=").append(row.region()).append('\n');
            }
            out.append('\n');
        }
        return out.toString();
    }

    private static String helm(String deployment, List<AgentRow> rows, Function<AgentKey, String> plain) {
        StringBuilder out = new StringBuilder("# " + deployment + "\n");
        for (String agent : agents(rows)) {
            out.append(agent).append(":\n");
            List<AgentRow> signers =
                    of(agent, rows).stream().filter(row -> !attests(row)).toList();
            if (!signers.isEmpty()) {
                out.append("  transactionSigners:\n");
            }
            for (AgentRow row : signers) {
                out.append("    - name: ").append(network(row)).append('\n');
                appendKey(out, "      ", row, plain);
            }
            for (AgentRow row : of(agent, rows)) {
                if (attests(row)) {
                    out.append("  attestationSigner:\n");
                    appendKey(out, "    ", row, plain);
                }
            }
        }
        return out.toString();
    }

    private static void appendKey(StringBuilder out, String indent, AgentRow row, Function<AgentKey, String> plain) {
        if (row.keyId().isEmpty()) {
            out.append(indent)
                    .append("hexKey: \"")
                    .append(plain.apply(row.key()))
                    .append("\"\n");
            return;
        }
        out.append(indent).append("aws:\n");
        out.append(indent).append("  keyId: ").append(row.keyId()).append('\n');
        out.append(indent).append("  region: ").append(row.region()).append('\n');
    }

    private static boolean attests(AgentRow row) {
        return AgentsConfig.purpose(row.key().role()).equals("attestation");
    }

    private static String network(AgentRow row) {
        return row.key().network().isEmpty() ? ANY_NETWORK : row.key().network();
    }

    private static Set<String> agents(List<AgentRow> rows) {
        Set<String> agents = new TreeSet<>();
        rows.forEach(row -> agents.add(AgentsConfig.agent(row.key().role())));
        return new LinkedHashSet<>(agents);
    }

    private static List<AgentRow> of(String agent, List<AgentRow> rows) {
        return rows.stream()
                .filter(row -> AgentsConfig.agent(row.key().role()).equals(agent))
                .toList();
    }
}
