package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;

/// The receiver of the SoftSpoken extension (Roy 2022, with k = 4): it draws its choice bits at random and ends
/// with one of the two pads of each transfer.
///
/// With `r(y)` the row of leaf `y` of a tree, it sends `u = x ⊕ Σ r(y)` and keeps the four rows `v_b = Σ r(y)
/// over the y with bit b`. For the check it shows the combination `x̃` of its choices and a hash of the
/// combinations `t̃` of all rows. A deviation from the paper, which sends the `t̃` themselves: the sender knows
/// what each must be, so equality of hashes is equality of rows, and each message is 4 KB shorter.
///
/// It keeps true: choices and rows are fresh in each extension, off-heap, erased on close. It serves one
/// thread.
public final class CoteReceiver implements AutoCloseable {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    private final SecretBytes choices;
    private final SecretBytes columns;
    private final BlockHash pads;
    private final CoteRequest request;

    private CoteReceiver(SecretBytes choices, SecretBytes columns, BlockHash pads, CoteRequest request) {
        this.choices = choices;
        this.columns = columns;
        this.pads = pads;
        this.request = request;
    }

    public static CoteReceiver start(ExtensionContext context, ExtensionReceiverSeed seed, RandomSource random) {
        SecretBytes choices = SecretBytes.random(OtParameters.ROW_BYTES, random);
        SecretBytes columns = SecretBytes.allocate(Extension.COLUMNS_BYTES);
        try (SecretScope scope = new SecretScope()) {
            MemorySegment x = choices.segment(TAKE);
            MemorySegment work = scope.allocate(
                            Extension.ROWS_BYTES + Extension.COMBINED_BYTES + Extension.SCRATCH_BYTES)
                    .segment(TAKE);
            MemorySegment rows = work.asSlice(0, Extension.ROWS_BYTES);
            MemorySegment combined = work.asSlice(Extension.ROWS_BYTES, Extension.COMBINED_BYTES);
            MemorySegment scratch = work.asSlice(Extension.ROWS_BYTES + Extension.COMBINED_BYTES);

            byte[] masked = expand(context, seed, rows, x);
            RowCombiner combiner = Extension.combiner(context, masked);
            byte[] combinedChoices = new byte[CoteRequest.CHOICES_LENGTH];
            combiner.combine(x, 0, MemorySegment.ofArray(combinedChoices), 0);
            byte[] hash = combinedRows(combiner, rows, combined, scope);
            BitMatrix.transpose(rows, columns.segment(TAKE), scratch);
            return new CoteReceiver(
                    choices, columns, Extension.padHash(context), new CoteRequest(masked, combinedChoices, hash));
        } catch (RuntimeException | Error e) {
            choices.close();
            columns.close();
            throw e;
        }
    }

    /// Fills the rows and returns the masked choices `u` of every tree.
    private static byte[] expand(
            ExtensionContext context, ExtensionReceiverSeed seed, MemorySegment rows, MemorySegment x) {
        byte[] masked = new byte[OtParameters.TREES * OtParameters.ROW_BYTES];
        MemorySegment out = MemorySegment.ofArray(masked);
        MemorySegment leaves = seed.leaves();
        try (BlockHash generator = Extension.rowGenerator(context);
                SecretBytes work = SecretBytes.allocate(Extension.TREE_BYTES)) {
            MemorySegment total = work.segment(TAKE).asSlice(0, OtParameters.ROW_BYTES);
            MemorySegment scratch = work.segment(TAKE).asSlice(OtParameters.ROW_BYTES);
            for (int tree = 0; tree < OtParameters.TREES; tree++) {
                total.copyFrom(x);
                Extension.addTree(
                        generator,
                        leaves,
                        (long) tree * OtParameters.LEAVES * OtParameters.SEED_BYTES,
                        0,
                        rows,
                        (long) tree * OtParameters.TREE_DEPTH * OtParameters.ROW_BYTES,
                        total,
                        scratch);
                MemorySegment.copy(total, 0, out, (long) tree * OtParameters.ROW_BYTES, OtParameters.ROW_BYTES);
            }
        }
        return masked;
    }

    private static byte[] combinedRows(
            RowCombiner combiner, MemorySegment rows, MemorySegment combined, SecretScope scope) {
        for (int row = 0; row < OtParameters.BASE_TRANSFERS; row++) {
            combiner.combine(rows, (long) row * OtParameters.ROW_BYTES, combined, 16L * row);
        }
        byte[] hash = new byte[CoteRequest.COMBINED_LENGTH];
        MemorySegment.ofArray(hash).copyFrom(combiner.hash(combined, scope).segment(TAKE));
        return hash;
    }

    /// What to send to the sender.
    public CoteRequest request() {
        return request;
    }

    /// All ones when the choice in `transfer` is one, else zero. It is secret.
    public long choiceMask(int transfer) {
        long word = choices.segment(TAKE).get(Extension.WORD, (long) (transfer >>> 6) * Long.BYTES);
        return -(word >>> (transfer & 63) & 1);
    }

    /// Writes `words` (1 to 4) words of the chosen pad's block `block` (0 to 255) of `transfer`.
    public void pad(int transfer, int block, MemorySegment target, long offset, int words) {
        pads.hash(columns.segment(TAKE), (long) transfer * BitMatrix.COLUMN_BYTES, transfer << 8 | block);
        pads.copyTo(target, offset, words);
    }

    @Override
    public void close() {
        choices.close();
        columns.close();
        pads.close();
    }
}
