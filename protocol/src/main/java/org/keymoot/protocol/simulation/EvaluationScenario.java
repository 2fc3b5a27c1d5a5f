package org.keymoot.protocol.simulation;

import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.KeyUse;
import org.keymoot.protocol.prf.Evaluation;
import org.keymoot.protocol.prf.Inputs;
import org.keymoot.protocol.session.Session;

/// The parties make a key and evaluate it in several quorums, each for its first and its last party.
public final class EvaluationScenario implements Scenario {
    private static final String CHANNEL = "evaluate";
    private static final int[] BATCHES = {1, 3};

    @Override
    public String name() {
        return "dkg-evaluate";
    }

    @Override
    public List<GroupId> groups() {
        return List.of(GroupId.RISTRETTO255, GroupId.P256, GroupId.SECP256K1);
    }

    @Override
    public void run(Seat seat) {
        KeyUse use = seat.options().group() == GroupId.RISTRETTO255 ? KeyUse.EVALUATE : KeyUse.AGREE;
        Optional<KeyShare> made = KeyMaking.makeKey(seat, use);
        if (made.isEmpty()) {
            return;
        }
        try (KeyShare share = made.get()) {
            for (int batch : BATCHES) {
                for (List<Integer> quorum : KeyMaking.quorums(seat.options())) {
                    for (int leader : Set.of(quorum.getFirst(), quorum.getLast()).stream()
                            .sorted()
                            .toList()) {
                        if (quorum.contains(seat.party())) {
                            evaluate(seat, share, quorum, leader, batch);
                        }
                    }
                }
            }
        }
    }

    private static void evaluate(Seat seat, KeyShare share, List<Integer> quorum, int leader, int batch) {
        String name = CHANNEL + " " + batch + " by " + quorum + " for P" + leader;
        Inputs inputs = inputs(share.terms(), batch);
        seat.attempt(name, () -> {
            Session session = Session.withFreshMessages(
                    Evaluation.setUp(share, quorum, leader, inputs, name.getBytes(StandardCharsets.UTF_8)),
                    seat.party(),
                    seat.channel(name),
                    seat.environment());
            if (leader != seat.party()) {
                Evaluation.help(session, share, leader, inputs);
                return new Helped(leader);
            }
            try (SecretScope scope = new SecretScope()) {
                return new Evaluated(Evaluation.lead(session, share, inputs, scope).stream()
                        .map(output -> HexFormat.of()
                                .formatHex(output.segment(Disclosure.I_TAKE_THE_SECRET_OUT)
                                        .toArray(ValueLayout.JAVA_BYTE)))
                        .toList());
            }
        });
    }

    private static Inputs inputs(KeyTerms terms, int count) {
        Group group = terms.group();
        List<byte[]> inputs = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            inputs.add(
                    terms.use() == KeyUse.AGREE
                            ? group.multiplyBase(group.scalars().of(number)).encode()
                            : new byte[number]);
        }
        try {
            return Inputs.of(terms, inputs);
        } catch (InvalidEncodingException e) {
            throw new IllegalStateException("a multiple of the generator is a point", e);
        }
    }

    @Override
    public List<Invariant> invariants() {
        return List.of(
                new KeyMaking.KeysAgree(),
                new KeyMaking.EveryQuorumHoldsTheKey(),
                new QuorumsAgree(),
                new Invariants.OnlyTheLeaderIsTold(CHANNEL));
    }

    private record Evaluated(List<String> outputs) {}

    private record Helped(int leader) {}

    /// Whichever quorum evaluates, and for whom, the same input gives the same output, alone or in a batch.
    private static final class QuorumsAgree implements Invariant {
        private final Map<Integer, String> known = new HashMap<>();

        @Override
        public String name() {
            return "quorums agree on every output";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (happening instanceof Happening.Ended(Outcome outcome)
                    && outcome.result() instanceof Outcome.Result.Returned(Evaluated evaluated)
                    && !world.tamperers().contains(outcome.party())) {
                for (int number = 0; number < evaluated.outputs().size(); number++) {
                    String output = evaluated.outputs().get(number);
                    String earlier = known.putIfAbsent(number, output);
                    if (earlier != null && !earlier.equals(output)) {
                        return Optional.of(outcome.text() + " gives another output " + number);
                    }
                }
            }
            return Optional.empty();
        }
    }
}
