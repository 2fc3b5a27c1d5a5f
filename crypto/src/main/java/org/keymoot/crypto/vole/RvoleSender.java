package org.keymoot.crypto.vole;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.ot.CheckFailedException;
import org.keymoot.crypto.ot.CoteSender;
import org.keymoot.crypto.ot.ExtensionContext;
import org.keymoot.crypto.ot.ExtensionSenderSeed;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.SecretScope;

/// Alice in the random vector OLE of DKLs23 (section 5.2): for each of her inputs `aᵢ` she ends with `cᵢ` so
/// that `cᵢ + dᵢ = aᵢ·b` with the receiver's random `b`.
///
/// It keeps true: nothing depends on the inputs before the receiver's request has passed its check.
public final class RvoleSender {
    private RvoleSender() {}

    /// The message to send, and the shares `c`, one for each input; they belong to the scope that was given.
    public record Result(RvoleReply reply, List<SecretScalar> shares) {
        public Result {
            shares = List.copyOf(shares);
        }
    }

    /// @param inputs exactly two scalars of one field
    /// @throws CheckFailedException when the request is not consistent ([CheckFailedException.Check#COTE]):
    ///     burn the pair's set-up
    public static Result respond(
            ExtensionContext context,
            ExtensionSenderSeed seed,
            RvoleRequest request,
            List<SecretScalar> inputs,
            RandomSource random,
            SecretScope scope)
            throws CheckFailedException {
        if (inputs.size() != Rvole.INPUTS) {
            throw new IllegalArgumentException("expected " + Rvole.INPUTS + " inputs, found " + inputs.size());
        }
        ScalarField field = inputs.getFirst().field();
        try (CoteSender transfers = CoteSender.receive(context, seed, request.extension());
                SecretScope local = new SecretScope()) {
            List<SecretScalar> columns = new ArrayList<>(inputs);
            columns.add(field.random(local, random));
            MemorySegment pads =
                    local.allocate(Rvole.WIDTH * Rvole.COLUMN_BYTES).segment(Rvole.TAKE);
            byte[] corrections = corrections(transfers, field, columns, pads, local);
            List<SecretScalar> shares = shares(context, field, pads, scope);
            RvoleReply reply = prove(context, field, columns, pads, corrections, local);
            return new Result(reply, shares);
        }
    }

    /// Keeps the pads `α⁰` as scalars and returns `ã = α⁰ − α¹ + a`.
    private static byte[] corrections(
            CoteSender transfers,
            ScalarField field,
            List<SecretScalar> columns,
            MemorySegment pads,
            SecretScope scope) {
        HashToScalar reduction = new HashToScalar(field, scope);
        byte[] corrections = new byte[RvoleReply.CORRECTIONS_LENGTH];
        MemorySegment out = MemorySegment.ofArray(corrections);
        MemorySegment work = scope.allocate(Rvole.SCALAR_BYTES).segment(Rvole.TAKE);
        for (int j = 0; j < Rvole.TRANSFERS; j++) {
            for (int i = 0; i < Rvole.WIDTH; i++) {
                long at = (long) (j * Rvole.WIDTH + i) * Rvole.SCALAR_BYTES;
                transfers.padOfZero(j, 2 * i, reduction.wide(), 0, 4);
                if (reduction.isWide()) {
                    transfers.padOfZero(j, 2 * i + 1, reduction.wide(), 32, HashToScalar.FURTHER_WORDS);
                }
                reduction.reduce(pads, at);
                transfers.padOfOne(j, 2 * i, reduction.wide(), 0, 4);
                if (reduction.isWide()) {
                    transfers.padOfOne(j, 2 * i + 1, reduction.wide(), 32, HashToScalar.FURTHER_WORDS);
                }
                reduction.reduce(work, 0);
                field.rawSubtract(work, 0, pads, at, work, 0);
                field.rawAdd(work, 0, work, 0, columns.get(i).segment(Rvole.TAKE), 0);
                Rvole.copyMasked(out, at, work, 0, -1L);
            }
        }
        return corrections;
    }

    /// `c = −Σ g·α⁰`, for each input.
    private static List<SecretScalar> shares(
            ExtensionContext context, ScalarField field, MemorySegment pads, SecretScope scope) {
        try (SecretScope local = new SecretScope()) {
            MemorySegment gadget = local.allocate(Rvole.COLUMN_BYTES).segment(Rvole.TAKE);
            Rvole.gadget(context, new HashToScalar(field, local), gadget);
            WideSum sums = new WideSum(field, local);
            List<SecretScalar> shares = new ArrayList<>(Rvole.INPUTS);
            for (int i = 0; i < Rvole.INPUTS; i++) {
                SecretScalar sum = field.secretZero(local);
                Rvole.gadgetSum(sums, sum.segment(Rvole.TAKE), gadget, pads, i);
                shares.add(sum.negate(scope));
            }
            return shares;
        }
    }

    /// `η = â + Σ θ·a` and `μ = H(α⁰ of the check column + Σ θ·α⁰)`.
    private static RvoleReply prove(
            ExtensionContext context,
            ScalarField field,
            List<SecretScalar> columns,
            MemorySegment pads,
            byte[] corrections,
            SecretScope scope) {
        MemorySegment theta = scope.allocate(Rvole.INPUTS * Rvole.SCALAR_BYTES).segment(Rvole.TAKE);
        Rvole.challenges(context, field, corrections, theta, scope.allocate(64).segment(Rvole.TAKE));
        MemorySegment combined = columns.getLast().copy(scope).segment(Rvole.TAKE);
        MemorySegment checks = scope.allocate(Rvole.COLUMN_BYTES).segment(Rvole.TAKE);
        for (int i = 0; i < Rvole.INPUTS; i++) {
            field.rawMultiplyAdd(
                    combined,
                    0,
                    theta,
                    (long) i * Rvole.SCALAR_BYTES,
                    columns.get(i).segment(Rvole.TAKE),
                    0);
        }
        WideSum sums = new WideSum(field, scope);
        for (int j = 0; j < Rvole.TRANSFERS; j++) {
            Rvole.checkElement(sums, checks, pads, theta, j);
        }
        byte[] eta = new byte[Rvole.SCALAR_BYTES];
        MemorySegment.ofArray(eta).copyFrom(combined);
        byte[] mu = new byte[RvoleReply.CHECK_LENGTH];
        MemorySegment.ofArray(mu)
                .copyFrom(Rvole.check(context, field, checks, scope).segment(Rvole.TAKE));
        return new RvoleReply(corrections, eta, mu);
    }
}
