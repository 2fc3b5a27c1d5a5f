package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;

/// What the extension's sender keeps for a pair and epoch: Δ and, for every tree, all leaves but the one at Δ's
/// place.
///
/// It keeps true: off-heap, erased on close. It serves any number of extensions, each in a context of its own,
/// by several threads at once.
public final class ExtensionSenderSeed implements AutoCloseable {
    /// Bytes of the encoding for sealed storage.
    public static final int LENGTH =
            OtParameters.SEED_BYTES + OtParameters.TREES * (OtParameters.LEAVES - 1) * OtParameters.SEED_BYTES;

    private final SecretBytes bytes;

    ExtensionSenderSeed(SecretBytes bytes) {
        this.bytes = bytes;
    }

    /// Δ, one bit for each row.
    MemorySegment delta() {
        return bytes.segment(Disclosure.I_TAKE_THE_SECRET_OUT).asSlice(0, OtParameters.SEED_BYTES);
    }

    /// For each tree the leaves at distance 1 to 15 (exclusive or) from the secret place.
    MemorySegment leaves() {
        return bytes.segment(Disclosure.I_TAKE_THE_SECRET_OUT).asSlice(OtParameters.SEED_BYTES);
    }

    /// A copy for sealed storage, the caller's to erase.
    public SecretBytes encode() {
        return SecretBytes.copyOf(bytes.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
    }

    /// Takes a copy of what [#encode()] gave.
    ///
    /// @throws InvalidEncodingException when the length differs
    public static ExtensionSenderSeed decode(SecretBytes encoded) throws InvalidEncodingException {
        if (encoded.length() != LENGTH) {
            throw new InvalidEncodingException("expected a seed of " + LENGTH + " bytes, found " + encoded.length());
        }
        return new ExtensionSenderSeed(SecretBytes.copyOf(encoded.segment(Disclosure.I_TAKE_THE_SECRET_OUT)));
    }

    @Override
    public void close() {
        bytes.close();
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
