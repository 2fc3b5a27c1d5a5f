package org.keymoot.cli.provision;

import java.util.List;
import org.keymoot.platform.config.Default;
import org.keymoot.platform.config.Doc;

/// Which agents there are, and how their keys are called.
public record AgentsConfig(
        @Doc("Roles with a key each, an agent's name and `signer` or `attestation`, such as updater-signer.")
        List<String> roles,

        @Doc("Chains that the agents work on; used where the template names {network}.")
        List<String> networks,

        @Doc("How a key is called: {env}, {network} and {role} are filled in.") @Default("")
        String template,

        @Doc("Aliases that the policy of an agent's signers covers; {env} and {agent} are filled in.") @Default("")
        String policyPattern) {

    /// The guide's names, two environments of six.
    static final List<String> GUIDE_ROLES = List.of(
            "watcher-signer",
            "watcher-attestation",
            "updater-signer",
            "updater-attestation",
            "processor-signer",
            "relayer-signer");

    public AgentsConfig {
        roles = List.copyOf(roles);
        networks = List.copyOf(networks);
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("roles: must name at least one role");
        }
        for (String role : roles) {
            if (!role.matches("[a-zA-Z0-9_]+(-[a-zA-Z0-9_]+)*")) {
                throw new IllegalArgumentException("roles: '%s' is no role; use letters, digits and -".formatted(role));
            }
        }
        if (template.isEmpty()) {
            template = networks.isEmpty() ? "{env}-{role}" : "{env}-{network}-{role}";
        }
        if (!template.contains("{env}") || !template.contains("{role}")) {
            throw new IllegalArgumentException("template: must contain {env} and {role}");
        }
        if (template.contains("{network}") == networks.isEmpty()) {
            throw new IllegalArgumentException(
                    "template: must contain {network} exactly when there are networks, found '%s'".formatted(template));
        }
        if (policyPattern.isEmpty()) {
            policyPattern = template.replace("{network}", "*").replace("{role}", "{agent}*");
        }
    }

    static AgentsConfig guide() {
        return new AgentsConfig(GUIDE_ROLES, List.of(), "", "");
    }

    /// The part of a role before `-signer` or `-attestation`.
    static String agent(String role) {
        int dash = role.lastIndexOf('-');
        return dash < 0 ? role : role.substring(0, dash);
    }

    /// `signer`, `attestation`, or what else a role ends with.
    static String purpose(String role) {
        return role.substring(role.lastIndexOf('-') + 1);
    }
}
