package org.keymoot.protocol.dealing;

import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.proof.ProofContext;
import org.keymoot.crypto.proof.SchnorrProof;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.InvalidCommitmentException;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.sharing.SharingPolynomial;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.dkg.KeyPurpose;
import org.keymoot.protocol.dkg.ShareSink;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.PublicShares;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Checks;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// Feldman's verifiable sharing of a key that exists. `docs/protocols/dealing.md` numbers the steps.
///
/// It keeps true: a share is returned only after every party has confirmed that its own fits the commitment that all
/// saw, and is durable; until then it is pending at each.
public final class Dealing {
    /// The name of the sessions.
    public static final String PROTOCOL = "deal";

    private final Session session;
    private final KeyTerms terms;
    private final Group group;

    private Dealing(Session session, KeyTerms terms) {
        if (!session.parties().equals(terms.everyone())) {
            throw new IllegalArgumentException(
                    "a key is dealt to all of its parties " + terms.everyone() + ", not to " + session.parties());
        }
        this.session = session;
        this.terms = terms;
        this.group = terms.group();
    }

    /// Step 1.2: the dealer's commitment; empty from all others.
    record Committed(Optional<FeldmanCommitment> commitment) {}

    /// Step 1.3.
    record Dealt(SecretScalar share) {}

    /// Step 2.2: the digest of everything public, and a proof of knowledge of the party's own share.
    @SuppressWarnings("ArrayRecordComponent")
    record Confirmed(byte[] transcript, SchnorrProof proof) {}

    /// What the parties must hold identically; the session is to be opened with [Session#fresh].
    ///
    /// @param dealer the party that has the key; 0 where each has its share from the key's owner
    public static SetUp setUp(KeyTerms terms, KeyPurpose purpose, int dealer, byte[] invitation) {
        MessageWriter out = new MessageWriter(256);
        terms.write(out);
        out.text(purpose.use()).block(purpose.policyHash()).u8(dealer);
        return new SetUp(PROTOCOL, invitation, terms.everyone(), out.toByteArray());
    }

    /// The dealer's side: shares `secret`, which stays the caller's, and returns this party's share, which the caller
    /// closes.
    public static KeyShare deal(Session session, KeyTerms terms, SecretScalar secret, ShareSink sink)
            throws Cheated, Silent {
        Dealing dealing = new Dealing(session, terms);
        try (SecretScope scope = new SecretScope()) {
            session.stage("dealing shares");
            SharingPolynomial polynomial =
                    SharingPolynomial.sharing(secret, terms.reconstructionThreshold(), session.random(), scope);
            FeldmanCommitment commitment = session.compute(() -> polynomial.commit(dealing.group));
            dealing.agreeOnCommitment(session.self(), Optional.of(commitment), key -> true);
            for (int peer : session.peers()) {
                try (SecretScope local = new SecretScope()) {
                    Dealt dealt = new Dealt(polynomial.evaluate(PartyIndex.of(peer), local));
                    dealing.pair(peer, session.self()).tell("1.3", peer, dealt, dealt(dealing.group, local));
                }
            }
            return dealing.confirm(commitment, polynomial.evaluate(PartyIndex.of(session.self()), scope), sink);
        }
    }

    /// The side of a party that is dealt to.
    ///
    /// @param acceptable whether the key may be this one
    public static KeyShare receive(
            Session session, KeyTerms terms, int dealer, Predicate<Point> acceptable, ShareSink sink)
            throws Cheated, Silent {
        if (dealer == session.self() || !session.peers().contains(dealer)) {
            throw new IllegalArgumentException("P" + dealer + " does not deal to P" + session.self());
        }
        Dealing dealing = new Dealing(session, terms);
        try (SecretScope scope = new SecretScope()) {
            session.stage("receiving a share");
            FeldmanCommitment commitment = dealing.agreeOnCommitment(dealer, Optional.empty(), acceptable);
            SecretScalar share = dealing.pair(session.self(), dealer)
                    .collect("1.3", dealt(dealing.group, scope))
                    .get(dealer)
                    .share();
            session.require(
                    "1.6",
                    session.compute(() -> commitment.holds(PartyIndex.of(session.self()), share)),
                    dealer,
                    "share from P" + dealer + " is off its polynomial");
            return dealing.confirm(commitment, share, sink);
        }
    }

    /// The side of a party that has its share from the key's owner, and has checked it with [#isSound].
    public static KeyShare take(
            Session session, KeyTerms terms, FeldmanCommitment commitment, SecretScalar share, ShareSink sink)
            throws Cheated, Silent {
        return new Dealing(session, terms).confirm(commitment, share, sink);
    }

    /// Whether a share that came from outside is what the commitment says, and the commitment one that a key can have.
    public static boolean isSound(KeyTerms terms, int self, FeldmanCommitment commitment, SecretScalar share) {
        return isUsable(terms, commitment) && commitment.holds(PartyIndex.of(self), share);
    }

    private static boolean isUsable(KeyTerms terms, FeldmanCommitment commitment) {
        return commitment.group().id() == terms.groupId()
                && !commitment.sharesZero()
                && commitment.threshold().equals(terms.reconstructionThreshold())
                && terms.everyone().stream()
                        .noneMatch(party ->
                                commitment.evaluate(PartyIndex.of(party)).isIdentity());
    }

    /// Names one sharing of a key among all that there ever are of it: 64 hexadecimal digits.
    public static String sharingOf(PublicShares shares) {
        return HexFormat.of()
                .formatHex(Transcript.start(Tag.DEALING_SHARING)
                        .point(shares.publicKey())
                        .points(shares.verificationShares())
                        .hash());
    }

    /// Round 1 but for the shares themselves.
    private FeldmanCommitment agreeOnCommitment(
            int dealer, Optional<FeldmanCommitment> own, Predicate<Point> acceptable) throws Cheated, Silent {
        PerParty<Committed> committed =
                session.broadcast("1.2", new Committed(own), committed(group, terms.reconstructionThreshold()));
        Checks checks = session.checks();
        for (int party : session.parties()) {
            checks.require(
                    "1.4",
                    committed.get(party).commitment().isPresent() == (party == dealer),
                    party,
                    party == dealer
                            ? "P" + party + " deals nothing"
                            : "P" + party + " deals a key that is P" + dealer + "'s to deal");
        }
        checks.settle();
        FeldmanCommitment commitment = committed.get(dealer).commitment().orElseThrow();
        session.require(
                "1.5",
                session.compute(() -> isUsable(terms, commitment)) && acceptable.test(commitment.constantTerm()),
                dealer,
                "P" + dealer + " deals another key than the one that is to be dealt");
        return commitment;
    }

    private Session pair(int peer, int dealer) {
        return session.child("deal", List.of(Math.min(peer, dealer), Math.max(peer, dealer)));
    }

    /// Round 2: the share is durable before this party says so, and is handed out only when everybody has said so.
    private KeyShare confirm(FeldmanCommitment commitment, SecretScalar secret, ShareSink sink) throws Cheated, Silent {
        List<Point> verificationShares = session.compute(() -> terms.everyone().stream()
                .map(party -> commitment.evaluate(PartyIndex.of(party)))
                .toList());
        PublicShares publicShares = new PublicShares(
                terms, commitment.constantTerm(), chainCode(commitment.constantTerm()), verificationShares);
        KeyShare share = new KeyShare(publicShares, session.self(), secret);
        boolean done = false;
        try {
            session.stage("confirming");
            sink.pending(share);
            exchangeConfirmations(share);
            done = true;
            return share;
        } finally {
            if (!done) {
                share.close();
            }
        }
    }

    private void exchangeConfirmations(KeyShare share) throws Cheated, Silent {
        byte[] transcript = publicTranscript(share.publicShares());
        SchnorrProof proof = session.compute(() -> SchnorrProof.prove(
                group, confirmationOf(session.self(), transcript, share), share.secret(), session.random()));
        PerParty<Confirmed> confirmed = session.broadcast("2.2", new Confirmed(transcript, proof), confirmed(group));
        Checks checks = session.checks();
        for (int party : session.peers()) {
            // All saw the same commitment: the frame's echo was equal, or the request that it came in is in the set-up.
            checks.require(
                    "2.3",
                    MessageDigest.isEqual(confirmed.get(party).transcript(), transcript),
                    party,
                    "P" + party + " confirms another public transcript");
            checks.require(
                    "2.4",
                    session.compute(
                            () -> confirmed.get(party).proof().verify(confirmationOf(party, transcript, share))),
                    party,
                    "P" + party + " does not prove that it holds its share");
        }
        checks.settle();
    }

    private byte[] publicTranscript(PublicShares publicShares) {
        MessageWriter out = new MessageWriter(1024);
        publicShares.write(out);
        return Transcript.start(Tag.DEALING_TRANSCRIPT)
                .bytes(session.id().bytes())
                .bytes(session.broadcasts())
                .bytes(out.toByteArray())
                .hash();
    }

    private static ProofContext confirmationOf(int party, byte[] transcript, KeyShare share) {
        return new ProofContext(
                transcript, PartyIndex.of(party), share.publicShares().verificationShares(), party - 1);
    }

    /// The same for each sharing of a key.
    private static byte[] chainCode(Point publicKey) {
        return Transcript.start(Tag.DEALING_CHAIN_CODE).point(publicKey).hash();
    }

    static Codec<Committed> committed(Group group, ReconstructionThreshold threshold) {
        int length = FeldmanCommitment.encodedLength(group, threshold);
        return Codec.of(
                1 + length,
                (message, out) -> {
                    out.u8(message.commitment().isPresent() ? 1 : 0);
                    message.commitment().ifPresent(commitment -> out.fixed(commitment.encode()));
                },
                in -> {
                    if (in.u8(0, 1, "presence of a commitment") == 0) {
                        return new Committed(Optional.empty());
                    }
                    try {
                        return new Committed(Optional.of(FeldmanCommitment.decode(group, threshold, in.fixed(length))));
                    } catch (InvalidCommitmentException e) {
                        throw new Malformed(String.valueOf(e.getMessage()));
                    }
                });
    }

    /// Shares that are read become the scope's.
    static Codec<Dealt> dealt(Group group, SecretScope scope) {
        return Codec.of(
                32, (message, out) -> out.secret(message.share()), in -> new Dealt(in.secret(group.scalars(), scope)));
    }

    static Codec<Confirmed> confirmed(Group group) {
        int proofBytes = SchnorrProof.encodedLength(group);
        return Codec.of(
                32 + proofBytes,
                (message, out) ->
                        out.fixed(message.transcript()).fixed(message.proof().encode()),
                in -> {
                    try {
                        return new Confirmed(in.fixed(32), SchnorrProof.decode(group, in.fixed(proofBytes)));
                    } catch (InvalidEncodingException e) {
                        throw new Malformed(String.valueOf(e.getMessage()));
                    }
                });
    }
}
