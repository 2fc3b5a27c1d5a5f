package org.keymoot.crypto.ot;

import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.random.RandomSource;

/// The extension receiver's side of a pair's set-up: one answer to the sender's request.
public final class ExtensionReceiverSetup {
    private ExtensionReceiverSetup() {}

    /// The message to send and the long-lived seed to keep.
    public record Result(SetupReply reply, ExtensionReceiverSeed seed) {}

    /// @throws InvalidEncodingException when the request cannot come from an honest peer
    public static Result respond(SetupContext context, BaseOtRequest request, RandomSource random)
            throws InvalidEncodingException {
        throw new UnsupportedOperationException(context.toString() + request + random);
    }
}
