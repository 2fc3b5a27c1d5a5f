package org.keymoot.protocol.rsa;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.IntStream;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.dkg.KeyPurpose;
import org.keymoot.protocol.key.InvalidKeyShareException;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Checks;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// Hands the shares of a dealt RSA key out to all parties. `docs/protocols/rsa-dealing.md` numbers the
/// steps.
///
/// It keeps true: a share is returned only after every party has confirmed that its own fits the same
/// public values and is durable; until then it is pending at each.
public final class RsaDealing {
    /// The name of the sessions.
    public static final String PROTOCOL = "rsa-deal";

    private static final int MAX_BYTES = 64 << 10;

    private static final Codec<Confirmed> CONFIRMED =
            Codec.of(32, (message, out) -> out.fixed(message.digest()), in -> new Confirmed(in.fixed(32)));

    private RsaDealing() {}

    /// Makes a share durable, as pending, before it is confirmed.
    @FunctionalInterface
    public interface Sink {
        void pending(RsaKeyShare share);
    }

    /// What is fixed before the key exists, and held identically by all parties.
    ///
    /// @param bits of the modulus
    public record Terms(
            byte[] keyId, int bits, int parties, ReconstructionThreshold reconstructionThreshold, int dealer) {
        public Terms {
            keyId = keyId.clone();
            if (dealer < 1 || dealer > parties) {
                throw new IllegalArgumentException("P" + dealer + " is none of the key's " + parties + " parties");
            }
        }

        @Override
        public byte[] keyId() {
            return keyId.clone();
        }

        List<Integer> everyone() {
            return IntStream.rangeClosed(1, parties).boxed().toList();
        }

        private boolean fit(RsaPublicShares key) {
            return MessageDigest.isEqual(keyId, key.keyId())
                    && bits == key.modulus().bitLength()
                    && parties == key.parties()
                    && reconstructionThreshold.equals(key.reconstructionThreshold());
        }
    }

    /// Step 2.2.
    @SuppressWarnings("ArrayRecordComponent")
    record Confirmed(byte[] digest) {}

    /// What the parties of a new key must hold identically; the session is to be opened with
    /// [Session#fresh].
    public static SetUp setUp(Terms terms, KeyPurpose purpose, byte[] invitation) {
        MessageWriter out = new MessageWriter(256);
        out.block(terms.keyId())
                .u16(terms.bits())
                .u8(terms.parties())
                .u8(terms.reconstructionThreshold().value())
                .u8(terms.dealer())
                .text(purpose.use())
                .block(purpose.policyHash());
        return new SetUp(PROTOCOL, invitation, terms.everyone(), out.toByteArray());
    }

    /// The dealer's side; it closes `shares` but its own, which is returned.
    ///
    /// @param shares as [RsaDealer#deal] made them
    public static RsaKeyShare deal(Session session, Terms terms, List<RsaKeyShare> shares, Sink sink)
            throws Cheated, Silent {
        requireFits(session, terms, terms.dealer());
        if (!terms.fit(shares.getFirst().publicShares()) || shares.size() != terms.parties()) {
            throw new IllegalArgumentException("these shares are of another key than " + terms);
        }
        RsaKeyShare own = shares.get(session.self() - 1);
        boolean done = false;
        try {
            session.stage("dealing shares");
            for (int peer : session.peers()) {
                try (SecretScope scope = new SecretScope()) {
                    MemorySegment row = shares.get(peer - 1).encode(scope).segment(Disclosure.I_TAKE_THE_SECRET_OUT);
                    pair(session, terms, peer).tell("1.2", peer, row, row(scope));
                }
                shares.get(peer - 1).close();
            }
            confirm(session, own, sink);
            done = true;
            return own;
        } finally {
            shares.stream().filter(share -> share != own).forEach(RsaKeyShare::close);
            if (!done) {
                own.close();
            }
        }
    }

    /// The side of a party that is dealt to.
    public static RsaKeyShare receive(Session session, Terms terms, Sink sink) throws Cheated, Silent {
        int dealer = terms.dealer();
        if (dealer == session.self()) {
            throw new IllegalArgumentException("the dealer receives nothing");
        }
        requireFits(session, terms, dealer);
        session.stage("receiving a share");
        RsaKeyShare share = received(session, terms);
        boolean done = false;
        try {
            session.require(
                    "1.4",
                    terms.fit(share.publicShares()) && share.self() == session.self(),
                    dealer,
                    "P" + dealer + " dealt a share of another key or party");
            session.require(
                    "1.5",
                    session.compute(share.publicShares()::lieOnOnePolynomial),
                    dealer,
                    "P" + dealer + " dealt shares that do not combine to the inverse of the public exponent");
            confirm(session, share, sink);
            done = true;
            return share;
        } finally {
            if (!done) {
                share.close();
            }
        }
    }

    private static RsaKeyShare received(Session session, Terms terms) throws Cheated, Silent {
        int dealer = terms.dealer();
        try (SecretScope scope = new SecretScope()) {
            MemorySegment row = pair(session, terms, session.self())
                    .collect("1.2", row(scope))
                    .get(dealer);
            return session.compute(() -> decoded(row));
        } catch (InvalidKeyShareException e) {
            throw session.cheated("1.3", List.of(dealer), "P" + dealer + " dealt no sound share: " + e.getMessage());
        }
    }

    private static RsaKeyShare decoded(MemorySegment row) throws InvalidKeyShareException {
        try {
            return RsaKeyShare.decode(row);
        } catch (Malformed e) {
            throw new InvalidKeyShareException(String.valueOf(e.getMessage()));
        }
    }

    /// Reads the row into memory that `scope` erases, and erases it in the message.
    static Codec<MemorySegment> row(SecretScope scope) {
        return Codec.of(MAX_BYTES, (row, out) -> out.u32(row.byteSize()).fixed(row), in -> {
            long length = in.u32();
            if (length < 1 || length > in.remaining()) {
                throw new Malformed("a row of " + length + " bytes does not fit in its message");
            }
            MemorySegment row = scope.allocate((int) length).segment(Disclosure.I_TAKE_THE_SECRET_OUT);
            in.secretInto(row);
            return row;
        });
    }

    private static Session pair(Session session, Terms terms, int peer) {
        int dealer = terms.dealer();
        return session.child("deal", List.of(Math.min(peer, dealer), Math.max(peer, dealer)));
    }

    /// Round 2: the share is durable before this party says so, and is handed out only when everybody has
    /// said so.
    private static void confirm(Session session, RsaKeyShare share, Sink sink) throws Cheated, Silent {
        session.stage("confirming");
        sink.pending(share);
        MessageWriter out = new MessageWriter(4096);
        share.publicShares().write(out);
        byte[] digest = Transcript.start(Tag.RSA_DEALT)
                .bytes(session.id().bytes())
                .bytes(out.toByteArray())
                .hash();
        PerParty<Confirmed> confirmed = session.broadcast("2.2", new Confirmed(digest), CONFIRMED);
        Checks checks = session.checks();
        for (int peer : session.peers()) {
            // The dealer may have told parties different things, so a difference accuses nobody.
            checks.require(
                    "2.3",
                    MessageDigest.isEqual(confirmed.get(peer).digest(), digest),
                    "P" + peer + " was dealt other public values");
        }
        checks.settle();
        session.confirmBroadcasts("2.4");
    }

    private static void requireFits(Session session, Terms terms, int dealer) {
        if (!session.parties().equals(terms.everyone()) || !session.parties().contains(dealer)) {
            throw new IllegalArgumentException(
                    "a key is dealt among all of its parties " + terms.everyone() + ", not among " + session.parties());
        }
    }
}
