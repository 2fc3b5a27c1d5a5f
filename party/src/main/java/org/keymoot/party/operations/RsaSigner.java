package org.keymoot.party.operations;

import java.time.Duration;
import org.keymoot.access.Decision;
import org.keymoot.access.Signatures;
import org.keymoot.access.SigningAlgorithm;
import org.keymoot.crypto.rsa.RsaPublicKey;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.protocol.rsa.RsaKeyShare;
import org.keymoot.protocol.rsa.RsaPower;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// RSA by Shoup's protocol.
///
/// It keeps true: each party computes the encoded message for itself, its salt included, from the client's
/// request and the session's id, so that none takes part in the root of anything else.
final class RsaSigner implements Signer {
    static final String PROTOCOL = RsaPower.PROTOCOL;

    private final Environment environment;

    RsaSigner(Environment environment) {
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
    public Duration firstAttempt() {
        return QuorumRuns.FIRST_ATTEMPT_OF_SLOW_WORK;
    }

    @Override
    public byte[] sign(
            HostedSession hosted, int leader, Decision.SignWith sign, KeyShares.Lease lease, byte[] presignature)
            throws Cheated, Silent {
        RsaKeyShare share = lease.rsaShare();
        RsaPublicKey key = sign.key().rsaPublicKey();
        SigningAlgorithm algorithm = sign.algorithm();
        byte[] encoded = Signatures.encodedForRsa(key, algorithm, sign.payload(), salt(hosted, sign));
        Session session = Session.withFreshMessages(
                RsaPower.setUp(share.publicShares(), hosted.parties(), leader, encoded, hosted.idBytes()),
                hosted.self(),
                hosted,
                environment);
        if (leader != hosted.self()) {
            RsaPower.help(session, share, leader, encoded);
            return new byte[0];
        }
        byte[] signature = RsaPower.lead(session, share, encoded);
        if (!Signatures.verify(sign.key(), algorithm, sign.payload(), signature)) {
            throw new IllegalStateException("a root of the encoded message is no signature of the message");
        }
        return signature;
    }

    /// The salt of PSS, which is no secret: it is fresh because the session's id is, and every party has
    /// both.
    private static byte[] salt(HostedSession hosted, Decision.SignWith sign) {
        return Transcript.start(Tag.RSA_SALT)
                .bytes(hosted.idBytes())
                .text(sign.context().requestDigest())
                .text(sign.algorithm().name())
                .bytes(sign.payload())
                .expand(sign.algorithm().rsaHash().length());
    }
}
