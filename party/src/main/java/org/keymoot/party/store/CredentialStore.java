package org.keymoot.party.store;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Credential;
import org.keymoot.access.CredentialLookup;
import org.keymoot.access.Principal;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.store.Store;

/// Clients' access keys, as this party itself knows them.
///
/// It keeps true: a secret access key is opened to derive the signing key of one scope, outside the heap, and erased
/// with that; the seal binds it to its access key id, its identity and whether it is in use.
public final class CredentialStore implements CredentialLookup {
    private final Store store;
    private final Sealer sealer;
    private final Owner owner;
    /// Every row, still sealed; the table has no more than an operator put there. So looking up a key, which anyone may
    /// ask for by any name, costs no connection to the database.
    private final Map<String, Sealed> known = new ConcurrentHashMap<>();

    CredentialStore(Store store, Sealer sealer, Owner owner) {
        this.store = store;
        this.sealer = sealer;
        this.owner = owner;
        store.read(sql -> sql.fetch("select access_key_id, account, principal, active, sealed from credential"))
                .forEach(row -> known.put(
                        row.get(0, String.class),
                        new Sealed(
                                row.get(0, String.class),
                                new Principal(row.get(1, String.class), row.get(2, String.class)),
                                row.get(3, Integer.class) == 1,
                                row.get(4, byte[].class))));
    }

    /// Stores or replaces an access key.
    ///
    /// @param secret the secret access key in ASCII; erased before this returns
    public synchronized void put(String accessKeyId, Principal principal, boolean active, byte[] secret) {
        byte[] sealed;
        try {
            sealed = sealer.seal(MemorySegment.ofArray(secret), binding(accessKeyId, principal, active));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        store.write(sql -> sql.execute("""
                insert into credential (access_key_id, account, principal, active, sealed) values (?, ?, ?, ?, ?)
                on conflict (access_key_id) do update set account = excluded.account, principal = excluded.principal,
                active = excluded.active, sealed = excluded.sealed""", accessKeyId, principal.account(), principal.arn(), active ? 1 : 0, sealed));
        forget(known.put(accessKeyId, new Sealed(accessKeyId, principal, active, sealed)));
    }

    private static void forget(@Nullable Sealed one) {
        if (one != null) {
            one.keys.erase();
        }
    }

    /// Removes an access key; false when there is none.
    public synchronized boolean remove(String accessKeyId) {
        int removed = store.write(sql -> sql.execute("delete from credential where access_key_id = ?", accessKeyId));
        forget(known.remove(accessKeyId));
        return removed > 0;
    }

    /// The access keys that stand for a principal.
    public List<String> accessKeyIdsOf(Principal principal) {
        return store.read(sql -> sql.fetch(
                        "select access_key_id from credential where principal = ? order by access_key_id",
                        principal.arn()))
                .map(row -> row.get(0, String.class));
    }

    public List<String> accessKeyIds() {
        return store.read(sql -> sql.fetch("select access_key_id from credential order by access_key_id"))
                .map(row -> row.get(0, String.class));
    }

    @Override
    public @Nullable Credential credential(String accessKeyId) {
        return known.get(accessKeyId);
    }

    /// Any access key.
    Optional<Seals.Sealed> anySealed() {
        return known.values().stream()
                .findAny()
                .map(one -> new Seals.Sealed(one.sealed, binding(one.accessKeyId, one.principal, one.active)));
    }

    private byte[] binding(String accessKeyId, Principal principal, boolean active) {
        return Binding.of("credential")
                .text(owner.clusterId())
                .number(owner.party())
                .text(accessKeyId)
                .text(principal.account())
                .text(principal.arn())
                .number(active ? 1 : 0)
                .encoded();
    }

    private final class Sealed implements Credential {
        private final String accessKeyId;
        private final Principal principal;
        private final boolean active;
        private final byte[] sealed;
        private final ScopedKeys keys = new ScopedKeys();

        Sealed(String accessKeyId, Principal principal, boolean active, byte[] sealed) {
            this.accessKeyId = accessKeyId;
            this.principal = principal;
            this.active = active;
            this.sealed = sealed;
        }

        @Override
        public Principal principal() {
            return principal;
        }

        @Override
        public boolean active() {
            return active;
        }

        @Override
        public byte[] sign(CredentialScope scope, byte[] stringToSign) {
            return keys.sign(scope, stringToSign, () -> derive(scope));
        }

        private SecretBytes derive(CredentialScope scope) {
            try (SecretBytes secret = SecretBytes.allocate(sealer.openedLength(sealed))) {
                sealer.open(
                        sealed,
                        binding(accessKeyId, principal, active),
                        secret.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
                return SigningKey.derive(secret, scope);
            }
        }
    }
}
