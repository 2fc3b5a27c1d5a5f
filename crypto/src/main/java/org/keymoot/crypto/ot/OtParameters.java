package org.keymoot.crypto.ot;

/// The sizes of the oblivious transfers: constants, never arguments, so that no peer can ask for weaker ones.
///
/// The extension gives ξ = κ + 2λs = 256 + 2·80 = 416 transfers, the number that the multiplication of DKLs23
/// (section 5.2) needs for 80 bits of statistical security. ξ = 512 (λs = 128) was rejected: it adds a fifth to
/// every signature's bytes and time, and a pair of parties would exceed 105 KB a signature; a failed check
/// burns the set-up, so that an adversary has one try at a probability of 2^-80 and not many.
public final class OtParameters {
    /// κ: base transfers, the bits of the extension sender's Δ.
    public static final int BASE_TRANSFERS = 256;

    /// k: bits of Δ for each tree of the all-but-one transfer.
    public static final int TREE_DEPTH = 4;

    public static final int LEAVES = 1 << TREE_DEPTH;

    public static final int TREES = BASE_TRANSFERS / TREE_DEPTH;

    /// ξ: transfers of one extension that are used.
    public static final int TRANSFERS = 416;

    /// Transfers that one extension makes: ξ rounded up to whole 64-bit words. The surplus is never used.
    static final int COLUMNS = 448;

    /// Columns that mask the receiver's choices in the consistency check, one element of GF(2^128).
    static final int MASK_COLUMNS = 128;

    /// 64-bit words in a row: the columns, then the mask.
    static final int ROW_WORDS = (COLUMNS + MASK_COLUMNS) / Long.SIZE;

    static final int ROW_BYTES = ROW_WORDS * Long.BYTES;

    /// Bytes of a seed: a pad of the base transfer, a node or leaf of a tree.
    static final int SEED_BYTES = 32;

    private OtParameters() {}
}
