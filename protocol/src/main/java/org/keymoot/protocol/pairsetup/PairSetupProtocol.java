package org.keymoot.protocol.pairsetup;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.util.Arrays;
import org.keymoot.crypto.commit.CommitmentContext;
import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.ot.CheckFailedException;
import org.keymoot.crypto.ot.ExtensionReceiverSetup;
import org.keymoot.crypto.ot.ExtensionSenderSeed;
import org.keymoot.crypto.ot.ExtensionSenderSetup;
import org.keymoot.crypto.ot.SetupReply;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.pairsetup.PairSetupMessage.Confirmation;
import org.keymoot.protocol.pairsetup.PairSetupMessage.Reply;
import org.keymoot.protocol.pairsetup.PairSetupMessage.Request;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// The set-up of one pair for one epoch, as `docs/protocols/pair-setup.md` has it.
///
/// It keeps true: it returns only when the peer has confirmed that it holds the other half of the same set-up, and
/// whatever fails before leaves nothing behind.
public final class PairSetupProtocol {
    public static final String PROTOCOL = "pair-setup";

    private static final String PURPOSE = "zero seed";

    private PairSetupProtocol() {}

    /// Runs the protocol in a session of two.
    ///
    /// @param cluster names the parties' common installation
    /// @param epoch counts the set-ups' generations; both parties must mean the same
    /// @return the set-up, which the caller stores sealed and closes
    public static PairSetup run(Session session, String cluster, long epoch) throws Cheated, Silent {
        if (session.parties().size() != 2 || !session.isFresh()) {
            throw new IllegalArgumentException(
                    "a pair is set up in a fresh session of two, not of " + session.parties());
        }
        int peer = session.peers().getFirst();
        byte[] context = context(session, cluster, epoch);
        PairSetup.Place place = new PairSetup.Place(cluster, epoch, session.self(), peer, context);
        SecretScope kept = new SecretScope();
        try (SecretScope scope = new SecretScope()) {
            // Flow 1.
            session.stage("base transfers");
            ExtensionSenderSetup asSender =
                    session.compute(() -> scope.own(ExtensionSenderSetup.start(place.sending(), session.random())));
            Opening opening =
                    HashCommitment.commit(session.random().bytes(PairSetupMessage.SEED_BYTES), session.random());
            HashCommitment commitment = opening.commitment(commitmentOf(session.self(), context));
            Request request = new Request(commitment, asSender.request());
            Request peersRequest = swap(session, "1.2", request, Request.CODEC);

            // Flow 2.
            session.stage("trees");
            ExtensionReceiverSetup.Result asReceiver = session.compute(() -> respond(session, place, peersRequest));
            kept.own(asReceiver.seed());
            Reply reply = new Reply(opening, asReceiver.reply());
            Reply peersReply = swap(session, "2.2", reply, Reply.CODEC);
            session.require(
                    "2.4",
                    peersRequest.commitment().isOpenedBy(commitmentOf(peer, context), peersReply.opening()),
                    peer,
                    "P" + peer + " opened its commitment to another part of the zero seed");
            ExtensionSenderSeed senderSeed =
                    kept.own(session.compute(() -> finish(session, asSender, peersReply.transfers())));

            // Flow 3.
            SecretBytes zeroSeed = kept.own(zeroSeed(context, opening, peersReply.opening()));
            byte[] id = session.self() < peer
                    ? identifier(context, request, reply, peersRequest, peersReply)
                    : identifier(context, peersRequest, peersReply, request, reply);
            Confirmation own = new Confirmation(confirmation(id, zeroSeed));
            Confirmation peers = swap(session, "3.2", own, Confirmation.CODEC);
            session.require(
                    "3.3",
                    MessageDigest.isEqual(own.hash(), peers.hash()),
                    peer,
                    "P" + peer + " holds another set-up than P" + session.self());
            return new PairSetup(place, id, zeroSeed, senderSeed, asReceiver.seed());
        } catch (Cheated | Silent | RuntimeException e) {
            kept.close();
            throw e;
        }
    }

    private static <M> M swap(Session session, String step, M message, Codec<M> codec) throws Cheated, Silent {
        return session.exchange(step, PerParty.of(session.peers(), peer -> message), codec)
                .values()
                .getFirst();
    }

    private static ExtensionReceiverSetup.Result respond(Session session, PairSetup.Place place, Request request)
            throws Cheated {
        try {
            return ExtensionReceiverSetup.respond(place.receiving(), request.transfers(), session.random());
        } catch (InvalidEncodingException e) {
            throw session.cheated("1.3", session.peers(), String.valueOf(e.getMessage()));
        }
    }

    private static ExtensionSenderSeed finish(Session session, ExtensionSenderSetup setup, SetupReply reply)
            throws Cheated {
        int peer = session.peers().getFirst();
        try {
            return setup.finish(reply);
        } catch (CheckFailedException e) {
            session.require("2.5", false, peer, "the trees of P" + peer + " are inconsistent");
            throw new IllegalStateException("a requirement that does not hold was passed", e);
        } catch (InvalidEncodingException e) {
            throw session.cheated("2.3", session.peers(), String.valueOf(e.getMessage()));
        }
    }

    /// `C`. The session's id holds fresh coins of both parties.
    private static byte[] context(Session session, String cluster, long epoch) {
        return Transcript.start(Tag.PAIR_SESSION)
                .text(cluster)
                .number(epoch)
                .number(session.parties().getFirst())
                .number(session.parties().getLast())
                .bytes(session.id().bytes())
                .hash();
    }

    private static CommitmentContext commitmentOf(int party, byte[] context) {
        return new CommitmentContext(context, PartyIndex.of(party), PURPOSE);
    }

    private static byte[] identifier(byte[] context, Request a1, Reply a2, Request b1, Reply b2) {
        return Transcript.start(Tag.PAIR_ID)
                .bytes(context)
                .bytes(Request.CODEC.encode(a1))
                .bytes(Reply.CODEC.encode(a2))
                .bytes(Request.CODEC.encode(b1))
                .bytes(Reply.CODEC.encode(b2))
                .hash();
    }

    /// `k = H(C, z_a ⊕ z_b)`.
    private static SecretBytes zeroSeed(byte[] context, Opening own, Opening peers) {
        byte[] sum = own.value();
        byte[] other = peers.value();
        for (int i = 0; i < sum.length; i++) {
            sum[i] ^= other[i];
        }
        try (SecretScope scope = new SecretScope()) {
            SecretBytes seed = SecretTranscript.start(Tag.PAIR_ZERO_SEED)
                    .bytes(context)
                    .secret(MemorySegment.ofArray(sum))
                    .hash(scope);
            return SecretBytes.copyOf(seed.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
        } finally {
            Arrays.fill(sum, (byte) 0);
            Arrays.fill(other, (byte) 0);
        }
    }

    private static byte[] confirmation(byte[] id, SecretBytes zeroSeed) {
        try (SecretScope scope = new SecretScope()) {
            return SecretTranscript.start(Tag.PAIR_CONFIRMATION)
                    .bytes(id)
                    .secret(zeroSeed)
                    .hash(scope)
                    .segment(Disclosure.I_TAKE_THE_SECRET_OUT)
                    .toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
