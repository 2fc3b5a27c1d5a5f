package org.keymoot.party.operations;

import org.keymoot.access.Decision;
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
    public byte[] sign(
            HostedSession hosted, int leader, Decision.SignWith sign, KeyShares.Lease lease, byte[] presignature)
            throws Cheated, Silent {
        KeyShare share = lease.share();
        byte[] payload = sign.payload();
        Session session = Session.withFreshMessages(
                Frost.setUp(share, hosted.parties(), payload, hosted.idBytes()), hosted.self(), hosted, environment);
        return Frost.sign(session, share, payload).encode();
    }
}
