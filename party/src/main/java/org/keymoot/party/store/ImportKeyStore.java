package org.keymoot.party.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.keymoot.access.RegisterName;
import org.keymoot.access.imported.ImportToken;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.store.Store;

/// Private keys that clients wrap key material for.
///
/// It keeps true: a key opens only with the token that it was made with, unchanged and for the KMS key that it was made
/// for.
public final class ImportKeyStore {
    /// Wrapping keys at a time.
    public static final int MAX_KEYS = 10_000;

    private final Store store;
    private final Sealer sealer;
    private final Owner owner;

    ImportKeyStore(Store store, Sealer sealer, Owner owner) {
        this.store = store;
        this.sealer = sealer;
        this.owner = owner;
    }

    /// A wrapping key that was opened. Closing it erases its private part.
    @SuppressWarnings("ArrayRecordComponent")
    public record Opened(byte[] publicKey, byte[] privateKey) implements AutoCloseable {
        @Override
        public void close() {
            Arrays.fill(privateKey, (byte) 0);
        }

        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    /// Keeps a wrapping key; false when there are too many.
    ///
    /// @param secret that the token's code is made with; it stays the caller's to erase, as `privateKey` does
    public boolean put(ImportToken token, RegisterName key, byte[] secret, byte[] publicKey, byte[] privateKey) {
        byte[] plain = ByteBuffer.allocate(secret.length + 2 * Integer.BYTES + publicKey.length + privateKey.length)
                .put(secret)
                .putInt(publicKey.length)
                .put(publicKey)
                .putInt(privateKey.length)
                .put(privateKey)
                .array();
        byte[] sealed;
        try {
            sealed = sealer.seal(MemorySegment.ofArray(plain), binding(token, key));
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
        return store.write(sql -> {
            if (sql.fetchSingle("select count(*) from import_key").get(0, Integer.class) >= MAX_KEYS) {
                return false;
            }
            sql.execute(
                    "insert into import_key (id, register, valid_to_millis, used, sealed) values (?, ?, ?, 0, ?)",
                    token.id(),
                    key.text(),
                    token.validTo().toEpochMilli(),
                    sealed);
            return true;
        });
    }

    /// The wrapping key of a token; empty when this party did not make the token, or no longer has the key.
    public Optional<Opened> open(ImportToken token, RegisterName key) {
        Optional<byte[]> sealed = store.read(sql -> sql.fetchOptional(
                        "select sealed from import_key where id = ? and register = ? and valid_to_millis = ?",
                        token.id(),
                        key.text(),
                        token.validTo().toEpochMilli())
                .map(row -> row.get(0, byte[].class)));
        if (sealed.isEmpty() || token.party() != owner.party()) {
            return Optional.empty();
        }
        try (SecretScope scope = new SecretScope()) {
            SecretBytes plain = Seals.open(sealer, sealed.get(), binding(token, key), scope);
            ByteBuffer in = ByteBuffer.wrap(
                    plain.segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE));
            byte[] secret = new byte[ImportToken.SECRET_BYTES];
            try {
                in.get(secret);
                if (!token.isMadeWith(secret)) {
                    return Optional.empty();
                }
                byte[] publicKey = new byte[in.getInt()];
                in.get(publicKey);
                byte[] privateKey = new byte[in.getInt()];
                in.get(privateKey);
                return Optional.of(new Opened(publicKey, privateKey));
            } finally {
                Arrays.fill(secret, (byte) 0);
                Arrays.fill(in.array(), (byte) 0);
            }
        }
    }

    /// Remembers that material came by this key, so that it goes when the material goes.
    public void used(ImportToken token) {
        store.write(sql -> sql.execute("update import_key set used = 1 where id = ?", token.id()));
    }

    /// Removes the keys by which material of a KMS key came that is taken away again.
    public void removeUsed(RegisterName key) {
        store.write(sql -> sql.execute("delete from import_key where register = ? and used = 1", key.text()));
    }

    /// Removes all of a KMS key that is gone.
    public void removeAll(RegisterName key) {
        store.write(sql -> sql.execute("delete from import_key where register = ?", key.text()));
    }

    /// Removes those whose time is over.
    public void removeOver(Instant now) {
        store.write(sql -> sql.execute("delete from import_key where valid_to_millis <= ?", now.toEpochMilli()));
    }

    /// Except for the algorithm, which is under the token's code, all that the token says.
    private byte[] binding(ImportToken token, RegisterName key) {
        return Binding.of("import key")
                .text(owner.clusterId())
                .number(owner.party())
                .bytes(token.id())
                .text(key.text())
                .number(token.validTo().toEpochMilli())
                .encoded();
    }
}
