package org.keymoot.access;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.policy.KeyPolicy;

/// Keys in further Regions, and the move of the primary one.
final class MultiRegionActions {
    /// Regions of one key.
    static final int MAXIMUM_REGIONS = 32;

    private static final Pattern REGION = Pattern.compile("^([a-z]+-){2,3}\\d+$");

    private MultiRegionActions() {}

    static Decision replicateKey(Call call) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        String region = input.requiredText("ReplicaRegion", 1, 32, REGION);
        String policyText = input.text("Policy", 1, KeyActions.MAXIMUM_POLICY, PolicyActions.POLICY);
        boolean bypass = input.flag("BypassPolicyLockoutSafetyCheck");
        String description = input.text("Description", 0, KeyActions.MAXIMUM_DESCRIPTION, null);
        List<Input.Tag> tags = input.tags("Tags", false);
        input.check();
        TreeMap<String, String> tagMap = new TreeMap<>();
        TagActions.addAll(tagMap, tags);
        StoredKey stored = call.resolve(keyId, false);
        KeyRecord primary = stored.key();
        call.with("kms:ReplicaRegion", region).with("kms:BypassPolicyLockoutSafetyCheck", bypass);
        TagActions.conditions(call, tags);
        call.authorise(primary);
        call.with("kms:KeySpec", primary.spec().name())
                .with("kms:KeyUsage", primary.usage().name())
                .with("kms:KeyOrigin", primary.origin().name())
                .with("kms:MultiRegion", true)
                .with("kms:MultiRegionKeyType", "REPLICA");
        call.authoriseMaking(arn(MultiRegionKeys.in(primary.name(), region)), region, !tags.isEmpty());
        requirePrimary(primary);
        if (region.equals(primary.region())) {
            throw new AwsException(
                    AwsError.validation("The replica Region must differ from the primary key's Region."));
        }
        RegisterName name = MultiRegionKeys.in(primary.name(), region);
        StoredKey present = call.key(name);
        if (present != null && present.key().requestDigest().equals(call.requestDigest())) {
            return call.answer(answer(present.key()));
        }
        KeyStates.requireEnabled(primary);
        KeyStates.requireNotUpdating(primary);
        if (present != null) {
            throw Call.refuse(
                    "AlreadyExistsException", "The key " + present.key().arn() + " already exists.");
        }
        if (policyText != null) {
            PolicyActions.requireAcceptable(call, policyText, arn(name), null, bypass);
        }
        KeyRecord replica = KeyRecord.draft(name, primary.spec(), primary.usage())
                .origin(primary.origin())
                .multiRegion(new MultiRegion(primary.region(), Collections.emptyNavigableSet()))
                .heldBy(primary.parties(), primary.reconstructionThreshold())
                .createdAt(call.now())
                .materials(primary.materials())
                .state(KeyState.ENABLED)
                .description(description == null ? "" : description)
                .tags(tagMap)
                .policy(policyText == null ? KeyPolicy.defaultDocument(call.account()) : policyText)
                .requestDigest(call.requestDigest())
                .build();
        RegisterValue gone = call.view().read(name);
        RegisterWrite key = new RegisterWrite(name, gone == null ? 0 : gone.version(), replica.json());
        MultiRegionKeys.Regions regions = MultiRegionKeys.regions(call.view(), primary.name());
        String answer = answer(whole(primary, replica));
        if (regions.regions().contains(region)) {
            return call.change(key, answer);
        }
        if (regions.regions().size() >= MAXIMUM_REGIONS) {
            throw Call.refuse(
                    "LimitExceededException", primary.arn() + " is in " + MAXIMUM_REGIONS + " Regions already.");
        }
        return call.change(List.of(regions.with(region, call.requestDigest()).write(primary.name()), key), answer);
    }

    /// The replica as it is once it is listed.
    private static KeyRecord whole(KeyRecord primary, KeyRecord replica) {
        TreeSet<String> replicas = new TreeSet<>();
        if (primary.multiRegion() != null) {
            replicas.addAll(primary.multiRegion().replicaRegions());
        }
        replicas.add(replica.region());
        return replica.with(replica.requestDigest())
                .multiRegion(new MultiRegion(primary.region(), replicas))
                .build();
    }

    private static String answer(KeyRecord replica) {
        List<CanonicalJson.ObjectBuilder> tags =
                replica.tags().entrySet().stream().map(MultiRegionActions::tag).toList();
        return CanonicalJson.object()
                .put("ReplicaKeyMetadata", Answers.metadata(replica))
                .put("ReplicaPolicy", replica.policy())
                .put("ReplicaTags", tags)
                .text();
    }

    private static CanonicalJson.ObjectBuilder tag(Map.Entry<String, String> tag) {
        return CanonicalJson.object().put("TagKey", tag.getKey()).put("TagValue", tag.getValue());
    }

    /// Both Regions change in the one register that says which is the primary one, so no state in between is ever seen;
    /// and nothing is handed over, because what the Regions share is read from all of them.
    static Decision updatePrimaryRegion(Call call) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        String region = input.requiredText("PrimaryRegion", 1, 32, REGION);
        input.check();
        StoredKey stored = call.resolve(keyId, false);
        KeyRecord primary = stored.key();
        call.with("kms:PrimaryRegion", region);
        call.authorise(primary);
        MultiRegionKeys.Regions regions = MultiRegionKeys.regions(call.view(), primary.name());
        if (regions.primary().equals(region) && regions.requestDigest().equals(call.requestDigest())) {
            return call.answer(Answers.EMPTY);
        }
        requirePrimary(primary);
        KeyStates.requireEnabled(primary);
        if (region.equals(primary.region())) {
            throw new AwsException(AwsError.validation(
                    "The key " + primary.arn() + " is in the primary Region " + region + " already."));
        }
        RegisterName name = MultiRegionKeys.in(primary.name(), region);
        StoredKey replica = call.key(name);
        if (replica == null) {
            throw Call.noSuchKey(name);
        }
        call.authorise(replica.key());
        KeyStates.requireEnabled(replica.key());
        return call.change(regions.ledBy(region, call.requestDigest()).write(primary.name()), Answers.EMPTY);
    }

    private static void requirePrimary(KeyRecord key) {
        if (key.multiRegion() == null || !key.multiRegion().primaryRegion().equals(key.region())) {
            throw Call.refuse("UnsupportedOperationException", key.arn() + " is not a multi-region primary key.");
        }
    }

    static CanonicalJson.@Nullable ObjectBuilder configuration(KeyRecord key) {
        MultiRegion where = key.multiRegion();
        if (where == null) {
            return null;
        }
        boolean primary = where.primaryRegion().equals(key.region());
        return CanonicalJson.object()
                .put("MultiRegionKeyType", primary ? "PRIMARY" : "REPLICA")
                .put("PrimaryKey", place(key, where.primaryRegion()))
                .put(
                        "ReplicaKeys",
                        where.replicaRegions().stream()
                                .map(region -> place(key, region))
                                .toList());
    }

    private static CanonicalJson.ObjectBuilder place(KeyRecord key, String region) {
        return CanonicalJson.object()
                .put("Arn", arn(MultiRegionKeys.in(key.name(), region)))
                .put("Region", region);
    }

    private static String arn(RegisterName key) {
        return "arn:aws:kms:" + key.region() + ":" + key.account() + ":key/" + key.last();
    }
}
