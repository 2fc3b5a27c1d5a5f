package org.keymoot.protocol.dkg;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.keymoot.crypto.commit.CommitmentContext;
import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.proof.CoefficientProofs;
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
import org.keymoot.protocol.dkg.DkgMessage.Committed;
import org.keymoot.protocol.dkg.DkgMessage.Confirmed;
import org.keymoot.protocol.dkg.DkgMessage.Dealt;
import org.keymoot.protocol.dkg.DkgMessage.Opened;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.PublicShares;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Checks;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// Feldman's verifiable sharing with commit-and-reveal, proofs of possession and a confirmation round: the parties make
/// a key of which any `t` of them hold enough. `docs/protocols/dkg.md` numbers the steps.
///
/// It keeps true: a share is returned only after every party has confirmed that its own is durable and that it saw the
/// same public values; until then it is pending at each.
public final class Dkg {
    private static final String PURPOSE = "dkg";

    private final Session session;
    private final KeyTerms terms;
    private final Group group;
    private final ReconstructionThreshold threshold;
    private final byte[] sessionId;

    private Dkg(Session session, KeyTerms terms) {
        this.session = session;
        this.terms = terms;
        this.group = terms.group();
        this.threshold = terms.reconstructionThreshold();
        this.sessionId = session.id().bytes();
    }

    /// What the parties of a new key must hold identically; the session is to be opened with [Session#fresh].
    public static SetUp setUp(KeyTerms terms, KeyPurpose purpose, byte[] invitation) {
        MessageWriter out = new MessageWriter(256);
        terms.write(out);
        out.text(purpose.use()).block(purpose.policyHash());
        return new SetUp(PURPOSE, invitation, terms.everyone(), out.toByteArray());
    }

    /// Makes a key and returns this party's share of it, which the caller closes.
    public static KeyShare run(Session session, KeyTerms terms, ShareSink sink) throws Cheated, Silent {
        if (!session.parties().equals(terms.everyone())) {
            throw new IllegalArgumentException(
                    "a key is made by all of its parties " + terms.everyone() + ", not by " + session.parties());
        }
        Dkg dkg = new Dkg(session, terms);
        try (SecretScope scope = new SecretScope()) {
            return dkg.run(scope, sink);
        }
    }

    private KeyShare run(SecretScope scope, ShareSink sink) throws Cheated, Silent {
        // Round 1: everybody commits, so that nobody can choose its part after seeing the others'.
        session.stage("committing to a polynomial");
        SharingPolynomial polynomial = SharingPolynomial.random(group.scalars(), threshold, session.random(), scope);
        FeldmanCommitment own = session.compute(() -> polynomial.commit(group));
        byte[] chainCodePart = session.random().bytes(PublicShares.CHAIN_CODE_BYTES);
        Opening opening = HashCommitment.commit(concatenate(own.encode(), chainCodePart), session.random());
        HashCommitment commitment = opening.commitment(contextOf(session.self()));
        PerParty<Committed> committed = session.broadcast("1.2", new Committed(commitment), DkgMessage.committed());

        // Round 2: everybody opens, proves to know what it committed to, and deals.
        session.stage("dealing shares");
        CoefficientProofs proofs = session.compute(() ->
                CoefficientProofs.prove(sessionId, PartyIndex.of(session.self()), polynomial, own, session.random()));
        Session.Incoming<Opened> openings =
                session.startBroadcast("2.1", new Opened(opening, proofs), DkgMessage.opened(group, threshold));
        Session.Incoming<Dealt> deals = session.startExchange(
                "2.2",
                PerParty.of(session.peers(), peer -> new Dealt(polynomial.evaluate(PartyIndex.of(peer), scope))),
                DkgMessage.dealt(group, scope));
        PerParty<Opened> opened = openings.all();
        PerParty<Dealt> dealt = deals.all();

        // Round 3 is all checks.
        session.stage("checking shares");
        PublicShares publicShares;
        SecretScalar share;
        PerParty<FeldmanCommitment> vectors = session.compute(() -> checkedVectors(committed, opened, dealt));
        share = polynomial.evaluate(PartyIndex.of(session.self()), scope);
        for (Dealt deal : dealt.values()) {
            share = share.add(deal.share(), scope);
        }
        publicShares = session.compute(() -> publicSharesOf(vectors, chainCode(opened)));

        KeyShare result = new KeyShare(publicShares, session.self(), share);
        try {
            confirm(result, sink);
        } catch (Cheated | Silent | RuntimeException | Error e) {
            result.close();
            throw e;
        }
        return result;
    }

    private PerParty<FeldmanCommitment> checkedVectors(
            PerParty<Committed> committed, PerParty<Opened> opened, PerParty<Dealt> dealt) throws Cheated {
        Checks checks = session.checks();
        List<PerParty.Entry<FeldmanCommitment>> vectors = new ArrayList<>();
        for (int dealer : session.parties()) {
            Opening opening = opened.get(dealer).opening();
            boolean kept = checks.require(
                    "3.1",
                    committed.get(dealer).commitment().isOpenedBy(contextOf(dealer), opening),
                    dealer,
                    "P" + dealer + " opened another value than it committed to");
            if (!kept) {
                continue;
            }
            Optional<FeldmanCommitment> vector = vectorIn(opening);
            checks.require(
                    "3.2",
                    vector.isPresent(),
                    dealer,
                    "vector of P" + dealer + " is not " + threshold.value() + " points without the identity");
            if (vector.isEmpty()) {
                continue;
            }
            checks.require(
                    "3.3",
                    opened.get(dealer).proofs().verify(sessionId, PartyIndex.of(dealer), vector.get()),
                    dealer,
                    "P" + dealer + " does not prove that it knows its polynomial");
            if (dealer != session.self()) {
                checks.require(
                        "3.4",
                        vector.get()
                                .holds(
                                        PartyIndex.of(session.self()),
                                        dealt.get(dealer).share()),
                        dealer,
                        "share from P" + dealer + " is off its polynomial");
            }
            vectors.add(new PerParty.Entry<>(dealer, vector.get()));
        }
        checks.settle();
        return PerParty.of(vectors);
    }

    private Optional<FeldmanCommitment> vectorIn(Opening opening) {
        byte[] value = opening.value();
        byte[] points = Arrays.copyOf(value, value.length - PublicShares.CHAIN_CODE_BYTES);
        try {
            return Optional.of(FeldmanCommitment.decode(group, threshold, points));
        } catch (InvalidCommitmentException e) {
            return Optional.empty();
        }
    }

    private byte[] chainCode(PerParty<Opened> opened) {
        Transcript transcript = Transcript.start(Tag.DKG_CHAIN_CODE).bytes(sessionId);
        for (PerParty.Entry<Opened> entry : opened.entries()) {
            byte[] value = entry.value().opening().value();
            transcript
                    .number(entry.party())
                    .bytes(Arrays.copyOfRange(value, value.length - PublicShares.CHAIN_CODE_BYTES, value.length));
        }
        return transcript.hash();
    }

    private PublicShares publicSharesOf(PerParty<FeldmanCommitment> vectors, byte[] chainCode) throws Cheated {
        // Commitments were fixed before any was seen, so a sum with an identity in it is chance (2^-252) or a break of
        // the commitment; either way nobody can be named.
        Optional<FeldmanCommitment> sum = sum(vectors.values());
        List<Point> verificationShares = sum.map(total -> session.parties().stream()
                        .map(party -> total.evaluate(PartyIndex.of(party)))
                        .toList())
                .orElse(List.of());
        session.require(
                "3.5",
                sum.isPresent() && verificationShares.stream().noneMatch(Point::isIdentity),
                "the sum of the vectors, or a verification share, is the identity");
        return new PublicShares(terms, sum.orElseThrow().constantTerm(), chainCode, verificationShares);
    }

    private static Optional<FeldmanCommitment> sum(List<FeldmanCommitment> vectors) {
        try {
            return Optional.of(FeldmanCommitment.sum(vectors));
        } catch (InvalidCommitmentException e) {
            return Optional.empty();
        }
    }

    /// Round 4: the share is durable before this party says so, and is handed out only when everybody has said so.
    private void confirm(KeyShare share, ShareSink sink) throws Cheated, Silent {
        session.stage("confirming");
        sink.pending(share);
        byte[] transcript = publicTranscript(share.publicShares());
        SchnorrProof proof = session.compute(() -> SchnorrProof.prove(
                group, confirmationOf(session.self(), transcript, share), share.secret(), session.random()));
        PerParty<Confirmed> confirmed =
                session.broadcast("4.2", new Confirmed(transcript, proof), DkgMessage.confirmed(group));
        Checks checks = session.checks();
        for (int party : session.peers()) {
            // The frame's echo was equal, so this party saw the same broadcasts and derives another digest at will.
            checks.require(
                    "4.3",
                    MessageDigest.isEqual(confirmed.get(party).transcript(), transcript),
                    party,
                    "P" + party + " confirms another public transcript");
            checks.require(
                    "4.4",
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
        return Transcript.start(Tag.DKG_TRANSCRIPT)
                .bytes(sessionId)
                .bytes(session.broadcasts())
                .bytes(out.toByteArray())
                .hash();
    }

    private static ProofContext confirmationOf(int party, byte[] transcript, KeyShare share) {
        return new ProofContext(
                transcript, PartyIndex.of(party), share.publicShares().verificationShares(), party - 1);
    }

    private CommitmentContext contextOf(int party) {
        return new CommitmentContext(sessionId, PartyIndex.of(party), PURPOSE);
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
