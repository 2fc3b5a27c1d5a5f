package org.keymoot.protocol.dealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.Lagrange;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.sharing.SharingPolynomial;
import org.keymoot.protocol.dkg.KeyPurpose;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.KeyUse;
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
class DealingTest {
    private static final int DEALER = 2;
    private static final ReconstructionThreshold TWO = new ReconstructionThreshold(2);
    private static final BigInteger SECRET = new BigInteger("123456789abcdef0123456789abcdef", 16);

    private static KeyTerms terms(GroupId group) {
        KeyUse use = group == GroupId.RISTRETTO255 ? KeyUse.EVALUATE : KeyUse.SIGN;
        return new KeyTerms(group, use, new byte[] {1}, 5, 3, TWO);
    }

    private static SecretScalar secret(Group group, SecretScope scope) {
        return group.scalars().secretZero(scope).add(group.scalars().of(SECRET), scope);
    }

    private static Point publicKey(Group group) {
        return group.multiplyBase(group.scalars().of(SECRET));
    }

    @ParameterizedTest
    @EnumSource(GroupId.class)
    void everyTwoSharesAreTheKeyThatWasDealt(GroupId id) {
        Group group = Group.of(id);
        List<KeyShare> ended = new ArrayList<>();
        Report report = run(id, seat -> dealt(seat, id, key -> true).ifPresent(ended::add), null);
        assertThat(report.allReturned()).as(report.text()).isTrue();
        assertKey(group, ended);
    }

    private static void assertKey(Group group, List<KeyShare> ended) {
        assertThat(ended).hasSize(3);
        assertThat(ended)
                .extracting(KeyShare::publicShares)
                .containsOnly(ended.getFirst().publicShares());
        assertThat(ended.getFirst().publicKey()).isEqualTo(publicKey(group));
        assertThat(ended.getFirst().publicShares().areConsistent()).isTrue();
        for (KeyShare one : ended) {
            for (KeyShare other : ended) {
                if (one.self() < other.self()) {
                    List<PartyIndex> quorum = List.of(PartyIndex.of(one.self()), PartyIndex.of(other.self()));
                    Scalar sum = group.scalars().zero();
                    for (KeyShare share : List.of(one, other)) {
                        sum = sum.add(Lagrange.atZero(group.scalars(), quorum, PartyIndex.of(share.self()))
                                .multiply(share.secret().reveal(Disclosure.I_TAKE_THE_SECRET_OUT)));
                    }
                    assertThat(sum).isEqualTo(group.scalars().of(SECRET));
                }
            }
        }
    }

    @Test
    void twoSharingsOfOneKeyHaveOneChainCodeAndDifferentNames() {
        List<KeyShare> first = new ArrayList<>();
        List<KeyShare> second = new ArrayList<>();
        run(1, GroupId.P256, seat -> dealt(seat, GroupId.P256, key -> true).ifPresent(first::add), null);
        run(2, GroupId.P256, seat -> dealt(seat, GroupId.P256, key -> true).ifPresent(second::add), null);
        assertThat(first.getFirst().publicShares().chainCode())
                .isEqualTo(second.getFirst().publicShares().chainCode());
        assertThat(Dealing.sharingOf(first.getFirst().publicShares()))
                .matches("[0-9a-f]{64}")
                .isEqualTo(Dealing.sharingOf(first.getLast().publicShares()))
                .isNotEqualTo(Dealing.sharingOf(second.getFirst().publicShares()));
    }

    @Test
    void aShareOffThePolynomialNamesTheDealerAndIsNeverStored() {
        List<Integer> stored = new ArrayList<>();
        Report report = run(
                GroupId.SECP256K1,
                seat -> {
                    dealt(seat, GroupId.SECP256K1, key -> true);
                    seat.kept("share", Integer.class).ifPresent(stored::add);
                },
                Adversaries.editing("deal", "1.3", frame -> {
                    if (frame.receiver() != 3) {
                        return frame;
                    }
                    byte[] body = frame.body().clone();
                    body[body.length - 1] ^= 1;
                    return Adversaries.withBody(frame, body);
                }));
        Cheated cheated = Runs.cheated(report, 3, "deal");
        assertThat(cheated.step()).isEqualTo("1.6");
        assertThat(cheated.culprits()).containsExactly(DEALER);
        assertThat(report.outcomes()).noneMatch(one -> one.result() instanceof Result.Returned);
        assertThat(stored).doesNotContain(3);
    }

    @Test
    void anotherKeyThanTheOneThatIsToBeDealtNamesTheDealer() {
        Point other = Group.of(GroupId.P256).generator();
        Report report = run(
                GroupId.P256,
                seat -> {
                    if (seat.party() == DEALER) {
                        seat.deviate();
                    }
                    dealt(seat, GroupId.P256, other::equals);
                },
                null);
        for (int party : List.of(1, 3)) {
            Cheated cheated = Runs.cheated(report, party, "deal");
            assertThat(cheated.step()).isEqualTo("1.5");
            assertThat(cheated.culprits()).containsExactly(DEALER);
        }
    }

    @Test
    void onlyTheDealerDealsAndItDoes() {
        Report silent = run(
                GroupId.P256,
                seat -> dealt(seat, GroupId.P256, key -> true),
                Adversaries.editing("deal", "1.2", frame -> Adversaries.withBody(frame, new byte[] {0})));
        Report report = silent;
        for (int party : List.of(1, 3)) {
            assertThat(Runs.cheated(report, party, "deal").step()).isEqualTo("1.4");
            assertThat(Runs.cheated(report, party, "deal").culprits()).containsExactly(DEALER);
        }
        // P2 is the adversary; here P1 is the dealer and P2 deals as well.
        byte[] foreign = Arrays.copyOf(new byte[] {1}, 67);
        byte[] generator = Group.of(GroupId.P256).generator().encode();
        System.arraycopy(generator, 0, foreign, 1, 33);
        System.arraycopy(generator, 0, foreign, 34, 33);
        report = run(
                GroupId.P256,
                seat -> dealt(seat, GroupId.P256, 1, key -> true),
                Adversaries.editing("deal", "1.2", frame -> Adversaries.withBody(frame, foreign)));
        for (int party : List.of(1, 3)) {
            assertThat(Runs.cheated(report, party, "deal").step()).isEqualTo("1.4");
            assertThat(Runs.cheated(report, party, "deal").culprits()).containsExactly(2);
        }
    }

    @Test
    void whoConfirmsSomethingElseOrProvesNothingIsNamed() {
        for (boolean proof : new boolean[] {false, true}) {
            Report report = run(
                    GroupId.SECP256K1,
                    seat -> dealt(seat, GroupId.SECP256K1, key -> true),
                    Adversaries.editing("deal", "2.2", frame -> {
                        byte[] body = frame.body().clone();
                        body[proof ? body.length - 1 : 0] ^= 1;
                        return Adversaries.withBody(frame, body);
                    }));
            for (int party : List.of(1, 3)) {
                Cheated cheated = Runs.cheated(report, party, "deal");
                assertThat(cheated.step()).isEqualTo(proof ? "2.4" : "2.3");
                assertThat(cheated.culprits()).containsExactly(2);
            }
        }
    }

    @Test
    void partiesThatAreToldDifferentCommitmentsFindOut() {
        byte[] generator = Group.of(GroupId.P256).generator().encode();
        Report report = run(
                GroupId.P256,
                seat -> dealt(seat, GroupId.P256, key -> true),
                Adversaries.editing("deal", "1.2", frame -> {
                    if (frame.receiver() != 3) {
                        return frame;
                    }
                    byte[] body = frame.body().clone();
                    System.arraycopy(generator, 0, body, 34, 33);
                    return Adversaries.withBody(frame, body);
                }));
        assertThat(report.outcomes()).noneMatch(one -> one.result() instanceof Result.Returned);
    }

    @Test
    void theLossOfAnyFrameAccusesNobody() {
        Report whole = run(GroupId.P256, seat -> dealt(seat, GroupId.P256, key -> true), null);
        for (int frame = 0; frame < whole.framesSent() / 3 + 1; frame++) {
            int lost = frame;
            Report report = run(
                    GroupId.P256,
                    seat -> dealt(seat, GroupId.P256, key -> true),
                    (outgoing, random) -> outgoing.number() == lost ? List.of() : List.of(outgoing.frame()));
            assertThat(report.outcomes())
                    .noneMatch(one -> one.result() instanceof Result.FoundCheating(var cheated)
                            && !cheated.culprits().isEmpty());
        }
    }

    @Test
    void sharesThatTheOwnerMadeAreTakenAfterTheyWereChecked() {
        Group group = Group.of(GroupId.SECP256K1);
        KeyTerms terms = terms(GroupId.SECP256K1);
        try (SecretScope scope = new SecretScope()) {
            SharingPolynomial polynomial =
                    SharingPolynomial.sharing(secret(group, scope), TWO, new SeededRandom(4), scope);
            FeldmanCommitment commitment = polynomial.commit(group);
            List<KeyShare> ended = new ArrayList<>();
            Report report = run(
                    GroupId.SECP256K1,
                    seat -> seat.attempt("deal", () -> {
                                SecretScalar share = polynomial.evaluate(PartyIndex.of(seat.party()), scope);
                                assertThat(Dealing.isSound(terms, seat.party(), commitment, share))
                                        .isTrue();
                                assertThat(Dealing.isSound(terms, seat.party() % 3 + 1, commitment, share))
                                        .isFalse();
                                return Dealing.take(
                                        session(seat, terms, 0),
                                        terms,
                                        commitment,
                                        share,
                                        kept -> seat.keep("share", kept.self()));
                            })
                            .ifPresent(ended::add),
                    null);
            assertThat(report.allReturned()).as(report.text()).isTrue();
            assertKey(group, ended);
            SharingPolynomial longer = SharingPolynomial.sharing(
                    secret(group, scope), new ReconstructionThreshold(3), new SeededRandom(4), scope);
            assertThat(Dealing.isSound(terms, 1, longer.commit(group), longer.evaluate(PartyIndex.of(1), scope)))
                    .isFalse();
        }
    }

    @Test
    void onlyAllPartiesOfAKeyAreDealtTo() {
        KeyTerms four = new KeyTerms(GroupId.P256, new byte[] {1}, 5, 4, TWO);
        run(
                GroupId.P256,
                seat -> seat.attempt("deal", () -> {
                    Session session = session(seat, terms(GroupId.P256), DEALER);
                    assertThatThrownBy(() -> Dealing.receive(session, four, seat.party() % 3 + 1, k -> true, s -> {}))
                            .isInstanceOf(IllegalArgumentException.class);
                    return "refused";
                }),
                null);
    }

    private static Optional<KeyShare> dealt(Seat seat, GroupId id, Predicate<Point> acceptable) {
        return dealt(seat, id, DEALER, acceptable);
    }

    private static Optional<KeyShare> dealt(Seat seat, GroupId id, int dealer, Predicate<Point> acceptable) {
        KeyTerms terms = terms(id);
        return seat.attempt("deal", () -> {
            Session session = session(seat, terms, dealer);
            if (seat.party() != dealer) {
                return Dealing.receive(session, terms, dealer, acceptable, share -> seat.keep("share", share.self()));
            }
            try (SecretScope scope = new SecretScope()) {
                return Dealing.deal(
                        session, terms, secret(terms.group(), scope), share -> seat.keep("share", share.self()));
            }
        });
    }

    private static Session session(Seat seat, KeyTerms terms, int dealer)
            throws Cheated, org.keymoot.protocol.session.Silent {
        return Session.fresh(
                Dealing.setUp(terms, new KeyPurpose("test", new byte[32]), dealer, new byte[] {1}),
                seat.party(),
                seat.channel("deal"),
                seat.environment());
    }

    /// What one party does.
    private interface Part {
        void play(Seat seat);
    }

    private static Report run(GroupId group, Part part, @Nullable Adversary adversary) {
        return run(1, group, part, adversary);
    }

    private static Report run(long seed, GroupId group, Part part, @Nullable Adversary adversary) {
        Options options = Options.healthy("deal", group, 3, 2).with(new Options.Attack(2, "see the test", 0));
        Report report = Simulation.run(seed, options, adversary, new Scenario() {
            @Override
            public String name() {
                return "deal";
            }

            @Override
            public List<GroupId> groups() {
                return List.of(GroupId.values());
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
