package org.keymoot.party.store;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jooq.DSLContext;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.store.Store;

/// Presignatures, each good for one signature.
///
/// It keeps true: of all that ask for one, at any time and after any crash, at most one gets it, and when it does, the
/// secret is durably gone from the disk.
public final class PresignatureStore {
    private final Store store;
    private final Sealer sealer;
    private final Owner owner;
    private final InstantSource clock;
    private final String bootEpoch;
    private volatile boolean retired;

    /// What a presignature is bound to.
    ///
    /// @param quorum ascending
    public record Slot(String keyId, long epoch, List<Integer> quorum) {
        public Slot {
            quorum = List.copyOf(quorum);
        }

        /// The place in the quorum of the one party that may sign with this presignature.
        public int placeOf(byte[] id) {
            return (id[0] & 0xff) % quorum.size();
        }

        String quorumText() {
            return quorum.stream().map(String::valueOf).collect(Collectors.joining(",", ",", ","));
        }
    }

    PresignatureStore(Store store, Sealer sealer, Owner owner, InstantSource clock, String bootEpoch) {
        this.store = store;
        this.sealer = sealer;
        this.owner = owner;
        this.clock = clock;
        this.bootEpoch = bootEpoch;
    }

    /// Stores a new one, durably.
    public void put(byte[] id, Slot slot, MemorySegment encoded) {
        byte[] sealed = sealer.seal(encoded, binding(id, slot, bootEpoch));
        store.write(sql ->
                sql.execute("""
                insert into presignature
                (id, key_id, epoch, quorum, boot_epoch, state, taken_for, sealed, changed_millis)
                values (?, ?, ?, ?, ?, 'NEW', null, ?, ?)""", id, slot.keyId(), slot.epoch(), slot.quorumText(), bootEpoch, sealed, clock.millis()));
    }

    /// Takes the presignature for one message and spends it, in one durable step: when this returns its encoding, the
    /// disk holds no secret of it any more. Empty when there is none, or it was taken before.
    ///
    /// @param messageDigest what it is taken for, kept as evidence
    /// @return its encoding, in memory that `scope` erases
    public Optional<SecretBytes> spend(byte[] id, Slot slot, byte[] messageDigest, SecretScope scope) {
        if (retired) {
            return Optional.empty();
        }
        record Taken(byte[] sealed, String bootEpoch) {}
        Optional<Taken> taken = store.write(sql -> {
            int changed = sql.execute("""
                    update presignature set state = 'TAKEN', taken_for = ?
                    where id = ? and state = 'NEW' and key_id = ? and epoch = ? and quorum = ?""", messageDigest, id, slot.keyId(), slot.epoch(), slot.quorumText());
            if (changed != 1) {
                return Optional.empty();
            }
            Optional<Taken> row = sql.fetchOptional("select sealed, boot_epoch from presignature where id = ?", id)
                    .map(r -> new Taken(r.get(0, byte[].class), r.get(1, String.class)));
            sql.execute("""
                    update presignature set state = 'SPENT', sealed = null, changed_millis = ?
                    where id = ? and state = 'TAKEN'""", clock.millis(), id);
            return row;
        });
        return taken.map(row -> Seals.open(sealer, row.sealed(), binding(id, slot, row.bootEpoch()), scope));
    }

    /// The ids that are free for this slot, oldest first.
    public List<byte[]> available(Slot slot, int limit) {
        return store.read(sql -> sql.fetch("""
                        select id from presignature where key_id = ? and epoch = ? and quorum = ? and state = 'NEW'
                        order by changed_millis limit ?""", slot.keyId(), slot.epoch(), slot.quorumText(), limit))
                .map(row -> row.get(0, byte[].class));
    }

    /// How many are free for this slot.
    public long countAvailable(Slot slot) {
        return store.read(sql -> sql.fetchSingle("""
                        select count(*) from presignature where key_id = ? and epoch = ? and quorum = ? and state = 'NEW'""", slot.keyId(), slot.epoch(), slot.quorumText())
                .get(0, Long.class));
    }

    /// How many are free for each place in the slot's quorum.
    ///
    /// @return one count for each party of the quorum, in its order
    public long[] countByPlace(Slot slot) {
        long[] free = new long[slot.quorum().size()];
        store.read(sql -> sql.fetch("""
                        select substr(id, 1, 1), count(*) from presignature
                        where key_id = ? and epoch = ? and quorum = ? and state = 'NEW'
                        group by 1""", slot.keyId(), slot.epoch(), slot.quorumText()))
                .forEach(row -> free[slot.placeOf(row.get(0, byte[].class))] += row.get(1, Long.class));
        return free;
    }

    /// How many are free in all.
    public long countAvailable() {
        return store.read(sql -> sql.fetchSingle("select count(*) from presignature where state = 'NEW'")
                .get(0, Long.class));
    }

    /// Removes one that the quorum does not share.
    public void discard(byte[] id) {
        store.write(sql -> sql.execute("delete from presignature where id = ? and state = 'NEW'", id));
    }

    /// Removes all of a key.
    public void discardKey(String keyId) {
        store.write(sql -> sql.execute("delete from presignature where key_id = ?", keyId));
    }

    /// Keeps the newest `keep` free ones of a slot, and drops the traces of those spent more than `age` ago. A dropped
    /// trace cannot be spent again: what is not there is not available.
    public void prune(Slot slot, int keep, Duration age) {
        store.write(sql -> {
            sql.execute("""
                    delete from presignature where id in (
                      select id from presignature where key_id = ? and epoch = ? and quorum = ? and state = 'NEW'
                      order by changed_millis desc limit -1 offset ?)""", slot.keyId(), slot.epoch(), slot.quorumText(), keep);
            sql.execute(
                    "delete from presignature where state = 'SPENT' and changed_millis < ?",
                    clock.millis() - age.toMillis());
            return true;
        });
    }

    /// From now on nothing is given out.
    void retire() {
        retired = true;
    }

    /// Removes every presignature in whose quorum the peer is.
    static void deleteWith(DSLContext sql, int peer) {
        sql.execute("delete from presignature where quorum like ?", "%," + peer + ",%");
    }

    private byte[] binding(byte[] id, Slot slot, String epochOfBoot) {
        return Binding.of("presignature")
                .text(owner.clusterId())
                .number(owner.party())
                .bytes(id)
                .text(slot.keyId())
                .number(slot.epoch())
                .text(slot.quorumText())
                .text(epochOfBoot)
                .encoded();
    }
}
