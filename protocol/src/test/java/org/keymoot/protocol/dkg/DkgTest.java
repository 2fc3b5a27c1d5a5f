package org.keymoot.protocol.dkg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.PublicShares;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.simulation.Invariant;
import org.keymoot.protocol.simulation.KeyMaking;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Outcome;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Scenario;
import org.keymoot.protocol.simulation.Seat;
import org.keymoot.protocol.simulation.Simulation;

class DkgTest {
    @ParameterizedTest
    @EnumSource(
            value = GroupId.class,
            names = {"SECP256K1", "P256"})
    void theKeyIsWhatTheSlowReferenceMakesOfTheSameCoefficients(GroupId id) {
        for (int[] size : new int[][] {{2, 2}, {2, 3}, {3, 5}}) {
            Made made = make(Options.healthy("dkg", id, size[1], size[0]));
            Reference reference = new Reference(id, size[0], size[1], made.seed());
            assertThat(made.secrets()).isEqualTo(reference.shares());
            PublicShares found = made.publicShares().getFirst();
            assertThat(found.publicKey().encode()).isEqualTo(reference.timesGenerator(reference.secret()));
            for (int party = 1; party <= size[1]; party++) {
                assertThat(found.verificationShare(party).encode())
                        .isEqualTo(reference.timesGenerator(reference.share(party)));
            }
            assertThat(made.publicShares()).containsOnly(found);
        }
    }

    @ParameterizedTest
    @EnumSource(GroupId.class)
    void everyGroupMakesConsistentKeys(GroupId id) {
        for (PublicShares shares : make(Options.healthy("dkg", id, 3, 2)).publicShares()) {
            assertThat(shares.areConsistent()).isTrue();
        }
    }

    @Test
    void twoRunsMakeTwoKeys() {
        Options options = Options.healthy("dkg", GroupId.P256, 3, 2);
        assertThat(make(options, 1).publicShares().getFirst().publicKey())
                .isNotEqualTo(make(options, 2).publicShares().getFirst().publicKey());
    }

    @Test
    void aShareThatCannotBeStoredIsNotConfirmedAndNobodyIsGivenTheKey() {
        Options options = Options.healthy("dkg", GroupId.SECP256K1, 3, 2).with(new Options.Attack(2, "disk full", 0));
        Made made = new Made(1, new TreeMap<>(), new ArrayList<>());
        Report report = Simulation.run(1, options, null, new KeyOnly(made) {
            @Override
            public void run(Seat seat) {
                if (seat.party() != 2) {
                    super.run(seat);
                    return;
                }
                seat.attempt("dkg", () -> {
                    Session session =
                            Session.fresh(KeyMaking.setUp(options), 2, seat.channel("dkg"), seat.environment());
                    assertThatThrownBy(() -> Dkg.run(session, KeyMaking.terms(options), share -> {
                                throw new IllegalStateException("no space left");
                            }))
                            .isInstanceOf(IllegalStateException.class);
                    return "stopped";
                });
            }
        });
        assertThat(report.violations()).isEmpty();
        assertThat(made.secrets()).isEmpty();
        assertThat(report.outcomes())
                .filteredOn(outcome -> outcome.party() != 2)
                .allMatch(outcome -> outcome.result() instanceof Outcome.Result.MetSilence);
    }

    @Test
    void onlyAllPartiesOfAKeyCanMakeIt() {
        Options options = Options.healthy("dkg", GroupId.SECP256K1, 3, 2);
        KeyTerms four = new KeyTerms(GroupId.SECP256K1, new byte[] {1}, 0, 4, new ReconstructionThreshold(2));
        Made made = new Made(1, new TreeMap<>(), new ArrayList<>());
        Report report = Simulation.run(1, options, null, new KeyOnly(made) {
            @Override
            public void run(Seat seat) {
                seat.attempt("dkg", () -> {
                    Session session = Session.fresh(
                            KeyMaking.setUp(options), seat.party(), seat.channel("dkg"), seat.environment());
                    assertThatThrownBy(() -> Dkg.run(session, four, share -> {}))
                            .isInstanceOf(IllegalArgumentException.class);
                    return "refused";
                });
            }
        });
        assertThat(report.violations()).isEmpty();
        assertThat(report.outcomes()).hasSize(3);
    }

    private static Made make(Options options) {
        return make(options, 11);
    }

    private static Made make(Options options, long seed) {
        Made made = new Made(seed, new TreeMap<>(), new ArrayList<>());
        Report report = Simulation.run(seed, options, null, new KeyOnly(made));
        assertThat(report.violations()).as(report.text()).isEmpty();
        assertThat(report.allReturned()).as(report.text()).isTrue();
        return made;
    }

    private record Made(long seed, TreeMap<Integer, BigInteger> secrets, List<PublicShares> publicShares) {}

    private static class KeyOnly implements Scenario {
        private final Made made;

        KeyOnly(Made made) {
            this.made = made;
        }

        @Override
        public String name() {
            return "dkg";
        }

        @Override
        public List<GroupId> groups() {
            return List.of(GroupId.values());
        }

        @Override
        public void run(Seat seat) {
            Optional<KeyShare> share = KeyMaking.makeKey(seat);
            if (share.isPresent()) {
                try (KeyShare mine = share.get()) {
                    made.secrets()
                            .put(
                                    seat.party(),
                                    mine.secret()
                                            .reveal(Disclosure.I_TAKE_THE_SECRET_OUT)
                                            .toBigInteger());
                    made.publicShares().add(mine.publicShares());
                }
            }
        }

        @Override
        public List<Invariant> invariants() {
            return List.of(new KeyMaking.KeysAgree(), new KeyMaking.EveryQuorumHoldsTheKey());
        }
    }

    /// Feldman's sharing by the book, in whole numbers and another library's points, from the coefficients that each
    /// party's random stream gives.
    private static final class Reference {
        private final GroupId id;
        private final BigInteger order;
        private final List<List<BigInteger>> polynomials = new ArrayList<>();
        private final int parties;

        Reference(GroupId id, int threshold, int parties, long seed) {
            this.id = id;
            this.parties = parties;
            this.order = curve().getN();
            ScalarField field = Group.of(id).scalars();
            for (int party = 1; party <= parties; party++) {
                SeededRandom stream = new SeededRandom(seed).child("party " + party + " life 0");
                stream.bytes(32);
                List<BigInteger> coefficients = new ArrayList<>();
                try (SecretScope scope = new SecretScope()) {
                    for (int power = 0; power < threshold; power++) {
                        coefficients.add(field.random(scope, stream)
                                .reveal(Disclosure.I_TAKE_THE_SECRET_OUT)
                                .toBigInteger());
                    }
                }
                polynomials.add(coefficients);
            }
        }

        BigInteger share(int party) {
            return Objects.requireNonNull(shares().get(party));
        }

        BigInteger secret() {
            BigInteger sum = BigInteger.ZERO;
            for (List<BigInteger> polynomial : polynomials) {
                sum = sum.add(polynomial.getFirst());
            }
            return sum.mod(order);
        }

        TreeMap<Integer, BigInteger> shares() {
            TreeMap<Integer, BigInteger> shares = new TreeMap<>();
            for (int party = 1; party <= parties; party++) {
                BigInteger share = BigInteger.ZERO;
                for (List<BigInteger> polynomial : polynomials) {
                    for (int power = 0; power < polynomial.size(); power++) {
                        share = share.add(polynomial
                                .get(power)
                                .multiply(BigInteger.valueOf(party).pow(power)));
                    }
                }
                shares.put(party, share.mod(order));
            }
            return shares;
        }

        byte[] timesGenerator(BigInteger scalar) {
            ECPoint point = curve().getG().multiply(scalar);
            return point.getEncoded(true);
        }

        private X9ECParameters curve() {
            return CustomNamedCurves.getByName(id == GroupId.P256 ? "secp256r1" : "secp256k1");
        }
    }
}
