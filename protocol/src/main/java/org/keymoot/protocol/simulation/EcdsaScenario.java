package org.keymoot.protocol.simulation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.ecdsa.EcdsaPresign;
import org.keymoot.protocol.ecdsa.EcdsaSign;
import org.keymoot.protocol.ecdsa.Presignature;
import org.keymoot.protocol.ecdsa.PresignatureSpent;
import org.keymoot.protocol.ecdsa.RecoverableSignature;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.pairsetup.PairBurner;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.PairSetup;
import org.keymoot.protocol.pairsetup.PairSetupProtocol;
import org.keymoot.protocol.pairsetup.PairSetups;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Frame;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// The first parties of a key set up their pairs, make the key, sign in one session, presign, sign from the
/// presignature, and then try to use it once more.
public final class EcdsaScenario implements Scenario {
    private static final String BURNED = "burned ";
    private static final String SPENT = "spent ";

    @Override
    public String name() {
        return "ecdsa";
    }

    @Override
    public List<GroupId> groups() {
        return List.of(GroupId.SECP256K1, GroupId.P256);
    }

    /// A set-up costs as much as a hundred other sessions.
    @Override
    public int weight() {
        return 1;
    }

    /// What became of an attempt besides failing.
    private sealed interface Ending {
        @SuppressWarnings("ArrayRecordComponent")
        record Signed(KeyShare share, byte[] digest, RecoverableSignature signature) implements Ending {}

        record Refused(String why) implements Ending {}
    }

    @Override
    public void run(Seat seat) {
        List<Integer> quorum =
                KeyMaking.everyone(seat.options()).subList(0, seat.options().reconstructionThreshold());
        Map<Integer, PairSetup> setups = new TreeMap<>();
        Optional<KeyShare> made = Optional.empty();
        try {
            if (quorum.contains(seat.party())) {
                setUpPairs(seat, quorum, setups);
            }
            made = KeyMaking.makeKey(seat);
            if (made.isPresent() && quorum.contains(seat.party())) {
                sign(seat, quorum, made.get(), setups);
            }
        } finally {
            setups.values().forEach(PairSetup::close);
            made.ifPresent(KeyShare::close);
        }
    }

    private static void setUpPairs(Seat seat, List<Integer> quorum, Map<Integer, PairSetup> setups) {
        for (int a : quorum) {
            for (int b : quorum) {
                if (a < b && (seat.party() == a || seat.party() == b)) {
                    String name = "pair " + a + "," + b;
                    seat.attempt(name, () -> {
                                SetUp setUp = new SetUp("pair-setup", new byte[] {1}, List.of(a, b), new byte[0]);
                                Session session =
                                        Session.fresh(setUp, seat.party(), seat.channel(name), seat.environment());
                                return PairSetupProtocol.run(session, "simulation", 0);
                            })
                            .ifPresent(setup -> setups.put(setup.peer(), setup));
                }
            }
        }
    }

    private static void sign(Seat seat, List<Integer> quorum, KeyShare share, Map<Integer, PairSetup> setups) {
        PairSetups port = peer -> {
            PairSetup setup = setups.get(peer);
            if (setup == null || seat.kept(BURNED + peer, String.class).isPresent()) {
                throw new PairQuarantined(peer, "there is no set-up with P" + peer);
            }
            return setup;
        };
        PairBurner burner = (peer, step) -> seat.keep(BURNED + peer, step);
        attempt(seat, quorum, "sign at once", session -> {
            byte[] digest = digest(1);
            return new Ending.Signed(share, digest, EcdsaSign.run(session, share, digest, port, burner));
        });
        byte[][] row = new byte[1][];
        attempt(seat, quorum, "presign", session -> {
            try (Presignature presignature = EcdsaPresign.run(session, share, port, burner);
                    SecretScope scope = new SecretScope()) {
                row[0] = presignature
                        .encode(scope)
                        .segment(Disclosure.I_TAKE_THE_SECRET_OUT)
                        .toArray(ValueLayout.JAVA_BYTE);
                return "presigned";
            }
        });
        for (int number = 2; number <= 3 && row[0] != null; number++) {
            byte[] digest = digest(number);
            attempt(seat, quorum, "sign from stock " + number, session -> {
                Presignature stored = read(row[0]);
                return new Ending.Signed(
                        share, digest, EcdsaSign.run(session, share, stored, digest, port, (id, spentFor) -> {
                            String name = SPENT + HexFormat.of().formatHex(id);
                            if (seat.kept(name, String.class).isPresent()) {
                                throw new PresignatureSpent(id);
                            }
                            seat.keep(name, HexFormat.of().formatHex(spentFor));
                        }));
            });
        }
    }

    private interface Part {
        Object play(Session session) throws Cheated, Silent, PairQuarantined, PresignatureSpent;
    }

    private static void attempt(Seat seat, List<Integer> quorum, String name, Part part) {
        seat.attempt(name, () -> {
            SetUp setUp = new SetUp("ecdsa", new byte[] {1}, quorum, new byte[0]);
            Session session = Session.fresh(setUp, seat.party(), seat.channel(name), seat.environment());
            try {
                return part.play(session);
            } catch (PairQuarantined | PresignatureSpent e) {
                return new Ending.Refused(String.valueOf(e.getMessage()));
            }
        });
    }

    private static Presignature read(byte[] row) {
        try {
            return Presignature.decode(MemorySegment.ofArray(row));
        } catch (Malformed e) {
            throw new IllegalStateException("a row that was just written is malformed", e);
        }
    }

    private static byte[] digest(int number) {
        byte[] digest = new byte[Ecdsa.DIGEST_BYTES];
        Arrays.fill(digest, (byte) number);
        return digest;
    }

    @Override
    public List<Invariant> invariants() {
        return List.of(
                new KeyMaking.KeysAgree(),
                new SignaturesVerify(),
                new OnlyTamperersAreBurned(),
                new EachPresignatureGivesOneShare());
    }

    /// A signature leaves only if it verifies; and a healthy run signs twice at each party of the quorum.
    private static final class SignaturesVerify implements Invariant {
        private int signed;

        @Override
        public String name() {
            return "signatures that leave verify";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (happening instanceof Happening.Ended(Outcome outcome)
                    && outcome.result() instanceof Outcome.Result.Returned(Ending.Signed ending)) {
                signed++;
                if (!ending.signature().verifies(ending.share().publicKey(), ending.digest())) {
                    return Optional.of(outcome.text());
                }
            }
            return Optional.empty();
        }

        @Override
        public Optional<String> atEnd(World world) {
            int due = 2 * world.options().reconstructionThreshold();
            return world.options().healthy() && signed != due
                    ? Optional.of("a healthy run gave " + signed + " signatures, not " + due)
                    : Optional.empty();
        }
    }

    /// No fault of the network and no third party makes two honest parties burn their pair.
    private static final class OnlyTamperersAreBurned implements Invariant {
        @Override
        public String name() {
            return "only tamperers are burned";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (happening instanceof Happening.Kept(int party, String name, Object step)
                    && name.startsWith(BURNED)
                    && !world.tamperers().contains(Integer.parseInt(name.substring(BURNED.length())))) {
                return Optional.of("P" + party + " " + name + " in " + step);
            }
            return Optional.empty();
        }
    }

    /// No party gives two different shares from one presignature.
    private static final class EachPresignatureGivesOneShare implements Invariant {
        private final Map<Integer, Set<String>> shares = new HashMap<>();

        @Override
        public String name() {
            return "each presignature gives one share";
        }

        @Override
        public Optional<String> after(Happening happening, World world) {
            if (!(happening instanceof Happening.Sent sent)
                    || sent.tampered()
                    || !sent.channel().startsWith("sign from stock")) {
                return Optional.empty();
            }
            try {
                Frame frame = Frame.decode(sent.frame());
                Set<String> given = shares.computeIfAbsent(sent.from(), party -> new HashSet<>());
                if (frame.step().equals("1.2")) {
                    given.add(HexFormat.of().formatHex(frame.body()));
                }
                return given.size() > 1 ? Optional.of("P" + sent.from() + " gave two") : Optional.empty();
            } catch (Malformed e) {
                return Optional.of("an untampered frame is malformed: " + e.getMessage());
            }
        }
    }
}
