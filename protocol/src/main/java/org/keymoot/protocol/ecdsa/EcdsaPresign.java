package org.keymoot.protocol.ecdsa;

import java.util.Arrays;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.ecdsa.EcdsaMessage.Confirmation;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.pairsetup.PairBurner;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.PairSetups;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// Presigning, as `docs/protocols/ecdsa-presign.md` has it: a quorum prepares a signature before it knows the message.
///
/// It keeps true: when it returns at one honest party, each honest party of the quorum has computed a share of the same
/// presignature.
public final class EcdsaPresign {
    public static final String PROTOCOL = "ecdsa-presign";

    private EcdsaPresign() {}

    /// Runs the protocol among the parties of `session`, which are exactly as many as the key needs.
    ///
    /// @return a presignature that the caller stores sealed or closes
    /// @throws Cheated when a check failed; the pair is burned by then if it was one of the multiplication's
    /// @throws PairQuarantined when a pair of the quorum is or comes out of use
    public static Presignature run(Session session, KeyShare key, PairSetups setups, PairBurner burner)
            throws Cheated, Silent, PairQuarantined {
        Quorum quorum = Quorum.of(session, key, setups);
        try (SecretScope scope = new SecretScope()) {
            Presignature presignature = presign(session, quorum, burner, scope);
            try {
                confirm(session, presignature);
            } catch (Cheated | Silent | RuntimeException e) {
                presignature.close();
                throw e;
            }
            return presignature;
        }
    }

    /// Flows 1 and 2 and the checks, which signing without a stock begins with.
    static Presignature presign(Session session, Quorum quorum, PairBurner burner, SecretScope scope)
            throws Cheated, Silent, PairQuarantined {
        session.stage("transfers");
        Presigning run = session.compute(() -> new Presigning(session, quorum, burner, scope));
        Presigning.First first = run.exchangeFirst();
        session.stage("multiplications");
        Presigning.Products products = run.multiply(first);
        PerParty<EcdsaMessage.Product> messages = run.exchangeSecond(products);
        session.stage("checks");
        return run.conclude(first, products, messages);
    }

    private static void confirm(Session session, Presignature presignature) throws Cheated, Silent {
        PerParty<Confirmation> confirmations =
                session.broadcast("4.1", new Confirmation(presignature.id()), Confirmation.CODEC);
        for (Confirmation confirmation : confirmations.values()) {
            session.require(
                    "4.2",
                    Arrays.equals(confirmation.presignature(), presignature.id()),
                    "the parties hold different presignatures");
        }
    }
}
