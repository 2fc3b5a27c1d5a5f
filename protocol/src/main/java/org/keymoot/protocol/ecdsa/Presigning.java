package org.keymoot.protocol.ecdsa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.keymoot.crypto.commit.CommitmentContext;
import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.group.WeierstrassPoint;
import org.keymoot.crypto.ot.CheckFailedException;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.crypto.vole.RvoleReceiver;
import org.keymoot.crypto.vole.RvoleReply;
import org.keymoot.crypto.vole.RvoleSender;
import org.keymoot.protocol.ecdsa.EcdsaMessage.Commitment;
import org.keymoot.protocol.ecdsa.EcdsaMessage.Extension;
import org.keymoot.protocol.ecdsa.EcdsaMessage.Product;
import org.keymoot.protocol.pairsetup.PairBurner;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.PairSetup;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Checks;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// Steps 1 to 3 of `docs/protocols/ecdsa-presign.md` for one party, one method for each flow.
///
/// It keeps true: a failed check of a multiplication has burned the pair before this class throws or sends anything,
/// and all peers of a flow are checked before it throws.
final class Presigning {
    private static final String PURPOSE = "ecdsa nonce";

    private final Session session;
    private final Quorum quorum;
    private final PairBurner burner;
    private final SecretScope scope;
    private final Group group;
    private final ScalarField field;
    private final SecretScalar r;
    private final SecretScalar phi;
    private final Point nonce;
    private final Opening opening;
    private final PerParty<AsReceiver> receivers;

    /// This party's multiplication with one peer as the receiver, whose random input is `chi`.
    private record AsReceiver(RvoleReceiver multiplication, SecretScalar chi) {}

    /// What the others sent in flow 1.
    record First(PerParty<Commitment> commitments, PerParty<Extension> extensions) {}

    /// This party's multiplications as the sender of `r_i` and `sk_i`: `c^u` and `c^v` for each peer, and what to send.
    record Products(SecretScalar sk, Point key, List<PerParty.Entry<RvoleSender.Result>> results) {
        RvoleSender.Result with(int peer) {
            return PerParty.of(results).get(peer);
        }
    }

    /// Steps 1.1 and 1.2. The secrets of the run belong to `scope`.
    Presigning(Session session, Quorum quorum, PairBurner burner, SecretScope scope) throws PairQuarantined {
        this.session = session;
        this.quorum = quorum;
        this.burner = burner;
        this.scope = scope;
        this.group = quorum.group();
        this.field = group.scalars();
        this.r = field.random(scope, session.random());
        this.phi = field.random(scope, session.random());
        this.nonce = group.multiplyBase(r);
        this.opening = HashCommitment.commit(nonce.encode(), session.random());
        List<PerParty.Entry<AsReceiver>> started = new ArrayList<>();
        for (PerParty.Entry<PairSetup> pair : quorum.setups().entries()) {
            RvoleReceiver receiver = scope.own(pair.value()
                    .receive(quorum.keyId(), quorum.pairSid(pair.party(), session.self()), field, session.random()));
            started.add(new PerParty.Entry<>(pair.party(), new AsReceiver(receiver, receiver.input(scope))));
        }
        this.receivers = PerParty.of(started);
    }

    /// Steps 1.3 to 1.5.
    First exchangeFirst() throws Cheated, Silent {
        Commitment commitment = new Commitment(opening.commitment(context(session.self())));
        PerParty<Extension> messages = PerParty.of(
                session.peers(),
                peer -> new Extension(
                        quorum.binding(peer),
                        receivers.get(peer).multiplication().request()));
        var commitments = session.startBroadcast("1.3", commitment, Commitment.CODEC);
        var extensions = session.startExchange("1.3", messages, Extension.CODEC);
        First first = new First(commitments.all(), extensions.all());
        for (PerParty.Entry<Extension> entry : first.extensions().entries()) {
            // Honest parties can differ here, for one after a restore. It must be found before any multiplication,
            // which would fail and burn the pair of two honest parties.
            session.require(
                    "1.5",
                    Arrays.equals(entry.value().binding(), quorum.binding(entry.party())),
                    "P" + entry.party() + " holds another pair set-up, or another state of the key");
        }
        return first;
    }

    /// Steps 2.1 to 2.3.
    Products multiply(First first) throws Cheated, PairQuarantined {
        Checks checks = session.checks();
        Products products = session.compute(() -> multiply(checks, first));
        checks.settle();
        return products;
    }

    private Products multiply(Checks checks, First first) throws PairQuarantined {
        SecretScalar sk = quorum.additiveShare(scope);
        List<PerParty.Entry<RvoleSender.Result>> results = new ArrayList<>();
        for (PerParty.Entry<Extension> entry : first.extensions().entries()) {
            int peer = entry.party();
            Optional<RvoleSender.Result> result = quorum.setups()
                    .get(peer)
                    .send(
                            quorum.keyId(),
                            quorum.pairSid(session.self(), peer),
                            entry.value().transfers(),
                            List.of(r, sk),
                            session.random(),
                            scope,
                            burner,
                            "ecdsa-presign 2.1");
            checks.require("2.1", result.isPresent(), peer, "the extension of P" + peer + " is inconsistent");
            result.ifPresent(shares -> results.add(new PerParty.Entry<>(peer, shares)));
        }
        return new Products(sk, group.multiplyBase(sk), results);
    }

    /// Steps 2.4 and 2.5.
    PerParty<Product> exchangeSecond(Products products) throws Cheated, Silent {
        PerParty<Product> messages =
                session.compute(() -> PerParty.of(session.peers(), peer -> product(products, peer)));
        return session.exchange("2.4", messages, Product.codec(group));
    }

    private Product product(Products products, int peer) {
        RvoleSender.Result result = products.with(peer);
        // The peer may see ψ: it does not know χ, which hides φ.
        Scalar psi = phi.subtract(receivers.get(peer).chi(), scope).reveal(Disclosure.I_TAKE_THE_SECRET_OUT);
        Point gammaU = group.multiplyBase(result.shares().get(0));
        Point gammaV = group.multiplyBase(result.shares().get(1));
        return new Product(opening, nonce, products.key(), gammaU, gammaV, psi, result.reply());
    }

    /// Steps 3.1 to 3.7.
    Presignature conclude(First first, Products products, PerParty<Product> messages) throws Cheated, PairQuarantined {
        Checks checks = session.checks();
        List<List<SecretScalar>> received = session.compute(() -> {
            List<List<SecretScalar>> shares = new ArrayList<>();
            for (PerParty.Entry<Product> entry : messages.entries()) {
                shares.add(check(checks, entry.party(), first, entry.value()));
            }
            return shares;
        });
        checks.settle();

        Point R = nonce;
        Point sum = products.key();
        for (Product message : messages.values()) {
            R = R.add(message.nonce());
            sum = sum.add(message.key());
        }
        requireKey(sum.equals(quorum.publicKey()));
        session.require("3.6", isUsable(R), "the nonce's point is degenerate");

        SecretScope kept = new SecretScope();
        Presignature.Secrets secrets = secrets(products, messages, received, kept);
        byte[] id = identifier(products, messages, R);
        return new Presignature(id, quorum.bindingOfPresignature(), (WeierstrassPoint) R, kept, secrets);
    }

    private void requireKey(boolean addsUp) throws Cheated {
        String what = "the parties' key parts do not add up to the key";
        if (session.peers().size() == 1) {
            session.require("3.5", addsUp, session.peers().getFirst(), what);
        } else {
            session.require("3.5", addsUp, what);
        }
    }

    /// Step 3.7, into a scope of its own.
    private Presignature.Secrets secrets(
            Products products, PerParty<Product> messages, List<List<SecretScalar>> received, SecretScope kept) {
        SecretScalar mask = phi;
        SecretScalar productsOfR = field.secretZero(scope);
        SecretScalar productsOfKey = field.secretZero(scope);
        for (int i = 0; i < session.peers().size(); i++) {
            int peer = session.peers().get(i);
            List<SecretScalar> c = products.with(peer).shares();
            List<SecretScalar> d = received.get(i);
            mask = mask.add(messages.get(peer).psi(), scope);
            productsOfR = productsOfR.add(c.get(0), scope).add(d.get(0), scope);
            productsOfKey = productsOfKey.add(c.get(1), scope).add(d.get(1), scope);
        }
        return new Presignature.Secrets(
                r.multiply(mask, scope).add(productsOfR, kept),
                products.sk().multiply(mask, scope).add(productsOfKey, kept),
                phi.copy(kept));
    }

    private byte[] identifier(Products products, PerParty<Product> messages, Point R) {
        Transcript transcript = Transcript.start(Tag.ECDSA_PRESIGNATURE).bytes(quorum.sid());
        for (int party : session.parties()) {
            boolean own = party == session.self();
            transcript.number(party).point(own ? nonce : messages.get(party).nonce());
            transcript.point(own ? products.key() : messages.get(party).key());
        }
        return transcript.point(R).hash();
    }

    /// Whether the sum of nonce points can make a signature.
    static boolean isUsable(Point R) {
        return !R.isIdentity() && !Ecdsa.xModuloOrder(R).isZero();
    }

    /// The checks of one peer's message; gives `d^u` and `d^v`, or nothing when one failed.
    private List<SecretScalar> check(Checks checks, int peer, First first, Product message) throws PairQuarantined {
        HashCommitment commitment = first.commitments().get(peer).commitment();
        if (!checks.require(
                "3.1",
                commitment.isOpenedBy(context(peer), message.opening()),
                peer,
                "P" + peer + " opened its commitment to another nonce point")) {
            return List.of();
        }
        PairSetup setup = quorum.setups().get(peer);
        AsReceiver receiver = receivers.get(peer);
        List<SecretScalar> d = new ArrayList<>();
        boolean multiplied = setup.passes(
                burner,
                "ecdsa-presign 3.2",
                () -> d.addAll(finish(receiver.multiplication(), message.multiplication())));
        if (!checks.require("3.2", multiplied, peer, "multiplication of P" + peer + " is inconsistent")) {
            return List.of();
        }
        boolean sameNonce = setup.passes(
                burner, "ecdsa-presign 3.3", () -> matches(receiver, message.nonce(), message.gammaU(), d.get(0)));
        if (!checks.require("3.3", sameNonce, peer, "P" + peer + " multiplied by another nonce than it committed to")) {
            return List.of();
        }
        boolean sameKey = setup.passes(
                burner, "ecdsa-presign 3.4", () -> matches(receiver, message.key(), message.gammaV(), d.get(1)));
        checks.require("3.4", sameKey, peer, "P" + peer + " multiplied by another key part than it showed");
        return d;
    }

    private List<SecretScalar> finish(RvoleReceiver multiplication, RvoleReply reply) throws CheckFailedException {
        try {
            return multiplication.finish(reply, scope);
        } catch (InvalidEncodingException e) {
            throw new IllegalStateException("a reply that was decoded for this field has scalars of another", e);
        }
    }

    /// Whether `χ·X − Γ = d·G`.
    private boolean matches(AsReceiver receiver, Point X, Point gamma, SecretScalar d) {
        return group.multiply(X, receiver.chi()).subtract(gamma).equals(group.multiplyBase(d));
    }

    private CommitmentContext context(int party) {
        return new CommitmentContext(quorum.sid(), PartyIndex.of(party), PURPOSE);
    }
}
