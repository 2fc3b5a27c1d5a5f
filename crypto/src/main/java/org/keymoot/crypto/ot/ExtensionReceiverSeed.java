package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;

/// What the extension's receiver keeps for a pair and epoch: all leaves of every tree.
///
/// It keeps true: off-heap, erased on close. It serves any number of extensions, each in a context of its own,
/// by several threads at once.
public final class ExtensionReceiverSeed implements AutoCloseable {
    /// Bytes of the encoding for sealed storage.
    public static final int LENGTH = OtParameters.TREES * OtParameters.LEAVES * OtParameters.SEED_BYTES;

    private final SecretBytes bytes;

    ExtensionReceiverSeed(SecretBytes bytes) {
        this.bytes = bytes;
    }

    /// The leaves, tree by tree.
    MemorySegment leaves() {
        return bytes.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
    }

    /// A copy for sealed storage, the caller's to erase.
    public SecretBytes encode() {
        return SecretBytes.copyOf(bytes.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
    }

    /// Takes a copy of what [#encode()] gave.
    ///
    /// @throws InvalidEncodingException when the length differs
    public static ExtensionReceiverSeed decode(SecretBytes encoded) throws InvalidEncodingException {
        if (encoded.length() != LENGTH) {
            throw new InvalidEncodingException("expected a seed of " + LENGTH + " bytes, found " + encoded.length());
        }
        return new ExtensionReceiverSeed(SecretBytes.copyOf(encoded.segment(Disclosure.I_TAKE_THE_SECRET_OUT)));
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
