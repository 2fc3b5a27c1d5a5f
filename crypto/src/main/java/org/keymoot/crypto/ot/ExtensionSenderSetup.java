package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;

/// The extension sender's side of a pair's set-up: it sends [#request()], waits for the peer's [SetupReply],
/// and [#finish]es with its long-lived seed. It is the receiver of the base transfers; its choices become Δ.
///
/// It keeps true: it finishes at most once, whatever the outcome, so that no peer can try two replies on one Δ.
public final class ExtensionSenderSetup implements AutoCloseable {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    private final SetupContext context;
    private final SecretScope secrets;
    private final SecretBytes choices;
    private final List<SecretScalar> scalars;
    private final BaseOtRequest request;
    private boolean finished;

    private ExtensionSenderSetup(
            SetupContext context,
            SecretScope secrets,
            SecretBytes choices,
            List<SecretScalar> scalars,
            BaseOtRequest request) {
        this.context = context;
        this.secrets = secrets;
        this.choices = choices;
        this.scalars = scalars;
        this.request = request;
    }

    public static ExtensionSenderSetup start(SetupContext context, RandomSource random) {
        SecretScope secrets = new SecretScope();
        try {
            SecretBytes choices = secrets.own(SecretBytes.random(OtParameters.BASE_TRANSFERS / Byte.SIZE, random));
            List<SecretScalar> scalars = new ArrayList<>(OtParameters.BASE_TRANSFERS);
            BaseOtRequest request = new BaseOt(context).request(choices.segment(TAKE), scalars, random, secrets);
            return new ExtensionSenderSetup(context, secrets, choices, scalars, request);
        } catch (RuntimeException | Error e) {
            secrets.close();
            throw e;
        }
    }

    /// What to send to the extension's receiver.
    public BaseOtRequest request() {
        return request;
    }

    /// Ends the set-up and erases what it held.
    ///
    /// @throws CheckFailedException when the trees are inconsistent; the set-up is lost and must be started
    ///     afresh
    /// @throws InvalidEncodingException when the reply cannot come from an honest peer, whatever this side's
    ///     secrets
    /// @throws IllegalStateException when called a second time
    public ExtensionSenderSeed finish(SetupReply reply) throws CheckFailedException, InvalidEncodingException {
        if (finished) {
            throw new IllegalStateException("this set-up has ended; start another");
        }
        finished = true;
        SecretBytes seed = SecretBytes.allocate(ExtensionSenderSeed.LENGTH);
        boolean done = false;
        try (SecretScope scope = new SecretScope()) {
            MemorySegment pads = scope.allocate(AllButOne.CHOSEN_PADS_BYTES).segment(TAKE);
            MemorySegment bits = choices.segment(TAKE);
            new BaseOt(context).finish(request, bits, scalars, reply.points(), pads);
            new AllButOne(context).puncture(bits, pads, reply.trees(), seed.segment(TAKE));
            ExtensionSenderSeed result = new ExtensionSenderSeed(seed);
            done = true;
            return result;
        } finally {
            if (!done) {
                seed.close();
            }
            secrets.close();
        }
    }

    @Override
    public void close() {
        finished = true;
        secrets.close();
    }
}
