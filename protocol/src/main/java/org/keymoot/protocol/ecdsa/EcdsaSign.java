package org.keymoot.protocol.ecdsa;

import java.util.Arrays;
import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.ecdsa.EcdsaMessage.SignatureShare;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.pairsetup.PairBurner;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.PairSetups;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// Signing, as `docs/protocols/ecdsa-sign.md` has it: from a presignature with one message, or from nothing.
///
/// It keeps true: a signature is returned only after it verified under the key, and nothing that depends on a stored
/// presignature leaves before the store has recorded that it is spent.
public final class EcdsaSign {
    public static final String PROTOCOL = "ecdsa-sign";

    private EcdsaSign() {}

    /// Signs `digest` with a presignature, which is used up and closed whatever happens.
    ///
    /// @throws PresignatureSpent when it was used before; nothing was sent then
    /// @throws Cheated when a share is wrong, naming the peer among two and nobody among more
    /// @throws PairQuarantined when a pair of the quorum is out of use, or has another set-up than the presignature
    public static RecoverableSignature run(
            Session session, KeyShare key, Presignature presignature, byte[] digest, PairSetups setups, Spend spend)
            throws Cheated, Silent, PairQuarantined, PresignatureSpent {
        try (presignature;
                SecretScope scope = new SecretScope()) {
            Quorum quorum = Quorum.of(session, key, setups);
            requireSame(quorum.bindingOfPresignature(), presignature);
            Scalar m = Ecdsa.digestScalar(key.group().scalars(), digest);
            Presignature.Secrets secrets = presignature.take();
            spend.spend(presignature.id(), digest.clone());
            return finish(session, quorum.publicKey(), presignature, secrets, digest, m, scope);
        }
    }

    /// Signs `digest` in one session without a stock.
    public static RecoverableSignature run(
            Session session, KeyShare key, byte[] digest, PairSetups setups, PairBurner burner)
            throws Cheated, Silent, PairQuarantined {
        Quorum quorum = Quorum.of(session, key, setups);
        Scalar m = Ecdsa.digestScalar(key.group().scalars(), digest);
        try (SecretScope scope = new SecretScope();
                Presignature presignature = EcdsaPresign.presign(session, quorum, burner, scope)) {
            quorum.requireInUse();
            Presignature.Secrets secrets = presignature.take();
            return finish(session, quorum.publicKey(), presignature, secrets, digest, m, scope);
        } catch (PresignatureSpent e) {
            throw new IllegalStateException("a presignature that no one else has seen was spent", e);
        }
    }

    /// Step 0.1.
    private static void requireSame(Presignature.Binding now, Presignature presignature) throws PairQuarantined {
        if (!now.sameKeyAndQuorum(presignature.binding())) {
            throw new IllegalArgumentException(presignature + " is not of this key, epoch and quorum");
        }
        for (int i = 0; i < now.setups().size(); i++) {
            if (!Arrays.equals(
                    now.setups().get(i), presignature.binding().setups().get(i))) {
                int peer = now.peers().get(i);
                throw new PairQuarantined(peer, presignature + " was made with another set-up with P" + peer);
            }
        }
    }

    /// Steps 1.1 to 2.6.
    private static RecoverableSignature finish(
            Session session,
            Point publicKey,
            Presignature presignature,
            Presignature.Secrets secrets,
            byte[] digest,
            Scalar m,
            SecretScope scope)
            throws Cheated, Silent {
        ScalarField field = publicKey.group().scalars();
        Scalar rx = Ecdsa.xModuloOrder(presignature.nonce());
        Scalar w = secrets.phi()
                .multiply(m, scope)
                .add(secrets.v().multiply(rx, scope), scope)
                .reveal(Disclosure.I_TAKE_THE_SECRET_OUT);
        Scalar u = secrets.u().reveal(Disclosure.I_TAKE_THE_SECRET_OUT);
        byte[] binding = Transcript.start(Tag.ECDSA_SHARE)
                .bytes(presignature.id())
                .bytes(digest)
                .hash();
        PerParty<SignatureShare> shares =
                session.broadcast("1.2", new SignatureShare(binding, w, u), SignatureShare.codec(field));
        // Among two the other one is at fault for what the shares add up to; among more nobody can be named.
        boolean amongTwo = session.peers().size() == 1;
        Scalar sumW = field.zero();
        Scalar sumU = field.zero();
        for (SignatureShare share : shares.values()) {
            session.require(
                    "2.2",
                    Arrays.equals(share.binding(), binding),
                    "the parties sign different digests, or with different presignatures");
            sumW = sumW.add(share.w());
            sumU = sumU.add(share.u());
        }
        boolean invertible = !sumU.isZero() && !sumW.isZero();
        if (amongTwo) {
            session.require("2.3", invertible, session.peers().getFirst(), "the shares add up to zero");
        } else {
            session.require("2.3", invertible, "the shares add up to zero");
        }
        RecoverableSignature signature = RecoverableSignature.of(presignature.nonce(), sumW.multiply(sumU.invert()));
        boolean verifies = session.compute(() -> signature.verifies(publicKey, digest));
        if (amongTwo) {
            session.require("2.5", verifies, session.peers().getFirst(), "the signature does not verify");
        } else {
            session.require("2.5", verifies, "the signature does not verify");
        }
        return signature;
    }
}
