package org.keymoot.protocol.simulation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.dkg.KeyPurpose;
import org.keymoot.protocol.key.InvalidKeyShareException;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.rsa.RsaDealer;
import org.keymoot.protocol.rsa.RsaDealing;
import org.keymoot.protocol.rsa.RsaKeyShare;
import org.keymoot.protocol.rsa.RsaPower;
import org.keymoot.protocol.rsa.RsaPublicShares;
import org.keymoot.protocol.session.Session;

/// The last party deals an RSA key, and quorums take roots with it, each for its first and its last party.
///
/// The key is of 1024 bits and its primes are known, so that a run takes milliseconds.
public final class RsaScenario implements Scenario {
    private static final String DEALING = "deal";
    private static final String ROOT = "root";
    private static final String ROW = "share";
    private static final int BITS = 1024;
    private static final BigInteger P = new BigInteger(
            "c1521c63734e1ac9041a06ce28b07c2210ec87f814e6deda6481978e64bb6944"
                    + "0686848892ad623e729dee037dde0f1c1d55d6722dd0dc8ac54693893253604b",
            16);
    private static final BigInteger Q = new BigInteger(
            "c2f1baabcf311f766ac52b5e5dfd9a04e64076a15e76a31653c1c09c9067e6ea"
                    + "00896f669b0b84fc9080843e0b56408bf5facbcc8c5abc7895f3a23fc7f9e173",
            16);

    @Override
    public String name() {
        return "rsa-deal-root";
    }

    /// No group is used; one has to be named.
    @Override
    public List<GroupId> groups() {
        return List.of(GroupId.SECP256K1);
    }

    @Override
    public int weight() {
        return 4;
    }

    @Override
    public void run(Seat seat) {
        Optional<RsaKeyShare> dealt = deal(seat);
        if (dealt.isEmpty()) {
            return;
        }
        try (RsaKeyShare share = dealt.get()) {
            for (List<Integer> quorum : KeyMaking.quorums(seat.options())) {
                for (int leader : new LinkedHashSet<>(List.of(quorum.getFirst(), quorum.getLast()))) {
                    if (quorum.contains(seat.party())) {
                        root(seat, share, quorum, leader);
                    }
                }
            }
        }
    }

    private static Optional<RsaKeyShare> deal(Seat seat) {
        Options options = seat.options();
        RsaDealing.Terms terms = new RsaDealing.Terms(
                new byte[] {'s', 'i', 'm'},
                BITS,
                options.parties(),
                new ReconstructionThreshold(options.reconstructionThreshold()),
                options.parties());
        RsaDealing.Sink sink = share -> seat.keep(ROW, rowOf(share));
        return seat.attempt(DEALING, () -> {
            Session session = Session.fresh(
                    RsaDealing.setUp(terms, new KeyPurpose("simulation", new byte[32]), new byte[] {1}),
                    seat.party(),
                    seat.channel(DEALING),
                    seat.environment());
            return seat.party() == terms.dealer()
                    ? RsaDealing.deal(
                            session,
                            terms,
                            RsaDealer.deal(
                                    terms.keyId(),
                                    P,
                                    Q,
                                    terms.parties(),
                                    terms.reconstructionThreshold(),
                                    seat.random()),
                            sink)
                    : RsaDealing.receive(session, terms, sink);
        });
    }

    private static byte[] rowOf(RsaKeyShare share) {
        try (SecretScope scope = new SecretScope()) {
            return share.encode(scope).segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static void root(Seat seat, RsaKeyShare share, List<Integer> quorum, int leader) {
        String name = ROOT + " by " + quorum + " for P" + leader;
        byte[] input = new SeededRandom(leader).bytes(BITS / 8);
        input[0] = 0;
        seat.attempt(name, () -> {
            Session session = Session.withFreshMessages(
                    RsaPower.setUp(share.publicShares(), quorum, leader, input, name.getBytes(StandardCharsets.UTF_8)),
                    seat.party(),
                    seat.channel(name),
                    seat.environment());
            if (leader != seat.party()) {
                RsaPower.help(session, share, leader, input);
                return new Helped(leader);
            }
            return new Root(share.publicShares(), input, RsaPower.lead(session, share, input));
        });
    }

    @Override
    public List<Invariant> invariants() {
        return List.of(new EverybodyHoldsTheSameKey(), new RootsAreRoots(), new Invariants.OnlyTheLeaderIsTold(ROOT));
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Root(RsaPublicShares key, byte[] input, byte[] root) {}

    private record Helped(int leader) {}

    /// Once one party is given a key, every honest party durably holds a share that fits the same public
    /// values.
    private static final class EverybodyHoldsTheSameKey implements Invariant {
        private final Map<String, RsaPublicShares> made = new HashMap<>();

        @Override
        public String name() {
            return "a key that is given out is held by all";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (!(happening instanceof Happening.Ended(Outcome outcome)
                    && outcome.result() instanceof Outcome.Result.Returned(RsaKeyShare given)
                    && !world.tamperers().contains(outcome.party()))) {
                return Optional.empty();
            }
            RsaPublicShares first = made.putIfAbsent(outcome.attempt(), given.publicShares());
            if (first != null && !first.equals(given.publicShares())) {
                return Optional.of("P" + outcome.party() + " has another key");
            }
            for (int party : KeyMaking.everyone(world.options())) {
                Optional<byte[]> row = world.kept(party, ROW, byte[].class);
                if (!world.tamperers().contains(party)
                        && (row.isEmpty() || !isShare(row.get(), party, given.publicShares()))) {
                    return Optional.of("P" + party + " holds no share when P" + outcome.party() + " is given the key");
                }
            }
            return Optional.empty();
        }

        private static boolean isShare(byte[] row, int party, RsaPublicShares expected) {
            try (RsaKeyShare share = RsaKeyShare.decode(MemorySegment.ofArray(row))) {
                return share.self() == party && share.publicShares().equals(expected);
            } catch (Malformed | InvalidKeyShareException e) {
                return false;
            }
        }
    }

    /// What leaves is a root of the input.
    private static final class RootsAreRoots implements Invariant {
        @Override
        public String name() {
            return "roots that leave are roots";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            return happening instanceof Happening.Ended(Outcome outcome)
                            && outcome.result() instanceof Outcome.Result.Returned(Root root)
                            && !new BigInteger(1, root.root())
                                    .modPow(RsaPublicShares.EXPONENT, root.key().modulus())
                                    .equals(new BigInteger(1, root.input()))
                    ? Optional.of(outcome.text())
                    : Optional.empty();
        }
    }
}
