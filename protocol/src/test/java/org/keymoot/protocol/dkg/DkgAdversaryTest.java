package org.keymoot.protocol.dkg;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.commit.CommitmentContext;
import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.proof.CoefficientProofs;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.sharing.SharingPolynomial;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Frame;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Adversary;
import org.keymoot.protocol.simulation.Invariant;
import org.keymoot.protocol.simulation.KeyMaking;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Outcome.Result;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Runs;
import org.keymoot.protocol.simulation.Scenario;
import org.keymoot.protocol.simulation.Seat;
import org.keymoot.protocol.simulation.Simulation;

/// One adversary for each assert of `docs/protocols/dkg.md`; P2 is the corrupt party.
class DkgAdversaryTest {
    private static final Group GROUP = Group.of(GroupId.SECP256K1);
    private static final ReconstructionThreshold TWO = new ReconstructionThreshold(2);
    private static final Options TWO_OF_THREE = Runs.options("dkg-frost", 2, 3);
    private static final int VALUE_BYTES = DkgMessage.openedBytes(GROUP, TWO);
    private static final int OPENING_BYTES = Opening.NONCE_LENGTH + VALUE_BYTES;

    @Test
    void abortsNamingTheDealerWhoseOpeningIsAnother() {
        assertCulprit("3.1", edit("2.1", frame -> flipped(frame, 0)));
        assertCulprit("3.1", edit("2.1", frame -> flipped(frame, OPENING_BYTES - 1)));
    }

    @Test
    void abortsNamingTheDealerWhoCommittedToAnInvalidPoint() {
        assertCulprit("3.2", deviating(TWO_OF_THREE, (session, polynomial) -> {
            byte[] value = new byte[VALUE_BYTES];
            Arrays.fill(value, (byte) 0xff);
            return value;
        }));
    }

    @Test
    void abortsNamingTheDealerWhoDoesNotProveItsPolynomial() {
        int last = OPENING_BYTES + CoefficientProofs.encodedLength(GROUP, TWO) - 1;
        assertCulprit("3.3", edit("2.1", frame -> flipped(frame, last)));
    }

    @Test
    void abortsNamingTheDealerWhoTakesOverAnothersVectorItCannotProve() {
        assertCulprit("3.3", deviating(TWO_OF_THREE, (session, polynomial) -> {
            try (SecretScope scope = new SecretScope()) {
                SharingPolynomial foreign = SharingPolynomial.random(GROUP.scalars(), TWO, new SeededRandom(99), scope);
                return valueOf(foreign.commit(GROUP));
            }
        }));
    }

    @Test
    void abortsNamingTheDealerWhenShareIsOffPolynomial() {
        Report report = attack(edit("2.2", frame -> frame.receiver() == 1 ? flipped(frame, 31) : frame));
        Cheated cheated = Runs.cheated(report, 1, "dkg");
        assertThat(cheated.step()).isEqualTo("3.4");
        assertThat(cheated.culprits()).containsExactly(2);
        assertThat(report.outcomes())
                .as("P3 only sees that P1 left")
                .anyMatch(outcome -> outcome.party() == 3
                        && outcome.result() instanceof Result.MetSilence(var silent)
                        && silent.parties().equals(List.of(1)));
    }

    @Test
    void abortsNamingNobodyWhenTheKeyWouldBeTheIdentity() {
        // Nobody can know another's constant term in time; the test does, for it knows the seed.
        SeededRandom ofFirst = new SeededRandom(1).child("party 1 life 0");
        ofFirst.bytes(32);
        try (SecretScope scope = new SecretScope()) {
            SharingPolynomial first = SharingPolynomial.random(GROUP.scalars(), TWO, ofFirst, scope);
            SharingPolynomial opposite =
                    SharingPolynomial.sharing(first.coefficient(0).negate(scope), TWO, new SeededRandom(5), scope);
            Report report = run(Runs.options("dkg-frost", 2, 2), new Deviation(opposite, null));
            Cheated cheated = Runs.cheated(report, 1, "dkg");
            assertThat(cheated.step()).isEqualTo("3.5");
            assertThat(cheated.culprits()).isEmpty();
        }
    }

    @Test
    void abortsNamingThePartyThatConfirmsAnotherTranscript() {
        assertCulprit("4.3", edit("4.2", frame -> flipped(frame, 0)));
    }

    @Test
    void abortsNamingThePartyThatDoesNotProveItsShare() {
        assertCulprit("4.4", edit("4.2", frame -> flipped(frame, frame.body().length - 1)));
    }

    @Test
    void refusesAVectorThatIsLongerOrShorterThanTheThreshold() {
        for (int change : new int[] {-33, 33}) {
            Adversary adversary = edit(
                    "2.1",
                    frame -> Adversaries.withBody(frame, Arrays.copyOf(frame.body(), frame.body().length + change)));
            assertCulprit("0.8", adversary);
        }
    }

    @Test
    void aShareThatIsNoScalarIsMalformed() {
        byte[] tooLarge = new byte[32];
        Arrays.fill(tooLarge, (byte) 0xff);
        assertCulprit("0.8", edit("2.2", frame -> Adversaries.withBody(frame, tooLarge)));
    }

    private static Adversary edit(String step, Adversaries.Edit edit) {
        return Adversaries.editing("dkg", step, edit);
    }

    private static Frame flipped(Frame frame, int at) {
        byte[] body = frame.body().clone();
        body[at] ^= 1;
        return Adversaries.withBody(frame, body);
    }

    private static Report attack(Adversary adversary) {
        Report report = Runs.attacked(TWO_OF_THREE, 2, adversary);
        assertThat(report.violations()).as(report.text()).isEmpty();
        return report;
    }

    private static void assertCulprit(String step, Adversary adversary) {
        assertCulprit(step, attack(adversary));
    }

    private static void assertCulprit(String step, Report report) {
        for (int honest : List.of(1, 3)) {
            Cheated cheated = Runs.cheated(report, honest, "dkg");
            assertThat(cheated.step()).as(report.text()).isEqualTo(step);
            assertThat(cheated.culprits()).as(report.text()).containsExactly(2);
        }
    }

    private static byte[] valueOf(FeldmanCommitment vector) {
        return new MessageWriter(VALUE_BYTES)
                .fixed(vector.encode())
                .fixed(new byte[32])
                .toByteArray();
    }

    /// Chooses what P2 commits to and opens.
    private interface Choice {
        byte[] value(Session session, SharingPolynomial polynomial);
    }

    private static Report deviating(Options options, Choice choice) {
        try (SecretScope scope = new SecretScope()) {
            return run(
                    options,
                    new Deviation(SharingPolynomial.random(GROUP.scalars(), TWO, new SeededRandom(3), scope), choice));
        }
    }

    private static Report run(Options options, Deviation deviation) {
        Report report = Simulation.run(1, options.with(new Options.Attack(2, "deviates", 0)), null, deviation);
        assertThat(report.violations()).as(report.text()).isEmpty();
        return report;
    }

    /// P2 runs code of its own: it deals `polynomial` with good proofs, but opens what `choice` says.
    private record Deviation(
            SharingPolynomial polynomial, @Nullable Choice choice) implements Scenario {
        @Override
        public String name() {
            return "deviating-dkg";
        }

        @Override
        public List<GroupId> groups() {
            return List.of(GroupId.SECP256K1);
        }

        @Override
        public List<Invariant> invariants() {
            return List.of();
        }

        @Override
        public void run(Seat seat) {
            if (seat.party() == 2) {
                seat.deviate();
                seat.attempt("dkg", () -> deviate(seat));
            } else {
                KeyMaking.makeKey(seat).ifPresent(KeyShare::close);
            }
        }

        private String deviate(Seat seat) throws Cheated, Silent {
            Session session =
                    Session.fresh(KeyMaking.setUp(seat.options()), 2, seat.channel("dkg"), seat.environment());
            byte[] sid = session.id().bytes();
            FeldmanCommitment vector = polynomial.commit(GROUP);
            byte[] value = choice == null ? valueOf(vector) : choice.value(session, polynomial);
            Opening opening = HashCommitment.commit(value, session.random());
            HashCommitment commitment = opening.commitment(new CommitmentContext(sid, PartyIndex.of(2), "dkg"));
            session.broadcast("1.2", new DkgMessage.Committed(commitment), DkgMessage.committed());
            CoefficientProofs proofs =
                    CoefficientProofs.prove(sid, PartyIndex.of(2), polynomial, vector, session.random());
            try (SecretScope scope = new SecretScope()) {
                var openings = session.startBroadcast(
                        "2.1", new DkgMessage.Opened(opening, proofs), DkgMessage.opened(GROUP, TWO));
                var deals = session.startExchange(
                        "2.2",
                        PerParty.of(
                                session.peers(),
                                peer -> new DkgMessage.Dealt(polynomial.evaluate(PartyIndex.of(peer), scope))),
                        DkgMessage.dealt(GROUP, scope));
                openings.all();
                deals.all();
            }
            return "deviated";
        }
    }
}
