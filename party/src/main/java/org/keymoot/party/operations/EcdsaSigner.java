package org.keymoot.party.operations;

import org.keymoot.access.Decision;
import org.keymoot.access.KeyRecord;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.party.store.PresignatureStore;
import org.keymoot.party.store.PresignatureStore.Slot;
import org.keymoot.protocol.ecdsa.EcdsaSign;
import org.keymoot.protocol.ecdsa.Presignature;
import org.keymoot.protocol.ecdsa.PresignatureSpent;
import org.keymoot.protocol.ecdsa.RecoverableSignature;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// ECDSA by DKLs23, from a presignature of the stock or from nothing.
///
/// It keeps true: a presignature is durably spent for this very payload, and gone from the disk, before it is opened.
final class EcdsaSigner implements Signer {
    static final String PROTOCOL = EcdsaSign.PROTOCOL;

    private final PresignatureStore store;
    private final Pairs pairs;
    private final Environment environment;

    EcdsaSigner(PresignatureStore store, Pairs pairs, Environment environment) {
        this.store = store;
        this.pairs = pairs;
        this.environment = environment;
    }

    @Override
    public String protocol() {
        return PROTOCOL;
    }

    @Override
    public boolean needsPair() {
        return true;
    }

    @Override
    public byte[] sign(
            HostedSession hosted, int leader, Decision.SignWith sign, KeyShares.Lease lease, byte[] presignature)
            throws Cheated, Silent, PairQuarantined, NoPresignature {
        KeyShare share = lease.share();
        byte[] payload = sign.payload();
        MessageWriter terms = new MessageWriter(256);
        share.terms().write(terms);
        terms.point(share.publicKey()).block(payload).block(presignature);
        SetUp setUp = new SetUp(PROTOCOL, hosted.idBytes(), hosted.parties(), terms.toByteArray());
        if (presignature.length == 0) {
            Session session = Session.fresh(setUp, hosted.self(), hosted, environment);
            return EcdsaSign.run(session, share, payload, pairs, pairs)
                    .signature()
                    .encodeDer();
        }
        return fromStock(hosted, setUp, sign.key(), share, payload, presignature)
                .signature()
                .encodeDer();
    }

    private RecoverableSignature fromStock(
            HostedSession hosted, SetUp setUp, KeyRecord key, KeyShare share, byte[] payload, byte[] id)
            throws Cheated, Silent, PairQuarantined, NoPresignature {
        Slot slot = new Slot(key.keyId(), KeyShares.epochOf(key), hosted.parties());
        try (SecretScope scope = new SecretScope()) {
            SecretBytes row = store.spend(id, slot, payload, scope).orElseThrow(NoPresignature::new);
            Presignature spent = Presignature.decode(row.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
            try (spent) {
                Session session = Session.fresh(setUp, hosted.self(), hosted, environment);
                return EcdsaSign.run(session, share, spent, payload, pairs, (presignatureId, digest) -> {
                    // The store spent it above, before it could be opened; what is used must be that one, for that
                    // digest.
                    if (!java.util.Arrays.equals(presignatureId, id) || !java.util.Arrays.equals(digest, payload)) {
                        throw new PresignatureSpent(presignatureId);
                    }
                });
            }
        } catch (Malformed | PresignatureSpent e) {
            throw new IllegalStateException("a presignature of the store is damaged: " + e.getMessage(), e);
        }
    }
}
