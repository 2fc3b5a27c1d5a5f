package org.keymoot.crypto.vole;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.ot.CheckFailedException;
import org.keymoot.crypto.ot.CoteReceiver;
import org.keymoot.crypto.ot.ExtensionContext;
import org.keymoot.crypto.ot.ExtensionReceiverSeed;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.SecretScope;

/// Bob in the random vector OLE of DKLs23 (section 5.2): his input `b` is random, and for each of the sender's
/// inputs `aᵢ` he ends with `dᵢ` so that `cᵢ + dᵢ = aᵢ·b`.
///
/// It keeps true: it finishes at most once, and gives no output from a reply that fails its check. It lives
/// within one session and is never stored; one thread uses it at a time.
public final class RvoleReceiver implements AutoCloseable {
    private final ExtensionContext context;
    private final ScalarField field;
    private final SecretScope secrets;
    private final CoteReceiver transfers;
    private final MemorySegment gadget;
    private final SecretScalar input;
    private final RvoleRequest request;
    private boolean finished;

    private RvoleReceiver(
            ExtensionContext context,
            ScalarField field,
            SecretScope secrets,
            CoteReceiver transfers,
            MemorySegment gadget,
            SecretScalar input) {
        this.context = context;
        this.field = field;
        this.secrets = secrets;
        this.transfers = transfers;
        this.gadget = gadget;
        this.input = input;
        this.request = new RvoleRequest(transfers.request());
    }

    public static RvoleReceiver start(
            ExtensionContext context, ExtensionReceiverSeed seed, ScalarField field, RandomSource random) {
        SecretScope secrets = new SecretScope();
        try (SecretScope scope = new SecretScope()) {
            MemorySegment work = scope.allocate(64).segment(Rvole.TAKE);
            MemorySegment gadget = secrets.allocate(Rvole.COLUMN_BYTES).segment(Rvole.TAKE);
            Rvole.gadget(context, field, gadget, work);
            CoteReceiver transfers = secrets.own(CoteReceiver.start(context, seed, random));
            SecretScalar input = field.secretZero(secrets);
            MemorySegment b = input.segment(Rvole.TAKE);
            for (int j = 0; j < Rvole.TRANSFERS; j++) {
                Rvole.copyMasked(work, 0, gadget, (long) j * Rvole.SCALAR_BYTES, transfers.choiceMask(j));
                field.rawAdd(b, 0, b, 0, work, 0);
            }
            return new RvoleReceiver(context, field, secrets, transfers, gadget, input);
        } catch (RuntimeException | Error e) {
            secrets.close();
            throw e;
        }
    }

    /// What to send to the sender.
    public RvoleRequest request() {
        return request;
    }

    /// A copy of the random input `b` (χ in the signing protocol).
    ///
    /// @throws IllegalStateException when finished or closed
    public SecretScalar input(SecretScope scope) {
        return input.copy(scope);
    }

    /// The shares `d`, one for each of the sender's two inputs.
    ///
    /// @throws CheckFailedException when the reply is not consistent ([CheckFailedException.Check#RVOLE]): burn
    ///     the pair's set-up
    /// @throws InvalidEncodingException when the reply was decoded for another field
    /// @throws IllegalStateException when called a second time
    public List<SecretScalar> finish(RvoleReply reply, SecretScope scope)
            throws CheckFailedException, InvalidEncodingException {
        if (finished) {
            throw new IllegalStateException("this multiplication has ended");
        }
        finished = true;
        Rvole.requireCanonical(field, reply.corrections(), reply.corrections().length);
        Rvole.requireCanonical(field, reply.combined(), Rvole.SCALAR_BYTES);
        try (SecretScope local = new SecretScope()) {
            List<SecretScalar> shares = new ArrayList<>(Rvole.INPUTS);
            for (int i = 0; i < Rvole.INPUTS; i++) {
                shares.add(field.secretZero(local));
            }
            MemorySegment checks = local.allocate(Rvole.COLUMN_BYTES).segment(Rvole.TAKE);
            correlate(reply, shares, checks, local);
            MemorySegment expected = Rvole.check(context, field, checks, local).segment(Rvole.TAKE);
            MemorySegment found = MemorySegment.ofArray(reply.check());
            long difference = 0;
            for (int at = 0; at < RvoleReply.CHECK_LENGTH; at += Long.BYTES) {
                difference |= expected.get(Rvole.WORD, at) ^ found.get(Rvole.WORD, at);
            }
            if (difference != 0) {
                throw new CheckFailedException(
                        CheckFailedException.Check.RVOLE,
                        "the corrections of " + context.setup().sender()
                                + " do not belong to one pair of inputs (consistency check of the multiplication)");
            }
            return List.of(shares.get(0).copy(scope), shares.get(1).copy(scope));
        }
    }

    /// Adds up the shares, and writes the column that the check hashes.
    private void correlate(RvoleReply reply, List<SecretScalar> shares, MemorySegment checks, SecretScope scope) {
        int hashWords = Rvole.wordsPerScalar(field);
        MemorySegment received = scope.allocate(RvoleReply.CORRECTIONS_LENGTH + Rvole.SCALAR_BYTES)
                .segment(Rvole.TAKE);
        MemorySegment.copy(MemorySegment.ofArray(reply.corrections()), 0, received, 0, RvoleReply.CORRECTIONS_LENGTH);
        MemorySegment.copy(
                MemorySegment.ofArray(reply.combined()),
                0,
                received,
                RvoleReply.CORRECTIONS_LENGTH,
                Rvole.SCALAR_BYTES);
        MemorySegment work = scope.allocate((Rvole.WIDTH + 1 + Rvole.INPUTS) * Rvole.SCALAR_BYTES + 64)
                .segment(Rvole.TAKE);
        long masked = (long) Rvole.WIDTH * Rvole.SCALAR_BYTES;
        long theta = masked + Rvole.SCALAR_BYTES;
        MemorySegment wide = work.asSlice(theta + (long) Rvole.INPUTS * Rvole.SCALAR_BYTES);
        MemorySegment challenges = work.asSlice(theta, (long) Rvole.INPUTS * Rvole.SCALAR_BYTES);
        Rvole.challenges(context, field, reply.corrections(), challenges, wide);
        for (int j = 0; j < Rvole.TRANSFERS; j++) {
            long choice = transfers.choiceMask(j);
            for (int i = 0; i < Rvole.WIDTH; i++) {
                long at = (long) i * Rvole.SCALAR_BYTES;
                transfers.pad(j, 2 * i, wide, 0, 4);
                if (hashWords > 4) {
                    transfers.pad(j, 2 * i + 1, wide, 32, hashWords - 4);
                }
                field.rawReduce(work, at, wide, 0, hashWords * Long.BYTES);
                long correction = (long) (j * Rvole.WIDTH + i) * Rvole.SCALAR_BYTES;
                Rvole.copyMasked(work, masked, received, correction, choice);
                field.rawAdd(work, at, work, at, work, masked);
            }
            long column = (long) j * Rvole.SCALAR_BYTES;
            Rvole.copyMasked(work, masked, received, RvoleReply.CORRECTIONS_LENGTH, choice);
            field.rawSubtract(checks, column, work, (long) Rvole.INPUTS * Rvole.SCALAR_BYTES, work, masked);
            for (int i = 0; i < Rvole.INPUTS; i++) {
                long at = (long) i * Rvole.SCALAR_BYTES;
                field.rawMultiplyAdd(checks, column, challenges, at, work, at);
                field.rawMultiplyAdd(shares.get(i).segment(Rvole.TAKE), 0, gadget, column, work, at);
            }
        }
    }

    @Override
    public void close() {
        finished = true;
        secrets.close();
    }
}
