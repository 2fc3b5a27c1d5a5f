package org.keymoot.access.ethereum;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.WeierstrassPoint;
import org.keymoot.crypto.keccak.Keccak256;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;

/// An account's address.
///
/// It keeps true: twenty bytes; its text form carries the checksum of EIP-55.
///
/// @param digits forty lower-case hexadecimal digits, without prefix
public record Address(String digits) {
    public static final int LENGTH = 20;

    private static final Pattern LOWER = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern ANY = Pattern.compile("0x[0-9a-fA-F]{40}");

    public Address {
        if (!LOWER.matcher(digits).matches()) {
            throw new IllegalArgumentException("an address is forty lower-case hexadecimal digits");
        }
    }

    /// The address of a secp256k1 key: the last twenty bytes of the hash of its point.
    public static Address of(Point publicKey) {
        if (publicKey.group().id() != GroupId.SECP256K1 || !(publicKey instanceof WeierstrassPoint point)) {
            throw new IllegalArgumentException("only keys of secp256k1 have an Ethereum address, this one is of "
                    + publicKey.group().id());
        }
        byte[] encoded = point.encodeUncompressed();
        byte[] hash = Keccak256.hash(Arrays.copyOfRange(encoded, 1, encoded.length));
        return new Address(HexFormat.of().formatHex(hash, hash.length - LENGTH, hash.length));
    }

    /// The address of the key whose SubjectPublicKeyInfo this is, as GetPublicKey answers it.
    public static Address ofPublicKeyDer(byte[] der) throws InvalidEthereumData {
        try {
            return of(SubjectPublicKeyInfo.decode(der));
        } catch (InvalidEncodingException | IllegalArgumentException e) {
            throw new InvalidEthereumData(String.valueOf(e.getMessage()));
        }
    }

    public static Address ofBytes(byte[] bytes) throws InvalidEthereumData {
        if (bytes.length != LENGTH) {
            throw new InvalidEthereumData("expected an address of 20 bytes but found " + bytes.length);
        }
        return new Address(HexFormat.of().formatHex(bytes));
    }

    /// Reads `0x…`; where both cases of letters occur, the checksum has to be right.
    public static Address parse(String text) throws InvalidEthereumData {
        if (!ANY.matcher(text).matches()) {
            throw new InvalidEthereumData("expected an address, 0x and forty hexadecimal digits, but found '"
                    + (text.length() <= 80 ? text : text.substring(0, 80) + "…") + "'");
        }
        String digits = text.substring(2);
        Address address = new Address(digits.toLowerCase(Locale.ROOT));
        boolean oneCase =
                digits.equals(digits.toLowerCase(Locale.ROOT)) || digits.equals(digits.toUpperCase(Locale.ROOT));
        if (!oneCase && !address.checksummed().equals(text)) {
            throw new InvalidEthereumData(
                    "expected the checksum of EIP-55 in the address " + text + ": it may have been mistyped");
        }
        return address;
    }

    public byte[] bytes() {
        return HexFormat.of().parseHex(digits);
    }

    /// The form that people are shown: a letter is upper case where the hash of the digits has a nibble of 8 or more.
    public String checksummed() {
        byte[] hash = Keccak256.hash(digits.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        StringBuilder out = new StringBuilder("0x");
        for (int i = 0; i < digits.length(); i++) {
            int nibble = hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0xf;
            char digit = digits.charAt(i);
            out.append(nibble >= 8 ? Character.toUpperCase(digit) : digit);
        }
        return out.toString();
    }

    @Override
    public String toString() {
        return checksummed();
    }
}
