package org.keymoot.bench;

import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.keymoot.bench.Players.Played;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.dkg.Dkg;
import org.keymoot.protocol.dkg.KeyPurpose;
import org.keymoot.protocol.ecdsa.EcdsaPresign;
import org.keymoot.protocol.ecdsa.EcdsaSign;
import org.keymoot.protocol.ecdsa.Presignature;
import org.keymoot.protocol.frost.Frost;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.KeyUse;
import org.keymoot.protocol.pairsetup.PairBurner;
import org.keymoot.protocol.pairsetup.PairSetup;
import org.keymoot.protocol.pairsetup.PairSetupProtocol;
import org.keymoot.protocol.prf.Evaluation;
import org.keymoot.protocol.prf.Inputs;
import org.keymoot.protocol.session.Session;

/// The protocols with three parties of which two sign, as the `cpu` and `size` commands play them.
///
/// It keeps true: a key is one that the parties made together, and signatures are the protocols' own, which verify what
/// they return.
final class Workload implements AutoCloseable {
    static final List<Integer> QUORUM = List.of(1, 3);
    private static final List<Integer> EVERYONE = List.of(1, 2, 3);
    private static final byte[] DIGEST = new byte[32];
    private static final byte[] MESSAGE = new byte[32];

    private final Players players;
    private final Map<Integer, PairSetup> pairs = new ConcurrentHashMap<>();
    private final Map<GroupId, Map<Integer, KeyShare>> keys = new ConcurrentHashMap<>();
    private final Map<GroupId, Map<Integer, KeyShare>> evaluationKeys = new ConcurrentHashMap<>();
    private final Map<Integer, ConcurrentLinkedQueue<Presignature>> stock = new ConcurrentHashMap<>();

    Workload() {
        SecureRandom system = new SecureRandom();
        RandomSource random = new RandomSource() {
            @Override
            public void fill(MemorySegment target) {
                byte[] bytes = new byte[Math.toIntExact(target.byteSize())];
                system.nextBytes(bytes);
                target.copyFrom(MemorySegment.ofArray(bytes));
            }
        };
        this.players = new Players(random);
        EVERYONE.forEach(party -> stock.put(party, new ConcurrentLinkedQueue<>()));
    }

    Played pairSetUp() throws Exception {
        return players.play(QUORUM, 1, Players.fresh(QUORUM), session -> {
            PairSetup before = pairs.put(session.self(), PairSetupProtocol.run(session, "bench", 0));
            if (before != null) {
                before.close();
            }
        });
    }

    Played newKeys(GroupId group, int count) throws Exception {
        KeyTerms terms = new KeyTerms(group, new byte[] {1}, 0, EVERYONE.size(), new ReconstructionThreshold(2));
        Map<Integer, KeyShare> shares = keys.computeIfAbsent(group, any -> new ConcurrentHashMap<>());
        return players.play(
                EVERYONE,
                count,
                (self, channel, environment) -> Session.fresh(
                        Dkg.setUp(terms, new KeyPurpose("bench", new byte[32]), new byte[16]),
                        self,
                        channel,
                        environment),
                session -> {
                    KeyShare before = shares.put(session.self(), Dkg.run(session, terms, share -> {}));
                    if (before != null) {
                        before.close();
                    }
                });
    }

    Played presignatures(GroupId group, int count) throws Exception {
        return players.play(
                QUORUM,
                count,
                Players.fresh(QUORUM),
                session -> stockOf(session)
                        .add(EcdsaPresign.run(session, share(group, session), peer -> pair(session), burner())));
    }

    /// Signatures from the presignatures made last.
    Played fromStock(GroupId group, int count) throws Exception {
        return players.play(QUORUM, count, Players.fresh(QUORUM), session -> {
            try (Presignature presignature =
                    Objects.requireNonNull(stockOf(session).poll())) {
                EcdsaSign.run(
                        session,
                        share(group, session),
                        presignature,
                        DIGEST,
                        peer -> pair(session),
                        (id, digest) -> {});
            }
        });
    }

    Played ecdsaSignatures(GroupId group, int count) throws Exception {
        return players.play(
                QUORUM,
                count,
                Players.fresh(QUORUM),
                session -> EcdsaSign.run(session, share(group, session), DIGEST, peer -> pair(session), burner()));
    }

    Played frostSignatures(int count) throws Exception {
        Map<Integer, KeyShare> shares = Objects.requireNonNull(keys.get(GroupId.ED25519));
        return players.play(
                QUORUM,
                count,
                (self, channel, environment) -> Session.withFreshMessages(
                        Frost.setUp(Objects.requireNonNull(shares.get(self)), QUORUM, MESSAGE, new byte[16]),
                        self,
                        channel,
                        environment),
                session -> Frost.sign(session, share(GroupId.ED25519, session), MESSAGE));
    }

    /// Evaluations of a key that was made for it, led by the first of the quorum: the pseudo-random function on
    /// ristretto255, an agreement on the curves.
    Played evaluations(GroupId group, int count) throws Exception {
        Map<Integer, KeyShare> shares = evaluationKeys.get(group);
        if (shares == null) {
            shares = makeForEvaluation(group);
        }
        Map<Integer, KeyShare> made = shares;
        int leader = QUORUM.getFirst();
        byte[] input = group == GroupId.RISTRETTO255
                ? MESSAGE
                : Group.of(group).generator().encode();
        Map<Integer, Inputs> inputs = new ConcurrentHashMap<>();
        return players.play(
                QUORUM,
                count,
                (self, channel, environment) -> {
                    KeyShare share = Objects.requireNonNull(made.get(self));
                    inputs.put(self, Inputs.of(share.terms(), List.of(input)));
                    return Session.withFreshMessages(
                            Evaluation.setUp(
                                    share, QUORUM, leader, Objects.requireNonNull(inputs.get(self)), new byte[16]),
                            self,
                            channel,
                            environment);
                },
                session -> {
                    KeyShare share = Objects.requireNonNull(made.get(session.self()));
                    Inputs own = Objects.requireNonNull(inputs.get(session.self()));
                    if (session.self() == leader) {
                        try (SecretScope scope = new SecretScope()) {
                            Evaluation.lead(session, share, own, scope);
                        }
                    } else {
                        Evaluation.help(session, share, leader, own);
                    }
                });
    }

    private Map<Integer, KeyShare> makeForEvaluation(GroupId group) throws Exception {
        KeyUse use = group == GroupId.RISTRETTO255 ? KeyUse.EVALUATE : KeyUse.AGREE;
        KeyTerms terms = new KeyTerms(group, use, new byte[] {1}, 0, EVERYONE.size(), new ReconstructionThreshold(2));
        Map<Integer, KeyShare> shares = new ConcurrentHashMap<>();
        players.play(
                EVERYONE,
                1,
                (self, channel, environment) -> Session.fresh(
                        Dkg.setUp(terms, new KeyPurpose("bench", new byte[32]), new byte[16]),
                        self,
                        channel,
                        environment),
                session -> shares.put(session.self(), Dkg.run(session, terms, share -> {})));
        evaluationKeys.put(group, shares);
        return shares;
    }

    int keyRowBytes(GroupId group) {
        try (SecretScope scope = new SecretScope()) {
            return Objects.requireNonNull(
                            Objects.requireNonNull(keys.get(group)).get(1))
                    .encode(scope)
                    .length();
        }
    }

    int pairRowBytes() throws Exception {
        try (SecretScope scope = new SecretScope()) {
            return Objects.requireNonNull(pairs.get(1)).encode(scope).length();
        }
    }

    /// The size of a presignature's row, which is taken out of the stock for it.
    int presignatureRowBytes() {
        List<Integer> lengths = new ArrayList<>();
        for (int party : QUORUM) {
            try (SecretScope scope = new SecretScope();
                    Presignature one = Objects.requireNonNull(
                            Objects.requireNonNull(stock.get(party)).poll())) {
                lengths.add(one.encode(scope).length());
            }
        }
        return lengths.stream().flatMapToInt(IntStream::of).max().orElseThrow();
    }

    private KeyShare share(GroupId group, Session session) {
        return Objects.requireNonNull(Objects.requireNonNull(keys.get(group)).get(session.self()));
    }

    private PairSetup pair(Session session) {
        return Objects.requireNonNull(pairs.get(session.self()));
    }

    private ConcurrentLinkedQueue<Presignature> stockOf(Session session) {
        return Objects.requireNonNull(stock.get(session.self()));
    }

    private static PairBurner burner() {
        return (peer, step) -> {
            throw new IllegalStateException("P" + peer + " failed " + step);
        };
    }

    @Override
    public void close() {
        stock.values().forEach(queue -> queue.forEach(Presignature::close));
        evaluationKeys.values().forEach(shares -> shares.values().forEach(KeyShare::close));
        keys.values().forEach(shares -> shares.values().forEach(KeyShare::close));
        pairs.values().forEach(PairSetup::close);
    }
}
