package org.keymoot.protocol.session;

import org.jspecify.annotations.Nullable;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageReader;
import org.keymoot.protocol.message.MessageWriter;

/// One message on the wire with the header that binds it to its session, its place in it, its sender and its receiver.
///
/// It keeps true: a frame has one encoding, of at most [#MAX_BYTES] bytes. Protocols never see one; it is public for
/// transports that meter traffic and for the simulator's adversaries.
///
/// @param root the id of the session that the channel serves
/// @param child the id of the child session that the frame belongs to, or null for the root's own
/// @param sequence counts the frames of this session from this sender to this receiver, from 0
/// @param echo the digest of all broadcasts that the sender had seen in this session
@SuppressWarnings("ArrayRecordComponent")
public record Frame(
        Kind kind,
        SessionId root,
        @Nullable SessionId child,
        int sender,
        int receiver,
        long sequence,
        byte[] echo,
        String step,
        byte[] body) {
    /// What the sender's call was.
    public enum Kind {
        BROADCAST(1),
        PRIVATE(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    public static final int MAX_BYTES = 3 << 20;
    public static final int MAX_STEP_BYTES = 32;
    private static final int VERSION = 1;
    private static final int OF_CHILD = 0x10;
    private static final int MAX_HEADER_BYTES = 160;
    public static final int MAX_BODY_BYTES = MAX_BYTES - MAX_HEADER_BYTES;

    /// The session that the frame belongs to, root or child.
    public SessionId session() {
        return child == null ? root : child;
    }

    public byte[] encode() {
        MessageWriter out = new MessageWriter(MAX_HEADER_BYTES + body.length);
        out.u8(VERSION).u8(child == null ? kind.code : kind.code | OF_CHILD).fixed(root.bytes());
        if (child != null) {
            out.fixed(child.bytes());
        }
        out.u8(sender).u8(receiver).u32(sequence).fixed(echo);
        return out.text(step).block(body).toByteArray();
    }

    /// @throws Malformed when the bytes are not exactly one frame
    public static Frame decode(byte[] encoded) throws Malformed {
        if (encoded.length > MAX_BYTES) {
            throw new Malformed("frame has " + encoded.length + " bytes, more than " + MAX_BYTES);
        }
        MessageReader in = new MessageReader(encoded);
        int version = in.u8();
        if (version != VERSION) {
            throw new Malformed("frame has version " + version + ", not " + VERSION);
        }
        int code = in.u8();
        Kind kind = switch (code & ~OF_CHILD) {
            case 1 -> Kind.BROADCAST;
            case 2 -> Kind.PRIVATE;
            default -> throw new Malformed("frame is of unknown kind " + code);
        };
        SessionId root = SessionId.of(in.fixed(SessionId.BYTES));
        SessionId child = (code & OF_CHILD) == 0 ? null : SessionId.of(in.fixed(SessionId.BYTES));
        int sender = in.u8();
        int receiver = in.u8();
        long sequence = in.u32();
        byte[] echo = in.fixed(32);
        String step = in.text(MAX_STEP_BYTES);
        byte[] body = in.block(MAX_BODY_BYTES);
        in.end();
        return new Frame(kind, root, child, sender, receiver, sequence, echo, step, body);
    }
}
