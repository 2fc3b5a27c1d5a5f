package org.keymoot.cli.provision;

import java.util.ArrayList;
import java.util.List;

/// A key that there should be.
///
/// @param network empty where the names have none
/// @param name the alias without its prefix
public record AgentKey(String environment, String network, String role, String name) {
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
                    keys.add(new AgentKey(environment, network, role, name));
                }
            }
        }
        return keys;
    }
}
