package org.keymoot.party.store;

import java.lang.foreign.MemorySegment;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.platform.disk.InsufficientStorage;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.store.Store;
import org.keymoot.platform.store.StoreFailed;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Set-ups with peers.
///
/// It keeps true: a burned set-up has no secret left, and nothing takes its place until an operator has released the
/// pair, across restarts. One whose burning found no room on the disk keeps its secret, and is out of use all the same.
public final class PairStore {
    // The driver gives a column of type integer 32 bits unless it is told otherwise, so queries name their types.
    private static final Field<Integer> PEER = DSL.field("peer", SQLDataType.INTEGER);
    private static final Field<Long> EPOCH = DSL.field("epoch", SQLDataType.BIGINT);
    private static final Field<byte[]> ID = DSL.field("id", SQLDataType.BLOB);
    private static final Field<byte[]> SEALED = DSL.field("sealed", SQLDataType.BLOB);
    private static final Field<String> STATE = DSL.field("state", SQLDataType.VARCHAR);
    private static final Field<String> STEP = DSL.field("step", SQLDataType.VARCHAR);

    private static final String NOT_ERASED = "not erased, for want of room on the disk";
    private static final Logger log = LoggerFactory.getLogger(PairStore.class);

    private final Store store;
    private final Sealer sealer;
    private final Owner owner;
    private final InstantSource clock;
    private final BurnMarks marks;

    /// Where a pair stands.
    public enum State {
        ACTIVE,
        BURNED
    }

    /// A row without its secret.
    ///
    /// @param id lower-case hex
    /// @param step the check that failed, when burned
    public record Row(
            int peer,
            long epoch,
            String id,
            State state,
            @Nullable String step) {}

    PairStore(Store store, Sealer sealer, Owner owner, InstantSource clock, BurnMarks marks) {
        this.store = store;
        this.sealer = sealer;
        this.owner = owner;
        this.clock = clock;
        this.marks = marks;
    }

    /// Stores a new set-up in place of an older active one, whose presignatures go. False when the pair is
    /// burned: the new one is then not kept.
    public boolean put(int peer, long epoch, byte[] id, MemorySegment encodedSetup) {
        if (marks.has(peer)) {
            return false;
        }
        byte[] sealed = sealer.seal(encodedSetup, binding(peer, epoch, id));
        return store.write(sql -> sql.execute("""
                        insert into pair_setup (peer, epoch, id, state, sealed, changed_millis)
                        values (?, ?, ?, 'ACTIVE', ?, ?)
                        on conflict (peer, epoch) do update
                        set id = excluded.id, sealed = excluded.sealed, changed_millis = excluded.changed_millis
                        where pair_setup.state = 'ACTIVE'""", peer, epoch, id, sealed, clock.millis())) == 1;
    }

    /// Puts the pair out of use, durably, and erases the secret and the presignatures made with the peer; what
    /// cannot be erased for want of room on the disk stays out of use.
    public void burn(int peer, long epoch, byte[] id, String step) {
        marks.set(peer);
        try {
            erase(peer, epoch, id, step);
        } catch (InsufficientStorage | StoreFailed e) {
            log.atError().addKeyValue("peer", peer).setCause(e).log("burned pair not erased");
            return;
        }
        marks.clear(peer);
    }

    private void erase(int peer, long epoch, byte[] id, String step) {
        store.write(sql -> {
            sql.execute("""
                    insert into pair_setup (peer, epoch, id, state, step, sealed, changed_millis)
                    values (?, ?, ?, 'BURNED', ?, null, ?)
                    on conflict (peer, epoch) do update
                    set state = 'BURNED', step = excluded.step, sealed = null, changed_millis = excluded.changed_millis""", peer, epoch, id, step, clock.millis());
            PresignatureStore.deleteWith(sql, peer);
            return true;
        });
    }

    /// Ends a quarantine. False when there was none.
    public boolean release(int peer, long epoch) {
        boolean marked = marks.has(peer);
        int released = store.write(sql -> {
            if (marked) {
                PresignatureStore.deleteWith(sql, peer);
            }
            return sql.execute(
                    "delete from pair_setup where peer = ? and epoch = ? and (state = 'BURNED' or ?)",
                    peer,
                    epoch,
                    marked ? 1 : 0);
        });
        marks.clear(peer);
        return marked || released == 1;
    }

    /// Drops an active set-up that the peer does not share, for a new one to be made.
    public void drop(int peer, long epoch) {
        store.write(sql -> {
            sql.execute("delete from pair_setup where peer = ? and epoch = ? and state = 'ACTIVE'", peer, epoch);
            PresignatureStore.deleteWith(sql, peer);
            return true;
        });
    }

    public Optional<Row> find(int peer, long epoch) {
        return store.read(sql -> sql.resultQuery(
                        "select peer, epoch, id, state, step from pair_setup where peer = ? and epoch = ?", peer, epoch)
                .coerce(PEER, EPOCH, ID, STATE, STEP)
                .fetchOptional()
                .map(this::row));
    }

    /// The active set-up's encoding, in memory that `scope` erases; empty when there is none.
    public Optional<SecretBytes> openActive(int peer, long epoch, SecretScope scope) {
        if (marks.has(peer)) {
            return Optional.empty();
        }
        return store.read(sql -> sql.fetchOptional(
                        "select sealed, id from pair_setup where peer = ? and epoch = ? and state = 'ACTIVE'",
                        peer,
                        epoch))
                .map(row -> Seals.open(
                        sealer, row.get(0, byte[].class), binding(peer, epoch, row.get(1, byte[].class)), scope));
    }

    public List<Row> quarantined() {
        return store
                .read(sql -> sql.resultQuery("select peer, epoch, id, state, step from pair_setup order by peer")
                        .coerce(PEER, EPOCH, ID, STATE, STEP)
                        .fetch()
                        .map(this::row))
                .stream()
                .filter(row -> row.state() == State.BURNED)
                .toList();
    }

    /// Any set-up that is not burned.
    Optional<Seals.Sealed> anySealed() {
        return store.read(sql -> sql.resultQuery(
                        "select sealed, peer, epoch, id from pair_setup where sealed is not null limit 1")
                .coerce(SEALED, PEER, EPOCH, ID)
                .fetchOptional()
                .map(row -> new Seals.Sealed(row.get(SEALED), binding(row.get(PEER), row.get(EPOCH), row.get(ID)))));
    }

    private Row row(org.jooq.Record row) {
        boolean marked = marks.has(row.get(PEER));
        return new Row(
                row.get(PEER),
                row.get(EPOCH),
                HexFormat.of().formatHex(row.get(ID)),
                marked ? State.BURNED : State.valueOf(row.get(STATE)),
                marked ? NOT_ERASED : row.get(STEP));
    }

    private byte[] binding(int peer, long epoch, byte[] id) {
        return Binding.of("pair set-up")
                .text(owner.clusterId())
                .number(owner.party())
                .number(peer)
                .number(epoch)
                .bytes(id)
                .encoded();
    }
}
