package org.keymoot.cli.imported;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.keymoot.access.KeySpec;
import org.keymoot.access.imported.ImportedKey;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.SecretScope;

/// A key as a file has it: PEM (PKCS #8, or an elliptic curve's bare key), DER, hexadecimal digits, or bytes.
public final class KeyFile {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";

    private KeyFile() {}

    /// @param file stays the caller's to erase
    /// @throws ImportedKey.Unfit when it is no key of this spec
    public static SecretScalar scalar(KeySpec spec, byte[] file, SecretScope scope) throws ImportedKey.Unfit {
        byte[] decoded = new byte[0];
        try {
            if (startsWith(file, BEGIN)) {
                String label = label(file);
                decoded = body(file, label);
                return label.equals("EC PRIVATE KEY")
                        ? ImportedKey.scalarOfBareKey(spec, decoded, scope)
                        : ImportedKey.scalar(spec, decoded, scope);
            }
            if (spec.isSymmetric()) {
                int length = ImportedKey.lengthOf(spec);
                decoded = file.length == length ? file.clone() : hex(file);
                return ImportedKey.scalar(spec, decoded, scope);
            }
            if (file.length > 0 && file[0] == 0x30 && file.length > 40 && !isHex(file)) {
                return ImportedKey.scalar(spec, file, scope);
            }
            decoded = file.length == 32 ? file.clone() : hex(file);
            return ImportedKey.scalarOfBytes(spec, decoded, scope);
        } catch (IllegalArgumentException e) {
            // Without the cause, whose words may hold what could not be read.
            throw new ImportedKey.Unfit(
                    "The file is no key: expected PEM, PKCS #8 in DER, hexadecimal digits or bytes.");
        } finally {
            Arrays.fill(decoded, (byte) 0);
        }
    }

    private static boolean startsWith(byte[] file, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        return file.length >= wanted.length && Arrays.equals(file, 0, wanted.length, wanted, 0, wanted.length);
    }

    /// The label of the private key's block; parameters may stand before it.
    private static String label(byte[] file) {
        for (String label : new String[] {"PRIVATE KEY", "EC PRIVATE KEY"}) {
            if (find(file, BEGIN + label + "-----", 0) >= 0) {
                return label;
            }
        }
        throw new IllegalArgumentException("no private key");
    }

    private static byte[] body(byte[] file, String label) {
        String begin = BEGIN + label + "-----";
        int from = find(file, begin, 0) + begin.length();
        int to = find(file, END + label + "-----", from);
        if (to < 0) {
            throw new IllegalArgumentException("no end");
        }
        byte[] base64 = Arrays.copyOfRange(file, from, to);
        try {
            return Base64.getMimeDecoder().decode(base64);
        } finally {
            Arrays.fill(base64, (byte) 0);
        }
    }

    private static int find(byte[] file, String text, int from) {
        byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
        for (int at = from; at + wanted.length <= file.length; at++) {
            if (Arrays.equals(file, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean isHex(byte[] file) {
        for (byte one : file) {
            if (!HexFormat.isHexDigit(one & 0xff) && !Character.isWhitespace(one) && one != 'x') {
                return false;
            }
        }
        return true;
    }

    /// Digits, with white space around them and perhaps 0x before.
    private static byte[] hex(byte[] file) {
        int from = 0;
        int to = file.length;
        while (from < to && Character.isWhitespace(file[from])) {
            from++;
        }
        while (to > from && Character.isWhitespace(file[to - 1])) {
            to--;
        }
        if (to - from >= 2 && file[from] == '0' && file[from + 1] == 'x') {
            from += 2;
        }
        if ((to - from) % 2 != 0) {
            throw new IllegalArgumentException("an odd number of digits");
        }
        byte[] out = new byte[(to - from) / 2];
        for (int i = 0; i < out.length; i++) {
            int high = Character.digit(file[from + 2 * i], 16);
            int low = Character.digit(file[from + 2 * i + 1], 16);
            if (high < 0 || low < 0) {
                Arrays.fill(out, (byte) 0);
                throw new IllegalArgumentException("no digit");
            }
            out[i] = (byte) (high << 4 | low);
        }
        return out;
    }
}
