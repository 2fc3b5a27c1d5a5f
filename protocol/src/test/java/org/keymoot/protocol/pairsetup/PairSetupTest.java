package org.keymoot.protocol.pairsetup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.ot.BaseOtRequest;
import org.keymoot.crypto.ot.SetupReply;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.Malformed;
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

/// The set-up of one pair, its adversaries, and what a set-up promises afterwards. P2 is the corrupt party.
///
/// Each assert of `docs/protocols/pair-setup.md` has its adversary here: without 2.4 the run would end at 3.3, without
/// 2.5 too, and without 3.3 it would return at one party a set-up that the other does not hold.
class PairSetupTest {
    private static final ScalarField FIELD = Group.of(GroupId.P256).scalars();

    @Test
    void bothPartiesHoldTheSameSetUp() throws Exception {
        try (PairSetup one = Pairs.made(1, 2, 0);
                PairSetup two = Pairs.made(2, 1, 0);
                PairSetup other = Pairs.made(1, 2, 1);
                SecretScope scope = new SecretScope()) {
            assertThat(one.id()).isEqualTo(two.id()).isNotEqualTo(other.id());
            byte[] sid = {1, 2, 3};
            assertThat(mask(one, sid, scope)).isEqualTo(mask(two, sid, scope));
            assertThat(mask(one, sid, scope)).isNotEqualTo(mask(one, new byte[] {1, 2, 4}, scope));
            assertThat(mask(one, sid, scope)).isNotEqualTo(mask(other, sid, scope));
        }
    }

    @Test
    void namesThePartyThatOpensAnotherPartOfTheSeed() {
        assertCheated("2.4", edit("2.2", body -> flipped(body, 0)));
        assertCheated("2.4", edit("2.2", body -> flipped(body, Opening.NONCE_LENGTH + 31)));
        assertCheated("2.4", edit("1.2", body -> flipped(body, 0)));
    }

    @Test
    void namesThePartyWhoseTreesAreInconsistent() {
        int last = Opening.NONCE_LENGTH + PairSetupMessage.SEED_BYTES + SetupReply.LENGTH - 1;
        assertCheated("2.5", edit("2.2", body -> flipped(body, last)));
    }

    @Test
    void namesThePartyThatConfirmsAnotherSetUp() {
        assertCheated("3.3", edit("3.2", body -> flipped(body, 31)));
    }

    @Test
    void refusesMessagesOfAnotherFormNamingTheSender() {
        int firstPoint = HashCommitment.LENGTH;
        assertCheated("1.3", edit("1.2", body -> flipped(body, firstPoint + 32, 0xff, body.length)));
        assertCheated("0.8", edit("1.2", body -> Arrays.copyOf(body, HashCommitment.LENGTH)));
        assertCheated("1.3", edit("1.2", body -> written(body, firstPoint, new byte[33])));
        assertCheated("0.8", edit("2.2", body -> Arrays.copyOf(body, body.length + 1)));
        assertCheated("2.3", edit("2.2", body -> written(body, 64, new byte[33])));
    }

    @Test
    void theLossOfAnyFrameAccusesNobody() {
        for (int party = 1; party <= 2; party++) {
            for (int frame = 0; frame < 4; frame++) {
                Map<Integer, Object> results = play(
                        (outgoing, random) -> List.of(outgoing.frame()), new Options.Attack(party, "drops", frame));
                assertThat(results.values()).anyMatch(result -> result instanceof Silent);
                assertThat(results.values())
                        .noneMatch(result -> result instanceof Cheated cheated
                                && !cheated.culprits().isEmpty());
            }
        }
    }

    @Test
    void aRowIsReadBackAndAnythingElseRefused() throws Exception {
        byte[] row = Pairs.row(1, 2, 0);
        assertThat(row.length).isLessThanOrEqualTo(PairSetup.MAX_BYTES);
        try (PairSetup setup = Pairs.decode(row);
                SecretScope scope = new SecretScope()) {
            assertThat(setup.encode(scope)
                            .segment(Disclosure.I_TAKE_THE_SECRET_OUT)
                            .toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(row);
            assertThat(setup.self()).isEqualTo(1);
            assertThat(setup.peer()).isEqualTo(2);
            assertThat(setup.cluster()).isEqualTo("test");
            assertThat(setup.epoch()).isEqualTo(1);
        }
        for (int length : new int[] {0, 1, 100, row.length - 1, row.length + 1, 2 * row.length}) {
            assertThatThrownBy(() -> PairSetup.decode(MemorySegment.ofArray(Arrays.copyOf(row, length))))
                    .isInstanceOf(Malformed.class);
        }
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            byte[] changed = row.clone();
            changed[random.nextInt(120)] ^= (byte) (1 << random.nextInt(8));
            try (PairSetup read = PairSetup.decode(MemorySegment.ofArray(changed))) {
                assertThat(read.self()).isNotEqualTo(read.peer());
            } catch (Malformed e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void messagesDecodeOnlyFromTheirOwnBytes() {
        Random random = new Random(2);
        for (Codec<? extends PairSetupMessage> codec : List.of(
                PairSetupMessage.Request.CODEC, PairSetupMessage.Reply.CODEC, PairSetupMessage.Confirmation.CODEC)) {
            for (int i = 0; i < 40; i++) {
                byte[] bytes = new byte[i % 2 == 0 ? codec.maxBytes() : random.nextInt(codec.maxBytes())];
                random.nextBytes(bytes);
                roundTrip(codec, bytes);
            }
        }
        assertThat(BaseOtRequest.LENGTH).isEqualTo(512 * 33);
    }

    @Test
    void ofManyConcurrentChecksOneFailureEndsAllAndIsBurnedOnce() throws Exception {
        PairSetup setup = Pairs.made(1, 2, 0);
        Pairs burner = new Pairs();
        AtomicInteger passedAfterFailure = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            boolean honest = i % 4 != 3;
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    start.await();
                    boolean passed = setup.passes(burner, "test", () -> {
                        passedAfterFailure.addAndGet(failed.get());
                        return honest;
                    });
                    if (!passed) {
                        failed.incrementAndGet();
                    }
                } catch (PairQuarantined e) {
                    refused.incrementAndGet();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failed.get()).isEqualTo(1);
        assertThat(refused.get()).isPositive();
        assertThat(passedAfterFailure.get()).isZero();
        assertThat(burner.burned()).containsExactly("P2 test");
        assertThatThrownBy(setup::requireInUse).isInstanceOf(PairQuarantined.class);
    }

    @Test
    void aBurnThatCannotBeRecordedStillEndsTheSetUp() {
        PairSetup setup = Pairs.made(1, 2, 0);
        PairBurner full = (peer, step) -> {
            throw new IllegalStateException("the disk is full");
        };
        assertThatThrownBy(() -> setup.passes(full, "test", () -> false)).hasMessage("the disk is full");
        assertThatThrownBy(() -> setup.passes(full, "test", () -> true)).isInstanceOf(PairQuarantined.class);
    }

    @Test
    void aBurnedSetUpIsErasedAndGivesNothing() throws Exception {
        PairSetup setup = Pairs.made(1, 2, 0);
        Pairs burner = new Pairs();
        assertThat(setup.passes(burner, "test", () -> false)).isFalse();
        try (SecretScope scope = new SecretScope()) {
            assertThatThrownBy(() -> setup.zeroMask(new byte[] {1}, FIELD, scope))
                    .isInstanceOf(PairQuarantined.class);
            assertThatThrownBy(() -> setup.encode(scope)).isInstanceOf(PairQuarantined.class);
            assertThatThrownBy(() -> setup.receive(new byte[] {1}, new byte[] {1}, FIELD, new SeededRandom(1)))
                    .isInstanceOf(PairQuarantined.class);
        }
    }

    private static BigInteger mask(PairSetup setup, byte[] sid, SecretScope scope) throws PairQuarantined {
        return setup.zeroMask(sid, FIELD, scope)
                .reveal(Disclosure.I_TAKE_THE_SECRET_OUT)
                .toBigInteger();
    }

    private static <M> void roundTrip(Codec<M> codec, byte[] bytes) {
        try {
            assertThat(codec.encode(codec.decode(bytes.clone()))).isEqualTo(bytes);
        } catch (Malformed e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private interface Change {
        byte[] of(byte[] body);
    }

    private static Adversary edit(String step, Change change) {
        return Adversaries.editing("pair", step, frame -> Adversaries.withBody(frame, change.of(frame.body())));
    }

    private static void assertCheated(String step, Adversary adversary) {
        Object result = play(adversary, new Options.Attack(2, "of the test", 0)).get(1);
        assertThat(result).isInstanceOfSatisfying(Cheated.class, cheated -> {
            assertThat(cheated.step()).isEqualTo(step);
            assertThat(cheated.culprits()).containsExactly(2);
        });
    }

    private static Map<Integer, Object> play(Adversary adversary, Options.Attack attack) {
        Map<Integer, Object> results = Collections.synchronizedMap(new TreeMap<>());
        Scenario scenario = new Scenario() {
            @Override
            public String name() {
                return "pair-setup";
            }

            @Override
            public List<GroupId> groups() {
                return List.of(GroupId.SECP256K1);
            }

            @Override
            public void run(Seat seat) {
                seat.attempt("pair-setup", () -> {
                    try {
                        SetUp setUp = new SetUp("pair-setup", new byte[0], List.of(1, 2), new byte[0]);
                        Session session = Session.fresh(setUp, seat.party(), seat.channel("pair"), seat.environment());
                        PairSetupProtocol.run(session, "test", 1).close();
                        results.put(seat.party(), "made");
                        return "made";
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
        };
        Options options = Options.healthy("pair-setup", GroupId.SECP256K1, 2, 2).with(attack);
        @Nullable Adversary used = attack.adversary().equals("of the test")
                ? adversary
                : Adversaries.named(attack.adversary(), attack.atFrame());
        Report report = Simulation.run(1, options, used, scenario);
        assertThat(report.violations()).as(report.text()).isEmpty();
        return results;
    }

    private static byte[] flipped(byte[] body, int at) {
        byte[] changed = body.clone();
        changed[at] ^= 1;
        return changed;
    }

    /// Overwrites from `at` on, which makes coordinates that are not below the field's order.
    private static byte[] flipped(byte[] body, int at, int with, int to) {
        byte[] changed = body.clone();
        Arrays.fill(changed, at, to, (byte) with);
        return changed;
    }

    private static byte[] written(byte[] body, int at, byte[] what) {
        byte[] changed = body.clone();
        System.arraycopy(what, 0, changed, at, what.length);
        return changed;
    }
}
