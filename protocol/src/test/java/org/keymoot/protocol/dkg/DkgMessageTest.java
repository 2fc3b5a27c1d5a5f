package org.keymoot.protocol.dkg;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.commit.CommitmentContext;
import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.proof.CoefficientProofs;
import org.keymoot.crypto.proof.ProofContext;
import org.keymoot.crypto.proof.SchnorrProof;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.FeldmanCommitment;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.sharing.SharingPolynomial;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.CodecFuzz;
import org.keymoot.protocol.message.MessageWriter;

/// Damaged messages of key generation are refused or read exactly.
class DkgMessageTest {
    private static final ReconstructionThreshold TWO = new ReconstructionThreshold(2);
    private static final byte[] SID = {1, 2, 3};
    private static final PartyIndex FIRST = PartyIndex.of(1);

    @ParameterizedTest
    @EnumSource(GroupId.class)
    void everyTypeOfMessageSurvivesDamage(GroupId id) {
        Group group = Group.of(id);
        SeededRandom random = new SeededRandom(1);
        try (SecretScope scope = new SecretScope()) {
            SharingPolynomial polynomial = SharingPolynomial.random(group.scalars(), TWO, random, scope);
            FeldmanCommitment vector = polynomial.commit(group);
            byte[] value = new MessageWriter(128)
                    .fixed(vector.encode())
                    .fixed(random.bytes(32))
                    .toByteArray();
            Opening opening = HashCommitment.commit(value, random);
            CoefficientProofs proofs = CoefficientProofs.prove(SID, FIRST, polynomial, vector, random);
            ProofContext context = new ProofContext(SID, FIRST, List.of(vector.constantTerm()), 0);
            SchnorrProof proof = SchnorrProof.prove(group, context, polynomial.coefficient(0), random);

            fuzz(
                    DkgMessage.committed(),
                    new DkgMessage.Committed(opening.commitment(new CommitmentContext(SID, FIRST, "dkg"))));
            fuzz(DkgMessage.opened(group, TWO), new DkgMessage.Opened(opening, proofs));
            fuzz(DkgMessage.dealt(group, scope), new DkgMessage.Dealt(polynomial.evaluate(FIRST, scope)));
            fuzz(DkgMessage.confirmed(group), new DkgMessage.Confirmed(random.bytes(32), proof));
        }
    }

    private static <M> void fuzz(Codec<M> codec, M message) {
        CodecFuzz.run(7, 300, input -> codec.encode(codec.decode(input)), codec.encode(message));
    }
}
