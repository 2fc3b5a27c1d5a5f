package org.keymoot.crypto.ot;

import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// The extension straight from its definition, on big integers and slowly: the oracle for the fast one. Bit `i`
/// of a number is column `i` of a row.
final class CoteReference {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;
    private static final int COLUMNS = 448;
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(128).add(BigInteger.valueOf(0x87));

    private CoteReference() {}

    /// A receiver's rows and choices; `changeTree` gets its choices with `change` added, a cheat unless that is
    /// zero.
    @SuppressWarnings("ArrayRecordComponent") // only read
    record Receiver(CoteRequest request, BigInteger[] rows, BigInteger choices) {}

    static Receiver receive(
            ExtensionContext context, byte[] leaves, byte[] choiceBytes, int changeTree, BigInteger change) {
        BigInteger choices = Seeds.bits(choiceBytes);
        BigInteger[] rows = new BigInteger[256];
        byte[] masked = new byte[64 * 72];
        for (int tree = 0; tree < 64; tree++) {
            BigInteger u = tree == changeTree ? choices.xor(change) : choices;
            for (int bit = 0; bit < 4; bit++) {
                rows[4 * tree + bit] = BigInteger.ZERO;
            }
            for (int leaf = 0; leaf < 16; leaf++) {
                BigInteger row = row(context, leaves, 16 * tree + leaf);
                u = u.xor(row);
                for (int bit = 0; bit < 4; bit++) {
                    if ((leaf >> bit & 1) == 1) {
                        rows[4 * tree + bit] = rows[4 * tree + bit].xor(row);
                    }
                }
            }
            System.arraycopy(bytes(u, 72), 0, masked, 72 * tree, 72);
        }
        BigInteger[] challenges = challenges(context, masked);
        byte[] combined = new byte[256 * 16];
        for (int row = 0; row < 256; row++) {
            System.arraycopy(bytes(combine(challenges, rows[row]), 16), 0, combined, 16 * row, 16);
        }
        byte[] hash;
        try (org.keymoot.crypto.secret.SecretScope scope = new org.keymoot.crypto.secret.SecretScope()) {
            hash = SecretTranscript.start(Tag.COTE_COMBINED)
                    .bytes(challengeBytes(context, masked))
                    .secret(java.lang.foreign.MemorySegment.ofArray(combined))
                    .hash(scope)
                    .segment(TAKE)
                    .toArray(ValueLayout.JAVA_BYTE);
        }
        return new Receiver(new CoteRequest(masked, bytes(combine(challenges, choices), 16), hash), rows, choices);
    }

    /// The pad of `transfer` for a column of 256 bits.
    static byte[] pad(ExtensionContext context, BigInteger column, int transfer, int block) {
        return blockHash(context, Tag.COTE_PAD, bytes(column, 32), transfer << 8 | block);
    }

    static BigInteger column(BigInteger[] rows, int transfer) {
        BigInteger column = BigInteger.ZERO;
        for (int row = 0; row < 256; row++) {
            if (rows[row].testBit(transfer)) {
                column = column.setBit(row);
            }
        }
        return column;
    }

    static byte[] array(SecretBytes bytes) {
        return bytes.segment(TAKE).toArray(ValueLayout.JAVA_BYTE);
    }

    private static BigInteger row(ExtensionContext context, byte[] leaves, int leaf) {
        byte[] seed = Arrays.copyOfRange(leaves, 32 * leaf, 32 * leaf + 32);
        byte[] row = new byte[96];
        for (int block = 0; block < 3; block++) {
            System.arraycopy(blockHash(context, Tag.COTE_ROW, seed, block), 0, row, 32 * block, 32);
        }
        return Seeds.bits(Arrays.copyOf(row, 72));
    }

    private static byte[] blockHash(ExtensionContext context, Tag tag, byte[] secret, int index) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(context.enter(Transcript.start(tag)).hash(), 0, 20);
            digest.update(secret);
            digest.update(new byte[] {(byte) (index >> 16), (byte) (index >> 8), (byte) index});
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] challengeBytes(ExtensionContext context, byte[] masked) {
        return context.enter(Transcript.start(Tag.COTE_CHALLENGE)).bytes(masked).expand(64);
    }

    private static BigInteger[] challenges(ExtensionContext context, byte[] masked) {
        byte[] bytes = challengeBytes(context, masked);
        BigInteger[] challenges = new BigInteger[4];
        for (int i = 0; i < 4; i++) {
            challenges[i] = Seeds.bits(Arrays.copyOfRange(bytes, 16 * i, 16 * i + 16));
        }
        return challenges;
    }

    /// The sum of challenge times element, plus the mask.
    private static BigInteger combine(BigInteger[] challenges, BigInteger row) {
        BigInteger full = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);
        BigInteger transfers = row.and(BigInteger.ONE.shiftLeft(COLUMNS).subtract(BigInteger.ONE));
        BigInteger sum = row.shiftRight(COLUMNS);
        for (int i = 0; i < 4; i++) {
            sum = sum.xor(multiply(challenges[i], transfers.shiftRight(128 * i).and(full)));
        }
        return sum;
    }

    private static BigInteger multiply(BigInteger a, BigInteger b) {
        BigInteger product = BigInteger.ZERO;
        for (int i = 0; i < 128; i++) {
            if (b.testBit(i)) {
                product = product.xor(a.shiftLeft(i));
            }
        }
        for (int i = 255; i >= 128; i--) {
            if (product.testBit(i)) {
                product = product.xor(MODULUS.shiftLeft(i - 128));
            }
        }
        return product;
    }

    private static byte[] bytes(BigInteger value, int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            out[i] = value.shiftRight(8 * i).byteValue();
        }
        return out;
    }
}
