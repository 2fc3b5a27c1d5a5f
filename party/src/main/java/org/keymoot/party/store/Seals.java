package org.keymoot.party.store;

import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.platform.seal.SealBroken;
import org.keymoot.platform.seal.Sealer;

/// Opening sealed records into memory outside the heap.
final class Seals {
    private Seals() {}

    /// A sealed record with what it is bound to.
    @SuppressWarnings("ArrayRecordComponent")
    record Sealed(byte[] sealed, byte[] binding) {}

    static boolean opens(Sealer sealer, Sealed one) {
        try (SecretBytes plain = SecretBytes.allocate(sealer.openedLength(one.sealed()))) {
            sealer.open(one.sealed(), one.binding(), plain.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
            return true;
        } catch (SealBroken e) {
            return false;
        }
    }

    static SecretBytes open(Sealer sealer, byte[] sealed, byte[] binding, SecretScope scope) {
        SecretBytes plain = scope.allocate(sealer.openedLength(sealed));
        sealer.open(sealed, binding, plain.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
        return plain;
    }
}
