package org.keymoot.party.store;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jooq.Record;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.store.Store;

/// Shares of keys.
///
/// It keeps true: a share is PENDING until the directory has the key, and only an ACTIVE one is used; ERASED is final;
/// a row opens only for the key, epoch, party and public key that it was written for.
public final class ShareStore {
    private final Store store;
    private final Sealer sealer;
    private final Owner owner;
    private final InstantSource clock;

    /// Where a share stands.
    public enum State {
        PENDING,
        ACTIVE,
        ERASED
    }

    /// A row without its secret.
    ///
    /// @param register the directory's register that says whether the key exists
    public record Row(String keyId, long epoch, State state, String register) {}

    ShareStore(Store store, Sealer sealer, Owner owner, InstantSource clock) {
        this.store = store;
        this.sealer = sealer;
        this.owner = owner;
        this.clock = clock;
    }

    /// Makes a fresh share durable, not yet usable.
    ///
    /// @param encodedShare erased before this returns
    /// @throws IllegalStateException when a share of this key and epoch is there already
    public void pending(String keyId, long epoch, String register, byte[] publicKey, byte[] encodedShare) {
        byte[] digest = digest(publicKey);
        byte[] sealed;
        try {
            sealed = sealer.seal(MemorySegment.ofArray(encodedShare), binding(keyId, epoch, digest));
        } finally {
            java.util.Arrays.fill(encodedShare, (byte) 0);
        }
        int inserted = store.write(sql -> sql.execute("""
                insert into key_share (key_id, epoch, state, register, public_key_digest, sealed, changed_millis)
                values (?, ?, 'PENDING', ?, ?, ?, ?) on conflict do nothing""", keyId, epoch, register, digest, sealed, clock.millis()));
        if (inserted != 1) {
            throw new IllegalStateException("key %s already has a share of epoch %d here".formatted(keyId, epoch));
        }
    }

    /// Makes a pending share of this public key usable. True when it is active afterwards.
    public boolean activate(String keyId, long epoch, byte[] publicKey) {
        byte[] digest = digest(publicKey);
        return store.write(sql -> {
            sql.execute("""
                    update key_share set state = 'ACTIVE', changed_millis = ?
                    where key_id = ? and epoch = ? and state = 'PENDING' and public_key_digest = ?""", clock.millis(), keyId, epoch, digest);
            return !sql.fetch("""
                            select 1 from key_share
                            where key_id = ? and epoch = ? and state = 'ACTIVE' and public_key_digest = ?""", keyId, epoch, digest).isEmpty();
        });
    }

    /// Erases every share of the key for good.
    public void erase(String keyId) {
        store.write(sql -> sql.execute(
                "update key_share set state = 'ERASED', sealed = null, changed_millis = ? where key_id = ?",
                clock.millis(),
                keyId));
    }

    /// Removes a pending share whose key is settled not to exist, so that the same key id may be tried again.
    public boolean discardPending(String keyId, long epoch) {
        return store.write(sql -> sql.execute(
                        "delete from key_share where key_id = ? and epoch = ? and state = 'PENDING'", keyId, epoch))
                == 1;
    }

    /// The active share's encoding, which the caller erases; empty when there is none.
    ///
    /// @throws org.keymoot.platform.seal.SealBroken when the row was changed or belongs elsewhere
    public Optional<byte[]> openActive(String keyId, long epoch, byte[] publicKey) {
        byte[] digest = digest(publicKey);
        return store.read(sql -> sql.fetchOptional("""
                        select sealed, public_key_digest from key_share
                        where key_id = ? and epoch = ? and state = 'ACTIVE'""", keyId, epoch))
                .map(row -> sealer.open(row.get(0, byte[].class), binding(keyId, epoch, digest)));
    }

    public Optional<Row> find(String keyId, long epoch) {
        return store.read(sql -> sql.fetchOptional(
                        "select key_id, epoch, state, register from key_share where key_id = ? and epoch = ?",
                        keyId,
                        epoch))
                .map(ShareStore::row);
    }

    /// Pending rows that have not changed for `age`, oldest first.
    public List<Row> pendingOlderThan(Duration age, int limit) {
        return store.read(sql -> sql.fetch("""
                        select key_id, epoch, state, register from key_share
                        where state = 'PENDING' and changed_millis <= ? order by changed_millis limit ?""", clock.millis() - age.toMillis(), limit))
                .map(ShareStore::row);
    }

    /// How many shares are usable.
    public long countActive() {
        return store.read(sql -> sql.fetchSingle("select count(*) from key_share where state = 'ACTIVE'")
                .get(0, Long.class));
    }

    private byte[] binding(String keyId, long epoch, byte[] publicKeyDigest) {
        return Binding.of("key share")
                .text(owner.clusterId())
                .number(owner.party())
                .text(keyId)
                .number(epoch)
                .bytes(publicKeyDigest)
                .encoded();
    }

    private static Row row(Record row) {
        return new Row(
                row.get(0, String.class),
                row.get(1, Long.class),
                State.valueOf(row.get(2, String.class)),
                row.get(3, String.class));
    }

    static byte[] digest(byte[] publicKey) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(publicKey);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
