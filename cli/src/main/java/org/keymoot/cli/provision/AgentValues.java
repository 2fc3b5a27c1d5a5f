package org.keymoot.cli.provision;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// The keys as the agents' deployment reads them.
public final class AgentValues {
    /// Stands for the chain where the keys' names have none, so that one signer serves all.
    private static final String ANY_NETWORK = "default";

    private AgentValues() {}

    /// Environment variables, a section for each environment and agent.
    ///
    /// @param plain the keys that are held whole, in hexadecimal; asked for rows without a key id only
    public static String environment(List<AgentRow> rows, Function<AgentKey, String> plain) {
        StringBuilder out = new StringBuilder();
        sections(rows).forEach((section, keys) -> {
            out.append("# ").append(section).append('\n');
            for (AgentRow row : keys) {
                boolean attests = AgentsConfig.purpose(row.key().role()).equals("attestation");
                String prefix = attests
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
        });
        return out.toString();
    }

    /// Values of the agents' Helm chart, a document for each environment.
    ///
    /// @param plain as for [#environment]
    public static String helm(List<AgentRow> rows, Function<AgentKey, String> plain) {
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
                appendKey(out, "      ", row, plain);
            }
            for (AgentRow row : section.getValue()) {
                if (!signers.contains(row)) {
                    out.append("  attestationSigner:\n");
                    appendKey(out, "    ", row, plain);
                    break;
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

    private static String network(AgentRow row) {
        return row.key().network().isEmpty() ? ANY_NETWORK : row.key().network();
    }

    private static Map<String, List<AgentRow>> sections(List<AgentRow> rows) {
        return rows.stream()
                .filter(row -> !row.address().isEmpty())
                .collect(java.util.stream.Collectors.groupingBy(
                        row -> row.key().environment() + " "
                                + AgentsConfig.agent(row.key().role()),
                        TreeMap::new,
                        java.util.stream.Collectors.toList()));
    }
}
