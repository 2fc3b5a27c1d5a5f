package org.keymoot.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.iam.Iam;
import org.keymoot.access.iam.Sts;

/// Decides about requests.
///
/// It keeps true: the result depends on the arguments only, so parties with the same registers decide alike; and
/// nothing is allowed before the signature, the input, the key, the caller's permission and the key's state have
/// been checked, in this order.
public final class Kms {
    private Kms() {}

    /// Decides about one request, of KMS, IAM or STS, by the service that its signature is made for.
    ///
    /// @param now the instant that counts as the present; for a change it is the proposer's, which each acceptor
    ///     checks against its own clock beforehand
    public static Decision decide(SignedRequest request, DirectoryView view, Instant now) {
        return switch (Service.of(request)) {
            case KMS -> new Call(request, view, now).decide();
            case IAM -> Iam.decide(request, view, now);
            case STS -> Sts.decide(request, view, now);
        };
    }

    /// What some keys are due for by now, though nobody asks.
    ///
    /// @param deletion whose waiting period is over: the parties commit [#deletion] and then erase
    /// their shares
    /// @param expiry with imported material that has expired: the parties commit [#expiry] and then erase their
    ///     shares of it
    /// @param rotation whose schedule says that they get new material: the parties make it together and commit
    ///     what [#rotation] gives
    /// @param last the name after which the next page begins; null when there are no more keys
    public record Due(
            List<RegisterName> deletion,
            List<RegisterName> expiry,
            List<RegisterName> rotation,
            @Nullable String last) {}

    /// What one page of all keys is due for.
    ///
    /// @param after the last name of the page before; empty for the first
    public static Due due(DirectoryView view, String after, Instant now) {
        List<DirectoryView.Entry> page = view.list(RegisterName.ALL_KEYS, after, DirectoryView.MAXIMUM_PAGE);
        List<RegisterName> deletion = new ArrayList<>();
        List<RegisterName> expiry = new ArrayList<>();
        List<RegisterName> rotation = new ArrayList<>();
        for (DirectoryView.Entry entry : page) {
            RegisterName name = entry.name();
            String json = entry.value().json();
            if (Imported.mayExpire(json) && KeyRecord.decode(name, json).hasExpired(now)) {
                expiry.add(name);
            }
            if (MultiRegionKeys.isOne(name) || KeyRecord.hasSchedule(json)) {
                KeyRecord record = MultiRegionKeys.read(view, name, json, now);
                if (record.dueForDeletion(now)) {
                    deletion.add(name);
                }
                if (record.dueForRotation(now)) {
                    rotation.add(name);
                }
            }
        }
        boolean more = page.size() == DirectoryView.MAXIMUM_PAGE;
        return new Due(deletion, expiry, rotation, more ? page.getLast().name().text() : null);
    }

    /// The write that turns a key whose waiting period is over into a tombstone; null when the key is not due.
    /// Every party computes the same write from the register alone, so no client's request is needed.
    public static @Nullable RegisterWrite deletion(DirectoryView view, RegisterName key, Instant now) {
        RegisterValue value = view.read(key);
        if (value == null || !value.live()) {
            return null;
        }
        KeyRecord record = MultiRegionKeys.read(view, key, value.json(), now);
        return record.dueForDeletion(now)
                ? new RegisterWrite(key, value.version(), record.erased().json())
                : null;
    }

    /// Whether a key may be in several Regions, so that its register alone does not say that it is
    /// gone.
    public static boolean mayLiveElsewhere(RegisterName key) {
        return MultiRegionKeys.isOne(key);
    }

    /// Whether parties still need their shares of a key whose register has become a tombstone, because the key lives in
    /// another Region.
    public static boolean livesElsewhere(DirectoryView view, RegisterName key) {
        return MultiRegionKeys.isOne(key) && MultiRegionKeys.livesSomewhere(view, key);
    }

    /// The write that takes expired material from a key; null when none has expired. Every party computes the same
    /// write from the register alone.
    public static @Nullable RegisterWrite expiry(DirectoryView view, RegisterName key, Instant now) {
        RegisterValue value = view.read(key);
        if (value == null || !value.live()) {
            return null;
        }
        KeyRecord record = KeyRecord.decode(key, value.json());
        return record.hasExpired(now)
                ? new RegisterWrite(key, value.version(), record.asOf(now).json())
                : null;
    }

    /// The material that a key's schedule asks for; null when none is due. Every party computes this from the register
    /// alone, so no client's request is needed.
    ///
    /// @param now in whole milliseconds, the same at every party: the instant that the leader of the rotation names
    public static @Nullable NewMaterial rotation(DirectoryView view, RegisterName key, Instant now) {
        RegisterValue value = view.read(key);
        if (value == null || !value.live()) {
            return null;
        }
        KeyRecord record = MultiRegionKeys.read(view, key, value.json(), now);
        return record.dueForRotation(now)
                ? new NewMaterial(record, value.version(), Material.RotationType.AUTOMATIC, now, record.requestDigest())
                : null;
    }
}
