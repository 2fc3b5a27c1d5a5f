package org.keymoot.protocol.prf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.proof.SameLogarithmProof;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.Lagrange;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Checks;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// Evaluating a shared key among the parties of a quorum for one of them, in one message from each of the
/// others. `docs/protocols/prf.md` numbers the steps.
///
/// It keeps true: no share is multiplied with a point that was not checked, no partial result is combined
/// whose proof does not verify, and none goes to any other party than the leader.
public final class Evaluation {
    /// The name of the sessions.
    public static final String PROTOCOL = "evaluate";

    private Evaluation() {}

    /// Step 1.5: one party's part of every product, and why the leader may believe it.
    record Partial(List<Point> products, SameLogarithmProof proof) {
        Partial {
            products = List.copyOf(products);
        }
    }

    /// What the parties must hold identically; the session may be opened with [Session#withFreshMessages].
    ///
    /// @param leader the party of the quorum that learns the outputs
    public static SetUp setUp(KeyShare share, List<Integer> quorum, int leader, Inputs inputs, byte[] invitation) {
        MessageWriter out = new MessageWriter(512);
        share.terms().write(out);
        out.point(share.publicKey()).u8(leader);
        inputs.write(out);
        return new SetUp(PROTOCOL, invitation, quorum, out.toByteArray());
    }

    /// Evaluates, at the leader.
    ///
    /// @param outputs erases what is returned, [Inputs#OUTPUT_BYTES] for each input
    /// @throws IllegalArgumentException when the session's parties are no quorum of the key, or the inputs not its
    public static List<SecretBytes> lead(Session session, KeyShare share, Inputs inputs, SecretScope outputs)
            throws Cheated, Silent {
        requireFits(session, share, session.self(), inputs);
        session.stage("evaluating");
        List<Point> own = session.compute(() -> inputs.times(share.secret()));
        PerParty<Partial> partials = session.collect("1.5", partial(share.group(), inputs.count()));

        session.stage("checking and combining");
        Checks checks = session.checks();
        for (int peer : session.peers()) {
            Partial partial = partials.get(peer);
            boolean proven = session.compute(
                    () -> partial.proof().verify(claim(session, share, peer, inputs, partial.products())));
            checks.require("2.1", proven, peer, "P" + peer + " does not prove that it used its share");
        }
        checks.settle();
        return session.compute(() -> combine(session, share, inputs, own, partials, outputs));
    }

    /// Helps the leader to evaluate, and learns nothing.
    ///
    /// @throws IllegalArgumentException when the session's parties are no quorum of the key, or the inputs not its
    public static void help(Session session, KeyShare share, int leader, Inputs inputs) throws Silent {
        requireFits(session, share, leader, inputs);
        if (leader == session.self()) {
            throw new IllegalArgumentException("the leader does not help itself");
        }
        session.stage("evaluating");
        Partial partial = session.compute(() -> {
            List<Point> products = inputs.times(share.secret());
            return new Partial(
                    products,
                    SameLogarithmProof.prove(
                            share.group(),
                            claim(session, share, session.self(), inputs, products),
                            share.secret(),
                            session.random()));
        });
        session.tell("1.5", leader, partial, partial(share.group(), inputs.count()));
    }

    private static void requireFits(Session session, KeyShare share, int leader, Inputs inputs) {
        List<Integer> quorum = session.parties();
        int threshold = share.terms().reconstructionThreshold().value();
        if (quorum.size() != threshold
                || quorum.getLast() > share.terms().parties()
                || session.self() != share.self()
                || !quorum.contains(leader)) {
            throw new IllegalArgumentException("P" + share.self() + " cannot evaluate as P" + session.self() + " in "
                    + quorum + " for P" + leader + " with " + share.terms());
        }
        if (!inputs.terms().equals(share.terms())) {
            throw new IllegalArgumentException("the inputs are for another key than " + share.terms());
        }
    }

    private static SameLogarithmProof.Claim claim(
            Session session, KeyShare share, int prover, Inputs inputs, List<Point> products) {
        return new SameLogarithmProof.Claim(
                session.id().bytes(), PartyIndex.of(prover), share.verificationShare(prover), inputs.bases(), products);
    }

    /// Steps 2.2 to 2.4.
    private static List<SecretBytes> combine(
            Session session,
            KeyShare share,
            Inputs inputs,
            List<Point> own,
            PerParty<Partial> partials,
            SecretScope outputs) {
        Group group = share.group();
        List<PartyIndex> quorum = session.parties().stream().map(PartyIndex::of).toList();
        Map<PartyIndex, Scalar> coefficients = Lagrange.allAtZero(group.scalars(), quorum);
        List<Scalar> factors = quorum.stream()
                .map(party -> Objects.requireNonNull(coefficients.get(party)))
                .toList();
        List<SecretBytes> results = new ArrayList<>();
        for (int number = 0; number < inputs.count(); number++) {
            List<Point> points = new ArrayList<>();
            for (int party : session.parties()) {
                List<Point> products =
                        party == session.self() ? own : partials.get(party).products();
                points.add(products.get(number));
            }
            results.add(inputs.output(number, group.sumOfProducts(factors, points), outputs));
        }
        return List.copyOf(results);
    }

    static Codec<Partial> partial(Group group, int count) {
        return Codec.of(
                count * group.pointLength() + SameLogarithmProof.ENCODED_BYTES,
                (message, out) -> {
                    message.products().forEach(out::point);
                    out.fixed(message.proof().encode());
                },
                in -> {
                    List<Point> products = in.points(group, count);
                    try {
                        return new Partial(
                                products, SameLogarithmProof.decode(group, in.fixed(SameLogarithmProof.ENCODED_BYTES)));
                    } catch (InvalidEncodingException e) {
                        throw new Malformed(String.valueOf(e.getMessage()));
                    }
                });
    }
}
