package org.keymoot.party.store;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.store.Store;

/// Shares of keys.
///
/// A row is named by its key's id, or, for later materials of a key that is rotated, by [#material]: each material has
/// its rows, and none of a living key is removed once it came into use.
///
/// It keeps true: a share is PENDING until the directory has the key, and only an ACTIVE one is used; a pending one is
/// confirmed once the protocol that made it has returned here, so that every party has one of the same; ERASED is
/// final; a row opens only for the key, epoch, party and public key that it was written for.
public final class ShareStore {
    private static final int MAX_PENDING_PER_KEY = 4;
    /// Imports of the same material leave rows of different sharings, which a later import removes.
    private static final int MAX_PENDING_PER_IMPORT = 64;
    private static final Duration MATERIAL_FOLLOWED = Duration.ofDays(1);

    // The driver gives a column of type integer 32 bits unless it is told otherwise, so queries name their types.
    private static final Field<byte[]> SEALED = DSL.field("sealed", SQLDataType.BLOB);
    private static final Field<byte[]> DIGEST = DSL.field("public_key_digest", SQLDataType.BLOB);
    private static final Field<String> KEY_ID = DSL.field("key_id", SQLDataType.VARCHAR);
    private static final Field<Long> EPOCH = DSL.field("epoch", SQLDataType.BIGINT);
    private static final Field<String> STATE = DSL.field("state", SQLDataType.VARCHAR);
    private static final Field<String> REGISTER = DSL.field("register", SQLDataType.VARCHAR);
    private static final Field<Long> MILLIS = DSL.field("changed_millis", SQLDataType.BIGINT);

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

    /// The name of the rows of a key's later material.
    public static String material(String keyId, String materialId) {
        return keyId + "/" + materialId;
    }

    /// Makes a fresh share durable, not yet usable nor confirmed. A key whose making was tried several times has
    /// several pending shares; the directory settles which of their public keys is the key's. An import that is
    /// tried again with the same sharing has the share that it had.
    ///
    /// @param epoch 0 for what the parties make; of an import the register's version that it waits for
    /// @param publicKey of an import all that its sharing makes public, which settles each party's share
    /// @throws IllegalStateException when the key has a share in use or erased, or too many pending ones
    public void pending(String keyId, long epoch, String register, byte[] publicKey, MemorySegment encodedShare) {
        byte[] digest = digest(publicKey);
        byte[] sealed = sealer.seal(encodedShare, binding(keyId, epoch, digest));
        store.write(sql -> {
            var others = sql.fetch(
                    "select state from key_share where key_id = ? and epoch = ? and (epoch = 0 or public_key_digest <> ?)",
                    keyId,
                    epoch,
                    digest);
            if (others.size() >= (epoch == 0 ? MAX_PENDING_PER_KEY : MAX_PENDING_PER_IMPORT)
                    || others.stream().anyMatch(row -> !State.PENDING.name().equals(row.get(0, String.class)))) {
                throw new IllegalStateException(
                        "key %s already has %d shares of epoch %d here".formatted(keyId, others.size(), epoch));
            }
            int written = sql.execute("""
                    insert into key_share
                        (key_id, epoch, state, register, public_key_digest, sealed, changed_millis, confirmed)
                    values (?, ?, 'PENDING', ?, ?, ?, ?, 0)
                    on conflict do update set changed_millis = excluded.changed_millis
                        where epoch > 0 and state = 'PENDING'""", keyId, epoch, register, digest, sealed, clock.millis());
            if (written != 1) {
                throw new IllegalStateException(
                        "key %s already has this share of epoch %d here".formatted(keyId, epoch));
            }
            return written;
        });
    }

    /// Notes that every party has confirmed its part of the pending share with this public key.
    public void confirm(String keyId, long epoch, byte[] publicKey) {
        store.write(sql -> sql.execute("""
                update key_share set confirmed = 1
                where key_id = ? and epoch = ? and public_key_digest = ? and state = 'PENDING'""", keyId, epoch, digest(publicKey)));
    }

    /// Whether a share of the key with this public key is durably here, in use or confirmed.
    public boolean holds(String keyId, long epoch, byte[] publicKey) {
        return exists(keyId, epoch, publicKey, "(state = 'ACTIVE' or state = 'PENDING' and confirmed = 1)");
    }

    /// Whether a share of the key with this public key is here that is not in use yet, confirmed or not.
    public boolean isPending(String keyId, long epoch, byte[] publicKey) {
        return exists(keyId, epoch, publicKey, "state = 'PENDING'");
    }

    private boolean exists(String keyId, long epoch, byte[] publicKey, String condition) {
        return store.read(sql -> !sql.fetch(
                        "select 1 from key_share where key_id = ? and epoch = ? and public_key_digest = ? and "
                                + condition,
                        keyId,
                        epoch,
                        digest(publicKey))
                .isEmpty());
    }

    /// How long ago the newest pending share was stored that waits for the register; null when there is none.
    ///
    /// @param epoch 0 for what the parties make; of an import the register's version that it waits for
    public @Nullable Duration pendingAge(String register, long epoch) {
        Long stored = store.read(
                sql -> sql.resultQuery("""
                        select changed_millis from key_share
                        where register = ? and epoch = ? and state = 'PENDING' order by changed_millis desc limit 1""", register, epoch).coerce(MILLIS).fetchOne(MILLIS));
        return stored == null ? null : Duration.ofMillis(clock.millis() - stored);
    }

    /// Whether a share of a key with this id is here, or was, other than one that waits for the register.
    public boolean isTaken(String keyId, String register) {
        return store.read(
                sql -> !sql.fetch("""
                        select 1 from key_share
                        where (key_id = ? or key_id like ?) and (state <> 'PENDING' or register <> ?) limit 1""", keyId, material(keyId, "%"), register).isEmpty());
    }

    /// Makes the pending share of this public key usable and removes those of other attempts. True when it is active
    /// afterwards; nothing changes otherwise.
    public boolean activate(String keyId, long epoch, byte[] publicKey) {
        byte[] digest = digest(publicKey);
        return store.write(sql -> {
            int activated = sql.execute("""
                    update key_share set state = 'ACTIVE', changed_millis = ?
                    where key_id = ? and epoch = ? and state = 'PENDING' and public_key_digest = ?""", clock.millis(), keyId, epoch, digest);
            if (activated == 1) {
                sql.execute("delete from key_share where key_id = ? and epoch = ? and state = 'PENDING'", keyId, epoch);
                return true;
            }
            return !sql.fetch("""
                            select 1 from key_share
                            where key_id = ? and epoch = ? and state = 'ACTIVE' and public_key_digest = ?""", keyId, epoch, digest).isEmpty();
        });
    }

    /// Whether a share of any material of the key is here, pending or in use.
    public boolean holdsAny(String keyId) {
        return store.read(sql -> !sql.fetch("""
                        select 1 from key_share
                        where (key_id = ? or key_id like ?) and state <> 'ERASED' limit 1""", keyId, material(keyId, "%")).isEmpty());
    }

    /// Erases every share of the key's materials for good; false when there was none left.
    public boolean erase(String keyId) {
        return store.write(sql -> sql.execute("""
                        update key_share set state = 'ERASED', sealed = null, changed_millis = ?
                        where (key_id = ? or key_id like ?) and state <> 'ERASED'""", clock.millis(), keyId, material(keyId, "%"))) > 0;
    }

    /// Whether a share of a material of the sharings up to `epoch` is here.
    public boolean holdsUpTo(String row, long epoch) {
        return store.read(sql -> !sql.fetch(
                        "select 1 from key_share where key_id = ? and epoch <= ? and state <> 'ERASED' limit 1",
                        row,
                        epoch)
                .isEmpty());
    }

    /// Erases every share of a material of the sharings up to `epoch`; false when there was none left.
    public boolean eraseUpTo(String row, long epoch) {
        return store.write(sql -> sql.execute(
                        "update key_share set state = 'ERASED', sealed = null, changed_millis = ?"
                                + " where key_id = ? and epoch <= ? and state <> 'ERASED'",
                        clock.millis(),
                        row,
                        epoch))
                > 0;
    }

    /// Removes the pending shares of imports that can no longer be committed, because the register has gone past them.
    public void discardPendingImports(String keyId, long upToEpoch) {
        store.write(sql -> sql.execute(
                "delete from key_share where (key_id = ? or key_id like ?)"
                        + " and epoch > 0 and epoch <= ? and state = 'PENDING'",
                keyId,
                material(keyId, "%"),
                upToEpoch));
    }

    /// Rows of imports that are in use.
    public List<Row> ofImports(int limit) {
        return store.read(sql -> sql.resultQuery(
                        "select key_id, epoch, state, register from key_share"
                                + " where epoch > 0 and state = 'ACTIVE' limit ?",
                        limit)
                .coerce(KEY_ID, EPOCH, STATE, REGISTER)
                .fetch()
                .map(ShareStore::row));
    }

    /// Removes the pending shares of a key that is settled not to exist.
    ///
    /// @param register that says so; shares that wait for another stay, whatever their key's id
    public boolean discardPending(String register) {
        return store.write(
                        sql -> sql.execute("delete from key_share where register = ? and state = 'PENDING'", register))
                > 0;
    }

    /// The active share's encoding, in memory that `scope` erases; empty when there is none.
    ///
    /// @throws org.keymoot.platform.seal.SealBroken when the row was changed or belongs elsewhere
    public Optional<SecretBytes> openActive(String keyId, long epoch, byte[] publicKey, SecretScope scope) {
        byte[] digest = digest(publicKey);
        return store.read(sql -> sql.fetchOptional(
                        "select sealed from key_share where key_id = ? and epoch = ? and state = 'ACTIVE'",
                        keyId,
                        epoch))
                .map(row -> Seals.open(sealer, row.get(0, byte[].class), binding(keyId, epoch, digest), scope));
    }

    /// Pending rows, oldest first. Later materials that were never committed are left out after a day, when
    /// nothing is to be done about them any more but to keep them.
    ///
    /// @param skipped rows that are passed over
    public List<Row> pending(int skipped, int limit) {
        return store.read(sql -> sql.resultQuery("""
                        select key_id, epoch, state, register from key_share
                        where state = 'PENDING' and (instr(key_id, '/') = 0 or changed_millis > ?)
                        order by changed_millis limit ? offset ?""", clock.millis() - MATERIAL_FOLLOWED.toMillis(), limit, skipped)
                .coerce(KEY_ID, EPOCH, STATE, REGISTER)
                .fetch()
                .map(ShareStore::row));
    }

    /// Rows with a secret whose register says that there is no such key any more, as a crash between the two leaves. A
    /// key of several Regions is there while it is in one of them.
    public List<Row> ofDeletedKeys(int limit) {
        return store.read(sql -> sql.resultQuery("""
                        select s.key_id, s.epoch, s.state, s.register
                        from key_share s join register r on r.name = s.register
                        where s.state <> 'ERASED' and r.live = 0 and not (s.key_id like 'mrk-%' and exists (
                            select 1 from register o where o.live = 1 and o.name like
                                'key/%/' || substr(s.key_id, 1, instr(s.key_id || '/', '/') - 1)))
                        limit ?""", limit)
                .coerce(KEY_ID, EPOCH, STATE, REGISTER)
                .fetch()
                .map(ShareStore::row));
    }

    /// How many shares are usable.
    public long countActive() {
        return store.read(sql -> sql.fetchSingle("select count(*) from key_share where state = 'ACTIVE'")
                .get(0, Long.class));
    }

    /// Any share that is not erased.
    Optional<Seals.Sealed> anySealed() {
        return store.read(sql -> sql.resultQuery(
                        "select sealed, key_id, epoch, public_key_digest from key_share where sealed is not null limit 1")
                .coerce(SEALED, KEY_ID, EPOCH, DIGEST)
                .fetchOptional()
                .map(row ->
                        new Seals.Sealed(row.get(SEALED), binding(row.get(KEY_ID), row.get(EPOCH), row.get(DIGEST)))));
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
        return new Row(row.get(KEY_ID), row.get(EPOCH), State.valueOf(row.get(STATE)), row.get(REGISTER));
    }

    static byte[] digest(byte[] publicKey) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(publicKey);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
