package org.keymoot.protocol.frost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.PublicShares;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.CodecFuzz;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.simulation.Invariant;
import org.keymoot.protocol.simulation.KeyMaking;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Runs;
import org.keymoot.protocol.simulation.Scenario;
import org.keymoot.protocol.simulation.Seat;
import org.keymoot.protocol.simulation.Simulation;

class FrostTest {
    private static final byte[] MESSAGE = {1, 2, 3};

    @Test
    void anEd25519SignatureOfAQuorumIsAcceptedByAnotherLibrary() {
        List<byte[]> signatures = new ArrayList<>();
        List<Point> keys = new ArrayList<>();
        run(GroupId.ED25519, (seat, share) -> {
            if (seat.party() != 2) {
                sign(seat, share, List.of(1, 3)).ifPresent(signature -> {
                    signatures.add(signature.encode());
                    keys.add(share.publicKey());
                });
            }
        });
        assertThat(signatures).hasSize(2);
        assertThat(signatures.get(0)).isEqualTo(signatures.get(1)).hasSize(64);
        Ed25519Signer verifier = new Ed25519Signer();
        verifier.init(false, new Ed25519PublicKeyParameters(keys.getFirst().encode()));
        verifier.update(MESSAGE, 0, MESSAGE.length);
        assertThat(verifier.verifySignature(signatures.getFirst())).isTrue();
    }

    @Test
    void blamesNobodyElseWhenItsOwnShareIsTheWrongOne() {
        Report report = run(GroupId.SECP256K1, (seat, share) -> {
            if (seat.party() == 1) {
                seat.deviate();
                try (SecretScope scope = new SecretScope();
                        KeyShare wrong = foreign(share, scope)) {
                    sign(seat, wrong, List.of(1, 2));
                }
            } else if (seat.party() == 2) {
                sign(seat, share, List.of(1, 2));
            }
        });
        Cheated own = Runs.cheated(report, 1, "sign");
        assertThat(own.step()).isEqualTo("3.3");
        assertThat(own.culprits()).isEmpty();
        Cheated peers = Runs.cheated(report, 2, "sign");
        assertThat(peers.step()).isEqualTo("3.2");
        assertThat(peers.culprits()).containsExactly(1);
    }

    @Test
    void onlyAQuorumOfTheKeysPartiesSigns() {
        run(GroupId.SECP256K1, (seat, share) -> {
            if (seat.party() < 3) {
                Session session = Session.withFreshMessages(
                        Frost.setUp(share, List.of(1, 2, 4), MESSAGE, new byte[] {1}),
                        seat.party(),
                        seat.channel("stranger"),
                        seat.environment());
                assertThatThrownBy(() -> Frost.sign(session, share, MESSAGE))
                        .isInstanceOf(IllegalArgumentException.class);
                Session asAnother = Session.withFreshMessages(
                        Frost.setUp(share, List.of(1, 2, 3), MESSAGE, new byte[] {1}),
                        3,
                        seat.channel("another"),
                        seat.environment());
                assertThatThrownBy(() -> Frost.sign(asAnother, share, MESSAGE))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        });
    }

    @Test
    void partiesAskedToSignDifferentMessagesDoNotSign() {
        Report report = run(GroupId.SECP256K1, (seat, share) -> {
            byte[] message = {(byte) seat.party()};
            if (seat.party() < 3) {
                seat.attempt(
                        "sign",
                        () -> Frost.sign(
                                Session.withFreshMessages(
                                        Frost.setUp(share, List.of(1, 2), message, new byte[] {1}),
                                        seat.party(),
                                        seat.channel("sign"),
                                        seat.environment()),
                                share,
                                message));
            }
        });
        for (int party : List.of(1, 2)) {
            assertThat(Runs.cheated(report, party, "sign").step()).isEqualTo("0.3");
            assertThat(Runs.cheated(report, party, "sign").culprits()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(GroupId.class)
    void damagedMessagesAreRefusedOrReadExactly(GroupId id) {
        Group group = Group.of(id);
        SeededRandom random = new SeededRandom(4);
        try (SecretScope scope = new SecretScope()) {
            Point hiding = group.multiplyBase(group.scalars().random(scope, random));
            Point binding = group.multiplyBase(group.scalars().random(scope, random));
            Codec<Frost.Message.Committed> committed = Frost.committed(group);
            CodecFuzz.run(
                    1,
                    300,
                    input -> committed.encode(committed.decode(input)),
                    committed.encode(new Frost.Message.Committed(hiding, binding)));
            Codec<Frost.Message.Shared> shared = Frost.shared(group);
            CodecFuzz.run(
                    1,
                    1000,
                    input -> shared.encode(shared.decode(input)),
                    shared.encode(new Frost.Message.Shared(group.scalars().of(12345))));
        }
    }

    /// A share that fits its own verification share but lies on no polynomial with the others.
    private static KeyShare foreign(KeyShare share, SecretScope scope) {
        SecretScalar secret = share.group().scalars().random(scope, new SeededRandom(77));
        List<Point> verificationShares = new ArrayList<>(share.publicShares().verificationShares());
        verificationShares.set(share.self() - 1, share.group().multiplyBase(secret));
        return new KeyShare(
                new PublicShares(
                        share.terms(), share.publicKey(), share.publicShares().chainCode(), verificationShares),
                share.self(),
                secret);
    }

    private static Optional<FrostSignature> sign(Seat seat, KeyShare share, List<Integer> quorum) {
        return seat.attempt(
                "sign",
                () -> Frost.sign(
                        Session.withFreshMessages(
                                Frost.setUp(share, quorum, MESSAGE, new byte[] {1}),
                                seat.party(),
                                seat.channel("sign"),
                                seat.environment()),
                        share,
                        MESSAGE));
    }

    /// What a party does with its share of a fresh 2-of-3 key.
    private interface Use {
        void of(Seat seat, KeyShare share);
    }

    private static Report run(GroupId id, Use use) {
        Options options = Options.healthy("key-use", id, 3, 2).with(new Options.Attack(1, "see the test", 0));
        Report report = Simulation.run(1, options, null, new Scenario() {
            @Override
            public String name() {
                return "key-use";
            }

            @Override
            public List<GroupId> groups() {
                return List.of(id);
            }

            @Override
            public void run(Seat seat) {
                try (KeyShare share = KeyMaking.makeKey(seat).orElseThrow()) {
                    use.of(seat, share);
                }
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
