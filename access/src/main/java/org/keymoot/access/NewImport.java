package org.keymoot.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.Point;

/// Material that a client brings for a key.
///
/// It keeps true: every party computes the same write from the same register, request and sharing, so it is committed
/// only where all hold a share of that sharing; and what a key once had is taken again only if it is the same.
///
/// @param key as its register holds it at `version`
/// @param type null where the request leaves it to what the key has
/// @param materialId that the material must have; null for any
/// @param description null to keep the one before
/// @param validTo null when it is not to expire
/// @param dealer the party that shares it among all; 0 where the client did so itself
public record NewImport(
        KeyRecord key,
        long version,
        Instant at,
        @Nullable Type type,
        @Nullable String materialId,
        @Nullable String description,
        @Nullable Instant validTo,
        int dealer,
        String requestDigest) {

    /// Whether the key has had the material before. The names are AWS's.
    public enum Type {
        NEW_KEY_MATERIAL,
        EXISTING_KEY_MATERIAL
    }

    /// Tells this sharing's shares from those of all others of the key.
    public long epoch() {
        return version + 1;
    }

    /// Why the key may not have a material with this public side; null when it may.
    public @Nullable AwsError unfit(Point publicKey) {
        Material wanted = Material.current(key.keyId(), publicKey, at, null);
        Material known = key.material(wanted.id());
        if (known == null) {
            for (Material waiting : key.materials()) {
                if (type == Type.NEW_KEY_MATERIAL && waiting.state() == Material.State.PENDING_ROTATION) {
                    return AwsError.of(
                            "KMSInvalidStateException",
                            "New key material (id: %s) cannot be imported into KMS key %s, because another key material (id: %s) is pending rotation."
                                    .formatted(wanted.id(), key.keyId(), waiting.id()));
                }
            }
            return key.materials().isEmpty() || type == Type.NEW_KEY_MATERIAL
                    ? null
                    : incorrect(
                            "The key material is not the material that was imported into " + key.arn() + " before.");
        }
        if (type == Type.NEW_KEY_MATERIAL) {
            return incorrect("The key material was imported into " + key.arn() + " before; it is not new.");
        }
        return materialId == null || materialId.equals(wanted.id())
                ? null
                : incorrect("The key material does not have the id " + materialId + ".");
    }

    /// The refusal of material that is not what it should be.
    public static AwsError incorrect(String message) {
        return AwsError.of("IncorrectKeyMaterialException", message);
    }

    /// What is to be committed once every party holds a pending share.
    ///
    /// @param sharing as [Imported#sharing]
    /// @throws IllegalArgumentException when the key may not have the material, as [#unfit] says
    public RegisterWrite write(Point publicKey, String sharing) {
        if (unfit(publicKey) != null) {
            throw new IllegalArgumentException(key.arn() + " may not have this material");
        }
        Material fresh = Material.current(key.keyId(), publicKey, at, null);
        Material before = key.material(fresh.id());
        String words = description != null
                ? description
                : before != null && before.imported() != null
                        ? before.imported().description()
                        : "";
        Imported imported = new Imported(epoch(), sharing, true, validTo, words, dealer);
        List<Material> next = new ArrayList<>();
        for (Material old : key.materials()) {
            next.add(old.id().equals(fresh.id()) ? old.with(imported) : old);
        }
        if (before == null) {
            Material.State state = key.materials().isEmpty() ? Material.State.CURRENT : Material.State.PENDING_ROTATION;
            next.add(fresh.in(state).with(imported));
        }
        KeyRecord.Builder written =
                key.with(key.requestDigest()).changedBy(requestDigest, at).materials(next);
        if (key.state() == KeyState.PENDING_IMPORT && KeyRecord.allPresent(next)) {
            written.state(KeyState.ENABLED);
        }
        return new RegisterWrite(key.name(), version, written.build().json());
    }

    /// The id that the material has or will have.
    public String materialIdOf(Point publicKey) {
        return Material.current(key.keyId(), publicKey, at, null).id();
    }

    /// Whether it would be the first that the key ever had.
    public boolean isFirst() {
        return key.materials().isEmpty();
    }

    /// AWS's answer.
    public String answer(Point publicKey) {
        return ImportActions.answer(key, materialIdOf(publicKey));
    }
}
