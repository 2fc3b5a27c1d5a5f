package org.keymoot.cli.provision;

import java.util.List;
import org.keymoot.access.ethereum.InvalidEthereumData;
import org.keymoot.access.ethereum.SignRules;
import org.keymoot.cli.CliFailure;
import org.keymoot.cli.ExitCode;
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
        String policyPattern,

        @Doc("Sign rules that keys get, each for some roles; a key that none of them names gets none.")
        List<RoleRules> rules) {

    /// Sign rules of some keys.
    public record RoleRules(
            @Doc("Roles whose keys get them.") List<String> roles,

            @Doc("Only on these networks; all when left out.")
            List<String> networks,

            @Doc("Only in these environments; all when left out.")
            List<String> environments,

            @Doc("The rules, JSON as the guide on Ethereum describes it.")
            String allow) {
        public RoleRules {
            roles = List.copyOf(roles);
            networks = List.copyOf(networks);
            environments = List.copyOf(environments);
            if (roles.isEmpty()) {
                throw new IllegalArgumentException("roles: must name at least one role");
            }
            try {
                SignRules.parse(allow);
            } catch (InvalidEthereumData e) {
                throw new IllegalArgumentException("allow: the rules are not valid: " + e.getMessage(), e);
            }
        }

        boolean areOf(String environment, String network, String role) {
            return roles.contains(role)
                    && (networks.isEmpty() || networks.contains(network))
                    && (environments.isEmpty() || environments.contains(environment));
        }
    }

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
        rules = List.copyOf(rules);
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("roles: must name at least one role");
        }
        for (RoleRules some : rules) {
            if (!roles.containsAll(some.roles()) || !networks.containsAll(some.networks())) {
                throw new IllegalArgumentException("rules: may name only roles and networks of this file, found %s %s"
                        .formatted(some.roles(), some.networks()));
            }
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
        return new AgentsConfig(GUIDE_ROLES, List.of(), "", "", List.of());
    }

    /// The sign rules of a key; empty when the file names none.
    String rulesOf(String environment, String network, String role) {
        List<RoleRules> found = rules.stream()
                .filter(some -> some.areOf(environment, network, role))
                .toList();
        if (found.size() > 1) {
            throw new CliFailure(
                    ExitCode.USAGE,
                    "the agents' file has several rules for %s %s %s".formatted(environment, network, role),
                    "write one, or tell them apart by networks or environments");
        }
        return found.isEmpty() ? "" : found.getFirst().allow();
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
