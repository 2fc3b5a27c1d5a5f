package org.keymoot.crypto.vole;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.ot.CoteSender;
import org.keymoot.crypto.ot.ExtensionContext;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// The sender of the multiplication straight from the paper, on big integers and slowly: the oracle for the
/// fast one, and a sender that can cheat.
final class RvoleReference {
    private static final int TRANSFERS = 416;

    private final ExtensionContext context;
    private final ScalarField field;
    private final BigInteger order;

    RvoleReference(ExtensionContext context, ScalarField field) {
        this.context = context;
        this.field = field;
        this.order = field.order();
    }

    @SuppressWarnings("ArrayRecordComponent") // only read
    record Sent(RvoleReply reply, BigInteger[] shares) {}

    /// @param inputs the two inputs and the check's random one
    /// @param cheatAt the transfer in which the first input is one larger, or -1
    Sent send(CoteSender transfers, BigInteger[] inputs, int cheatAt) {
        BigInteger[][] pads = new BigInteger[TRANSFERS][3];
        byte[] corrections = new byte[TRANSFERS * 96];
        for (int j = 0; j < TRANSFERS; j++) {
            for (int i = 0; i < 3; i++) {
                pads[j][i] = pad(transfers, j, i, false);
                BigInteger input = inputs[i];
                if (j == cheatAt && i == 0) {
                    input = input.add(BigInteger.ONE);
                }
                BigInteger correction =
                        pads[j][i].subtract(pad(transfers, j, i, true)).add(input);
                System.arraycopy(bytes(correction.mod(order)), 0, corrections, 96 * j + 32 * i, 32);
            }
        }
        BigInteger[] theta = challenges(corrections);
        BigInteger eta = inputs[2];
        BigInteger[] shares = {BigInteger.ZERO, BigInteger.ZERO};
        for (int i = 0; i < 2; i++) {
            eta = eta.add(theta[i].multiply(inputs[i]));
            for (int j = 0; j < TRANSFERS; j++) {
                shares[i] = shares[i].subtract(gadget(j).multiply(pads[j][i])).mod(order);
            }
        }
        byte[] column = new byte[TRANSFERS * 32];
        for (int j = 0; j < TRANSFERS; j++) {
            BigInteger element = pads[j][2].add(theta[0].multiply(pads[j][0])).add(theta[1].multiply(pads[j][1]));
            System.arraycopy(bytes(element.mod(order)), 0, column, 32 * j, 32);
        }
        return new Sent(new RvoleReply(corrections, bytes(eta.mod(order)), check(column)), shares);
    }

    /// `g`, for one transfer.
    BigInteger gadget(int transfer) {
        byte[] secret = new byte[32];
        byte[] bytes = new byte[64];
        for (int block = 0; block < 2; block++) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(context.enter(Transcript.start(Tag.RVOLE_GADGET)).hash(), 0, 20);
                digest.update(secret);
                digest.update(new byte[] {(byte) (transfer >> 8), (byte) transfer, (byte) block});
                System.arraycopy(digest.digest(), 0, bytes, 32 * block, 32);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
        return reduce(bytes);
    }

    private BigInteger pad(CoteSender transfers, int transfer, int element, boolean one) {
        byte[] bytes = new byte[64];
        MemorySegment target = MemorySegment.ofArray(bytes);
        for (int block = 0; block < 2; block++) {
            if (one) {
                transfers.padOfOne(transfer, 2 * element + block, target, 32L * block, 4);
            } else {
                transfers.padOfZero(transfer, 2 * element + block, target, 32L * block, 4);
            }
        }
        return reduce(bytes);
    }

    private BigInteger reduce(byte[] bytes) {
        int length = field.groupId() == GroupId.SECP256K1 ? 32 : 48;
        return number(Arrays.copyOf(bytes, length)).mod(order);
    }

    private BigInteger[] challenges(byte[] corrections) {
        byte[] bytes = context.enter(Transcript.start(Tag.RVOLE_CHALLENGE))
                .number(field.groupId().code())
                .bytes(corrections)
                .expand(128);
        return new BigInteger[] {
            number(Arrays.copyOf(bytes, 64)).mod(order),
            number(Arrays.copyOfRange(bytes, 64, 128)).mod(order)
        };
    }

    private byte[] check(byte[] column) {
        byte[] bound = context.enter(Transcript.start(Tag.RVOLE_CHECK))
                .number(field.groupId().code())
                .hash();
        try (SecretScope scope = new SecretScope()) {
            return SecretTranscript.start(Tag.RVOLE_CHECK)
                    .bytes(bound)
                    .secret(MemorySegment.ofArray(column))
                    .hash(scope)
                    .segment(Disclosure.I_TAKE_THE_SECRET_OUT)
                    .toArray(ValueLayout.JAVA_BYTE);
        }
    }

    static BigInteger number(byte[] littleEndian) {
        byte[] reversed = new byte[littleEndian.length];
        for (int i = 0; i < reversed.length; i++) {
            reversed[reversed.length - 1 - i] = littleEndian[i];
        }
        return new BigInteger(1, reversed);
    }

    static byte[] bytes(BigInteger value) {
        byte[] out = new byte[32];
        for (int i = 0; i < 32; i++) {
            out[i] = value.shiftRight(8 * i).byteValue();
        }
        return out;
    }
}
