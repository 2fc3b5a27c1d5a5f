package org.keymoot.protocol.frost;

import java.util.ArrayList;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyUse;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Checks;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// Signing among the parties of a quorum, all of which receive the signature. `docs/protocols/frost.md` numbers the
/// steps.
///
/// It keeps true: no nonce survives the call, and what is returned verifies under the key.
public final class Frost {
    private Frost() {}

    /// What the parties sent in one round.
    sealed interface Message {
        /// Step 1.2.
        record Committed(Point hiding, Point binding) implements Message {}

        /// Step 2.3.
        record Shared(Scalar share) implements Message {}
    }

    /// What the signers must hold identically; the session may be opened with [Session#withFreshMessages].
    public static SetUp setUp(KeyShare share, List<Integer> quorum, byte[] message, byte[] invitation) {
        MessageWriter out = new MessageWriter(256);
        share.terms().write(out);
        out.point(share.publicKey());
        out.fixed(Transcript.start(Tag.FROST_MESSAGE).bytes(message).hash());
        return new SetUp("frost", invitation, quorum, out.toByteArray());
    }

    /// Signs and returns the signature, the same for every signer unless one of them cheats.
    ///
    /// @throws IllegalArgumentException when the session's parties are not a quorum of the key
    public static FrostSignature sign(Session session, KeyShare share, byte[] message) throws Cheated, Silent {
        share.terms().requireUse(KeyUse.SIGN);
        List<Integer> quorum = session.parties();
        int threshold = share.terms().reconstructionThreshold().value();
        if (quorum.size() < threshold || quorum.getLast() > share.terms().parties() || session.self() != share.self()) {
            throw new IllegalArgumentException("P" + share.self() + " cannot sign as P" + session.self() + " in "
                    + quorum + " for " + share.terms());
        }
        Group group = share.group();
        FrostSuite suite = FrostSuite.of(group.id());

        // Round 1: nonces. They live until this party's share of the signature is made, whatever happens.
        session.stage("committing to nonces");
        SigningPackage signing;
        Scalar own;
        try (Nonces nonces = session.compute(() -> suite.nonces(share.self(), share.secret(), session.random()))) {
            NonceCommitment commitment = nonces.commitment();
            PerParty<Message.Committed> committed = session.broadcast(
                    "1.2", new Message.Committed(commitment.hiding(), commitment.binding()), committed(group));

            // Round 2: shares.
            session.stage("signing");
            signing = session.compute(() -> new SigningPackage(suite, share.publicKey(), message, listOf(committed)));
            own = session.compute(() -> signing.sign(nonces, share.secret(), threshold));
        }
        PerParty<Message.Shared> shared = session.broadcast("2.3", new Message.Shared(own), shared(group));

        session.stage("verifying");
        FrostSignature signature = signing.aggregate(
                shared.values().stream().map(Message.Shared::share).toList());
        if (!session.compute(() -> suite.verify(share.publicKey(), message, signature))) {
            blame(session, share, signing, shared);
        }
        return signature;
    }

    /// Only when the signature is wrong is it worth looking at each share.
    private static void blame(Session session, KeyShare share, SigningPackage signing, PerParty<Message.Shared> shared)
            throws Cheated {
        Checks checks = session.checks();
        for (int peer : session.peers()) {
            checks.require(
                    "3.2",
                    signing.verifyShare(
                            peer,
                            share.verificationShare(peer),
                            shared.get(peer).share()),
                    peer,
                    "signature share of P" + peer + " is wrong");
        }
        checks.settle();
        session.require("3.3", false, "the signature does not verify although every share of it does");
    }

    private static List<NonceCommitment> listOf(PerParty<Message.Committed> committed) {
        List<NonceCommitment> commitments = new ArrayList<>();
        for (PerParty.Entry<Message.Committed> entry : committed.entries()) {
            commitments.add(new NonceCommitment(
                    entry.party(), entry.value().hiding(), entry.value().binding()));
        }
        return commitments;
    }

    static Codec<Message.Committed> committed(Group group) {
        return Codec.of(
                2 * group.pointLength(),
                (message, out) -> out.point(message.hiding()).point(message.binding()),
                in -> new Message.Committed(in.point(group), in.point(group)));
    }

    static Codec<Message.Shared> shared(Group group) {
        return Codec.of(
                32,
                (message, out) -> out.scalar(message.share()),
                in -> new Message.Shared(in.scalar(group.scalars())));
    }
}
