package org.keymoot.party.store;

import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.platform.seal.Sealer;

/// Opening sealed records into memory outside the heap.
final class Seals {
    private Seals() {}

    static SecretBytes open(Sealer sealer, byte[] sealed, byte[] binding, SecretScope scope) {
        SecretBytes plain = scope.allocate(sealer.openedLength(sealed));
        sealer.open(sealed, binding, plain.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
        return plain;
    }
}
