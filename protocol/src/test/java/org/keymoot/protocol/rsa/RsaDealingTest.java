package org.keymoot.protocol.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.dkg.KeyPurpose;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.CodecFuzz;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Adversary;
import org.keymoot.protocol.simulation.Invariant;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Outcome.Result;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Runs;
import org.keymoot.protocol.simulation.Scenario;
import org.keymoot.protocol.simulation.Seat;
import org.keymoot.protocol.simulation.Simulation;

/// P2 deals, and is the corrupt party where there is one.
class RsaDealingTest {
    private static final RsaDealing.Terms TERMS =
            new RsaDealing.Terms(new byte[] {1}, 1024, 3, new ReconstructionThreshold(2), 2);

    private static List<RsaKeyShare> made(long seed) {
        return RsaDealer.deal(
                TERMS.keyId(),
                RsaPowerTest.P,
                RsaPowerTest.Q,
                3,
                TERMS.reconstructionThreshold(),
                new SeededRandom(seed));
    }

    @Test
    void everyPartyEndsWithItsShareAndKeptItBeforeItConfirmed() {
        List<RsaKeyShare> ended = new ArrayList<>();
        Report report = run(seat -> attempt(seat, TERMS, made(1)).ifPresent(ended::add), null);
        assertThat(report.allReturned()).as(report.text()).isTrue();
        assertThat(ended).extracting(RsaKeyShare::self).containsExactlyInAnyOrder(1, 2, 3);
        assertThat(ended)
                .extracting(RsaKeyShare::publicShares)
                .containsOnly(ended.getFirst().publicShares());
    }

    @Test
    void aShareThatDoesNotFitNamesTheDealer() {
        Report report = run(seat -> attempt(seat, TERMS, made(1)), Adversaries.editing("deal", "1.2", frame -> {
            byte[] body = frame.body().clone();
            body[body.length - 1] ^= 1;
            return Adversaries.withBody(frame, body);
        }));
        for (int party : List.of(1, 3)) {
            Cheated cheated = Runs.cheated(report, party, "deal");
            assertThat(cheated.step()).isEqualTo("1.3");
            assertThat(cheated.culprits()).containsExactly(2);
        }
    }

    @Test
    void aShareOfAnotherKeyNamesTheDealer() {
        RsaDealing.Terms longer = new RsaDealing.Terms(TERMS.keyId(), 2048, 3, TERMS.reconstructionThreshold(), 2);
        Report report = run(seat -> attempt(seat, TERMS, made(1)), Adversaries.editing("deal", "1.2", frame -> {
            byte[] body = frame.body().clone();
            // The key id's one byte, after the row's length, its format and the id's length.
            body[6] ^= 1;
            return Adversaries.withBody(frame, body);
        }));
        assertThat(Runs.cheated(report, 1, "deal").step()).isEqualTo("1.4");
        assertThat(Runs.cheated(report, 1, "deal").culprits()).containsExactly(2);
        run(
                seat -> {
                    if (seat.party() == 2) {
                        assertThatThrownBy(() -> attempt(seat, longer, made(1)))
                                .isInstanceOf(IllegalArgumentException.class);
                    } else {
                        attempt(seat, longer, List.of());
                    }
                },
                null);
    }

    /// Shares that each fit their own verification value, and do not combine.
    @Test
    void sharesOffThePolynomialNameTheDealer() throws Exception {
        for (int wrong : List.of(1, 3)) {
            List<RsaKeyShare> good = made(1);
            RsaPublicShares shared = good.getFirst().publicShares();
            List<BigInteger> values = new ArrayList<>(shared.verificationValues());
            BigInteger secret = BigInteger.valueOf(12345);
            values.set(wrong - 1, shared.verificationBase().modPow(secret, shared.modulus()));
            RsaPublicShares lie = new RsaPublicShares(
                    shared.keyId(),
                    3,
                    shared.reconstructionThreshold(),
                    shared.modulus(),
                    shared.verificationBase(),
                    values);
            List<RsaKeyShare> bad = new ArrayList<>();
            for (RsaKeyShare share : good) {
                byte[] number = share.self() == wrong
                        ? share.ring().encode(secret)
                        : share.secret(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
                bad.add(RsaKeyShare.of(lie, share.self(), MemorySegment.ofArray(number)));
            }
            Report report = run(
                    seat -> {
                        if (seat.party() == 2) {
                            seat.deviate();
                        }
                        attempt(seat, TERMS, bad);
                    },
                    null);
            for (int party : List.of(1, 3)) {
                Cheated cheated = Runs.cheated(report, party, "deal");
                assertThat(cheated.step()).isEqualTo("1.5");
                assertThat(cheated.culprits()).containsExactly(2);
            }
        }
    }

    @Test
    void partiesThatWereDealtDifferentKeysFindOutAndAccuseNobody() {
        List<RsaKeyShare> other = made(2);
        Report report = run(seat -> attempt(seat, TERMS, made(1)), Adversaries.editing("deal", "1.2", frame -> {
            if (frame.receiver() != 3) {
                return frame;
            }
            try (SecretScope scope = new SecretScope()) {
                return Adversaries.withBody(
                        frame,
                        RsaDealing.row(scope)
                                .encode(other.get(2).encode(scope).segment(Disclosure.I_TAKE_THE_SECRET_OUT)));
            }
        }));
        for (int party : List.of(1, 3)) {
            Cheated cheated = Runs.cheated(report, party, "deal");
            assertThat(cheated.step()).isEqualTo("2.3");
            assertThat(cheated.culprits()).isEmpty();
        }
    }

    @Test
    void theLossOfAnyFrameAccusesNobodyAndGivesNoShareOutThatOthersLack() {
        Report whole = run(seat -> attempt(seat, TERMS, made(1)), null);
        for (int frame = 0; frame < whole.framesSent() / 3; frame++) {
            int lost = frame;
            Report report = run(
                    seat -> attempt(seat, TERMS, made(1)),
                    (outgoing, random) -> outgoing.number() == lost ? List.of() : List.of(outgoing.frame()));
            assertThat(report.outcomes())
                    .noneMatch(one -> one.result() instanceof Result.FoundCheating(var cheated)
                            && !cheated.culprits().isEmpty());
        }
    }

    @Test
    void damagedMessagesAreRefusedOrReadExactly() {
        try (SecretScope scope = new SecretScope()) {
            Codec<MemorySegment> codec = RsaDealing.row(scope);
            byte[] valid = codec.encode(made(1).getFirst().encode(scope).segment(Disclosure.I_TAKE_THE_SECRET_OUT));
            CodecFuzz.run(1, 200, input -> codec.encode(codec.decode(input)), valid);
        }
    }

    private static Optional<RsaKeyShare> attempt(Seat seat, RsaDealing.Terms terms, List<RsaKeyShare> made) {
        return seat.attempt("deal", () -> {
            Session session = Session.fresh(
                    RsaDealing.setUp(terms, new KeyPurpose("test", new byte[32]), new byte[] {1}),
                    seat.party(),
                    seat.channel("deal"),
                    seat.environment());
            RsaDealing.Sink sink = share -> seat.keep("share", share.self());
            RsaKeyShare share = seat.party() == terms.dealer()
                    ? RsaDealing.deal(session, terms, made, sink)
                    : RsaDealing.receive(session, terms, sink);
            assertThat(seat.kept("share", Integer.class)).contains(seat.party());
            return share;
        });
    }

    /// What one party does.
    private interface Part {
        void play(Seat seat);
    }

    private static Report run(Part part, @Nullable Adversary adversary) {
        Options options =
                Options.healthy("rsa-deal", GroupId.SECP256K1, 3, 2).with(new Options.Attack(2, "see the test", 0));
        Report report = Simulation.run(1, options, adversary, new Scenario() {
            @Override
            public String name() {
                return "rsa-deal";
            }

            @Override
            public List<GroupId> groups() {
                return List.of(GroupId.SECP256K1);
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
        assertThat(report.violations()).as(report.text()).isEmpty();
        return report;
    }
}
