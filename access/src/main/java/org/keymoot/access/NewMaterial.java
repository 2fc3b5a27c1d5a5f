package org.keymoot.access;

import java.time.Instant;
import org.keymoot.crypto.group.Point;

/// Material that the parties are to make for a key that exists: a rotation.
///
/// It keeps true: every party computes the same write from the same register, instant and public side, so it is
/// committed only where all made it.
///
/// @param key as its register holds it at `version`
/// @param rotation why it is made
/// @param at when
/// @param requestDigest the request that asked for it; of an automatic rotation the one before, so that its exact retry
///     is still recognised
public record NewMaterial(
        KeyRecord key, long version, Material.RotationType rotation, Instant at, String requestDigest) {

    /// As [#write(byte[])], of a group element.
    public RegisterWrite write(Point publicKey) {
        return write(Material.encode(publicKey));
    }

    /// What is to be committed once every party holds a pending share of the secret that `publicKey` belongs
    /// to.
    ///
    /// @param publicKey as [Material#publicKeyBytes()] gives it
    public RegisterWrite write(byte[] publicKey) {
        KeyRecord.Builder next =
                key.with(key.requestDigest()).rotatedTo(Material.current(key.keyId(), publicKey, at, rotation));
        if (rotation == Material.RotationType.ON_DEMAND) {
            next.changedBy(requestDigest, at);
        }
        RotationSchedule schedule = key.rotation();
        if (rotation == Material.RotationType.AUTOMATIC && schedule != null) {
            next.rotation(RotationSchedule.startingAt(at, schedule.periodDays()), at);
        }
        return new RegisterWrite(key.name(), version, next.build().json());
    }

    /// The id that the material will have.
    public String materialId(Point publicKey) {
        return Material.current(key.keyId(), publicKey, at, rotation).id();
    }
}
