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
            MemorySegment work = scope.allocate(Rvole.SCALAR_BYTES).segment(Rvole.TAKE);
            MemorySegment gadget = secrets.allocate(Rvole.COLUMN_BYTES).segment(Rvole.TAKE);
            Rvole.gadget(context, new HashToScalar(field, scope), gadget);
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
            MemorySegment products =
                    local.allocate(Rvole.WIDTH * Rvole.COLUMN_BYTES).segment(Rvole.TAKE);
            MemorySegment checks = local.allocate(Rvole.COLUMN_BYTES).segment(Rvole.TAKE);
            WideSum sums = new WideSum(field, local);
            correct(reply, products, local);
            combine(reply, products, checks, sums, local);
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
            return shares(products, sums, scope);
        }
    }

    /// Writes `d = γ + β·ã`: for each transfer the pad, and the correction where the choice is one.
    private void correct(RvoleReply reply, MemorySegment products, SecretScope scope) {
        HashToScalar reduction = new HashToScalar(field, scope);
        MemorySegment masked = scope.allocate(Rvole.SCALAR_BYTES).segment(Rvole.TAKE);
        MemorySegment received = MemorySegment.ofArray(reply.corrections());
        for (int j = 0; j < Rvole.TRANSFERS; j++) {
            long choice = transfers.choiceMask(j);
            for (int i = 0; i < Rvole.WIDTH; i++) {
                long at = (long) (j * Rvole.WIDTH + i) * Rvole.SCALAR_BYTES;
                transfers.pad(j, 2 * i, reduction.wide(), 0, 4);
                if (reduction.isWide()) {
                    transfers.pad(j, 2 * i + 1, reduction.wide(), 32, HashToScalar.FURTHER_WORDS);
                }
                reduction.reduce(products, at);
                Rvole.copyMasked(masked, 0, received, at, choice);
                field.rawAdd(products, at, products, at, masked, 0);
            }
        }
    }

    /// Writes the column that the check hashes: `d̂ + Σ θ·d − β·η`.
    private void combine(
            RvoleReply reply, MemorySegment products, MemorySegment checks, WideSum sums, SecretScope scope) {
        MemorySegment theta = scope.allocate(Rvole.INPUTS * Rvole.SCALAR_BYTES).segment(Rvole.TAKE);
        Rvole.challenges(
                context, field, reply.corrections(), theta, scope.allocate(64).segment(Rvole.TAKE));
        MemorySegment masked = scope.allocate(Rvole.SCALAR_BYTES).segment(Rvole.TAKE);
        MemorySegment eta = MemorySegment.ofArray(reply.combined());
        for (int j = 0; j < Rvole.TRANSFERS; j++) {
            long column = (long) j * Rvole.SCALAR_BYTES;
            Rvole.checkElement(sums, checks, products, theta, j);
            Rvole.copyMasked(masked, 0, eta, 0, transfers.choiceMask(j));
            field.rawSubtract(checks, column, checks, column, masked, 0);
        }
    }

    /// `d = Σ g·d` for each input.
    private List<SecretScalar> shares(MemorySegment products, WideSum sums, SecretScope scope) {
        List<SecretScalar> shares = new ArrayList<>(Rvole.INPUTS);
        for (int i = 0; i < Rvole.INPUTS; i++) {
            SecretScalar share = field.secretZero(scope);
            Rvole.gadgetSum(sums, share.segment(Rvole.TAKE), gadget, products, i);
            shares.add(share);
        }
        return shares;
    }

    @Override
    public void close() {
        finished = true;
        secrets.close();
    }
}
