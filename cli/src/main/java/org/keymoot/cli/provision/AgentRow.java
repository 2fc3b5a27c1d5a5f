package org.keymoot.cli.provision;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What there is of a key now.
///
/// @param outcome `present`, `created`, `resumed` (a key of an interrupted run got its alias), or `missing` in a dry
/// run
/// @param rules of its sign rules: `set`, `kept`, `replaced`, `different`, `would be set`; empty where the agents' file
/// says nothing of them
/// @param drift how it differs from what it should be, in words; empty when it does not
public record AgentRow(
        AgentKey key,
        String keyId,
        String arn,
        String description,
        String address,
        String region,
        String state,
        String outcome,
        String rules,
        List<String> drift) {
    public AgentRow {
        drift = List.copyOf(drift);
    }

    static AgentRow missing(AgentKey key, String region, String rules) {
        return new AgentRow(key, "", "", "", "", region, "", "missing", rules, List.of());
    }

    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("environment", key.environment());
        json.put("network", key.network());
        json.put("role", key.role());
        json.put("alias", key.alias());
        json.put("keyId", keyId);
        json.put("arn", arn);
        json.put("description", description);
        json.put("address", address);
        json.put("region", region);
        json.put("state", state);
        json.put("outcome", outcome);
        json.put("rules", rules);
        json.put("drift", drift);
        return json;
    }
}
