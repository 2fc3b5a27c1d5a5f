package org.keymoot.protocol.prf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.KeyUse;
import org.keymoot.protocol.key.PublicShares;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.simulation.Invariant;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Scenario;
import org.keymoot.protocol.simulation.Seat;
import org.keymoot.protocol.simulation.Simulation;

/// A key whose secret the test knows, shared by a dealer, and its evaluation by parties in one process.
record DealtKey(BigInteger secret, List<KeyShare> shares) implements AutoCloseable {
    static DealtKey deal(GroupId id, KeyUse use, BigInteger secret, int threshold, int parties, long seed) {
        Group group = Group.of(id);
        ScalarField field = group.scalars();
        SeededRandom random = new SeededRandom(seed).child("dealer");
        List<Scalar> coefficients = new ArrayList<>();
        coefficients.add(field.of(secret));
        for (int i = 1; i < threshold; i++) {
            coefficients.add(field.of(new BigInteger(1, random.bytes(40))));
        }
        List<Scalar> values = new ArrayList<>();
        for (int party = 1; party <= parties; party++) {
            Scalar value = field.zero();
            for (int i = threshold - 1; i >= 0; i--) {
                value = value.multiply(field.of(party)).add(coefficients.get(i));
            }
            values.add(value);
        }
        PublicShares publicShares = new PublicShares(
                new KeyTerms(id, use, new byte[] {9, 9}, 0, parties, new ReconstructionThreshold(threshold)),
                group.multiplyBase(coefficients.getFirst()),
                random.bytes(32),
                values.stream().map(group::multiplyBase).toList());
        List<KeyShare> shares = new ArrayList<>();
        try (SecretScope scope = new SecretScope()) {
            for (int party = 1; party <= parties; party++) {
                shares.add(new KeyShare(
                        publicShares,
                        party,
                        field.decodeSecret(
                                scope,
                                MemorySegment.ofArray(values.get(party - 1).encode()))));
            }
        } catch (InvalidEncodingException e) {
            throw new AssertionError(e);
        }
        return new DealtKey(secret, List.copyOf(shares));
    }

    KeyTerms terms() {
        return shares.getFirst().terms();
    }

    Point publicKey() {
        return shares.getFirst().publicKey();
    }

    /// What the leader gets.
    List<byte[]> evaluate(List<Integer> quorum, int leader, List<byte[]> inputs) throws InvalidEncodingException {
        Inputs checked = Inputs.of(terms(), inputs);
        List<List<byte[]>> results = new ArrayList<>();
        Report report = run(
                terms().groupId(),
                terms().parties(),
                terms().reconstructionThreshold().value(),
                seat -> {
                    if (quorum.contains(seat.party())) {
                        attempt(seat, shares.get(seat.party() - 1), quorum, leader, checked)
                                .filter(outputs -> !outputs.isEmpty())
                                .ifPresent(results::add);
                    }
                });
        if (results.size() != 1) {
            throw new AssertionError(report.text());
        }
        return results.getFirst();
    }

    /// One party's part; the outputs at the leader, an empty list at the others.
    static Optional<List<byte[]>> attempt(Seat seat, KeyShare share, List<Integer> quorum, int leader, Inputs inputs) {
        return seat.attempt("evaluate", () -> {
            Session session = Session.withFreshMessages(
                    Evaluation.setUp(share, quorum, leader, inputs, new byte[] {1}),
                    seat.party(),
                    seat.channel("evaluate"),
                    seat.environment());
            if (seat.party() != leader) {
                Evaluation.help(session, share, leader, inputs);
                return List.of();
            }
            try (SecretScope scope = new SecretScope()) {
                return Evaluation.lead(session, share, inputs, scope).stream()
                        .map(output ->
                                output.segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE))
                        .toList();
            }
        });
    }

    /// What one party does.
    interface Part {
        void play(Seat seat);
    }

    static Report run(GroupId id, int parties, int threshold, Part part) {
        Options options =
                Options.healthy("key-use", id, parties, threshold).with(new Options.Attack(1, "see the test", 0));
        return Simulation.run(1, options, null, new Scenario() {
            @Override
            public String name() {
                return "key-use";
            }

            @Override
            public List<GroupId> groups() {
                return List.of(id);
            }

            @Override
            public void run(Seat seat) {
                part.play(seat);
            }

            @Override
            public List<Invariant> invariants() {
                return List.of();
            }
        });
    }

    @Override
    public void close() {
        shares.forEach(KeyShare::close);
    }
}
