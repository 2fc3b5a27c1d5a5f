package org.keymoot.protocol.ecdsa;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.Pairs;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Adversary;
import org.keymoot.protocol.simulation.Invariant;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Scenario;
import org.keymoot.protocol.simulation.Seat;
import org.keymoot.protocol.simulation.Simulation;

/// One session of a quorum in the simulator: what each party brings to it, and what came of it at each.
final class EcdsaRun implements Scenario {
    /// What one party does in the session.
    @FunctionalInterface
    interface Part {
        Object play(Session session, KeyShare key, Pairs pairs)
                throws Cheated, Silent, PairQuarantined, PresignatureSpent;
    }

    static final byte[] DIGEST =
            new byte[] {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4};

    final DealtKeys keys;
    final List<Integer> quorum;
    final Map<Integer, Pairs> pairs = new TreeMap<>();
    final Map<Integer, Object> results = new TreeMap<>();

    @Nullable Report report;

    private @Nullable Part part;

    EcdsaRun(DealtKeys keys, List<Integer> quorum) {
        this.keys = keys;
        this.quorum = quorum;
        for (int party : quorum) {
            pairs.put(party, Pairs.of(party, quorum));
        }
    }

    /// A run of 2-of-3, of parties 1 and 3.
    static EcdsaRun ofTwo(GroupId group) {
        return new EcdsaRun(DealtKeys.deal(group, 2, 3, 5), List.of(1, 3));
    }

    /// A run of 3-of-5, of parties 1, 2 and 4.
    static EcdsaRun ofThree(GroupId group) {
        return new EcdsaRun(DealtKeys.deal(group, 3, 5, 6), List.of(1, 2, 4));
    }

    static Object sign(Session session, KeyShare key, Pairs pairs) throws Cheated, Silent, PairQuarantined {
        return EcdsaSign.run(session, key, DIGEST, pairs, pairs);
    }

    static Object presign(Session session, KeyShare key, Pairs pairs) throws Cheated, Silent, PairQuarantined {
        return EcdsaPresign.run(session, key, pairs, pairs);
    }

    EcdsaRun play(long seed, Part everyone) {
        return play(seed, everyone, 0, null);
    }

    /// Plays what is not expected to succeed, though nothing goes wrong in the network.
    EcdsaRun playSpoiled(long seed, Part everyone) {
        return play(seed, everyone, options().with(new Options.Network(100, 100, Double.MIN_NORMAL, 0)), null);
    }

    EcdsaRun play(long seed, Part everyone, int corrupt, @Nullable Adversary adversary) {
        Options options = options();
        if (adversary != null) {
            options = options.with(new Options.Attack(corrupt, "of the test", 0));
        }
        return play(seed, everyone, options, adversary);
    }

    EcdsaRun play(long seed, Part everyone, Options options, @Nullable Adversary adversary) {
        part = everyone;
        results.clear();
        report = adversary == null && options.attack() != null
                ? Simulation.run(
                        seed,
                        options,
                        Adversaries.named(
                                options.attack().adversary(), options.attack().atFrame()),
                        this)
                : Simulation.run(seed, options, adversary, this);
        if (!report.passed()) {
            throw new AssertionError(report.text());
        }
        return this;
    }

    Options options() {
        return Options.healthy(
                name(),
                keys.publicKey().group().id(),
                quorum.getLast(),
                keys.of(1).terms().reconstructionThreshold().value());
    }

    Report report() {
        if (report == null) {
            throw new IllegalStateException("nothing was played");
        }
        return report;
    }

    RecoverableSignature signature(int party) {
        return (RecoverableSignature) result(party);
    }

    Presignature presignature(int party) {
        return (Presignature) result(party);
    }

    Cheated cheated(int party) {
        return (Cheated) result(party);
    }

    Object result(int party) {
        Object result = results.get(party);
        if (result == null) {
            throw new IllegalStateException("P" + party + " has no result");
        }
        return result;
    }

    Pairs of(int party) {
        return Objects.requireNonNull(pairs.get(party), "only parties of the quorum have set-ups here");
    }

    List<String> burned(int party) {
        return of(party).burned();
    }

    @Override
    public String name() {
        return "ecdsa-of-a-test";
    }

    @Override
    public List<GroupId> groups() {
        return List.of(GroupId.SECP256K1, GroupId.P256);
    }

    @Override
    public void run(Seat seat) {
        Pairs own = pairs.get(seat.party());
        Part playing = part;
        if (own == null || playing == null) {
            return;
        }
        seat.attempt("session", () -> {
            try {
                SetUp setUp = new SetUp("ecdsa", new byte[0], quorum, new byte[0]);
                Session session = Session.fresh(setUp, seat.party(), seat.channel("s"), seat.environment());
                Object result = playing.play(session, keys.of(seat.party()), own);
                results.put(seat.party(), result);
                return "returned";
            } catch (PairQuarantined | PresignatureSpent e) {
                results.put(seat.party(), e);
                return "refused";
            } catch (Cheated | Silent e) {
                results.put(seat.party(), e);
                throw e;
            }
        });
    }

    @Override
    public List<Invariant> invariants() {
        return List.of();
    }
}
