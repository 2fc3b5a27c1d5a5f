package org.keymoot.party.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.IssuedSecret;
import org.keymoot.access.RegisterName;
import org.keymoot.access.iam.AccessKeyRecord;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.store.Store;

/// Secrets that the parties drew for clients, by the register that holds their commitment.
///
/// It keeps true: what is stored fits its commitment; a secret is opened for one use at a time, outside the heap, and
/// erased with it, though signing keys derived from it are kept ([ScopedKeys]); the seal binds it to its register and
/// commitment.
public final class SecretStore implements ReplicatedDirectory.Secrets {
    private final Store store;
    private final Sealer sealer;
    private final Owner owner;
    private final InstantSource clock;
    /// The sealed rows that were asked for; there are no more than registers that commit to them.
    private final Map<Key, Sealed> known = new ConcurrentHashMap<>();

    private record Key(String register, String commitment) {}

    SecretStore(Store store, Sealer sealer, Owner owner, InstantSource clock) {
        this.store = store;
        this.sealer = sealer;
        this.owner = owner;
        this.clock = clock;
    }

    /// A row without its secret.
    public record Row(RegisterName register, String commitment) {}

    /// Stores a secret.
    ///
    /// @param secret in ASCII; erased before this returns
    /// @throws IllegalArgumentException when it does not fit the commitment
    public void put(RegisterName register, String commitment, byte[] secret) {
        byte[] sealed;
        try {
            if (!AccessKeyRecord.commitment(register, secret).equals(commitment)) {
                throw new IllegalArgumentException("the secret does not fit the commitment of " + register);
            }
            sealed = sealer.seal(MemorySegment.ofArray(secret), binding(register.text(), commitment));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        store.write(sql -> sql.execute(
                "insert into issued_secret (register, commitment, sealed, changed_millis) values (?, ?, ?, ?)"
                        + " on conflict (register, commitment) do nothing",
                register.text(),
                commitment,
                sealed,
                clock.millis()));
    }

    @Override
    public @Nullable IssuedSecret remembered(RegisterName register, String commitment) {
        return known.get(new Key(register.text(), commitment));
    }

    // The caller holds its connection already: who waits here for another's look-up waits for no connection.
    @Override
    public @Nullable IssuedSecret issued(DSLContext sql, RegisterName register, String commitment) {
        return find(sql, new Key(register.text(), commitment));
    }

    private @Nullable Sealed find(DSLContext sql, Key key) {
        return known.computeIfAbsent(key, wanted -> load(sql, wanted));
    }

    private @Nullable Sealed find(RegisterName register, String commitment) {
        Key key = new Key(register.text(), commitment);
        Sealed remembered = known.get(key);
        return remembered != null ? remembered : store.read(sql -> find(sql, key));
    }

    public boolean holds(RegisterName register, String commitment) {
        return find(register, commitment) != null;
    }

    /// Hands out the secret itself, in ASCII, to whoever erases it; null when this party has none that fits.
    public byte @Nullable [] open(RegisterName register, String commitment) {
        Sealed sealed = (Sealed) find(register, commitment);
        return sealed == null ? null : sealed.with(SecretStore::bytes);
    }

    private static byte[] bytes(SecretBytes secret) {
        return secret.segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
    }

    /// Removes what does not fit the commitment that counts.
    ///
    /// @param commitment null when none counts any more
    public void keepOnly(RegisterName register, @Nullable String commitment) {
        String kept = commitment == null ? "" : commitment;
        store.write(sql ->
                sql.execute("delete from issued_secret where register = ? and commitment <> ?", register.text(), kept));
        known.values().removeIf(one -> one.isOtherThan(register, kept) && one.forgotten());
    }

    /// Secrets stored before `time`, some of which may never have been committed.
    public List<Row> storedBefore(Instant time, int limit) {
        return store.read(sql -> sql.fetch(
                        "select register, commitment from issued_secret where changed_millis < ?"
                                + " order by changed_millis desc limit ?",
                        time.toEpochMilli(),
                        limit))
                .map(row -> new Row(new RegisterName(row.get(0, String.class)), row.get(1, String.class)));
    }

    private @Nullable Sealed load(DSLContext sql, Key key) {
        return sql.fetchOptional(
                        "select sealed from issued_secret where register = ? and commitment = ?",
                        key.register(),
                        key.commitment())
                .map(row -> new Sealed(key, row.get(0, byte[].class)))
                .orElse(null);
    }

    private byte[] binding(String register, String commitment) {
        return Binding.of("issued secret")
                .text(owner.clusterId())
                .number(owner.party())
                .text(register)
                .text(commitment)
                .encoded();
    }

    private final class Sealed implements IssuedSecret {
        private final Key key;
        private final byte[] sealed;
        private final ScopedKeys keys = new ScopedKeys();

        Sealed(Key key, byte[] sealed) {
            this.key = key;
            this.sealed = sealed;
        }

        boolean isOtherThan(RegisterName register, String commitment) {
            return key.register().equals(register.text()) && !key.commitment().equals(commitment);
        }

        /// True, once the keys derived from it are erased.
        boolean forgotten() {
            keys.erase();
            return true;
        }

        <T> T with(Function<SecretBytes, T> use) {
            try (SecretBytes secret = SecretBytes.allocate(sealer.openedLength(sealed))) {
                sealer.open(
                        sealed,
                        binding(key.register(), key.commitment()),
                        secret.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
                return use.apply(secret);
            }
        }

        @Override
        public byte[] mac(byte[] message) {
            return with(secret -> SigningKey.mac(secret, message));
        }

        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            return keys.sign(scope, stringToSign, () -> with(secret -> SigningKey.derive(secret, scope)));
        }

        @Override
        public String toString() {
            return "[redacted]";
        }
    }
}
