package org.keymoot.party.operations;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Imported;
import org.keymoot.access.KeyOrigin;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.Material;
import org.keymoot.access.NewImport;
import org.keymoot.access.NewMaterial;
import org.keymoot.access.RegisterName;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.party.store.ShareStore;
import org.keymoot.protocol.dealing.Dealing;
import org.keymoot.protocol.key.InvalidKeyShareException;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyUse;
import org.keymoot.protocol.key.UncheckedKeyShare;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.rsa.RsaKeyShare;
import org.keymoot.protocol.rsa.RsaPublicShares;

/// The shares in use, opened and checked once and then kept for a while.
///
/// It keeps true: a share is given out only for a key that the directory has, with the directory's public
/// key; it stays open while someone works with it and is erased from memory when it is crowded out or the
/// key is gone.
public final class KeyShares {
    /// Shares kept open at a time.
    static final int MAX_OPEN = 1024;

    /// The first sharing of every key; refreshing a key counts on from here.
    static final long FIRST_EPOCH = 0;

    /// Less than a proposer waits for an acceptor.
    private static final Duration CONFIRMED_WITHIN = Duration.ofSeconds(2);

    private final ShareStore store;
    private final Object confirming = new Object();
    private final LinkedHashMap<String, Held> held = new LinkedHashMap<>(16, 0.75f, true);

    public KeyShares(ShareStore store) {
        this.store = store;
    }

    /// A share on loan.
    public static final class Lease implements AutoCloseable {
        private final Held held;

        private Lease(Held held) {
            this.held = held;
        }

        /// The share of a key that is a scalar.
        ///
        /// @throws IllegalStateException for an RSA key
        public KeyShare share() {
            if (held.share instanceof Share.OfScalar(KeyShare share)) {
                return share;
            }
            throw new IllegalStateException("this is a share of an RSA key");
        }

        /// The share of an RSA key.
        ///
        /// @throws IllegalStateException for a key that is a scalar
        RsaKeyShare rsaShare() {
            if (held.share instanceof Share.OfRsa(RsaKeyShare share)) {
                return share;
            }
            throw new IllegalStateException("this is no share of an RSA key");
        }

        @Override
        public void close() {
            held.release();
        }
    }

    /// What a party can hold of a key.
    private sealed interface Share {
        record OfScalar(KeyShare share) implements Share {}

        record OfRsa(RsaKeyShare share) implements Share {}

        default void close() {
            switch (this) {
                case OfScalar(KeyShare share) -> share.close();
                case OfRsa(RsaKeyShare share) -> share.close();
            }
        }
    }

    private static final class Held {
        final Share share;
        private int users;
        private boolean retired;

        Held(Share share) {
            this.share = share;
        }

        synchronized boolean acquire() {
            if (retired) {
                return false;
            }
            users++;
            return true;
        }

        synchronized void release() {
            users--;
            if (retired && users == 0) {
                share.close();
            }
        }

        synchronized void retire() {
            retired = true;
            if (users == 0) {
                share.close();
            }
        }
    }

    /// Which sharing of a material is in use: each import is one of its own.
    static long epochOf(Material material) {
        Imported imported = material.imported();
        return imported == null ? FIRST_EPOCH : imported.epoch();
    }

    /// The sharing that a key is used with.
    static long epochOf(KeyRecord key) {
        Material current = key.currentMaterial();
        return current == null ? FIRST_EPOCH : epochOf(current);
    }

    /// What a row's share is of: a public key, and of imported material the sharing, for it is shared more than once.
    private static byte[] subjectOf(KeyRecord key, Material material) {
        byte[] identity = material.shareIdentity(key.spec());
        Imported imported = material.imported();
        return imported == null ? identity : subjectOf(identity, imported.sharing());
    }

    private static byte[] subjectOf(byte[] point, String sharing) {
        byte[] name = HexFormat.of().parseHex(sharing);
        byte[] subject = Arrays.copyOf(point, point.length + name.length);
        System.arraycopy(name, 0, subject, point.length, name.length);
        return subject;
    }

    /// The name of a material's rows: the first has the key's own, which is all there was before keys were
    /// rotated.
    private static String rowOf(KeyRecord key, Material material) {
        return key.materials().getFirst().id().equals(material.id())
                ? key.keyId()
                : ShareStore.material(key.keyId(), material.id());
    }

    /// The name of a share in memory, which begins with its key's.
    private static String heldOf(KeyRecord key, Material material) {
        long epoch = epochOf(material);
        return epoch == FIRST_EPOCH ? rowOf(key, material) : rowOf(key, material) + "/@" + epoch;
    }

    /// This party's share of the key's current material; empty when it has none.
    Optional<Lease> lease(KeyRecord key) {
        Material current = key.currentMaterial();
        return current == null ? Optional.empty() : lease(key, current);
    }

    /// This party's share of one of the key's materials; empty when it has none.
    ///
    /// @throws org.keymoot.platform.seal.SealBroken when the row on disk was changed
    /// @throws IllegalStateException when what the row holds is no sound share of this key
    Optional<Lease> lease(KeyRecord key, Material material) {
        String row = heldOf(key, material);
        synchronized (held) {
            Held known = held.get(row);
            if (known != null && known.acquire()) {
                return Optional.of(new Lease(known));
            }
        }
        Optional<Share> opened = open(key, material);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        Held fresh = new Held(opened.get());
        synchronized (held) {
            Held known = held.get(row);
            if (known != null && known.acquire()) {
                fresh.retire();
                return Optional.of(new Lease(known));
            }
            held.put(row, fresh);
            if (held.size() > MAX_OPEN) {
                Map.Entry<String, Held> eldest = held.firstEntry();
                held.remove(eldest.getKey());
                eldest.getValue().retire();
            }
            fresh.acquire();
            return Optional.of(new Lease(fresh));
        }
    }

    /// Keeps this party's share of a key that is being made.
    Keeping keeping(KeyRecord draft) {
        return new Keeping(draft, FIRST_EPOCH, point -> draft.keyId());
    }

    /// Keeps this party's share of new material that is being made.
    Keeping keeping(NewMaterial material) {
        KeyRecord key = material.key();
        return new Keeping(key, FIRST_EPOCH, point -> ShareStore.material(key.keyId(), material.materialId(point)));
    }

    /// Keeps this party's share of material that is being imported.
    Keeping keeping(NewImport material) {
        KeyRecord key = material.key();
        return new Keeping(key, material.epoch(), point -> {
            String id = material.materialIdOf(point);
            boolean first =
                    material.isFirst() || key.materials().getFirst().id().equals(id);
            return first ? key.keyId() : ShareStore.material(key.keyId(), id);
        });
    }

    /// A share on its way from the protocol that makes it into use.
    ///
    /// It keeps true: what is pending becomes confirmed by [#confirmed] alone, which its maker calls once
    /// the protocol has returned and so every party has said that it holds its own.
    final class Keeping {
        private final KeyRecord key;
        private final long epoch;
        private final Function<Point, String> rowOf;
        private @Nullable Stored stored;

        @SuppressWarnings("ArrayRecordComponent")
        private record Stored(String row, byte[] subject) {}

        private Keeping(KeyRecord key, long epoch, Function<Point, String> rowOf) {
            this.key = key;
            this.epoch = epoch;
            this.rowOf = rowOf;
        }

        /// Makes the share durable before its material exists.
        void pending(KeyShare share) {
            byte[] identity = share.publicKey().encode();
            boolean imported = epoch != FIRST_EPOCH;
            byte[] subject = imported ? subjectOf(identity, Dealing.sharingOf(share.publicShares())) : identity;
            try (SecretScope scope = new SecretScope()) {
                store(rowOf.apply(share.publicKey()), subject, share.encode(scope));
            }
        }

        /// Makes the share of an RSA key durable before its key exists.
        void pending(RsaKeyShare share) {
            try (SecretScope scope = new SecretScope()) {
                store(key.keyId(), share.publicShares().publicKey().encode(), share.encode(scope));
            }
        }

        private void store(String row, byte[] subject, SecretBytes encoded) {
            store.pending(row, epoch, key.name().text(), subject, encoded.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
            stored = new Stored(row, subject);
        }

        /// Makes durable that all parties hold a share of the material.
        void confirmed() {
            Stored share = Objects.requireNonNull(stored, "a share is confirmed once it is stored");
            store.confirm(share.row(), epoch, share.subject());
            synchronized (confirming) {
                confirming.notifyAll();
            }
        }
    }

    /// Whether this party durably holds a share of a material that the key is to have, and every party does
    /// so by its own word. Waits a moment while the confirmations are on their way, since whoever leads may
    /// have them first.
    boolean holdsConfirmed(KeyRecord key, Material material) {
        String row = rowOf(key, material);
        long epoch = epochOf(material);
        byte[] subject = subjectOf(key, material);
        long end = System.nanoTime() + CONFIRMED_WITHIN.toNanos();
        synchronized (confirming) {
            while (!store.holds(row, epoch, subject)) {
                long left = end - System.nanoTime();
                if (left <= 0 || !store.isPending(row, epoch, subject)) {
                    return false;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(confirming, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                }
            }
            return true;
        }
    }

    /// How long ago the newest pending share was stored that waits for a version of the register; null when
    /// there is none.
    ///
    /// @param version the first for what the parties make together, as far as the key's first material goes
    @Nullable Duration pendingAge(RegisterName register, long version) {
        return store.pendingAge(register.text(), version == 1 ? FIRST_EPOCH : version);
    }

    /// Whether this party has, had or awaits a share of a key with this id under another name, or has or had
    /// one under this.
    boolean isTaken(RegisterName name) {
        return store.isTaken(name.last(), name.text());
    }

    /// Puts the pending shares of all materials that the key has into use, and removes those of imports that
    /// its register has gone past.
    ///
    /// @param version of the key's register
    void settle(KeyRecord key, long version) {
        for (Material material : key.materials()) {
            String row = rowOf(key, material);
            long epoch = epochOf(material);
            byte[] subject = subjectOf(key, material);
            if (material.present() && store.isPending(row, epoch, subject)) {
                store.activate(row, epoch, subject);
            }
        }
        if (key.origin() == KeyOrigin.EXTERNAL) {
            store.discardPendingImports(key.keyId(), version);
        }
    }

    /// Whether there are shares of imported material that is gone or was shared anew.
    ///
    /// @param version of the key's register
    boolean hasSuperseded(KeyRecord key, long version) {
        return key.materials().stream()
                .anyMatch(material -> supersededUpTo(material, version) >= FIRST_EPOCH
                        && store.holdsUpTo(rowOf(key, material), supersededUpTo(material, version)));
    }

    /// Erases the shares of imported material that is gone or was shared anew, in memory and on disk.
    void eraseSuperseded(KeyRecord key, long version) {
        for (Material material : key.materials()) {
            store.eraseUpTo(rowOf(key, material), supersededUpTo(material, version));
        }
        forget(key.keyId());
    }

    /// The newest sharing of a material that is not needed any more; less than the first when all are.
    private static long supersededUpTo(Material material, long version) {
        return material.present() ? epochOf(material) - 1 : version;
    }

    /// Erases all shares of a key, in memory and on disk; false when there was none left.
    boolean erase(String keyId) {
        boolean erased = store.erase(keyId);
        forget(keyId);
        return erased;
    }

    /// Erases a key's shares from memory only.
    void forget(String keyId) {
        synchronized (held) {
            held.entrySet().removeIf(entry -> {
                boolean ofKey = entry.getKey().equals(keyId) || entry.getKey().startsWith(keyId + "/");
                if (ofKey) {
                    entry.getValue().retire();
                }
                return ofKey;
            });
        }
    }

    /// Erases all shares from memory.
    public void close() {
        synchronized (held) {
            held.values().forEach(Held::retire);
            held.clear();
        }
    }

    private Optional<Share> open(KeyRecord key, Material material) {
        String name = rowOf(key, material);
        byte[] subject = subjectOf(key, material);
        long epoch = epochOf(material);
        try (SecretScope scope = new SecretScope()) {
            Optional<SecretBytes> row = store.openActive(name, epoch, subject, scope);
            if (row.isEmpty() && store.activate(name, epoch, subject)) {
                row = store.openActive(name, epoch, subject, scope);
            }
            if (row.isEmpty()) {
                return Optional.empty();
            }
            MemorySegment encoded = row.get().segment(Disclosure.I_TAKE_THE_SECRET_OUT);
            return Optional.of(key.spec().isRsa() ? rsaShare(key, material, encoded) : scalar(key, material, encoded));
        } catch (Malformed | InvalidKeyShareException e) {
            throw new IllegalStateException(
                    "the share of %s is damaged: %s; restore this party from its backup"
                            .formatted(key.keyId(), e.getMessage()),
                    e);
        }
    }

    private static Share scalar(KeyRecord key, Material material, MemorySegment encoded)
            throws Malformed, InvalidKeyShareException {
        try (UncheckedKeyShare unchecked = UncheckedKeyShare.decode(encoded)) {
            KeyShare share = unchecked.validate();
            if (!share.publicKey().equals(material.point(key.spec().group()))
                    || share.terms().use() != useOf(key)) {
                share.close();
                throw new IllegalStateException(
                        "the share of %s is of another public key or use".formatted(key.keyId()));
            }
            return new Share.OfScalar(share);
        }
    }

    private static Share rsaShare(KeyRecord key, Material material, MemorySegment encoded)
            throws Malformed, InvalidKeyShareException {
        RsaKeyShare share = RsaKeyShare.decode(encoded);
        RsaPublicShares shared = share.publicShares();
        String madeFor = new String(shared.keyId(), StandardCharsets.US_ASCII);
        if (!shared.publicKey().equals(material.rsaKey(key.spec()))
                || shared.parties() != key.parties()
                || shared.reconstructionThreshold().value() != key.reconstructionThreshold()
                || !madeFor.endsWith(rsaUseOf(key))) {
            share.close();
            throw new IllegalStateException("the share of %s is of another public key or use".formatted(key.keyId()));
        }
        return new Share.OfRsa(share);
    }

    /// The end of the name that shares of an RSA key carry, so that what was dealt to sign never decrypts.
    static String rsaUseOf(KeyRecord key) {
        return " " + key.usage();
    }

    /// What the shares of a key are used for, and nothing else.
    static KeyUse useOf(KeyRecord key) {
        return switch (key.usage()) {
            case SIGN_VERIFY -> KeyUse.SIGN;
            case KEY_AGREEMENT -> KeyUse.AGREE;
            case ENCRYPT_DECRYPT, GENERATE_VERIFY_MAC -> KeyUse.EVALUATE;
        };
    }
}
