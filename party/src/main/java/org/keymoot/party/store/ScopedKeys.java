package org.keymoot.party.store;

import java.util.LinkedHashMap;
import java.util.function.Supplier;
import org.keymoot.access.sigv4.CredentialScope;
import org.keymoot.access.sigv4.SigningKey;
import org.keymoot.crypto.secret.SecretBytes;

/// The signing keys that one secret access key gave for the scopes in use, so that a request does not open the sealed
/// secret and derive its key anew.
///
/// It keeps true: the keys, each good for one day, Region and service, stay outside the heap; there are at most
/// [#KEPT] of them; one is erased when another takes its place and all are when their secret counts no more.
final class ScopedKeys {
    /// Enough for the three services in a Region at work, and a day that changes.
    static final int KEPT = 8;

    private final LinkedHashMap<CredentialScope, SecretBytes> keys = new LinkedHashMap<>(KEPT, 1, true);
    private boolean erased;

    /// The signature of `stringToSign`.
    ///
    /// @param derived makes the key of `scope`
    synchronized byte[] sign(CredentialScope scope, byte[] stringToSign, Supplier<SecretBytes> derived) {
        SecretBytes known = keys.get(scope);
        if (known != null) {
            return SigningKey.mac(known, stringToSign);
        }
        SecretBytes key = derived.get();
        byte[] signature = SigningKey.mac(key, stringToSign);
        if (erased) {
            key.close();
            return signature;
        }
        if (keys.size() == KEPT) {
            keys.pollFirstEntry().getValue().close();
        }
        keys.put(scope, key);
        return signature;
    }

    /// Erases what is kept, and keeps nothing from now on.
    synchronized void erase() {
        erased = true;
        keys.values().forEach(SecretBytes::close);
        keys.clear();
    }
}
