package org.keymoot.protocol.ecdsa;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keymoot.crypto.group.GroupId;

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
            EcdsaSignature signature = run.signature(quorum.getFirst());
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
}
