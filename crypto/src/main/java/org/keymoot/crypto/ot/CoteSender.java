package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;

/// The sender of the SoftSpoken extension: it ends with both pads of each transfer.
///
/// For each tree it knows every leaf but the one at its place in Δ. Counting places from there, the four rows
/// `w_b = Σ r(y) over the known y whose distance from Δ has bit b`, and with the receiver's `u` the rows `q_b =
/// w_b ⊕ Δ_b·u` equal `v_b ⊕ Δ_b·x`. So column `j` of `q` is the receiver's, with Δ added where it chose one.
///
/// It keeps true: nothing is given out unless the receiver's rows passed the check. It serves one thread.
public final class CoteSender implements AutoCloseable {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    private final SecretBytes columns;
    private final BlockHash pads;
    private final ExtensionSenderSeed seed;

    private CoteSender(SecretBytes columns, BlockHash pads, ExtensionSenderSeed seed) {
        this.columns = columns;
        this.pads = pads;
        this.seed = seed;
    }

    /// @throws CheckFailedException when the rows are not consistent with one vector of choices
    public static CoteSender receive(ExtensionContext context, ExtensionSenderSeed seed, CoteRequest request)
            throws CheckFailedException {
        SecretBytes columns = SecretBytes.allocate(Extension.COLUMNS_BYTES);
        boolean done = false;
        try (SecretScope scope = new SecretScope()) {
            MemorySegment work = scope.allocate(
                            Extension.ROWS_BYTES + Extension.COMBINED_BYTES + Extension.SCRATCH_BYTES)
                    .segment(TAKE);
            MemorySegment rows = work.asSlice(0, Extension.ROWS_BYTES);
            MemorySegment combined = work.asSlice(Extension.ROWS_BYTES, Extension.COMBINED_BYTES);
            MemorySegment scratch = work.asSlice(Extension.ROWS_BYTES + Extension.COMBINED_BYTES);

            expand(context, seed, rows, request.rows());
            RowCombiner combiner = Extension.combiner(context, request.rows());
            if (!consistent(combiner, seed.delta(), rows, combined, request, scope)) {
                throw new CheckFailedException(
                        CheckFailedException.Check.COTE,
                        "the rows of " + context.setup().receiver()
                                + " do not come from one vector of choices (consistency check of the extension)");
            }
            BitMatrix.transpose(rows, columns.segment(TAKE), scratch);
            CoteSender sender = new CoteSender(columns, Extension.padHash(context), seed);
            done = true;
            return sender;
        } finally {
            if (!done) {
                columns.close();
            }
        }
    }

    private static void expand(ExtensionContext context, ExtensionSenderSeed seed, MemorySegment rows, byte[] masked) {
        MemorySegment u = MemorySegment.ofArray(masked);
        MemorySegment leaves = seed.leaves();
        MemorySegment delta = seed.delta();
        try (BlockHash generator = Extension.rowGenerator(context);
                SecretBytes work = SecretBytes.allocate(Extension.TREE_BYTES)) {
            MemorySegment unused = work.segment(TAKE).asSlice(0, OtParameters.ROW_BYTES);
            MemorySegment scratch = work.segment(TAKE).asSlice(OtParameters.ROW_BYTES);
            for (int tree = 0; tree < OtParameters.TREES; tree++) {
                long treeOffset = (long) tree * OtParameters.TREE_DEPTH * OtParameters.ROW_BYTES;
                for (int bit = 0; bit < OtParameters.TREE_DEPTH; bit++) {
                    long mask = bitMask(delta, tree * OtParameters.TREE_DEPTH + bit);
                    for (int at = 0; at < OtParameters.ROW_BYTES; at += Long.BYTES) {
                        rows.set(
                                Extension.WORD,
                                treeOffset + (long) bit * OtParameters.ROW_BYTES + at,
                                mask & u.get(Extension.WORD, (long) tree * OtParameters.ROW_BYTES + at));
                    }
                }
                // The first row of the scratch is the sum that the tree before left there.
                scratch.asSlice(0, OtParameters.ROW_BYTES).fill((byte) 0);
                Extension.addTree(
                        generator,
                        leaves,
                        (long) tree * (OtParameters.LEAVES - 1) * OtParameters.SEED_BYTES,
                        1,
                        rows,
                        treeOffset,
                        unused,
                        scratch);
            }
        }
    }

    /// Every combined row must be the receiver's: `q̃ = t̃ ⊕ Δ·x̃`.
    private static boolean consistent(
            RowCombiner combiner,
            MemorySegment delta,
            MemorySegment rows,
            MemorySegment combined,
            CoteRequest request,
            SecretScope scope) {
        MemorySegment choices = MemorySegment.ofArray(request.choices());
        long x0 = choices.get(Extension.WORD, 0);
        long x1 = choices.get(Extension.WORD, 8);
        for (int row = 0; row < OtParameters.BASE_TRANSFERS; row++) {
            long at = 16L * row;
            long mask = bitMask(delta, row);
            combiner.combine(rows, (long) row * OtParameters.ROW_BYTES, combined, at);
            combined.set(Extension.WORD, at, combined.get(Extension.WORD, at) ^ (mask & x0));
            combined.set(Extension.WORD, at + 8, combined.get(Extension.WORD, at + 8) ^ (mask & x1));
        }
        MemorySegment expected = combiner.hash(combined, scope).segment(TAKE);
        MemorySegment found = MemorySegment.ofArray(request.combined());
        long difference = 0;
        for (int at = 0; at < CoteRequest.COMBINED_LENGTH; at += Long.BYTES) {
            difference |= expected.get(Extension.WORD, at) ^ found.get(Extension.WORD, at);
        }
        return difference == 0;
    }

    private static long bitMask(MemorySegment bits, int index) {
        long word = bits.get(Extension.WORD, (long) (index >>> 6) * Long.BYTES);
        return -(word >>> (index & 63) & 1);
    }

    /// Writes `words` (1 to 4) words of block `block` (0 to 255) of the pad for choice zero of `transfer`.
    public void padOfZero(int transfer, int block, MemorySegment target, long offset, int words) {
        pads.hash(columns.segment(TAKE), (long) transfer * BitMatrix.COLUMN_BYTES, transfer << 8 | block);
        pads.copyTo(target, offset, words);
    }

    /// The same for choice one.
    public void padOfOne(int transfer, int block, MemorySegment target, long offset, int words) {
        MemorySegment q = columns.segment(TAKE);
        MemorySegment delta = seed.delta();
        long at = (long) transfer * BitMatrix.COLUMN_BYTES;
        pads.hash(
                q.get(Extension.WORD, at) ^ delta.get(Extension.WORD, 0),
                q.get(Extension.WORD, at + 8) ^ delta.get(Extension.WORD, 8),
                q.get(Extension.WORD, at + 16) ^ delta.get(Extension.WORD, 16),
                q.get(Extension.WORD, at + 24) ^ delta.get(Extension.WORD, 24),
                transfer << 8 | block);
        pads.copyTo(target, offset, words);
    }

    @Override
    public void close() {
        columns.close();
        pads.close();
    }
}
