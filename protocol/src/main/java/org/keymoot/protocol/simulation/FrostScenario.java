package org.keymoot.protocol.simulation;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.protocol.frost.Frost;
import org.keymoot.protocol.frost.FrostSignature;
import org.keymoot.protocol.frost.FrostSuite;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Frame;
import org.keymoot.protocol.session.Session;

/// The parties make a key and sign with it in several quorums by FROST.
public final class FrostScenario implements Scenario {
    private static final int MESSAGES = 2;

    @Override
    public String name() {
        return "dkg-frost";
    }

    @Override
    public List<GroupId> groups() {
        return List.of(GroupId.values());
    }

    @Override
    public void run(Seat seat) {
        Optional<KeyShare> made = KeyMaking.makeKey(seat);
        if (made.isEmpty()) {
            return;
        }
        try (KeyShare share = made.get()) {
            for (int number = 0; number < MESSAGES; number++) {
                for (List<Integer> quorum : quorums(seat.options())) {
                    if (quorum.contains(seat.party())) {
                        sign(seat, share, quorum, number);
                    }
                }
            }
        }
    }

    private static void sign(Seat seat, KeyShare share, List<Integer> quorum, int number) {
        byte[] message = ("message " + number).getBytes(StandardCharsets.UTF_8);
        String name = "sign " + number + " by " + quorum;
        byte[] invitation = name.getBytes(StandardCharsets.UTF_8);
        seat.attempt(name, () -> {
            Session session = Session.withFreshMessages(
                    Frost.setUp(share, quorum, message, invitation),
                    seat.party(),
                    seat.channel(name),
                    seat.environment());
            FrostSignature signature = Frost.sign(session, share, message);
            return new Signed(share, message, signature);
        });
    }

    /// The first parties, the last ones, and everybody.
    private static Set<List<Integer>> quorums(Options options) {
        Set<List<Integer>> quorums = KeyMaking.quorums(options);
        quorums.add(KeyMaking.everyone(options));
        return quorums;
    }

    @Override
    public List<Invariant> invariants() {
        return List.of(
                new KeyMaking.KeysAgree(),
                new KeyMaking.EveryQuorumHoldsTheKey(),
                new SignaturesVerify(),
                new EachNonceServesOnce());
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Signed(KeyShare share, byte[] message, FrostSignature signature) {}

    /// A signature leaves only if it verifies.
    private static final class SignaturesVerify implements Invariant {
        @Override
        public String name() {
            return "signatures that leave verify";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (happening instanceof Happening.Ended(Outcome outcome)
                    && outcome.result() instanceof Outcome.Result.Returned(Signed signed)) {
                FrostSuite suite = FrostSuite.of(signed.share().group().id());
                if (!suite.verify(signed.share().publicKey(), signed.message(), signed.signature())) {
                    return Optional.of(outcome.text());
                }
            }
            return Optional.empty();
        }
    }

    /// No party shows the same nonce commitment in two sessions, nor two signature shares for one.
    private static final class EachNonceServesOnce implements Invariant {
        private final Map<String, String> sessionOfCommitment = new HashMap<>();
        private final Map<String, String> shareInSession = new HashMap<>();

        @Override
        public String name() {
            return "each nonce serves one signature share";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (!(happening instanceof Happening.Sent sent)
                    || sent.tampered()
                    || !sent.channel().startsWith("sign")) {
                return Optional.empty();
            }
            Frame frame;
            try {
                frame = Frame.decode(sent.frame());
            } catch (Malformed e) {
                return Optional.of("an untampered frame is malformed: " + e.getMessage());
            }
            String body = HexFormat.of().formatHex(frame.body());
            String place = "P" + sent.from() + " in " + sent.channel();
            return switch (frame.step()) {
                case "1.2" -> {
                    String earlier = sessionOfCommitment.putIfAbsent("P" + sent.from() + body, place);
                    yield earlier == null || earlier.equals(place)
                            ? Optional.empty()
                            : Optional.of(place + " repeats its commitment of " + earlier);
                }
                case "2.3" -> {
                    String earlier = shareInSession.putIfAbsent(place, body);
                    yield earlier == null || earlier.equals(body)
                            ? Optional.empty()
                            : Optional.of(place + " gives two shares");
                }
                default -> Optional.empty();
            };
        }
    }
}
