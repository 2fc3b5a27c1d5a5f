package org.keymoot.party.operations;

import org.keymoot.access.KeyRecord;
import org.keymoot.access.RegisterName;
import org.keymoot.party.store.PresignatureStore;
import org.keymoot.party.store.ShareStore;

/// Erases shares, on record.
///
/// It keeps true: the record of an erasure is on disk before anything is erased, so none is ever missing. Where it
/// cannot be written nothing is erased, and whoever asked has to ask again. One erasure at a time, so that none is
/// recorded twice.
final class Erasing {
    private final ShareStore store;
    private final KeyShares shares;
    private final PresignatureStore presignatures;
    private final AuditTrail audit;

    Erasing(ShareStore store, KeyShares shares, PresignatureStore presignatures, AuditTrail audit) {
        this.store = store;
        this.shares = shares;
        this.presignatures = presignatures;
        this.audit = audit;
    }

    /// What waits for a register that will never have a key.
    synchronized void ofAbandoned(RegisterName register) {
        if (store.pendingAge(register.text(), KeyShares.FIRST_EPOCH) != null) {
            audit.erased(register.last(), "its key never came to be");
            store.discardPending(register.text());
        }
    }

    /// All of a key that is gone.
    synchronized void ofDeleted(String keyId) {
        presignatures.discardKey(keyId);
        if (store.holdsAny(keyId)) {
            audit.erased(keyId, "its key is deleted");
            shares.erase(keyId);
        }
    }

    /// The shares of a key's imported material that is gone or was shared anew.
    ///
    /// @param version of the key's register
    synchronized void ofSuperseded(KeyRecord key, long version) {
        if (shares.hasSuperseded(key, version)) {
            audit.erased(key.keyId(), "its imported material is gone or was shared anew");
            presignatures.discardKey(key.keyId());
            shares.eraseSuperseded(key, version);
        }
    }
}
