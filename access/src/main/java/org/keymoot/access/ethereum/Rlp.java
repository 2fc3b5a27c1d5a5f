package org.keymoot.access.ethereum;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Recursive Length Prefix, the encoding of Ethereum's yellow paper, appendix B.
///
/// It keeps true: [#decode] takes the shortest encoding only and nothing after it, so that it undoes [#encode] and
/// nothing else.
public final class Rlp {
    /// Deepest nesting that is read; no transaction has more than four.
    static final int MAXIMUM_DEPTH = 16;

    private static final int SHORT = 55;
    private static final int STRING = 0x80;
    private static final int LIST = 0xc0;

    private Rlp() {}

    /// A string of bytes or a list of items.
    public sealed interface Item {
        /// The bytes of a string.
        default byte[] bytes() throws InvalidEthereumData {
            throw new InvalidEthereumData("expected a string in RLP but found a list");
        }

        /// The items of a list.
        default List<Item> items() throws InvalidEthereumData {
            throw new InvalidEthereumData("expected a list in RLP but found a string");
        }

        /// A number: big-endian, without leading zeros, zero as the empty string.
        default BigInteger number() throws InvalidEthereumData {
            byte[] bytes = bytes();
            if (bytes.length > 32) {
                throw new InvalidEthereumData("expected a number of at most 32 bytes but found " + bytes.length);
            }
            if (bytes.length > 0 && bytes[0] == 0) {
                throw new InvalidEthereumData("expected a number without leading zeros in RLP");
            }
            return new BigInteger(1, bytes);
        }
    }

    /// A string of bytes.
    public static final class Text implements Item {
        private final byte[] bytes;

        private Text(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public byte[] bytes() {
            return bytes.clone();
        }
    }

    /// A list of items.
    public record Sequence(List<Item> items) implements Item {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    public static Item text(byte[] bytes) {
        return new Text(bytes.clone());
    }

    public static Item number(BigInteger value) {
        if (value.signum() < 0) {
            throw new IllegalArgumentException("RLP has no negative numbers, found " + value);
        }
        return new Text(magnitude(value));
    }

    public static Item list(List<? extends Item> items) {
        return new Sequence(List.copyOf(items));
    }

    public static byte[] encode(Item item) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, item);
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, Item item) {
        switch (item) {
            case Text text -> {
                if (text.bytes.length != 1 || text.bytes[0] < 0) {
                    writeHeader(out, STRING, text.bytes.length);
                }
                out.writeBytes(text.bytes);
            }
            case Sequence list -> {
                ByteArrayOutputStream inner = new ByteArrayOutputStream();
                list.items().forEach(element -> write(inner, element));
                writeHeader(out, LIST, inner.size());
                out.writeBytes(inner.toByteArray());
            }
        }
    }

    private static void writeHeader(ByteArrayOutputStream out, int base, int length) {
        if (length <= SHORT) {
            out.write(base + length);
        } else {
            byte[] size = magnitude(BigInteger.valueOf(length));
            out.write(base + SHORT + size.length);
            out.writeBytes(size);
        }
    }

    private static byte[] magnitude(BigInteger value) {
        byte[] bytes = value.toByteArray();
        return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    }

    /// Decodes an item that fills `encoded`.
    public static Item decode(byte[] encoded) throws InvalidEthereumData {
        Reader reader = new Reader(encoded);
        Item item = reader.item(encoded.length, 0);
        if (reader.at != encoded.length) {
            throw new InvalidEthereumData("expected the end of the RLP at byte " + reader.at + " but found "
                    + (encoded.length - reader.at) + " more bytes");
        }
        return item;
    }

    private static final class Reader {
        private final byte[] from;
        private int at;

        Reader(byte[] from) {
            this.from = from;
        }

        /// @param end where the enclosing list ends
        Item item(int end, int depth) throws InvalidEthereumData {
            if (depth > MAXIMUM_DEPTH) {
                throw new InvalidEthereumData("expected RLP of at most " + MAXIMUM_DEPTH + " nested lists");
            }
            if (at >= end) {
                throw new InvalidEthereumData("expected an RLP item at byte " + at + " but found the end");
            }
            int first = from[at++] & 0xff;
            if (first < STRING) {
                return new Text(new byte[] {(byte) first});
            }
            boolean isList = first >= LIST;
            int length = length(first - (isList ? LIST : STRING), end);
            if (length > end - at) {
                throw new InvalidEthereumData(
                        "expected " + length + " bytes of RLP at byte " + at + " but found " + (end - at));
            }
            return isList ? sequence(at + length, depth) : string(length);
        }

        private Item string(int length) throws InvalidEthereumData {
            byte[] bytes = Arrays.copyOfRange(from, at, at + length);
            if (length == 1 && bytes[0] >= 0) {
                throw new InvalidEthereumData("expected a byte below 0x80 to stand for itself in RLP, at byte " + at);
            }
            at += length;
            return new Text(bytes);
        }

        private Item sequence(int end, int depth) throws InvalidEthereumData {
            List<Item> items = new ArrayList<>();
            while (at < end) {
                items.add(item(end, depth + 1));
            }
            return new Sequence(items);
        }

        private int length(int code, int end) throws InvalidEthereumData {
            if (code <= SHORT) {
                return code;
            }
            int size = code - SHORT;
            if (size > end - at) {
                throw new InvalidEthereumData("expected a length of " + size + " bytes in RLP at byte " + at);
            }
            long length = 0;
            if (size > 4 || from[at] == 0) {
                throw new InvalidEthereumData("expected the shortest form of a length in RLP at byte " + at);
            }
            for (int i = 0; i < size; i++) {
                length = length << 8 | (from[at++] & 0xff);
            }
            if (length <= SHORT || length > Integer.MAX_VALUE) {
                throw new InvalidEthereumData("expected the shortest form of a length in RLP at byte " + (at - size));
            }
            return (int) length;
        }
    }
}
