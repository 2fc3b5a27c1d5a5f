package org.keymoot.crypto.vole;

import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.ot.CoteRequest;

/// The receiver's message: the extension of oblivious transfers that carries its random choice bits.
public record RvoleRequest(CoteRequest extension) {
    /// Bytes of the encoding.
    public static final int LENGTH = CoteRequest.LENGTH;

    public byte[] encode() {
        return extension.encode();
    }

    /// @throws InvalidEncodingException when the length differs
    public static RvoleRequest decode(byte[] encoded) throws InvalidEncodingException {
        return new RvoleRequest(CoteRequest.decode(encoded));
    }
}
