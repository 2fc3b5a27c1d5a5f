package org.keymoot.access;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// An ECDSA signature `(r, s)` and its DER form, `SEQUENCE { INTEGER r, INTEGER s }`, strict in both directions.
///
/// It keeps true: both numbers are positive and below 2^256.
public record EcdsaSignature(BigInteger r, BigInteger s) {
    public EcdsaSignature {
        if (r.signum() <= 0 || s.signum() <= 0 || r.bitLength() > 256 || s.bitLength() > 256) {
            throw new IllegalArgumentException("r and s of an ECDSA signature are positive and below 2^256");
        }
    }

    /// The DER form, at most 72 bytes.
    public byte[] encode() {
        byte[] first = r.toByteArray();
        byte[] second = s.toByteArray();
        byte[] der = new byte[6 + first.length + second.length];
        der[0] = 0x30;
        der[1] = (byte) (der.length - 2);
        der[2] = 0x02;
        der[3] = (byte) first.length;
        System.arraycopy(first, 0, der, 4, first.length);
        der[4 + first.length] = 0x02;
        der[5 + first.length] = (byte) second.length;
        System.arraycopy(second, 0, der, 6 + first.length, second.length);
        return der;
    }

    /// Reads a DER form; null when the bytes are anything but the one DER encoding of a pair in range.
    public static @Nullable EcdsaSignature decode(byte[] der) {
        if (der.length < 8 || der.length > 72 || der[0] != 0x30 || der[1] != der.length - 2) {
            return null;
        }
        BigInteger r = integerAt(der, 2);
        if (r == null) {
            return null;
        }
        int second = 4 + der[3];
        BigInteger s = integerAt(der, second);
        if (s == null || second + 2 + der[second + 1] != der.length) {
            return null;
        }
        return new EcdsaSignature(r, s);
    }

    private static @Nullable BigInteger integerAt(byte[] der, int at) {
        if (at + 2 > der.length || der[at] != 0x02) {
            return null;
        }
        int length = der[at + 1];
        if (length < 1 || length > 33 || at + 2 + length > der.length) {
            return null;
        }
        boolean padded = length > 1 && der[at + 2] == 0 && der[at + 3] >= 0;
        BigInteger value = new BigInteger(der, at + 2, length);
        return padded || value.signum() <= 0 || value.bitLength() > 256 ? null : value;
    }
}
