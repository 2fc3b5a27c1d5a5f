package org.keymoot.access.policy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A range of IPv4 or IPv6 addresses, as `192.0.2.0/24` or `2001:db8::/32`; a single address is a range of one.
///
/// It keeps true: an IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address, so that the way in
/// which an endpoint listens changes no decision. No name is ever looked up.
final class AddressRange {
    private final byte[] network;
    private final int prefix;

    private AddressRange(byte[] network, int prefix) {
        this.network = network;
        this.prefix = prefix;
    }

    /// @return null when the text is no address and no range
    static @Nullable AddressRange parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = address(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            return null;
        }
        boolean mapped = isMapped(address);
        int bits = address.length * 8;
        int prefix = slash < 0 ? bits : prefix(text.substring(slash + 1), bits);
        if (prefix < 0) {
            return null;
        }
        if (mapped && prefix >= 96) {
            address = Arrays.copyOfRange(address, 12, 16);
            prefix -= 96;
        }
        return new AddressRange(masked(address, prefix), prefix);
    }

    boolean isSingle() {
        return prefix == network.length * 8;
    }

    boolean contains(AddressRange address) {
        return network.length == address.network.length && Arrays.equals(network, masked(address.network, prefix));
    }

    private static boolean isMapped(byte[] address) {
        if (address.length != 16 || address[10] != -1 || address[11] != -1) {
            return false;
        }
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] masked(byte[] address, int prefix) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.clamp(prefix - i * 8L, 0, 8);
            masked[i] &= (byte) (0xff00 >> kept);
        }
        return masked;
    }

    private static int prefix(String text, int bits) {
        return decimal(text, bits);
    }

    private static byte @Nullable [] address(String text) {
        return text.indexOf(':') >= 0 ? sixteen(text) : four(text);
    }

    private static byte @Nullable [] four(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return null;
        }
        byte[] address = new byte[4];
        for (int i = 0; i < 4; i++) {
            int value = decimal(parts[i], 255);
            if (value < 0) {
                return null;
            }
            address[i] = (byte) value;
        }
        return address;
    }

    private static byte @Nullable [] sixteen(String text) {
        String groups = text;
        byte[] tail = null;
        if (text.indexOf('.') >= 0) {
            int colon = text.lastIndexOf(':');
            tail = four(text.substring(colon + 1));
            if (tail == null) {
                return null;
            }
            groups = text.substring(0, colon) + ":0:0";
        }
        int gap = groups.indexOf("::");
        byte[] address;
        if (gap < 0) {
            address = groups(groups, 8);
        } else {
            if (groups.indexOf("::", gap + 1) >= 0) {
                return null;
            }
            byte[] head = groups(groups.substring(0, gap), -1);
            byte[] rest = groups(groups.substring(gap + 2), -1);
            if (head == null || rest == null || head.length + rest.length > 14) {
                return null;
            }
            address = Arrays.copyOf(head, 16);
            System.arraycopy(rest, 0, address, 16 - rest.length, rest.length);
        }
        if (address != null && tail != null) {
            System.arraycopy(tail, 0, address, 12, 4);
        }
        return address;
    }

    /// Groups of hexadecimal digits between colons.
    ///
    /// @param count how many there must be; negative for up to seven, also none
    private static byte @Nullable [] groups(String text, int count) {
        if (text.isEmpty()) {
            return count < 0 ? new byte[0] : null;
        }
        String[] parts = text.split(":", -1);
        if (count < 0 ? parts.length > 7 : parts.length != count) {
            return null;
        }
        byte[] bytes = new byte[parts.length * 2];
        for (int i = 0; i < parts.length; i++) {
            int value = 0;
            if (parts[i].isEmpty() || parts[i].length() > 4) {
                return null;
            }
            for (int j = 0; j < parts[i].length(); j++) {
                char c = parts[i].charAt(j);
                int digit = c < 0x80 ? Character.digit(c, 16) : -1;
                if (digit < 0) {
                    return null;
                }
                value = value << 4 | digit;
            }
            bytes[i * 2] = (byte) (value >> 8);
            bytes[i * 2 + 1] = (byte) value;
        }
        return bytes;
    }

    /// @return -1 when the text is no decimal number without leading zeros up to the limit
    private static int decimal(String text, int limit) {
        if (text.isEmpty() || text.length() > 3 || (text.length() > 1 && text.charAt(0) == '0')) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value <= limit ? value : -1;
    }
}
