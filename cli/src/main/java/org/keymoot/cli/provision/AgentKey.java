package org.keymoot.cli.provision;

import java.util.ArrayList;
import java.util.List;

/// A key that there should be.
///
/// @param network empty where the names have none
/// @param name the alias without its prefix
/// @param rules the sign rules that it should have, JSON; empty where the agents' file says nothing of them
public record AgentKey(String environment, String network, String role, String name, String rules) {
    public String alias() {
        return "alias/" + name;
    }

    String description() {
        return network.isEmpty() ? environment + " " + role : environment + " " + network + " " + role;
    }

    /// All keys of these environments.
    public static List<AgentKey> all(AgentsConfig config, List<String> environments) {
        List<AgentKey> keys = new ArrayList<>();
        List<String> networks = config.networks().isEmpty() ? List.of("") : config.networks();
        for (String environment : environments) {
            for (String network : networks) {
                for (String role : config.roles()) {
                    String name = config.template()
                            .replace("{env}", environment)
                            .replace("{network}", network)
                            .replace("{role}", role);
                    keys.add(
                            new AgentKey(environment, network, role, name, config.rulesOf(environment, network, role)));
                }
            }
        }
        return keys;
    }
}
