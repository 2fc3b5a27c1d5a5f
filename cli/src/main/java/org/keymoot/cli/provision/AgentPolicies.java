package org.keymoot.cli.provision;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.keymoot.cli.Output;

/// The identity policies of the operator's guide, and whether they fit the keys' names.
public final class AgentPolicies {
    /// What an administrator of keys may do in the account as a whole.
    private static final List<String> ACCOUNT_ACTIONS = List.of(
            "kms:CreateKey",
            "kms:ListKeys",
            "kms:ListAliases",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:GenerateRandom",
            "kms:DescribeCustomKeyStores",
            "kms:ListRetirableGrants",
            "iam:ListUsers",
            "iam:ListRoles");

    private final AgentsConfig config;
    private final boolean split;

    /// @param split a policy for each role in place of one for each agent
    public AgentPolicies(AgentsConfig config, boolean split) {
        this.config = config;
        this.split = split;
    }

    /// Policy documents by their names.
    public Map<String, String> documents(String account, List<String> environments) {
        Map<String, String> documents = new LinkedHashMap<>();
        for (String environment : environments) {
            for (String subject : subjects()) {
                documents.put(policyName(environment, subject), signerPolicy(account, pattern(environment, subject)));
            }
        }
        documents.put("kms-admin", adminPolicy(account));
        return documents;
    }

    /// What an operator should know of patterns and names: names that no policy covers, and policies that cover more
    /// than the signers of their agent.
    public List<String> warnings(List<AgentKey> keys) {
        List<String> warnings = new ArrayList<>();
        for (AgentKey key : keys) {
            String subject = split ? key.role() : AgentsConfig.agent(key.role());
            String own = pattern(key.environment(), subject);
            if (!matches(own, key.alias())) {
                warnings.add("%s is not covered by the pattern %s of the policy %s: its agent could not sign"
                        .formatted(key.alias(), own, policyName(key.environment(), subject)));
            }
            for (String other : subjects()) {
                String pattern = pattern(key.environment(), other);
                if (!other.equals(subject) && matches(pattern, key.alias())) {
                    warnings.add("the policy %s with the pattern %s also grants %s, which is not its agent's"
                            .formatted(policyName(key.environment(), other), pattern, key.alias()));
                }
            }
            if (!split && AgentsConfig.purpose(key.role()).equals("attestation") && matches(own, key.alias())) {
                warnings.add("the policy %s also grants the attestation key %s; --split-policies keeps them apart"
                        .formatted(policyName(key.environment(), subject), key.alias()));
            }
        }
        return warnings;
    }

    private Set<String> subjects() {
        return config.roles().stream()
                .map(role -> split ? role : AgentsConfig.agent(role))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private String policyName(String environment, String subject) {
        return environment + "-" + subject + (split ? "" : "-signer");
    }

    private String pattern(String environment, String subject) {
        if (split) {
            return "alias/"
                    + config.template()
                            .replace("{env}", environment)
                            .replace("{network}", "*")
                            .replace("{role}", subject);
        }
        return "alias/" + config.policyPattern().replace("{env}", environment).replace("{agent}", subject);
    }

    private static boolean matches(String pattern, String alias) {
        String expression = Pattern.compile("\\*")
                .splitAsStream(pattern)
                .map(Pattern::quote)
                .collect(Collectors.joining(".*"));
        return alias.matches(pattern.endsWith("*") ? expression + ".*" : expression);
    }

    private static String signerPolicy(String account, String pattern) {
        return Output.toJson(document(List.of(Map.of(
                "Sid",
                "SignWithKeysOfTheAgent",
                "Effect",
                "Allow",
                "Action",
                List.of("kms:GetPublicKey", "kms:Sign"),
                "Resource",
                "arn:aws:kms:*:" + account + ":key/*",
                "Condition",
                Map.of("ForAnyValue:StringLike", Map.of("kms:ResourceAliases", pattern))))));
    }

    private static String adminPolicy(String account) {
        return Output.toJson(document(List.of(
                Map.of(
                        "Sid", "WorkWithTheAccount",
                        "Effect", "Allow",
                        "Action", ACCOUNT_ACTIONS,
                        "Resource", "*"),
                Map.of(
                        "Sid", "WorkWithKeys",
                        "Effect", "Allow",
                        "Action", "kms:*",
                        "Resource",
                                List.of(
                                        "arn:aws:kms:*:" + account + ":alias/*",
                                        "arn:aws:kms:*:" + account + ":key/*")))));
    }

    private static Map<String, Object> document(List<?> statements) {
        return Map.of("Version", "2012-10-17", "Statement", statements);
    }
}
