package org.keymoot.cli.provision;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keymoot.cli.aws.AwsCallFailure;
import org.keymoot.cli.aws.KmsClient;
import org.keymoot.cli.ethereum.EthereumSigner;
import tools.jackson.databind.JsonNode;

/// Makes the keys that are missing.
///
/// It keeps true: a key that a run made and could not name is found again by its tag, so that a crash between the two
/// calls leaves no second key; a key has its sign rules before it has its name; and what exists is looked at, never
/// changed, but for a key without sign rules that should have some.
public final class Provisioning {
    /// Names the agent's key on the key itself, from the moment that it is made.
    static final String NAME_TAG = "keymoot-agent-key";

    static final String ENVIRONMENT_TAG = "environment";
    private static final String SPEC = "ECC_SECG_P256K1";
    private static final String USAGE = "SIGN_VERIFY";

    private final KmsClient kms;
    private final Consumer<String> progress;

    /// @param progress told of what is done, a line at a time
    public Provisioning(KmsClient kms, Consumer<String> progress) {
        this.kms = kms;
        this.progress = progress;
    }

    public List<AgentRow> run(List<AgentKey> wanted, boolean dryRun) {
        Map<String, String> aliases = aliases();
        boolean someMissing = wanted.stream().anyMatch(key -> !aliases.containsKey(key.alias()));
        Map<String, String> orphans = someMissing ? orphans(aliases) : Map.of();
        List<AgentRow> rows = new ArrayList<>();
        for (AgentKey key : wanted) {
            if (aliases.containsKey(key.alias())) {
                rows.add(look(key, "present", rules(key, key.alias(), dryRun)));
            } else if (dryRun) {
                String orphan = orphans.get(key.name());
                rows.add(AgentRow.missing(key, kms.region(), key.rules().isEmpty() ? "" : "would be set"));
                progress.accept(
                        orphan == null
                                ? "would make a key and name it " + key.alias()
                                : "would name the key %s %s, which an interrupted run made"
                                        .formatted(orphan, key.alias()));
            } else {
                rows.add(make(key, orphans.get(key.name())));
            }
        }
        return rows;
    }

    private AgentRow make(AgentKey key, @Nullable String orphan) {
        String keyId = orphan != null ? orphan : create(key);
        Rules rules = rules(key, keyId, false);
        try {
            kms.call("CreateAlias", Map.of("AliasName", key.alias(), "TargetKeyId", keyId));
        } catch (AwsCallFailure e) {
            if (!e.is("AlreadyExistsException")) {
                throw e;
            }
            progress.accept("%s was named by another run at the same time; the key %s stays without a name"
                    .formatted(key.alias(), keyId));
        }
        return look(key, orphan == null ? "created" : "resumed", rules);
    }

    /// What became of a key's sign rules, and how they differ from what they should be.
    private record Rules(String outcome, List<String> drift) {
        static final Rules NONE = new Rules("", List.of());
    }

    private Rules rules(AgentKey key, String keyId, boolean dryRun) {
        if (key.rules().isEmpty()) {
            return Rules.NONE;
        }
        String present = rules(keyId);
        if (present == null) {
            if (dryRun) {
                return new Rules("would be set", List.of());
            }
            putRules(key, keyId);
            return new Rules("set", List.of());
        }
        return RulesDifference.same(present, key.rules())
                ? new Rules("kept", List.of())
                : new Rules("different", RulesDifference.lines(present, key.rules()));
    }

    private @Nullable String rules(String keyId) {
        try {
            return kms.keymoot("GetSignRules", Map.of("KeyId", keyId))
                    .path("Rules")
                    .asString("");
        } catch (AwsCallFailure e) {
            if (e.is("NotFoundException") && String.valueOf(e.getMessage()).contains("no sign rules")) {
                return null;
            }
            throw e;
        }
    }

    private void putRules(AgentKey key, String keyId) {
        progress.accept("setting the sign rules of " + key.alias());
        kms.keymoot("PutSignRules", Map.of("KeyId", keyId, "Rules", key.rules()));
    }

    /// Gives a key whose sign rules are different those that it should have.
    public AgentRow replaceRules(AgentRow row) {
        putRules(row.key(), row.keyId());
        return look(row.key(), row.outcome(), new Rules("replaced", List.of()));
    }

    private String create(AgentKey key) {
        progress.accept("making " + key.alias());
        JsonNode answer = kms.call(
                "CreateKey",
                Map.of(
                        "Description",
                        key.description(),
                        "KeyUsage",
                        USAGE,
                        "KeySpec",
                        SPEC,
                        "Tags",
                        List.of(tag(ENVIRONMENT_TAG, key.environment()), tag(NAME_TAG, key.name()))));
        return answer.at("/KeyMetadata/KeyId").asString("");
    }

    private static Map<String, String> tag(String key, String value) {
        return Map.of("TagKey", key, "TagValue", value);
    }

    /// The key as it is, and how that differs from what it should be.
    private AgentRow look(AgentKey key, String outcome, Rules rules) {
        JsonNode metadata =
                kms.call("DescribeKey", Map.of("KeyId", key.alias())).path("KeyMetadata");
        List<String> drift = new ArrayList<>();
        compare(drift, "spec", SPEC, metadata.path("KeySpec").asString(""));
        compare(drift, "usage", USAGE, metadata.path("KeyUsage").asString(""));
        compare(
                drift,
                "description",
                key.description(),
                metadata.path("Description").asString(""));
        compare(drift, "state", "Enabled", metadata.path("KeyState").asString(""));
        String keyId = metadata.path("KeyId").asString("");
        compare(drift, "tag " + ENVIRONMENT_TAG, key.environment(), tags(keyId).getOrDefault(ENVIRONMENT_TAG, ""));
        drift.addAll(rules.drift());
        boolean usable = metadata.path("KeySpec").asString("").equals(SPEC)
                && metadata.path("KeyState").asString("").equals("Enabled");
        return new AgentRow(
                key,
                keyId,
                metadata.path("Arn").asString(""),
                metadata.path("Description").asString(""),
                usable ? EthereumSigner.open(kms, key.alias()).address().checksummed() : "",
                kms.region(),
                metadata.path("KeyState").asString(""),
                outcome,
                rules.outcome(),
                drift);
    }

    private static void compare(List<String> drift, String what, String expected, String found) {
        if (!expected.equals(found)) {
            drift.add("%s is '%s', expected '%s'".formatted(what, found, expected));
        }
    }

    private Map<String, String> tags(String keyId) {
        Map<String, String> tags = new TreeMap<>();
        for (JsonNode tag : kms.list("ListResourceTags", Map.of("KeyId", keyId), "Tags")) {
            tags.put(tag.path("TagKey").asString(""), tag.path("TagValue").asString(""));
        }
        return tags;
    }

    private Map<String, String> aliases() {
        Map<String, String> aliases = new HashMap<>();
        for (JsonNode alias : kms.list("ListAliases", Map.of("Limit", 100), "Aliases")) {
            aliases.put(
                    alias.path("AliasName").asString(""),
                    alias.path("TargetKeyId").asString(""));
        }
        return aliases;
    }

    /// Keys that have the tag of an agent's key and no alias, by the name in the tag.
    private Map<String, String> orphans(Map<String, String> aliases) {
        Map<String, String> orphans = new HashMap<>();
        for (JsonNode listed : kms.list("ListKeys", Map.of("Limit", 1000), "Keys")) {
            String keyId = listed.path("KeyId").asString("");
            if (aliases.containsValue(keyId)) {
                continue;
            }
            try {
                String name = tags(keyId).get(NAME_TAG);
                String state = name == null
                        ? ""
                        : kms.call("DescribeKey", Map.of("KeyId", keyId))
                                .at("/KeyMetadata/KeyState")
                                .asString("");
                if (name != null && state.equals("Enabled")) {
                    orphans.putIfAbsent(name, keyId);
                }
            } catch (AwsCallFailure e) {
                if (!e.is("AccessDeniedException") && !e.is("NotFoundException")) {
                    throw e;
                }
                // Not one of ours to look at, and so not one that an earlier run made as the same caller.
                progress.accept("could not look at the key %s: %s".formatted(keyId, e.type()));
            }
        }
        return orphans;
    }
}
