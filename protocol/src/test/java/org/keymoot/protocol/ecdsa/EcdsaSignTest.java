package org.keymoot.protocol.ecdsa;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Outcome;

class EcdsaSignTest {
    @ParameterizedTest
    @CsvSource({"SECP256K1,2,2", "SECP256K1,2,3", "SECP256K1,3,5", "P256,2,2", "P256,2,3", "P256,3,5"})
    void anyQuorumSignsAndBouncyCastleVerifies(GroupId group, int threshold, int parties) {
        DealtKeys keys = DealtKeys.deal(group, threshold, parties, 11);
        SlowEcdsa slow = new SlowEcdsa(group);
        List<List<Integer>> quorums = threshold == parties
                ? List.of(IntStream.rangeClosed(1, parties).boxed().toList())
                : List.of(
                        IntStream.rangeClosed(1, threshold).boxed().toList(),
                        IntStream.rangeClosed(parties - threshold + 1, parties)
                                .boxed()
                                .toList());
        for (List<Integer> quorum : quorums) {
            EcdsaRun run = new EcdsaRun(keys, quorum).play(1, EcdsaRun::sign);
            RecoverableSignature signature = run.signature(quorum.getFirst());
            for (int party : quorum) {
                assertThat(run.signature(party)).isEqualTo(signature);
            }
            BigInteger r = signature.r().toBigInteger();
            BigInteger s = signature.s().toBigInteger();
            byte[] publicKey = keys.publicKey().encode();
            assertThat(publicKey).isEqualTo(slow.publicKey(keys.secret()));
            assertThat(slow.verifies(publicKey, EcdsaRun.DIGEST, r, s)).isTrue();
            assertThat(s).isLessThanOrEqualTo(slow.q.shiftRight(1));
            assertThat(slow.recover(EcdsaRun.DIGEST, new SlowEcdsa.Signed(r, s, signature.recoveryId())))
                    .isEqualTo(publicKey);
        }
    }

    @Test
    void fiveOfThirteenSign() {
        EcdsaRun run = new EcdsaRun(DealtKeys.deal(GroupId.SECP256K1, 5, 13, 13), List.of(2, 5, 6, 11, 13));
        run.play(1, EcdsaRun::sign);
        RecoverableSignature signature = run.signature(13);
        assertThat(run.signature(2)).isEqualTo(signature);
        assertThat(new SlowEcdsa(GroupId.SECP256K1)
                        .verifies(
                                run.keys.publicKey().encode(),
                                EcdsaRun.DIGEST,
                                signature.r().toBigInteger(),
                                signature.s().toBigInteger()))
                .isTrue();
    }

    @Test
    void aSignatureOfTwoStaysWithinItsBytes() {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1).play(1, EcdsaRun::sign);
        assertThat(run.report().bytesSent()).isLessThanOrEqualTo(105_000);
    }

    @Test
    void aSeedRepeatsItsRunToTheLastBit() {
        byte[] first =
                EcdsaRun.ofThree(GroupId.P256).play(9, EcdsaRun::sign).report().historyHash();
        assertThat(EcdsaRun.ofThree(GroupId.P256)
                        .play(9, EcdsaRun::sign)
                        .report()
                        .historyHash())
                .isEqualTo(first);
        assertThat(EcdsaRun.ofThree(GroupId.P256)
                        .play(10, EcdsaRun::sign)
                        .report()
                        .historyHash())
                .isNotEqualTo(first);
    }

    /// Set-ups and key come from fixed seeds, so the digest covers every byte that presigning, signing and the pair
    /// set-ups under them put on the wire. It changes only when a protocol is changed on purpose.
    @ParameterizedTest
    @CsvSource({"SECP256K1,d685f802bff8fbc5abbdc9ab060b249c", "P256,9ea599356f4af33f622a87b53bc033e1"})
    void theTranscriptOfASeedIsFrozen(GroupId group, String hash) {
        EcdsaRun run = EcdsaRun.ofTwo(group).play(42, EcdsaRun::sign);
        assertThat(HexFormat.of().formatHex(run.report().historyHash(), 0, 16)).isEqualTo(hash);
    }

    @Test
    void theLossOfAnyFrameAccusesNobodyAndBurnsNothing() {
        for (int party : List.of(1, 2, 4)) {
            for (int frame = 0; frame < 10; frame++) {
                EcdsaRun run = EcdsaRun.ofThree(GroupId.SECP256K1);
                run.play(1, EcdsaRun::sign, run.options().with(new Options.Attack(party, "drops", frame)), null);
                assertThat(run.report().outcomes()).anyMatch(o -> o.result() instanceof Outcome.Result.MetSilence);
                assertThat(run.quorum).allSatisfy(p -> {
                    assertThat(run.burned(p)).isEmpty();
                    if (run.result(p) instanceof Cheated cheated) {
                        assertThat(cheated.culprits()).isEmpty();
                    }
                });
            }
        }
    }

    @Test
    void everyNamedAdversaryIsSurvivedAtEveryFrame() {
        SlowEcdsa slow = new SlowEcdsa(GroupId.SECP256K1);
        for (String adversary : Adversaries.names()) {
            for (int frame = 0; frame < 5; frame++) {
                EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1);
                run.play(frame, EcdsaRun::sign, run.options().with(new Options.Attack(3, adversary, frame)), null);
                if (run.result(1) instanceof RecoverableSignature signature) {
                    assertThat(slow.verifies(
                                    run.keys.publicKey().encode(),
                                    EcdsaRun.DIGEST,
                                    signature.r().toBigInteger(),
                                    signature.s().toBigInteger()))
                            .isTrue();
                }
                boolean burns = run.result(1) instanceof Cheated cheated
                        && List.of("2.1", "3.2", "3.3", "3.4").contains(cheated.step());
                assertThat(run.burned(1)).as("%s at %d", adversary, frame).hasSize(burns ? 1 : 0);
                assertThat(run.burned(3)).isEmpty();
            }
        }
    }
}
