package org.keymoot.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
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

    /// Keys whose waiting period is over: the parties commit [#deletion] and then erase their shares.
    public static List<RegisterName> dueForDeletion(DirectoryView view, Instant now) {
        return keys(view, entry -> asOf(now, view, entry).dueForDeletion(now));
    }

    private static KeyRecord asOf(Instant now, DirectoryView view, DirectoryView.Entry entry) {
        return MultiRegionKeys.read(view, entry.name(), entry.value().json(), now);
    }

    private static List<RegisterName> keys(DirectoryView view, Predicate<DirectoryView.Entry> which) {
        List<RegisterName> due = new ArrayList<>();
        String after = "";
        while (true) {
            List<DirectoryView.Entry> page = view.list(RegisterName.ALL_KEYS, after, DirectoryView.MAXIMUM_PAGE);
            for (DirectoryView.Entry entry : page) {
                if (which.test(entry)) {
                    due.add(entry.name());
                }
            }
            if (page.size() < DirectoryView.MAXIMUM_PAGE) {
                return due;
            }
            after = page.getLast().name().text();
        }
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

    /// Keys with imported material that has expired: the parties commit [#expiry] and then erase their shares of it.
    public static List<RegisterName> dueForExpiry(DirectoryView view, Instant now) {
        return keys(
                view,
                entry -> Imported.mayExpire(entry.value().json())
                        && KeyRecord.decode(entry.name(), entry.value().json()).hasExpired(now));
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

    /// Keys whose schedule says that they get new material now: the parties make it together and commit what
    /// [#rotation] gives.
    public static List<RegisterName> dueForRotation(DirectoryView view, Instant now) {
        return keys(view, entry -> asOf(now, view, entry).dueForRotation(now));
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
