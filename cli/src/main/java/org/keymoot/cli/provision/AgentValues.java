package org.keymoot.cli.provision;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The keys as the agents' deployment reads them.
public final class AgentValues {
    /// Stands for the chain where the keys' names have none, so that one signer serves all.
    private static final String ANY_NETWORK = "default";

    private AgentValues() {}

    /// Environment variables, a section for each environment and agent.
    public static String environment(List<AgentRow> rows) {
        StringBuilder out = new StringBuilder();
        sections(rows).forEach((section, keys) -> {
            out.append("# ").append(section).append('\n');
            for (AgentRow row : keys) {
                boolean attests = AgentsConfig.purpose(row.key().role()).equals("attestation");
                String prefix = attests
                        ? "OPT_BASE_UPDATER_"
                        : "OPT_BASE_SIGNERS_"
                                + network(row).toUpperCase(Locale.ROOT).replace('-', '_') + "_";
                out.append(prefix).append("TYPE=aws\n");
                out.append(prefix).append("ID=").append(row.keyId()).append('\n');
                out.append(prefix).append("REGION=").append(row.region()).append('\n');
            }
            out.append('\n');
        });
        return out.toString();
    }

    /// Values of the agents' Helm chart, a document for each environment.
    public static String helm(List<AgentRow> rows) {
        StringBuilder out = new StringBuilder();
        String environment = "";
        String agent = "";
        for (Map.Entry<String, List<AgentRow>> section : sections(rows).entrySet()) {
            AgentRow first = section.getValue().getFirst();
            if (!first.key().environment().equals(environment)) {
                out.append(environment.isEmpty() ? "" : "---\n");
                environment = first.key().environment();
                out.append("# ").append(environment).append('\n');
            }
            agent = AgentsConfig.agent(first.key().role());
            out.append(agent).append(":\n");
            List<AgentRow> signers = section.getValue().stream()
                    .filter(row -> !AgentsConfig.purpose(row.key().role()).equals("attestation"))
                    .toList();
            if (!signers.isEmpty()) {
                out.append("  transactionSigners:\n");
            }
            for (AgentRow row : signers) {
                out.append("    - name: ").append(network(row)).append('\n');
                out.append("      aws:\n        keyId: ").append(row.keyId());
                out.append("\n        region: ").append(row.region()).append('\n');
            }
            for (AgentRow row : section.getValue()) {
                if (!signers.contains(row)) {
                    out.append("  attestationSigner:\n    aws:\n      keyId: ").append(row.keyId());
                    out.append("\n      region: ").append(row.region()).append('\n');
                    break;
                }
            }
        }
        return out.toString();
    }

    private static String network(AgentRow row) {
        return row.key().network().isEmpty() ? ANY_NETWORK : row.key().network();
    }

    private static Map<String, List<AgentRow>> sections(List<AgentRow> rows) {
        return rows.stream()
                .filter(row -> !row.keyId().isEmpty())
                .collect(java.util.stream.Collectors.groupingBy(
                        row -> row.key().environment() + " "
                                + AgentsConfig.agent(row.key().role()),
                        TreeMap::new,
                        java.util.stream.Collectors.toList()));
    }
}
