package org.keymoot.party.operations;

import org.keymoot.access.KeyRecord;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.protocol.frost.Frost;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// Ed25519 by FROST, whose nonces live within one session.
final class FrostSigner implements Signer {
    static final String PROTOCOL = "frost";

    private final Environment environment;

    FrostSigner(Environment environment) {
        this.environment = environment;
    }

    @Override
    public String protocol() {
        return PROTOCOL;
    }

    @Override
    public boolean needsPair() {
        return false;
    }

    @Override
    public byte[] sign(HostedSession hosted, KeyRecord key, KeyShare share, byte[] payload, byte[] presignature)
            throws Cheated, Silent {
        Session session = Session.withFreshMessages(
                Frost.setUp(share, hosted.parties(), payload, hosted.idBytes()), hosted.self(), hosted, environment);
        return Frost.sign(session, share, payload).encode();
    }
}
