package org.keymoot.protocol.message;

/// The binary form of one kind of message.
///
/// It keeps true, as a duty of every implementation: `read` accepts exactly the bytes that `write` makes, and refuses
/// all others with [Malformed], never with another exception.
public interface Codec<M> {
    /// No encoding is longer than this many bytes.
    int maxBytes();

    void write(M message, MessageWriter out);

    M read(MessageReader in) throws Malformed;

    /// The encoding in an array of its own.
    default byte[] encode(M message) {
        MessageWriter out = new MessageWriter(Math.min(maxBytes(), MessageWriter.INITIAL_BYTES));
        write(message, out);
        byte[] encoded = out.toByteArray();
        if (encoded.length > maxBytes()) {
            throw new IllegalStateException(
                    "encoded " + encoded.length + " bytes where at most " + maxBytes() + " are declared");
        }
        return encoded;
    }

    /// Decodes the whole of `encoded`.
    ///
    /// @throws Malformed when it is too long, too short or not canonical
    default M decode(byte[] encoded) throws Malformed {
        if (encoded.length > maxBytes()) {
            throw new Malformed("message has " + encoded.length + " bytes, more than " + maxBytes());
        }
        MessageReader in = new MessageReader(encoded);
        M message = read(in);
        in.end();
        return message;
    }

    /// Writes one message.
    @FunctionalInterface
    interface Write<M> {
        void write(M message, MessageWriter out);
    }

    /// Reads one message.
    @FunctionalInterface
    interface Read<M> {
        M read(MessageReader in) throws Malformed;
    }

    static <M> Codec<M> of(int maxBytes, Write<M> write, Read<M> read) {
        return new Codec<>() {
            @Override
            public int maxBytes() {
                return maxBytes;
            }

            @Override
            public void write(M message, MessageWriter out) {
                write.write(message, out);
            }

            @Override
            public M read(MessageReader in) throws Malformed {
                return read.read(in);
            }
        };
    }
}
