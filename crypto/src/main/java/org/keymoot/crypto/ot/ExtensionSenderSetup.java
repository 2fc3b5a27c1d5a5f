package org.keymoot.crypto.ot;

import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.random.RandomSource;

/// The extension sender's side of a pair's set-up: it sends [#request()], waits for the peer's [SetupReply],
/// and [#finish]es with its long-lived seed.
public final class ExtensionSenderSetup implements AutoCloseable {
    private final SetupContext context;
    private final BaseOtRequest request;

    private ExtensionSenderSetup(SetupContext context, BaseOtRequest request) {
        this.context = context;
        this.request = request;
    }

    public static ExtensionSenderSetup start(SetupContext context, RandomSource random) {
        throw new UnsupportedOperationException(context.toString() + random);
    }

    /// What to send to the extension's receiver.
    public BaseOtRequest request() {
        return request;
    }

    /// @throws CheckFailedException when the trees are inconsistent; the set-up is lost and must be started
    ///     afresh
    /// @throws InvalidEncodingException when the reply cannot come from an honest peer, whatever this side's
    ///     secrets
    public ExtensionSenderSeed finish(SetupReply reply) throws CheckFailedException, InvalidEncodingException {
        throw new UnsupportedOperationException(context.toString() + reply);
    }

    @Override
    public void close() {}
}
