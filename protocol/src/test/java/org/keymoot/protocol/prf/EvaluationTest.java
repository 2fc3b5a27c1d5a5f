package org.keymoot.protocol.prf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.proof.SameLogarithmProof;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.frost.Frost;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyUse;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.CodecFuzz;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Runs;

class EvaluationTest {
    private static final BigInteger RFC_9497_KEY =
            SlowRistretto.littleEndian(hex("5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e"));

    @Test
    void theSlowOracleGivesTheProductsOfRfc9497() {
        assertThat(SlowRistretto.multiply(
                        hex("609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c"), RFC_9497_KEY))
                .isEqualTo(hex("7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e"));
        assertThat(SlowRistretto.multiply(
                        hex("da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418"), RFC_9497_KEY))
                .isEqualTo(hex("b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25"));
    }

    @Test
    void everyQuorumEvaluatesTheFunctionOfTheWholeKey() throws Exception {
        List<byte[]> inputs = List.of(new byte[0], bytes("abc"), new byte[Inputs.MAX_BYTES]);
        for (int[] size : new int[][] {{2, 2}, {2, 3}, {3, 5}, {5, 13}}) {
            try (DealtKey key =
                    DealtKey.deal(GroupId.RISTRETTO255, KeyUse.EVALUATE, RFC_9497_KEY, size[0], size[1], 1)) {
                List<Integer> everyone = key.terms().everyone();
                for (List<Integer> quorum :
                        List.of(everyone.subList(0, size[0]), everyone.subList(size[1] - size[0], size[1]))) {
                    List<byte[]> outputs = key.evaluate(quorum, quorum.getLast(), inputs);
                    for (int i = 0; i < inputs.size(); i++) {
                        assertThat(outputs.get(i)).isEqualTo(slow(key, inputs.get(i)));
                    }
                }
            }
        }
    }

    /// `H(tag, key id, x, k·H1(x))` with the slow product; what is hashed is written out by hand.
    private static byte[] slow(DealtKey key, byte[] input) throws InvalidEncodingException {
        byte[] digest = Transcript.start(Tag.PRF_INPUT)
                .bytes(key.terms().keyId())
                .bytes(input)
                .hash();
        Group group = key.terms().group();
        byte[] base = group.hashToGroup(digest, bytes("keymoot/prf/point/v1")).encode();
        return Transcript.start(Tag.PRF_OUTPUT)
                .bytes(key.terms().keyId())
                .bytes(input)
                .point(group.decode(SlowRistretto.multiply(base, key.secret())))
                .hash();
    }

    @Test
    void agreementGivesTheSharedSecretsOfWycheproof() throws Exception {
        int agreed = 0;
        int refused = 0;
        for (String line : wycheproof()) {
            String[] fields = line.split(" ");
            GroupId id = GroupId.valueOf(fields[0]);
            if (fields[4].equals("-")) {
                assertThatThrownBy(() -> {
                            Point point = SubjectPublicKeyInfo.decode(hex(fields[3]));
                            if (point.group().id() != id) {
                                throw new InvalidEncodingException("another curve");
                            }
                        })
                        .as(line)
                        .isInstanceOf(InvalidEncodingException.class);
                refused++;
                continue;
            }
            byte[] peer = SubjectPublicKeyInfo.decode(hex(fields[3])).encode();
            try (DealtKey key = DealtKey.deal(id, KeyUse.AGREE, new BigInteger(fields[2], 16), 2, 2, agreed)) {
                assertThat(key.evaluate(List.of(1, 2), 1, List.of(peer)))
                        .as(line)
                        .containsExactly(hex(fields[4]));
            }
            agreed++;
        }
        assertThat(agreed).isGreaterThan(200);
        assertThat(refused).isGreaterThan(50);
    }

    @Test
    void aBatchGivesWhatItsPartsGive() throws Exception {
        try (DealtKey key = DealtKey.deal(GroupId.P256, KeyUse.AGREE, BigInteger.valueOf(1234567), 3, 5, 1)) {
            List<byte[]> peers = new ArrayList<>();
            for (int i = 1; i <= Inputs.MAX; i++) {
                peers.add(point(GroupId.P256, i).encode());
            }
            List<byte[]> together = key.evaluate(List.of(1, 3, 5), 3, peers);
            assertThat(together).hasSize(Inputs.MAX);
            for (int i : new int[] {0, 7, Inputs.MAX - 1}) {
                assertThat(key.evaluate(List.of(2, 3, 4), 2, List.of(peers.get(i))))
                        .containsExactly(together.get(i));
            }
            peers.add(peers.getFirst());
            assertThatThrownBy(() -> Inputs.of(key.terms(), peers)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Inputs.of(key.terms(), List.of())).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void differentKeysAndInputsGiveDifferentOutputs() throws Exception {
        try (DealtKey one = DealtKey.deal(GroupId.RISTRETTO255, KeyUse.EVALUATE, BigInteger.TEN, 2, 2, 1);
                DealtKey other = DealtKey.deal(GroupId.RISTRETTO255, KeyUse.EVALUATE, BigInteger.TWO, 2, 2, 1)) {
            List<byte[]> inputs = List.of(bytes("a"), bytes("b"));
            List<byte[]> outputs = new ArrayList<>(one.evaluate(List.of(1, 2), 1, inputs));
            outputs.addAll(other.evaluate(List.of(1, 2), 1, inputs));
            assertThat(outputs.stream().map(HexFormat.of()::formatHex)).doesNotHaveDuplicates();
        }
    }

    @Test
    void onlyAValidPointOfTheKeysGroupIsMultiplied() {
        for (GroupId id : List.of(GroupId.P256, GroupId.SECP256K1)) {
            try (DealtKey key = DealtKey.deal(id, KeyUse.AGREE, BigInteger.TEN, 2, 2, 1)) {
                byte[] noPoint = point(id, 1).encode();
                do {
                    noPoint[32]++;
                } while (isPoint(id, noPoint));
                for (byte[] bad : List.of(noPoint, new byte[0], new byte[1], new byte[33], new byte[65])) {
                    assertThatThrownBy(() -> Inputs.of(key.terms(), List.of(bad)))
                            .isInstanceOf(InvalidEncodingException.class);
                }
            }
        }
    }

    @Test
    void aKeyServesItsOneUse() throws Exception {
        try (DealtKey signing = DealtKey.deal(GroupId.P256, KeyUse.SIGN, BigInteger.TEN, 2, 2, 1);
                DealtKey agreeing = DealtKey.deal(GroupId.P256, KeyUse.AGREE, BigInteger.TEN, 2, 2, 1)) {
            byte[] peer = point(GroupId.P256, 1).encode();
            assertThatThrownBy(() -> Inputs.of(signing.terms(), List.of(peer)))
                    .isInstanceOf(IllegalArgumentException.class);
            Inputs inputs = Inputs.of(agreeing.terms(), List.of(peer));
            DealtKey.run(GroupId.P256, 2, 2, seat -> {
                KeyShare signs = signing.shares().get(seat.party() - 1);
                KeyShare agrees = agreeing.shares().get(seat.party() - 1);
                Session one = Session.withFreshMessages(
                        Evaluation.setUp(signs, List.of(1, 2), 1, inputs, new byte[] {1}),
                        seat.party(),
                        seat.channel("evaluate"),
                        seat.environment());
                assertThatThrownBy(() -> {
                            if (seat.party() == 1) {
                                try (SecretScope scope = new SecretScope()) {
                                    Evaluation.lead(one, signs, inputs, scope);
                                }
                            } else {
                                Evaluation.help(one, signs, 1, inputs);
                            }
                        })
                        .isInstanceOf(IllegalArgumentException.class);
                Session other = Session.withFreshMessages(
                        Frost.setUp(agrees, List.of(1, 2), peer, new byte[] {1}),
                        seat.party(),
                        seat.channel("sign"),
                        seat.environment());
                assertThatThrownBy(() -> Frost.sign(other, agrees, peer)).isInstanceOf(IllegalArgumentException.class);
            });
        }
    }

    @Test
    void onlyAQuorumOfTheKeysPartiesEvaluates() throws Exception {
        try (DealtKey key = DealtKey.deal(GroupId.RISTRETTO255, KeyUse.EVALUATE, BigInteger.TEN, 2, 3, 1)) {
            Inputs inputs = Inputs.of(key.terms(), List.of(bytes("x")));
            DealtKey.run(GroupId.RISTRETTO255, 3, 2, seat -> {
                if (seat.party() == 1) {
                    KeyShare share = key.shares().getFirst();
                    for (List<Integer> wrong : List.of(List.of(1, 2, 3), List.of(1, 4))) {
                        assertThatThrownBy(() -> DealtKey.attempt(seat, share, wrong, 1, inputs))
                                .isInstanceOf(IllegalArgumentException.class);
                    }
                    assertThatThrownBy(() -> DealtKey.attempt(seat, share, List.of(1, 2), 3, inputs))
                            .isInstanceOf(IllegalArgumentException.class);
                    assertThatThrownBy(() -> Evaluation.help(
                                    Session.withFreshMessages(
                                            Evaluation.setUp(share, List.of(1, 2), 1, inputs, new byte[] {1}),
                                            1,
                                            seat.channel("evaluate"),
                                            seat.environment()),
                                    share,
                                    1,
                                    inputs))
                            .isInstanceOf(IllegalArgumentException.class);
                }
            });
        }
    }

    @Test
    void partiesAskedForDifferentInputsOrLeadersDoNotUnderstandEachOther() throws Exception {
        try (DealtKey key = DealtKey.deal(GroupId.RISTRETTO255, KeyUse.EVALUATE, BigInteger.TEN, 2, 2, 1)) {
            Inputs one = Inputs.of(key.terms(), List.of(bytes("x")));
            Inputs other = Inputs.of(key.terms(), List.of(bytes("y")));
            Report report = DealtKey.run(
                    GroupId.RISTRETTO255,
                    2,
                    2,
                    seat -> DealtKey.attempt(
                            seat,
                            key.shares().get(seat.party() - 1),
                            List.of(1, 2),
                            1,
                            seat.party() == 1 ? one : other));
            Cheated cheated = Runs.cheated(report, 1, "evaluate");
            assertThat(cheated.step()).isEqualTo("0.3");
            assertThat(cheated.culprits()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = GroupId.class,
            names = {"RISTRETTO255", "P256", "SECP256K1"})
    void damagedMessagesAreRefusedOrReadExactly(GroupId id) {
        KeyUse use = id == GroupId.RISTRETTO255 ? KeyUse.EVALUATE : KeyUse.AGREE;
        try (DealtKey key = DealtKey.deal(id, use, BigInteger.TEN, 2, 2, 1)) {
            KeyShare share = key.shares().getFirst();
            List<Point> points = List.of(point(id, 5), point(id, 6));
            SameLogarithmProof.Claim claim = new SameLogarithmProof.Claim(
                    new byte[] {1}, PartyIndex.of(1), share.verificationShare(1), points, points);
            Evaluation.Partial partial = new Evaluation.Partial(
                    points, SameLogarithmProof.prove(share.group(), claim, share.secret(), new SeededRandom(1)));
            Codec<Evaluation.Partial> codec = Evaluation.partial(share.group(), 2);
            CodecFuzz.run(1, 500, input -> codec.encode(codec.decode(input)), codec.encode(partial));
        }
    }

    private static Point point(GroupId id, int multiple) {
        Group group = Group.of(id);
        return group.multiplyBase(group.scalars().of(multiple));
    }

    private static boolean isPoint(GroupId id, byte[] encoded) {
        try {
            return !Group.of(id).decode(encoded).isIdentity();
        } catch (InvalidEncodingException e) {
            return false;
        }
    }

    private static List<String> wycheproof() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(EvaluationTest.class.getResourceAsStream("/wycheproof-ecdh.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
