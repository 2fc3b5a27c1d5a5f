package org.keymoot.party.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import org.keymoot.party.directory.Runs;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.disk.PrivateFiles;
import org.keymoot.platform.seal.SealBroken;
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
    private static final String BURNED_FILE = "burned-pairs";
    private static final String OWNER = "owner";
    /// A record of no content that opens only under the key that seals everything else.
    private static final String SEAL = "seal";

    private static final int BOOT_EPOCH_BYTES = 16;

    private final Store store;
    private final String bootEpoch;
    private final Runs runs;
    private final ShareStore shares;
    private final PairStore pairs;
    private final PresignatureStore presignatures;
    private final CredentialStore credentials;
    private final SecretStore secrets;
    private final KeyUseStore uses;
    private final ImportKeyStore importKeys;

    private NodeStore(
            Store store, Sealer sealer, Owner owner, InstantSource clock, String bootEpoch, BurnMarks burned) {
        this.store = store;
        this.bootEpoch = bootEpoch;
        this.runs = new Runs(store);
        this.shares = new ShareStore(store, sealer, owner, clock);
        this.pairs = new PairStore(store, sealer, owner, clock, burned);
        this.presignatures = new PresignatureStore(store, sealer, owner, clock, bootEpoch);
        this.credentials = new CredentialStore(store, sealer, owner);
        this.secrets = new SecretStore(store, sealer, owner, clock);
        this.uses = new KeyUseStore(store);
        this.importKeys = new ImportKeyStore(store, sealer, owner);
    }

    /// Whether the directory holds a store.
    public static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(DATABASE));
    }

    /// Opens the store in a directory that the caller holds.
    ///
    /// @throws ForeignStore when it belongs to someone else
    /// @throws SealBroken when what it holds was sealed under another key
    public static NodeStore open(
            Path directory, Owner owner, Sealer sealer, InstantSource clock, SecureRandom random, FailStop failStop)
            throws IOException {
        boolean made = !isIn(directory);
        Store store = Store.open(StoreOptions.of(directory.resolve(DATABASE), "db/migration/party"), failStop);
        try {
            claim(store, owner);
            Path file = directory.resolve(BOOT_EPOCH_FILE);
            byte[] fresh = new byte[BOOT_EPOCH_BYTES];
            random.nextBytes(fresh);
            String bootEpoch = HexFormat.of().formatHex(fresh);
            ByteBuffer content = ByteBuffer.wrap((bootEpoch + "\n").getBytes(StandardCharsets.US_ASCII));
            // The database first: a file that names a run before the newest one was not put back with the database.
            if (Files.exists(file)) {
                String marker = new String(PrivateFiles.read(file), StandardCharsets.US_ASCII).strip();
                Runs.begin(store, bootEpoch, made, marker);
                PrivateFiles.replace(file, content);
            } else {
                Runs.begin(store, bootEpoch, made, null);
                PrivateFiles.create(file, content);
            }
            store.write(sql -> sql.execute("delete from presignature"));
            BurnMarks burned = BurnMarks.open(directory.resolve(BURNED_FILE));
            NodeStore opened = new NodeStore(store, sealer, owner, clock, bootEpoch, burned);
            opened.recogniseSeal(directory.resolve(DATABASE), sealer, owner);
            return opened;
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

    /// The runs that the database descends from.
    public Runs runs() {
        return runs;
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

    /// Refuses a key that does not open what is here, before anything is sealed under it. A store that was made before
    /// it held a record for this is recognised by any of its secrets.
    private void recogniseSeal(Path database, Sealer sealer, Owner owner) {
        byte[] binding =
                Binding.of("seal").text(owner.clusterId()).number(owner.party()).encoded();
        String known = store.read(sql -> get(sql, SEAL));
        List<Seals.Sealed> secrets = known != null
                ? List.of(new Seals.Sealed(HexFormat.of().parseHex(known), binding))
                : Stream.of(shares.anySealed(), pairs.anySealed(), credentials.anySealed())
                        .flatMap(Optional::stream)
                        .toList();
        if (!secrets.isEmpty() && secrets.stream().noneMatch(one -> Seals.opens(sealer, one))) {
            throw new SealBroken(
                    "the file of `sealKey` does not open what %s holds, which was sealed under another key; put the file back with which this party ran before"
                            .formatted(database));
        }
        String current = HexFormat.of()
                .formatHex(
                        known == null
                                ? sealer.seal(new byte[0], binding)
                                : sealer.rewrap(HexFormat.of().parseHex(known), binding));
        if (!current.equals(known)) {
            store.write(sql -> {
                put(sql, SEAL, current);
                return true;
            });
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
