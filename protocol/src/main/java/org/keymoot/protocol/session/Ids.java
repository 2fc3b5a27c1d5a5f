package org.keymoot.protocol.session;

import java.util.List;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// How session ids and the digests of broadcasts are hashed.
final class Ids {
    private Ids() {}

    /// The id under which parties exchange their contributions.
    static SessionId setUp(SetUp setUp) {
        Transcript transcript =
                Transcript.start(Tag.SESSION_SET_UP).text(setUp.protocol()).bytes(setUp.invitation());
        return SessionId.of(
                parties(transcript, setUp.parties()).bytes(setUp.terms()).hash());
    }

    static SessionId fresh(SessionId provisional, PerParty<byte[]> contributions) {
        Transcript transcript = Transcript.start(Tag.SESSION_ID).bytes(provisional.bytes());
        return SessionId.of(all(transcript, contributions).hash());
    }

    static SessionId child(SessionId parent, String label, List<Integer> parties) {
        Transcript transcript =
                Transcript.start(Tag.SESSION_CHILD).bytes(parent.bytes()).text(label);
        return SessionId.of(parties(transcript, parties).hash());
    }

    static byte[] noBroadcasts(SessionId session) {
        return Transcript.start(Tag.SESSION_ECHO).bytes(session.bytes()).hash();
    }

    static byte[] broadcasts(byte[] before, String step, PerParty<byte[]> bodies) {
        Transcript transcript = Transcript.start(Tag.SESSION_ECHO).bytes(before).text(step);
        return all(transcript, bodies).hash();
    }

    private static Transcript all(Transcript transcript, PerParty<byte[]> values) {
        parties(transcript, values.parties());
        values.values().forEach(transcript::bytes);
        return transcript;
    }

    private static Transcript parties(Transcript transcript, List<Integer> parties) {
        transcript.number(parties.size());
        parties.forEach(transcript::number);
        return transcript;
    }
}
