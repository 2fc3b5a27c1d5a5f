package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.policy.KeyPolicy;
import org.keymoot.access.sigv4.CanonicalRequest;

/// Making, showing, switching and deleting keys.
final class KeyActions {
    static final int MAXIMUM_DESCRIPTION = 8192;
    static final int MAXIMUM_POLICY = 131_072;
    /// Its factorial enters exponents.
    private static final int MAXIMUM_PARTIES_OF_RSA = 32;

    private static final int SHORTEST_WINDOW_DAYS = 7;
    private static final int LONGEST_WINDOW_DAYS = 30;
    private static final List<String> ORIGINS = List.of("AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE");

    /// What AWS lets each spec be used for.
    private static final Map<String, Set<String>> USAGES_OF_SPEC = Map.ofEntries(
            Map.entry("RSA_2048", Set.of("ENCRYPT_DECRYPT", "SIGN_VERIFY")),
            Map.entry("RSA_3072", Set.of("ENCRYPT_DECRYPT", "SIGN_VERIFY")),
            Map.entry("RSA_4096", Set.of("ENCRYPT_DECRYPT", "SIGN_VERIFY")),
            Map.entry("ECC_NIST_P256", Set.of("SIGN_VERIFY", "KEY_AGREEMENT")),
            Map.entry("ECC_NIST_P384", Set.of("SIGN_VERIFY", "KEY_AGREEMENT")),
            Map.entry("ECC_NIST_P521", Set.of("SIGN_VERIFY", "KEY_AGREEMENT")),
            // AWS has no key agreement on this curve; here it is one more use of the same protocol.
            Map.entry("ECC_SECG_P256K1", Set.of("SIGN_VERIFY", "KEY_AGREEMENT")),
            Map.entry("SYMMETRIC_DEFAULT", Set.of("ENCRYPT_DECRYPT")),
            Map.entry("HMAC_224", Set.of("GENERATE_VERIFY_MAC")),
            Map.entry("HMAC_256", Set.of("GENERATE_VERIFY_MAC")),
            Map.entry("HMAC_384", Set.of("GENERATE_VERIFY_MAC")),
            Map.entry("HMAC_512", Set.of("GENERATE_VERIFY_MAC")),
            Map.entry("SM2", Set.of("ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT")),
            Map.entry("ML_DSA_44", Set.of("SIGN_VERIFY")),
            Map.entry("ML_DSA_65", Set.of("SIGN_VERIFY")),
            Map.entry("ML_DSA_87", Set.of("SIGN_VERIFY")),
            Map.entry("ECC_NIST_EDWARDS25519", Set.of("SIGN_VERIFY")));

    private KeyActions() {}

    static Decision createKey(Call call) {
        Input input = call.input();
        String keySpec = input.choice("KeySpec", KeySpec.ALL_OF_AWS);
        String oldSpec = input.choice("CustomerMasterKeySpec", KeySpec.ALL_OF_AWS);
        String usage = input.choice("KeyUsage", KeyUsage.ALL_OF_AWS);
        String description = input.text("Description", 0, MAXIMUM_DESCRIPTION, null);
        String origin = input.choice("Origin", ORIGINS);
        String keyStore = input.text("CustomKeyStoreId", 1, 64, null);
        String externalKey = input.text("XksKeyId", 1, 128, null);
        String policyText = input.text("Policy", 1, MAXIMUM_POLICY, PolicyActions.POLICY);
        boolean bypass = input.flag("BypassPolicyLockoutSafetyCheck");
        boolean multiRegion = input.flag("MultiRegion");
        List<Input.Tag> tags = input.tags("Tags", false);
        input.check();

        Offer offer =
                requireOffered(keySpec, oldSpec, usage, origin, keyStore != null || externalKey != null, multiRegion);
        if (offer.spec().isRsa() && call.view().parties() > MAXIMUM_PARTIES_OF_RSA) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    "RSA keys are held by at most " + MAXIMUM_PARTIES_OF_RSA + " parties, and this cluster has "
                            + call.view().parties() + ".");
        }
        TreeMap<String, String> tagMap = new TreeMap<>();
        TagActions.addAll(tagMap, tags);
        String keyId = keyId(call.requestDigest(), multiRegion);
        String arn = "arn:aws:kms:" + call.region() + ":" + call.account() + ":key/" + keyId;
        call.with("kms:KeySpec", offer.spec().name())
                .with("kms:CustomerMasterKeySpec", offer.spec().name())
                .with("kms:KeyUsage", offer.usage().name())
                .with("kms:CustomerMasterKeyUsage", offer.usage().name())
                .with("kms:KeyOrigin", origin == null ? "AWS_KMS" : origin)
                .with("kms:MultiRegion", multiRegion)
                .with("kms:MultiRegionKeyType", multiRegion ? "PRIMARY" : null)
                .with("kms:BypassPolicyLockoutSafetyCheck", bypass);
        TagActions.conditions(call, tags);
        call.authoriseInAccount(null);
        if (!tags.isEmpty()) {
            call.authoriseTagging(arn);
        }
        String policy = policyText == null ? KeyPolicy.defaultDocument(call.account()) : policyText;
        RegisterName name = RegisterName.key(call.account(), call.region(), keyId);
        if (policyText != null) {
            PolicyActions.requireAcceptable(call, policyText, arn, null, bypass);
        }
        StoredKey already = call.key(name);
        if (already != null) {
            // Only this very request makes a key of this id, and it was just found to be allowed; the key's own policy
            // need not speak of kms:CreateKey.
            return call.answer(Answers.createKey(already.key()));
        }
        boolean external = "EXTERNAL".equals(origin);
        KeyRecord draft = KeyRecord.draft(name, offer.spec(), offer.usage())
                .origin(external ? KeyOrigin.EXTERNAL : KeyOrigin.AWS_KMS)
                .heldBy(call.view().parties(), call.view().reconstructionThreshold())
                .createdAt(call.now())
                .multiRegion(multiRegion ? new MultiRegion(call.region(), Collections.emptyNavigableSet()) : null)
                .description(description == null ? describe(offer.spec(), offer.usage()) : description)
                .tags(tagMap)
                .policy(policy)
                .requestDigest(call.requestDigest())
                .build();
        if (external) {
            KeyRecord empty = draft.withState(KeyState.PENDING_IMPORT, call.requestDigest());
            return call.change(new RegisterWrite(name, 0, empty.json()), Answers.createKey(empty));
        }
        return new Decision.MakeKey(call.context(), draft);
    }

    /// What a key is made as.
    private record Offer(KeySpec spec, KeyUsage usage) {}

    /// What DescribeKey says of a key whose maker did not describe it: how its results differ from AWS's, or
    /// how it was made.
    private static String describe(KeySpec spec, KeyUsage usage) {
        if (spec.isRsa()) {
            return "Dealt: one party made this RSA key whole in its memory, dealt its shares to all parties and"
                    + " erased it.";
        }
        return switch (usage) {
            case ENCRYPT_DECRYPT ->
                "Encrypts by a pseudo-random function of the parties and AES-256-GCM; ciphertexts are not AWS's.";
            case GENERATE_VERIFY_MAC ->
                "Tags are a pseudo-random function of the parties, not the plain HMAC of the same name.";
            case SIGN_VERIFY, KEY_AGREEMENT -> "";
        };
    }

    private static Offer requireOffered(
            @Nullable String keySpec,
            @Nullable String oldSpec,
            @Nullable String usage,
            @Nullable String origin,
            boolean outside,
            boolean multiRegion) {
        if (keySpec != null && oldSpec != null) {
            throw new AwsException(
                    AwsError.validation("You cannot specify KeySpec and CustomerMasterKeySpec in the same request."
                            + " CustomerMasterKeySpec is deprecated."));
        }
        String spec = keySpec != null ? keySpec : oldSpec != null ? oldSpec : "SYMMETRIC_DEFAULT";
        String wanted = usage;
        if (wanted == null) {
            if (!spec.equals("SYMMETRIC_DEFAULT")) {
                throw new AwsException(AwsError.validation(
                        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."));
            }
            wanted = "ENCRYPT_DECRYPT";
        }
        Set<String> usages = USAGES_OF_SPEC.get(spec);
        if (usages == null || !usages.contains(wanted)) {
            throw new AwsException(
                    AwsError.validation("KeyUsage " + wanted + " is not compatible with KeySpec " + spec));
        }
        KeySpec offered = KeySpec.find(spec);
        if (offered == null || !offered.usages().contains(KeyUsage.valueOf(wanted))) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    "KeySpec " + spec + " with KeyUsage " + wanted + " is not supported: the parties cannot hold such"
                            + " a key together. Offered are "
                            + KeySpec.OFFERED + ".");
        }
        if (outside || (origin != null && !origin.equals("AWS_KMS") && !origin.equals("EXTERNAL"))) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    "Only the Origins AWS_KMS and EXTERNAL are supported: custom key stores do not exist here.");
        }
        if ("EXTERNAL".equals(origin)) {
            ImportActions.requireImportable(offered, multiRegion);
        }
        return new Offer(offered, KeyUsage.valueOf(wanted));
    }

    /// A random-looking id that the signed request determines: a UUID, or what AWS has for multi-Region keys.
    private static String keyId(String requestDigest, boolean multiRegion) {
        String hash = CanonicalRequest.sha256Hex(("keymoot key id\n" + requestDigest).getBytes(StandardCharsets.UTF_8));
        if (multiRegion) {
            return MultiRegionKeys.PREFIX + hash.substring(0, 32);
        }
        char variant = "89ab".charAt(Character.digit(hash.charAt(16), 16) & 3);
        return hash.substring(0, 8) + "-" + hash.substring(8, 12) + "-4" + hash.substring(13, 16) + "-" + variant
                + hash.substring(17, 20) + "-" + hash.substring(20, 32);
    }

    static Decision describeKey(Call call) {
        StoredKey stored = forUse(call);
        return call.answer(CanonicalJson.object()
                .put("KeyMetadata", Answers.metadata(stored.key()))
                .text());
    }

    static Decision getPublicKey(Call call) {
        StoredKey stored = forUse(call);
        KeyRecord key = stored.key();
        if (key.spec().isSymmetric()) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    "GetPublicKey is not supported for KMS keys with KeySpec " + key.spec() + ".");
        }
        KeyStates.requireEnabled(key);
        return call.answer(Answers.publicKey(key));
    }

    /// Reads a KeyId of any form, and checks the permission.
    private static StoredKey forUse(Call call) {
        Input input = call.input();
        String keyId = input.requiredText("KeyId", 1, 2048, null);
        List<String> grantTokens = input.texts("GrantTokens", false, 10, 1, 8192);
        input.check();
        call.useGrantTokens(grantTokens);
        StoredKey stored = call.resolve(keyId, true);
        call.authorise(stored.key());
        return stored;
    }

    static Decision listKeys(Call call) {
        Page page = Page.read(call.input(), 100, 1000);
        call.authoriseInAccount(null);
        String prefix = RegisterName.keysOf(call.account(), call.region());
        List<CanonicalJson.ObjectBuilder> shown = new ArrayList<>();
        String after = page.after().isEmpty() ? "" : prefix + page.after();
        String last = null;
        boolean more = true;
        while (more) {
            List<DirectoryView.Entry> entries = call.view().list(prefix, after, page.limit() + 1);
            more = entries.size() == page.limit() + 1;
            for (DirectoryView.Entry entry : entries) {
                if (isGone(call, entry)) {
                    continue;
                }
                if (shown.size() == page.limit()) {
                    return call.answer(keyList(shown, last));
                }
                String keyId = entry.name().last();
                String arn = "arn:aws:kms:" + call.region() + ":" + call.account() + ":key/" + keyId;
                shown.add(CanonicalJson.object().put("KeyArn", arn).put("KeyId", keyId));
                last = keyId;
            }
            after = more ? entries.getLast().name().text() : after;
        }
        return call.answer(keyList(shown, null));
    }

    /// Whether a key's waiting period is over. Few keys of a long list have one, so the others are not decoded.
    private static boolean isGone(Call call, DirectoryView.Entry entry) {
        String json = entry.value().json();
        return KeyRecord.mayBePendingDeletion(json)
                && MultiRegionKeys.read(call.view(), entry.name(), json, call.now())
                        .dueForDeletion(call.now());
    }

    private static String keyList(List<CanonicalJson.ObjectBuilder> keys, @Nullable String last) {
        CanonicalJson.ObjectBuilder answer = CanonicalJson.object().put("Keys", keys);
        Page.close(answer, last);
        return answer.text();
    }

    static Decision enableKey(Call call) {
        return switchTo(call, KeyState.ENABLED);
    }

    static Decision disableKey(Call call) {
        return switchTo(call, KeyState.DISABLED);
    }

    /// Writes even when the key is in that state already, so that the answer is true of the newest state and not
    /// of the one that a party that lags behind knows.
    private static Decision switchTo(Call call, KeyState state) {
        StoredKey stored = forChange(call);
        KeyStates.requireSettled(stored.key());
        return call.change(stored.write(stored.key().withState(state, call.requestDigest())), Answers.EMPTY);
    }

    static Decision scheduleKeyDeletion(Call call) {
        Input input = call.input();
        Integer window = input.number("PendingWindowInDays", 1, 365);
        int days = window == null ? LONGEST_WINDOW_DAYS : window;
        call.with("kms:ScheduleKeyDeletionPendingWindowInDays", days);
        StoredKey stored = forChange(call);
        KeyRecord key = stored.key();
        if (isPending(key) && key.requestDigest().equals(call.requestDigest())) {
            return call.answer(Answers.scheduled(key));
        }
        if (days < SHORTEST_WINDOW_DAYS || days > LONGEST_WINDOW_DAYS) {
            throw new AwsException(AwsError.validation("PendingWindowInDays must be between " + SHORTEST_WINDOW_DAYS
                    + " and " + LONGEST_WINDOW_DAYS + " (inclusive)."));
        }
        KeyStates.requireNotPendingDeletion(key);
        KeyStates.requireNotUpdating(key);
        KeyRecord next = hasReplicas(key)
                ? key.with(call.requestDigest()).deletionAfterReplicas(days).build()
                : key.withDeletion(call.now().plus(Duration.ofDays(days)), days, call.requestDigest());
        return call.change(stored.write(next), Answers.scheduled(next));
    }

    private static boolean isPending(KeyRecord key) {
        return key.state() == KeyState.PENDING_DELETION || key.state() == KeyState.PENDING_REPLICA_DELETION;
    }

    /// Whether it is a primary key that has replicas: it cannot be deleted before them.
    private static boolean hasReplicas(KeyRecord key) {
        return key.multiRegion() != null
                && key.multiRegion().primaryRegion().equals(key.region())
                && !key.multiRegion().replicaRegions().isEmpty();
    }

    static Decision cancelKeyDeletion(Call call) {
        StoredKey stored = forChange(call);
        KeyRecord key = stored.key();
        String answer = CanonicalJson.object().put("KeyId", key.arn()).text();
        if (!isPending(key) && key.requestDigest().equals(call.requestDigest())) {
            return call.answer(answer);
        }
        KeyStates.requirePendingDeletion(key);
        KeyState next = key.origin() == KeyOrigin.EXTERNAL && !ImportActions.isComplete(key)
                ? KeyState.PENDING_IMPORT
                : !key.hasMaterial() ? KeyState.CREATING : KeyState.DISABLED;
        return call.change(stored.write(key.withState(next, call.requestDigest())), answer);
    }

    static Decision updateKeyDescription(Call call) {
        String description = call.input().requiredText("Description", 0, MAXIMUM_DESCRIPTION, null);
        StoredKey stored = forChange(call);
        KeyStates.requireNotPendingDeletion(stored.key());
        return call.change(
                stored.write(stored.key().withDescription(description, call.requestDigest())), Answers.EMPTY);
    }

    /// Reads a KeyId that has to be there. What is wrong with it is reported with what is wrong with other members.
    static String readKeyId(Input input) {
        return input.requiredText("KeyId", 1, 2048, null);
    }

    /// Reads a KeyId that is an id or ARN, and checks the permission.
    static StoredKey forChange(Call call) {
        Input input = call.input();
        String keyId = readKeyId(input);
        input.check();
        StoredKey stored = call.resolve(keyId, false);
        call.authorise(stored.key());
        return stored;
    }
}
