package org.keymoot.protocol.simulation;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;

/// The session layer alone: parties open sessions, broadcast, exchange, do the same in pairs and confirm.
public final class ContributionsScenario implements Scenario {
    private static final Codec<byte[]> EIGHT_BYTES = Codec.of(8, (value, out) -> out.fixed(value), in -> in.fixed(8));

    @Override
    public String name() {
        return "contributions";
    }

    @Override
    public List<GroupId> groups() {
        return List.of(GroupId.SECP256K1);
    }

    @Override
    public void run(Seat seat) {
        List<Integer> everyone =
                IntStream.rangeClosed(1, seat.options().parties()).boxed().toList();
        for (int round = 0; round < 2; round++) {
            String name = "contributions " + round;
            seat.attempt(name, () -> {
                SetUp setUp = new SetUp("contributions", new byte[] {1}, everyone, new byte[0]);
                Session session = Session.fresh(setUp, seat.party(), seat.channel(name), seat.environment());
                PerParty<byte[]> told = session.broadcast("1.1", seat.random().bytes(8), EIGHT_BYTES);
                session.exchange(
                        "1.2",
                        PerParty.of(session.peers(), peer -> seat.random().bytes(8)),
                        EIGHT_BYTES);
                for (int peer : session.peers()) {
                    List<Integer> pair = List.of(Math.min(seat.party(), peer), Math.max(seat.party(), peer));
                    session.child("pair", pair).broadcast("1.3", seat.random().bytes(8), EIGHT_BYTES);
                }
                session.confirmBroadcasts("1.4");
                return new Agreed(
                        session.id().toString(),
                        Arrays.deepToString(told.values().toArray()));
            });
        }
    }

    @Override
    public List<Invariant> invariants() {
        return List.of(new AllAgree());
    }

    private record Agreed(String session, String told) {}

    /// Parties that finish a confirmed session saw the same broadcasts.
    private static final class AllAgree implements Invariant {
        private final Map<String, Agreed> results = new HashMap<>();

        @Override
        public String name() {
            return "all that finish agree";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (happening instanceof Happening.Ended(Outcome outcome)
                    && !world.tamperers().contains(outcome.party())
                    && outcome.result() instanceof Outcome.Result.Returned(Agreed agreed)) {
                Agreed first = results.putIfAbsent(outcome.attempt(), agreed);
                if (first != null && !first.equals(agreed)) {
                    return Optional.of(outcome.text() + " " + agreed + ", another " + first);
                }
            }
            return Optional.empty();
        }
    }
}
