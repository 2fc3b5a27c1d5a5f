package org.keymoot.protocol.ecdsa;

import java.util.ArrayList;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.Lagrange;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyUse;
import org.keymoot.protocol.message.MessageWriter;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.PairSetup;
import org.keymoot.protocol.pairsetup.PairSetups;
import org.keymoot.protocol.session.PerParty;
import org.keymoot.protocol.session.Session;

/// A key, the parties that use it in one session, and this party's set-ups with the others: all that a session's
/// hashes are bound to.
///
/// It keeps true: the quorum has exactly as many parties as the key needs, at least two, and each set-up is the one of
/// this party with that peer.
final class Quorum {
    private final KeyShare key;
    private final List<Integer> parties;
    private final int self;
    private final PerParty<PairSetup> setups;
    private final byte[] sid;

    private Quorum(KeyShare key, Session session, PerParty<PairSetup> setups) {
        this.key = key;
        this.parties = session.parties();
        this.self = session.self();
        this.setups = setups;
        MessageWriter generation = new MessageWriter(1024);
        key.publicShares().write(generation);
        // The public shares hold the key's id, epoch, threshold and public key, and in the chain code fresh coins of
        // every party that took part in the key's generation.
        Transcript transcript = Transcript.start(Tag.ECDSA_SESSION)
                .bytes(session.id().bytes())
                .bytes(generation.toByteArray())
                .number(parties.size());
        parties.forEach(transcript::number);
        this.sid = transcript.hash();
    }

    /// Steps 0.1 and 0.2.
    ///
    /// @throws IllegalArgumentException when session, key and quorum do not fit, which is the caller's mistake
    /// @throws PairQuarantined when a pair of the quorum is out of use
    static Quorum of(Session session, KeyShare key, PairSetups setups) throws PairQuarantined {
        key.terms().requireUse(KeyUse.SIGN);
        int needed = key.terms().reconstructionThreshold().value();
        if (session.parties().size() != needed) {
            throw new IllegalArgumentException("a quorum of " + key.terms() + " has exactly " + needed
                    + " parties, not " + session.parties().size());
        }
        if (session.self() != key.self()
                || session.parties().getLast() > key.terms().parties()) {
            throw new IllegalArgumentException("P" + session.self() + " of " + session.parties()
                    + " does not hold the share of P" + key.self() + " of " + key.terms());
        }
        GroupId group = key.terms().groupId();
        if (group != GroupId.SECP256K1 && group != GroupId.P256) {
            throw new IllegalArgumentException("there is no ECDSA over " + group);
        }
        if (!session.isFresh()) {
            throw new IllegalArgumentException("ECDSA needs a session whose id every party has contributed to");
        }
        return new Quorum(key, session, take(session, setups));
    }

    private static PerParty<PairSetup> take(Session session, PairSetups setups) throws PairQuarantined {
        List<PerParty.Entry<PairSetup>> taken = new ArrayList<>();
        for (int peer : session.peers()) {
            PairSetup setup = setups.get(peer);
            if (setup.self() != session.self() || setup.peer() != peer) {
                throw new IllegalArgumentException(
                        "the set-up for P" + peer + " is one of P" + setup.self() + " with P" + setup.peer());
            }
            taken.add(new PerParty.Entry<>(peer, setup));
        }
        return PerParty.of(taken);
    }

    Group group() {
        return key.group();
    }

    Point publicKey() {
        return key.publicKey();
    }

    byte[] keyId() {
        return key.terms().keyId();
    }

    PerParty<PairSetup> setups() {
        return setups;
    }

    /// @throws PairQuarantined when a pair of the quorum came out of use since the session began
    void requireInUse() throws PairQuarantined {
        for (PairSetup setup : setups.values()) {
            setup.requireInUse();
        }
    }

    /// What all parties of the session share.
    byte[] sid() {
        return sid;
    }

    /// The id of the multiplication in which `receiver` and `sender`, one of them this party, take these roles.
    byte[] pairSid(int receiver, int sender) {
        int peer = receiver == self ? sender : receiver;
        return Transcript.start(Tag.ECDSA_PAIR)
                .bytes(sid)
                .bytes(setups.get(peer).id())
                .number(receiver)
                .number(sender)
                .hash();
    }

    /// What this party and `peer` must hold in common before they multiply.
    byte[] binding(int peer) {
        return Transcript.start(Tag.ECDSA_BINDING)
                .bytes(sid)
                .bytes(setups.get(peer).id())
                .number(Math.min(self, peer))
                .number(Math.max(self, peer))
                .hash();
    }

    /// `sk_i = λ_i p(i) + ζ_i`.
    SecretScalar additiveShare(SecretScope scope) throws PairQuarantined {
        List<PartyIndex> indices = parties.stream().map(PartyIndex::of).toList();
        Scalar lambda = Lagrange.atZero(key.group().scalars(), indices, PartyIndex.of(self));
        SecretScalar share = key.secret().multiply(lambda, scope);
        for (PerParty.Entry<PairSetup> pair : setups.entries()) {
            SecretScalar mask = pair.value().zeroMask(sid, key.group().scalars(), scope);
            share = self < pair.party() ? share.add(mask, scope) : share.subtract(mask, scope);
        }
        return share;
    }

    Presignature.Binding bindingOfPresignature() {
        return new Presignature.Binding(
                key.terms().keyId(),
                key.terms().epoch(),
                key.publicKey(),
                self,
                parties,
                setups.values().stream().map(PairSetup::id).toList());
    }
}
