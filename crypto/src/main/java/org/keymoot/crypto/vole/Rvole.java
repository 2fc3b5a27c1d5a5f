package org.keymoot.crypto.vole;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.ot.OtParameters;

/// What both sides of the multiplication share: its sizes and its public values.
final class Rvole {
    /// ξ.
    static final int TRANSFERS = OtParameters.TRANSFERS;

    /// ℓ: inputs of the sender, which it multiplies with the receiver's one.
    static final int INPUTS = 2;

    /// ρ: columns that check the others.
    static final int CHECKS = 1;

    static final int WIDTH = INPUTS + CHECKS;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Rvole() {}

    static void requireCanonical(ScalarField field, byte[] encoded, int length) throws InvalidEncodingException {
        long[] order = words(field.order());
        for (int at = 0; at < length; at += RvoleReply.SCALAR_BYTES) {
            int i = 3;
            while (i > 0 && word(encoded, at, i) == order[i]) {
                i--;
            }
            if (Long.compareUnsigned(word(encoded, at, i), order[i]) >= 0) {
                throw new InvalidEncodingException(
                        "scalar " + at / RvoleReply.SCALAR_BYTES + " of a reply is not below the group's order");
            }
        }
    }

    private static long word(byte[] bytes, int at, int i) {
        return (long) LONGS.get(bytes, at + i * Long.BYTES);
    }

    private static long[] words(BigInteger value) {
        long[] out = new long[4];
        for (int i = 0; i < out.length; i++) {
            out[i] = value.shiftRight(i * Long.SIZE).longValue();
        }
        return out;
    }
}
