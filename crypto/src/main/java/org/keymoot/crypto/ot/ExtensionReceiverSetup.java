package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;

/// The extension receiver's side of a pair's set-up: one answer to the sender's request. It is the sender of
/// the base transfers and knows every leaf of every tree.
public final class ExtensionReceiverSetup {
    private ExtensionReceiverSetup() {}

    /// The message to send and the long-lived seed to keep.
    public record Result(SetupReply reply, ExtensionReceiverSeed seed) {}

    /// @throws InvalidEncodingException when the request cannot come from an honest peer
    public static Result respond(SetupContext context, BaseOtRequest request, RandomSource random)
            throws InvalidEncodingException {
        SecretBytes leaves = SecretBytes.allocate(ExtensionReceiverSeed.LENGTH);
        boolean done = false;
        try (SecretScope scope = new SecretScope()) {
            MemorySegment pads = scope.allocate(AllButOne.BOTH_PADS_BYTES).segment(Disclosure.I_TAKE_THE_SECRET_OUT);
            byte[] points = new BaseOt(context).answer(request, random, pads);
            byte[] trees = new AllButOne(context).build(pads, leaves.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
            Result result = new Result(new SetupReply(points, trees), new ExtensionReceiverSeed(leaves));
            done = true;
            return result;
        } finally {
            if (!done) {
                leaves.close();
            }
        }
    }
}
