package org.keymoot.protocol.pairsetup;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.simulation.Invariant;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Scenario;
import org.keymoot.protocol.simulation.Seat;
import org.keymoot.protocol.simulation.Simulation;

/// One party's set-ups in memory, for tests: it gives what it was given and remembers what was burned.
///
/// Set-ups are costly to make, so each pair's is made once for the whole test run and read anew from its row.
public final class Pairs implements PairSetups, PairBurner {
    private record Pair(int self, int peer, int generation) {}

    private static final Map<Pair, byte[]> ROWS = new ConcurrentHashMap<>();

    private final Map<Integer, PairSetup> setups = new TreeMap<>();
    private final List<String> burned = new ArrayList<>();

    /// The set-ups of `self` with each of `peers`.
    public static Pairs of(int self, List<Integer> peers) {
        Pairs pairs = new Pairs();
        for (int peer : peers) {
            if (peer != self) {
                pairs.put(made(self, peer, 0));
            }
        }
        return pairs;
    }

    /// A set-up that the two really made. Another `generation` is another run.
    public static PairSetup made(int self, int peer, int generation) {
        return decode(row(self, peer, generation));
    }

    /// The row of a set-up, for tests that spoil it.
    public static byte[] row(int self, int peer, int generation) {
        synchronized (ROWS) {
            if (!ROWS.containsKey(new Pair(self, peer, generation))) {
                make(Math.min(self, peer), Math.max(self, peer), generation);
            }
            return Objects.requireNonNull(ROWS.get(new Pair(self, peer, generation)))
                    .clone();
        }
    }

    public static PairSetup decode(byte[] row) {
        try {
            return PairSetup.decode(MemorySegment.ofArray(row));
        } catch (Malformed e) {
            throw new AssertionError(e);
        }
    }

    /// The position of the zero seed in a row; the transfers' secrets follow it.
    public static int zeroSeedAt(byte[] row) {
        return row.length - PairSetup.SECRET_BYTES;
    }

    private static void make(int a, int b, int generation) {
        Scenario scenario = new Scenario() {
            @Override
            public String name() {
                return "make-a-pair";
            }

            @Override
            public List<GroupId> groups() {
                return List.of(GroupId.SECP256K1);
            }

            @Override
            public void run(Seat seat) {
                if (seat.party() != a && seat.party() != b) {
                    return;
                }
                seat.attempt("pair-setup", () -> {
                    SetUp setUp = new SetUp("pair-setup", new byte[0], List.of(a, b), new byte[0]);
                    Session session = Session.fresh(setUp, seat.party(), seat.channel("pair"), seat.environment());
                    try (PairSetup setup = PairSetupProtocol.run(session, "test", 1);
                            SecretScope scope = new SecretScope()) {
                        int peer = session.peers().getFirst();
                        byte[] row = setup.encode(scope)
                                .segment(Disclosure.I_TAKE_THE_SECRET_OUT)
                                .toArray(ValueLayout.JAVA_BYTE);
                        ROWS.put(new Pair(seat.party(), peer, generation), row);
                        return "made";
                    } catch (PairQuarantined e) {
                        throw new AssertionError(e);
                    }
                });
            }

            @Override
            public List<Invariant> invariants() {
                return List.of();
            }
        };
        long seed = 1_000_000L * generation + 1000L * a + b;
        var report = Simulation.run(seed, Options.healthy("make-a-pair", GroupId.SECP256K1, b, 2), null, scenario);
        if (!report.passed() || !report.allReturned()) {
            throw new AssertionError(report.text());
        }
    }

    public void put(PairSetup setup) {
        setups.put(setup.peer(), setup);
    }

    /// What was burned, as `P2 ecdsa-presign 2.1`, in order.
    public synchronized List<String> burned() {
        return List.copyOf(burned);
    }

    @Override
    public PairSetup get(int peer) throws PairQuarantined {
        PairSetup setup = setups.get(peer);
        if (setup == null) {
            throw new PairQuarantined(peer, "there is no set-up with P" + peer);
        }
        setup.requireInUse();
        return setup;
    }

    @Override
    public synchronized void burn(int peer, String step) {
        burned.add("P" + peer + " " + step);
    }
}
