package org.keymoot.access.ethereum;

import java.math.BigInteger;
import java.util.HexFormat;

/// Bytes and quantities as Ethereum writes them: hexadecimal after `0x`.
public final class Hex {
    private Hex() {}

    /// Bytes with prefix, such as `0x00ff`.
    public static String of(byte[] bytes) {
        return "0x" + HexFormat.of().formatHex(bytes);
    }

    /// A quantity with prefix and without leading zeros, such as `0x1f4`.
    public static String of(BigInteger quantity) {
        return "0x" + quantity.toString(16);
    }

    /// Whole bytes; the prefix may be missing.
    public static byte[] bytes(String text) throws InvalidEthereumData {
        String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
        try {
            return HexFormat.of().parseHex(digits);
        } catch (IllegalArgumentException e) {
            throw new InvalidEthereumData("expected an even number of hexadecimal digits but found " + shown(text));
        }
    }

    /// A quantity of at most 256 bits: hexadecimal with prefix, or decimal.
    public static BigInteger quantity(String text) throws InvalidEthereumData {
        boolean prefixed = text.startsWith("0x");
        String digits = prefixed ? text.substring(2) : text;
        if (!digits.matches(prefixed ? "[0-9a-fA-F]{1,64}" : "[0-9]{1,78}")) {
            throw new InvalidEthereumData("expected a number, decimal or after 0x, but found " + shown(text));
        }
        BigInteger value = new BigInteger(digits, prefixed ? 16 : 10);
        if (value.bitLength() > 256) {
            throw new InvalidEthereumData("expected a number of at most 256 bits but found " + shown(text));
        }
        return value;
    }

    private static String shown(String text) {
        return "'" + (text.length() <= 80 ? text : text.substring(0, 80) + "…") + "'";
    }
}
