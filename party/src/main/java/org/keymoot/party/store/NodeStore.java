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
/// It keeps true: the store opens only for the party, cluster and mode that made it; and no presignature outlives the
/// run that made it, so that no copy of the directory, of whatever moment, brings a spent one back.
///
/// Each run has a random *boot epoch*, which the seal of its presignatures binds. A start deletes those of the run
/// before: whether the directory is that run's own or was put back from a copy of a clean stop cannot be told from the
/// directory, and a stock is made anew in seconds.
public final class NodeStore implements AutoCloseable {
    private static final String DATABASE = "party.db";
    private static final String BOOT_EPOCH_FILE = "boot-epoch";
    private static final String OWNER = "owner";
    private static final int BOOT_EPOCH_BYTES = 16;

    private final Store store;
    private final String bootEpoch;
    private final ShareStore shares;
    private final PairStore pairs;
    private final PresignatureStore presignatures;
    private final CredentialStore credentials;
    private final SecretStore secrets;
    private final KeyUseStore uses;
    private final ImportKeyStore importKeys;

    private NodeStore(Store store, Sealer sealer, Owner owner, InstantSource clock, String bootEpoch) {
        this.store = store;
        this.bootEpoch = bootEpoch;
        this.shares = new ShareStore(store, sealer, owner, clock);
        this.pairs = new PairStore(store, sealer, owner, clock);
        this.presignatures = new PresignatureStore(store, sealer, owner, clock, bootEpoch);
        this.credentials = new CredentialStore(store, sealer, owner);
        this.secrets = new SecretStore(store, sealer, owner, clock);
        this.uses = new KeyUseStore(store);
        this.importKeys = new ImportKeyStore(store, sealer, owner);
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
            byte[] fresh = new byte[BOOT_EPOCH_BYTES];
            random.nextBytes(fresh);
            String bootEpoch = HexFormat.of().formatHex(fresh);
            ByteBuffer content = ByteBuffer.wrap((bootEpoch + "\n").getBytes(StandardCharsets.US_ASCII));
            if (Files.exists(file)) {
                PrivateFiles.replace(file, content);
            } else {
                PrivateFiles.create(file, content);
            }
            store.write(sql -> sql.execute("delete from presignature"));
            return new NodeStore(store, sealer, owner, clock, bootEpoch);
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

    public SecretStore secrets() {
        return secrets;
    }

    public KeyUseStore uses() {
        return uses;
    }

    public ImportKeyStore importKeys() {
        return importKeys;
    }

    /// The database itself, for the directory's own tables.
    public Store database() {
        return store;
    }

    /// Names this run of the process, as peers see it.
    public String bootEpoch() {
        return bootEpoch;
    }

    /// A clean stop: nothing may use a presignature any more.
    @Override
    public void close() {
        presignatures.retire();
        store.close();
    }

    /// Closes as a crash would leave it.
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
