package org.keymoot.party.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.store.Store;
import org.keymoot.platform.store.StoreOptions;

/// All that a party keeps on disk, except for the audit log.
///
/// It keeps true: the store opens only for the party, cluster and mode that made it; and presignatures outlive a
/// restart
/// only after a clean stop of the very run that wrote them last, so that no restored copy brings a spent one back.
///
/// Each run has a random *boot epoch*, in a file beside the database that no copy of the database contains. A clean
/// stop
/// notes the epoch in the database as its last write. A start compares the two: when they differ (a crash, a restored
/// copy), all presignatures are deleted; in any case the next run has a fresh epoch before anything is used.
public final class NodeStore implements AutoCloseable {
    private static final String DATABASE = "party.db";
    private static final String BOOT_EPOCH_FILE = "boot-epoch";
    private static final String STOPPED_IN = "stopped_in_boot_epoch";
    private static final String OWNER = "owner";
    private static final int BOOT_EPOCH_BYTES = 16;

    private final Store store;
    private final String bootEpoch;
    private final boolean stockKept;
    private final ShareStore shares;
    private final PairStore pairs;
    private final PresignatureStore presignatures;
    private final CredentialStore credentials;

    private NodeStore(
            Store store, Sealer sealer, Owner owner, InstantSource clock, String bootEpoch, boolean stockKept) {
        this.store = store;
        this.bootEpoch = bootEpoch;
        this.stockKept = stockKept;
        this.shares = new ShareStore(store, sealer, owner, clock);
        this.pairs = new PairStore(store, sealer, owner, clock);
        this.presignatures = new PresignatureStore(store, sealer, owner, clock, bootEpoch);
        this.credentials = new CredentialStore(store, sealer, owner);
    }

    /// Opens the store in a directory that the caller holds.
    ///
    /// @throws ForeignStore when it belongs to someone else
    public static NodeStore open(
            Path directory, Owner owner, Sealer sealer, InstantSource clock, SecureRandom random, FailStop failStop)
            throws IOException {
        Store store = Store.open(StoreOptions.of(directory.resolve(DATABASE), "db/migration/party"), failStop);
        try {
            claim(store, owner);
            Path file = directory.resolve(BOOT_EPOCH_FILE);
            String previous =
                    Files.exists(file) ? new String(PrivateFiles.read(file), StandardCharsets.US_ASCII).strip() : null;
            byte[] fresh = new byte[BOOT_EPOCH_BYTES];
            random.nextBytes(fresh);
            String bootEpoch = HexFormat.of().formatHex(fresh);
            ByteBuffer content = ByteBuffer.wrap((bootEpoch + "\n").getBytes(StandardCharsets.US_ASCII));
            if (previous == null) {
                PrivateFiles.create(file, content);
            } else {
                PrivateFiles.replace(file, content);
            }
            boolean kept = store.write(sql -> keepStock(sql, previous));
            return new NodeStore(store, sealer, owner, clock, bootEpoch, kept);
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    public ShareStore shares() {
        return shares;
    }

    public PairStore pairs() {
        return pairs;
    }

    public PresignatureStore presignatures() {
        return presignatures;
    }

    public CredentialStore credentials() {
        return credentials;
    }

    /// The database itself, for the directory's own tables.
    public Store database() {
        return store;
    }

    /// Names this run of the process, as peers see it.
    public String bootEpoch() {
        return bootEpoch;
    }

    /// Whether presignatures of the run before were kept.
    public boolean stockKept() {
        return stockKept;
    }

    /// A clean stop: nothing may use a presignature any more.
    @Override
    public void close() {
        try {
            presignatures.retire();
            store.write(sql -> {
                put(sql, STOPPED_IN, bootEpoch);
                return true;
            });
        } finally {
            store.close();
        }
    }

    /// Closes as a crash would leave it, without the note of a clean stop.
    void abandon() {
        store.close();
    }

    private static void claim(Store store, Owner owner) {
        String expected = owner.toString();
        String found = store.write(sql -> {
            String known = get(sql, OWNER);
            if (known == null) {
                put(sql, OWNER, expected);
                return expected;
            }
            return known;
        });
        if (!found.equals(expected)) {
            throw new ForeignStore(expected, found);
        }
    }

    private static boolean keepStock(DSLContext sql, @Nullable String bootEpochOfFile) {
        String stoppedIn = get(sql, STOPPED_IN);
        boolean keep = stoppedIn != null && stoppedIn.equals(bootEpochOfFile);
        if (!keep) {
            sql.execute("delete from presignature");
        }
        sql.execute("delete from fact where name = ?", STOPPED_IN);
        return keep;
    }

    private static @Nullable String get(DSLContext sql, String name) {
        return sql.fetchOptional("select value from fact where name = ?", name)
                .map(row -> row.get(0, String.class))
                .orElse(null);
    }

    private static void put(DSLContext sql, String name, String value) {
        sql.execute(
                "insert into fact (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
                name,
                value);
    }
}
