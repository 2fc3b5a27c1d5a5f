package org.keymoot.access;

import java.util.ArrayList;
import java.util.List;
import org.keymoot.access.Call.StoredKey;
import org.keymoot.access.json.CanonicalJson;

/// Rotation of symmetric encryption keys, on demand and by schedule.
///
/// It keeps true: new material never takes the old one's place for what was encrypted before.
final class RotationActions {
    /// Rotations on demand in the life of a key.
    static final int MAXIMUM_ON_DEMAND = 25;

    private RotationActions() {}

    static Decision rotateKeyOnDemand(Call call) {
        StoredKey stored = KeyActions.forChange(call);
        KeyRecord key = stored.key();
        String answer = CanonicalJson.object().put("KeyId", key.arn()).text();
        if (key.answered(call.requestDigest())) {
            return call.answer(answer);
        }
        KeyStates.requireEnabled(key);
        requireRotatable(key);
        requirePrimary(key);
        long sofar = key.materials().stream()
                .filter(material -> material.rotation() == Material.RotationType.ON_DEMAND)
                .count();
        if (sofar >= MAXIMUM_ON_DEMAND) {
            throw Call.refuse(
                    "LimitExceededException",
                    "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations"
                            + " can be performed for this key: " + key.arn());
        }
        if (key.origin() == KeyOrigin.EXTERNAL) {
            return call.change(stored.write(rotatedToImported(key, call)), answer);
        }
        NewMaterial material = new NewMaterial(
                key, stored.version(), Material.RotationType.ON_DEMAND, call.now(), call.requestDigest());
        return new Decision.MakeMaterial(call.context(), material, answer);
    }

    /// Imported material waits for its rotation; no party makes any.
    private static KeyRecord rotatedToImported(KeyRecord key, Call call) {
        List<Material> next = new ArrayList<>();
        boolean found = false;
        for (Material material : key.materials()) {
            switch (material.state()) {
                case CURRENT -> next.add(material.in(Material.State.NON_CURRENT));
                case NON_CURRENT -> next.add(material);
                case PENDING_ROTATION -> {
                    if (!material.present()) {
                        next.add(material);
                        continue;
                    }
                    next.add(material.rotated(Material.RotationType.ON_DEMAND, call.now()));
                    found = true;
                }
            }
        }
        if (!found) {
            throw Call.refuse(
                    "KMSInvalidStateException",
                    "No available key material pending rotation for the key: " + key.arn() + ".");
        }
        return key.with(call.requestDigest()).materials(next).build();
    }

    static Decision enableKeyRotation(Call call) {
        Integer period = call.input()
                .number("RotationPeriodInDays", RotationSchedule.SHORTEST_DAYS, RotationSchedule.LONGEST_DAYS);
        int days = period == null ? RotationSchedule.DEFAULT_DAYS : period;
        call.with("kms:RotationPeriodInDays", days);
        StoredKey stored = forSchedule(call);
        KeyRecord next = stored.key()
                .with(call.requestDigest())
                .rotation(RotationSchedule.startingAt(call.now(), days), call.now())
                .build();
        return call.change(stored.write(next), Answers.EMPTY);
    }

    static Decision disableKeyRotation(Call call) {
        StoredKey stored = forSchedule(call);
        KeyRecord next = stored.key()
                .with(call.requestDigest())
                .rotation(null, call.now())
                .build();
        return call.change(stored.write(next), Answers.EMPTY);
    }

    private static StoredKey forSchedule(Call call) {
        StoredKey stored = KeyActions.forChange(call);
        KeyRecord key = stored.key();
        if (key.state() == KeyState.PENDING_IMPORT) {
            // The only state that AWS looks at after the key's origin.
            requireOwnMaterial(key);
        }
        KeyStates.requireEnabled(key);
        requireRotatable(key);
        requireOwnMaterial(key);
        requirePrimary(key);
        return stored;
    }

    /// Keys that cannot be rotated by a schedule have none; Terraform asks of every key.
    static Decision getKeyRotationStatus(Call call) {
        KeyRecord key = KeyActions.forChange(call).key();
        if (!isRotatable(key)) {
            return call.answer(CanonicalJson.object()
                    .put("KeyId", key.arn())
                    .put("KeyRotationEnabled", false)
                    .text());
        }
        requireOwnMaterial(key);
        RotationSchedule schedule = key.rotation();
        boolean pending = key.state() == KeyState.PENDING_DELETION;
        CanonicalJson.ObjectBuilder answer =
                CanonicalJson.object().put("KeyId", key.arn()).put("KeyRotationEnabled", schedule != null && !pending);
        if (schedule != null && !pending) {
            answer.put("NextRotationDate", schedule.nextAt()).put("RotationPeriodInDays", schedule.periodDays());
        }
        return call.answer(answer.text());
    }

    static Decision listKeyRotations(Call call) {
        String include = call.input().choice("IncludeKeyMaterial", List.of("ALL_KEY_MATERIAL", "ROTATIONS_ONLY"));
        KeyActions.readKeyId(call.input());
        Page page = Page.read(call.input(), 100, 1000);
        KeyRecord key = KeyActions.forChange(call).key();
        requireRotatable(key);
        boolean all = "ALL_KEY_MATERIAL".equals(include);
        List<CanonicalJson.ObjectBuilder> shown = new ArrayList<>();
        String last = null;
        boolean begun = page.after().isEmpty();
        for (Material material : key.materials()) {
            boolean listed = all || material.rotation() != null;
            if (begun && listed) {
                if (shown.size() == page.limit()) {
                    return call.answer(rotations(shown, last));
                }
                shown.add(rotation(key, material, all));
                last = material.id();
            }
            begun = begun || material.id().equals(page.after());
        }
        return call.answer(rotations(shown, null));
    }

    private static CanonicalJson.ObjectBuilder rotation(KeyRecord key, Material material, boolean withState) {
        CanonicalJson.ObjectBuilder shown =
                CanonicalJson.object().put("KeyId", key.arn()).put("KeyMaterialId", material.id());
        if (withState) {
            shown.put("KeyMaterialState", material.state().name());
        }
        if (material.rotation() != null) {
            shown.put("RotationDate", material.createdAt())
                    .put("RotationType", material.rotation().name());
        }
        ImportActions.describe(shown, material, true);
        return shown;
    }

    private static String rotations(
            List<CanonicalJson.ObjectBuilder> shown, @org.jspecify.annotations.Nullable String last) {
        CanonicalJson.ObjectBuilder answer = CanonicalJson.object().put("Rotations", shown);
        Page.close(answer, last);
        return answer.text();
    }

    /// Asymmetric and HMAC keys keep their one material.
    private static boolean isRotatable(KeyRecord key) {
        return key.usage() == KeyUsage.ENCRYPT_DECRYPT && key.spec().isSymmetric();
    }

    private static void requireRotatable(KeyRecord key) {
        if (!isRotatable(key)) {
            throw Call.refuse("UnsupportedOperationException", null);
        }
    }

    private static void requireOwnMaterial(KeyRecord key) {
        if (key.origin() != KeyOrigin.AWS_KMS) {
            throw Call.refuse(
                    "UnsupportedOperationException",
                    key.arn() + " origin is " + key.origin() + " which is not valid for this operation.");
        }
    }

    private static void requirePrimary(KeyRecord key) {
        if (key.multiRegion() != null && !key.multiRegion().primaryRegion().equals(key.region())) {
            throw Call.refuse("UnsupportedOperationException", key.arn() + " is not a multi-region primary key.");
        }
    }
}
