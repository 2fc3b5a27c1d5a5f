package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// The all-but-one transfer: from four base transfers for each tree, one side gets all 16 leaves of a tree of
/// Goldreich, Goldwasser and Micali, the other all but the one at its secret place, with the consistency check
/// of Roy 2022.
///
/// Bit `b` of a leaf's place is the branch taken at level `b`; nodes of a level are numbered by the bits so
/// far, so that a node's children are itself and itself plus `2^b`. The pads of the first level's transfer are
/// its two nodes. For each further level the message has, for either branch, the sum of that branch's nodes
/// plus the transfer's pad. The punctured side's choice at level `b` is the branch that leads away from its
/// place.
///
/// It keeps true: the punctured side touches every node in the same way whatever its place is. Whoever sends
/// wrong sums for some places is caught, except that being caught may depend on the place; so the set-up is
/// then thrown away.
final class AllButOne {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    private static final int SEED = OtParameters.SEED_BYTES;

    private static final int TREE = OtParameters.LEAVES * SEED;

    /// Two pads for each base transfer, or one.
    static final int BOTH_PADS_BYTES = 2 * OtParameters.BASE_TRANSFERS * SEED;

    static final int CHOSEN_PADS_BYTES = OtParameters.BASE_TRANSFERS * SEED;

    private static final int SUM_OF_CHECKS = 2 * (OtParameters.TREE_DEPTH - 1) * SEED;

    private static final int HASH_OF_CHECKS = SUM_OF_CHECKS + SEED;

    private final SetupContext context;

    AllButOne(SetupContext context) {
        this.context = context;
    }

    /// Writes the leaves of every tree to `leaves` and returns what to send.
    byte[] build(MemorySegment pads, MemorySegment leaves) {
        byte[] message = new byte[OtParameters.TREES * SetupReply.TREE_BYTES];
        MemorySegment out = MemorySegment.ofArray(message);
        try (SecretScope scope = new SecretScope();
                BlockHash nodeHash = hash(Tag.ALL_BUT_ONE_NODE);
                BlockHash leafHash = hash(Tag.ALL_BUT_ONE_LEAF);
                BlockHash checkHash = hash(Tag.ALL_BUT_ONE_CHECK)) {
            MemorySegment checks = scope.allocate(TREE).segment(TAKE);
            for (int tree = 0; tree < OtParameters.TREES; tree++) {
                MemorySegment nodes = leaves.asSlice((long) tree * TREE, TREE);
                long message0 = (long) tree * SetupReply.TREE_BYTES;
                long pads0 = (long) tree * OtParameters.TREE_DEPTH * 2 * SEED;
                MemorySegment.copy(pads, pads0, nodes, 0, 2L * SEED);
                for (int level = 1; level < OtParameters.TREE_DEPTH; level++) {
                    long sums = message0 + 2L * (level - 1) * SEED;
                    MemorySegment.copy(pads, pads0 + 2L * level * SEED, out, sums, 2L * SEED);
                    grow(nodeHash, nodes, level, tree);
                    for (int node = 0; node < 1 << level; node++) {
                        add(out, sums, nodes, node, -1L);
                        add(out, sums + SEED, nodes, node + (1 << level), -1L);
                    }
                }
                finishLeaves(leafHash, checkHash, nodes, checks, tree);
                for (int leaf = 0; leaf < OtParameters.LEAVES; leaf++) {
                    add(out, message0 + SUM_OF_CHECKS, checks, leaf, -1L);
                }
                MemorySegment.copy(hashOfChecks(checks, tree, scope), 0, out, message0 + HASH_OF_CHECKS, SEED);
            }
        }
        return message;
    }

    /// Writes Δ and, for every tree, the leaves by their distance from the secret place to `seed`, the memory
    /// of an [ExtensionSenderSeed]. `choices` are the base transfers' choice bits, `pads` the pads chosen by
    /// them.
    ///
    /// @throws CheckFailedException when the message does not belong to one set of trees
    void puncture(MemorySegment choices, MemorySegment pads, byte[] message, MemorySegment seed)
            throws CheckFailedException {
        MemorySegment in = MemorySegment.ofArray(message);
        long difference = 0;
        try (SecretScope scope = new SecretScope();
                BlockHash nodeHash = hash(Tag.ALL_BUT_ONE_NODE);
                BlockHash leafHash = hash(Tag.ALL_BUT_ONE_LEAF);
                BlockHash checkHash = hash(Tag.ALL_BUT_ONE_CHECK)) {
            MemorySegment work = scope.allocate(2 * TREE + 2 * SEED).segment(TAKE);
            MemorySegment nodes = work.asSlice(0, TREE);
            MemorySegment checks = work.asSlice(TREE, TREE);
            MemorySegment sums = work.asSlice(2L * TREE);
            for (int at = 0; at < SEED; at += Long.BYTES) {
                seed.set(Extension.WORD, at, ~choices.get(Extension.WORD, at));
            }
            for (int tree = 0; tree < OtParameters.TREES; tree++) {
                int first = tree * OtParameters.TREE_DEPTH;
                int place = (int) (seed.get(Extension.WORD, (long) (first >>> 6) * Long.BYTES) >>> (first & 63))
                        & (OtParameters.LEAVES - 1);
                long message0 = (long) tree * SetupReply.TREE_BYTES;
                nodes.fill((byte) 0);
                set(nodes, 0, pads, first, mask(place & 1));
                set(nodes, 1, pads, first, ~mask(place & 1));
                for (int level = 1; level < OtParameters.TREE_DEPTH; level++) {
                    grow(nodeHash, nodes, level, tree);
                    MemorySegment.copy(in, message0 + 2L * (level - 1) * SEED, sums, 0, 2L * SEED);
                    repair(nodes, level, place, sums, pads, first + level);
                }
                finishLeaves(leafHash, checkHash, nodes, checks, tree);
                MemorySegment.copy(in, message0 + SUM_OF_CHECKS, sums, 0, SEED);
                for (int leaf = 0; leaf < OtParameters.LEAVES; leaf++) {
                    add(sums, 0, checks, leaf, ~equal(leaf, place));
                }
                for (int leaf = 0; leaf < OtParameters.LEAVES; leaf++) {
                    long secret = equal(leaf, place);
                    clear(checks, leaf, secret);
                    set(checks, leaf, sums, 0, secret);
                }
                MemorySegment expected = hashOfChecks(checks, tree, scope);
                for (int at = 0; at < SEED; at += Long.BYTES) {
                    difference |=
                            expected.get(Extension.WORD, at) ^ in.get(Extension.WORD, message0 + HASH_OF_CHECKS + at);
                }
                byDistance(nodes, place);
                MemorySegment.copy(nodes, SEED, seed, SEED + (long) tree * (TREE - SEED), TREE - SEED);
            }
        }
        if (difference != 0) {
            throw new CheckFailedException(
                    CheckFailedException.Check.ALL_BUT_ONE,
                    "the trees of " + context.receiver()
                            + " are not consistent (check of the all-but-one transfer in the pair's set-up)");
        }
    }

    private BlockHash hash(Tag tag) {
        return new BlockHash(context.enter(Transcript.start(tag)));
    }

    /// Replaces the `2^level` nodes by their children.
    private static void grow(BlockHash nodeHash, MemorySegment nodes, int level, int tree) {
        int count = 1 << level;
        for (int node = 0; node < count; node++) {
            long at = (long) node * SEED;
            // The other branch first: the node itself is overwritten by its own branch of zero.
            nodeHash.hash(nodes, at, 1 << 16 | level << 8 | tree);
            long w0 = nodeHash.word(0);
            long w1 = nodeHash.word(1);
            long w2 = nodeHash.word(2);
            long w3 = nodeHash.word(3);
            nodeHash.hash(nodes, at, level << 8 | tree);
            nodeHash.copyTo(nodes, at, 4);
            long other = at + (long) count * SEED;
            nodes.set(Extension.WORD, other, w0);
            nodes.set(Extension.WORD, other + 8, w1);
            nodes.set(Extension.WORD, other + 16, w2);
            nodes.set(Extension.WORD, other + 24, w3);
        }
    }

    /// The children of the unknown node on the place's path are wrong so far. One of them follows from the sum
    /// of its branch; the other becomes the next unknown one, and zero.
    private static void repair(
            MemorySegment nodes, int level, int place, MemorySegment sums, MemorySegment pads, int pad) {
        int count = 1 << level;
        int path = place & (count - 1);
        for (int branch = 0; branch < 2; branch++) {
            add(sums, (long) branch * SEED, pads, pad, -1L);
            for (int node = 0; node < count; node++) {
                add(sums, (long) branch * SEED, nodes, branch * count + node, ~equal(node, path));
            }
            long away = ~equal(place >>> level & 1, branch);
            for (int node = 0; node < count; node++) {
                long unknown = equal(node, path);
                clear(nodes, branch * count + node, unknown);
                set(nodes, branch * count + node, sums, branch, unknown & away);
            }
        }
    }

    /// Derives from each last node its check value and the leaf that is used.
    private static void finishLeaves(
            BlockHash leafHash, BlockHash checkHash, MemorySegment nodes, MemorySegment checks, int tree) {
        for (int leaf = 0; leaf < OtParameters.LEAVES; leaf++) {
            long at = (long) leaf * SEED;
            checkHash.hash(nodes, at, tree);
            checkHash.copyTo(checks, at, 4);
            leafHash.hash(nodes, at, tree);
            leafHash.copyTo(nodes, at, 4);
        }
    }

    private MemorySegment hashOfChecks(MemorySegment checks, int tree, SecretScope scope) {
        return SecretTranscript.start(Tag.ALL_BUT_ONE_CHECKS)
                .bytes(context.sessionId())
                .number(tree)
                .secret(checks)
                .hash(scope)
                .segment(TAKE);
    }

    /// Moves the leaf at `place ⊕ d` to position `d`, by exchanges that are all made or not made by a mask.
    private static void byDistance(MemorySegment leaves, int place) {
        for (int bit = 0; bit < OtParameters.TREE_DEPTH; bit++) {
            long exchange = mask(place >>> bit & 1);
            for (int leaf = 0; leaf < OtParameters.LEAVES; leaf++) {
                if ((leaf >>> bit & 1) == 0) {
                    long a = (long) leaf * SEED;
                    long b = (long) (leaf | 1 << bit) * SEED;
                    for (int at = 0; at < SEED; at += Long.BYTES) {
                        long both =
                                exchange & (leaves.get(Extension.WORD, a + at) ^ leaves.get(Extension.WORD, b + at));
                        leaves.set(Extension.WORD, a + at, leaves.get(Extension.WORD, a + at) ^ both);
                        leaves.set(Extension.WORD, b + at, leaves.get(Extension.WORD, b + at) ^ both);
                    }
                }
            }
        }
    }

    private static void add(MemorySegment target, long offset, MemorySegment source, int index, long mask) {
        for (int at = 0; at < SEED; at += Long.BYTES) {
            long value = source.get(Extension.WORD, (long) index * SEED + at) & mask;
            target.set(Extension.WORD, offset + at, target.get(Extension.WORD, offset + at) ^ value);
        }
    }

    /// Adds under a mask to a value that is zero where the mask is ones.
    private static void set(MemorySegment target, int targetIndex, MemorySegment source, int index, long mask) {
        add(target, (long) targetIndex * SEED, source, index, mask);
    }

    private static void clear(MemorySegment target, int index, long mask) {
        for (int at = 0; at < SEED; at += Long.BYTES) {
            long offset = (long) index * SEED + at;
            target.set(Extension.WORD, offset, target.get(Extension.WORD, offset) & ~mask);
        }
    }

    private static long mask(int bit) {
        return -(long) bit;
    }

    /// All ones when the small numbers are equal, else zero.
    private static long equal(int a, int b) {
        return ((long) (a ^ b) - 1) >> 63;
    }
}
