package org.keymoot.protocol.session;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.keymoot.protocol.message.MessageWriter;

/// How session ids and the digests of broadcasts are hashed.
final class Ids {
    private Ids() {}

    static SessionId setUp(SetUp setUp) {
        MessageWriter in = start("set-up").text(setUp.protocol()).block(setUp.invitation());
        return SessionId.of(hash(parties(in, setUp.parties()).block(setUp.terms())));
    }

    static SessionId fresh(SessionId provisional, PerParty<byte[]> contributions) {
        MessageWriter in = parties(start("session").fixed(provisional.bytes()), contributions.parties());
        contributions.values().forEach(in::block);
        return SessionId.of(hash(in));
    }

    static SessionId child(SessionId parent, String label, List<Integer> parties) {
        return SessionId.of(hash(parties(start("child").fixed(parent.bytes()).text(label), parties)));
    }

    static byte[] noBroadcasts(SessionId session) {
        return hash(start("echo").fixed(session.bytes()));
    }

    static byte[] broadcasts(byte[] before, String step, PerParty<byte[]> bodies) {
        MessageWriter in = parties(start("echo").fixed(before).text(step), bodies.parties());
        bodies.values().forEach(in::block);
        return hash(in);
    }

    private static MessageWriter start(String purpose) {
        return new MessageWriter(1024).text("keymoot/v1/session").text(purpose);
    }

    private static MessageWriter parties(MessageWriter in, List<Integer> parties) {
        in.u8(parties.size());
        parties.forEach(in::u8);
        return in;
    }

    private static byte[] hash(MessageWriter in) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(in.toByteArray());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
