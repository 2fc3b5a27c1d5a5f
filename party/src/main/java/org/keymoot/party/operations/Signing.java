package org.keymoot.party.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.keymoot.access.Decision;
import org.keymoot.access.KeySpec;
import org.keymoot.access.SignedRequest;
import org.keymoot.api.party.v1.SignInvitation;
import org.keymoot.party.mesh.Declined;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.party.mesh.Invitation;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Silent;

/// Signs clients' messages with a quorum.
///
/// It keeps true: each party of the quorum has decided on the client's own request, by its own registers, and has
/// that in its audit log, before anything of its share is used; a signature is returned only after it verified.
final class Signing {
    private static final String NO_PRESIGNATURE = "no_presignature";

    private final Mesh mesh;
    private final Judge judge;
    private final QuorumRuns runs;
    private final KeyShares shares;
    private final Pairs pairs;
    private final Stock stock;
    private final Map<String, Signer> signers;
    private final AuditTrail audit;

    Signing(
            Mesh mesh,
            Judge judge,
            QuorumRuns runs,
            KeyShares shares,
            Pairs pairs,
            Stock stock,
            List<Signer> signers,
            AuditTrail audit) {
        this.mesh = mesh;
        this.judge = judge;
        this.runs = runs;
        this.shares = shares;
        this.pairs = pairs;
        this.stock = stock;
        this.signers = signers.stream().collect(Collectors.toUnmodifiableMap(Signer::protocol, signer -> signer));
        this.audit = audit;
    }

    void start() {
        signers.keySet().forEach(protocol -> mesh.sessions().serve(protocol, this::join));
    }

    /// Signs, with another quorum when a peer is silent or will not.
    ///
    /// @throws Unavailable when no quorum brought it about in time
    /// @throws DecidedOtherwise as [QuorumRuns#lead] says
    QuorumRuns.Done<byte[]> lead(
            SignedRequest request, Judge.Judgement judgement, Decision.SignWith sign, Deadline deadline)
            throws Unavailable, DecidedOtherwise {
        return runs.lead(sign.key(), new Leading(request, judgement, sign), deadline);
    }

    /// One signature that this party leads: from the stock, and in line once a presignature was not there.
    private final class Leading implements QuorumRuns.Work<byte[]> {
        private final SignedRequest request;
        private final Judge.Judgement judgement;
        private final Decision.SignWith sign;
        private final Signer signer;
        private boolean useStock = true;
        private byte[] presignature = new byte[0];

        Leading(SignedRequest request, Judge.Judgement judgement, Decision.SignWith sign) {
            this.request = request;
            this.judgement = judgement;
            this.sign = sign;
            this.signer = signer(sign.key().spec());
        }

        @Override
        public String protocol() {
            return signer.protocol();
        }

        @Override
        public boolean isUsable(int peer) {
            return !signer.needsPair() || !pairs.isBurned(peer);
        }

        @Override
        public boolean isReady(int peer) {
            return !signer.needsPair() || pairs.isReady(peer);
        }

        @Override
        public boolean learnsFrom(int peer) {
            return judge.learnsFrom(peer, judgement);
        }

        @Override
        public byte[] invitation(List<Integer> quorum) {
            stock.used(sign.key(), quorum);
            presignature = useStock ? stock.pick(sign.key(), quorum) : new byte[0];
            return SignInvitation.newBuilder()
                    .setRequest(ClientRequests.toWire(request))
                    .addAllReliedOn(judgement.reliedOn())
                    .setPresignatureId(ByteString.copyFrom(presignature))
                    .setRegister(sign.key().name().text())
                    .build()
                    .toByteArray();
        }

        @Override
        public byte[] run(HostedSession hosted) throws Cheated, Silent, PairQuarantined, Declined {
            return Signing.this.run(hosted, sign, hosted.self(), presignature);
        }

        @Override
        public Duration firstAttempt() {
            return signer.firstAttempt();
        }

        @Override
        public boolean goesOnAfter(String code) {
            if (!code.equals(NO_PRESIGNATURE)) {
                return false;
            }
            useStock = false;
            return true;
        }
    }

    private void join(Invitation invitation, HostedSession hosted) throws Declined, Silent {
        SignInvitation body;
        try {
            body = SignInvitation.parseFrom(invitation.body());
        } catch (InvalidProtocolBufferException e) {
            throw new Declined("malformed", "the invitation is malformed");
        }
        Decision decision = judge.decideAsPeer(invitation, body.getRequest(), body.getReliedOnList());
        if (!(decision instanceof Decision.SignWith sign)) {
            throw judge.declines(decision, invitation, hosted, "the request signs nothing here");
        }
        if (!body.getRegister().isEmpty()
                && !body.getRegister().equals(sign.key().name().text())) {
            throw judge.declines(decision, invitation, hosted, "the request names another key here");
        }
        if (!signer(sign.key().spec()).protocol().equals(invitation.protocol())
                || invitation.parties().size() != sign.key().reconstructionThreshold()
                || invitation.parties().getLast() > sign.key().parties()) {
            throw new Declined("quorum", "protocol or quorum is not the key's");
        }
        stock.used(sign.key(), invitation.parties());
        byte[] presignature = body.getPresignatureId().toByteArray();
        runs.help(invitation.protocol(), hosted, () -> run(hosted, sign, invitation.opener(), presignature));
    }

    /// This party's side, from its audit record on.
    private byte[] run(HostedSession hosted, Decision.SignWith sign, int opener, byte[] presignature)
            throws Cheated, Silent, PairQuarantined, Declined {
        Signer signer = signer(sign.key().spec());
        KeyShares.Lease lease = shares.lease(sign.key())
                .orElseThrow(
                        () -> new Declined("no_share", "party %d has no share of this key".formatted(hosted.self())));
        try (lease) {
            audit.joins(sign.context(), signer.protocol(), hosted.id(), opener, hosted.parties());
            return signer.sign(hosted, opener, sign, lease, presignature);
        } catch (Signer.NoPresignature e) {
            throw new Declined(NO_PRESIGNATURE, "the presignature is spent or unknown");
        }
    }

    private Signer signer(KeySpec spec) {
        String protocol = switch (spec) {
            case ECC_SECG_P256K1, ECC_NIST_P256 -> EcdsaSigner.PROTOCOL;
            case ECC_NIST_EDWARDS25519 -> FrostSigner.PROTOCOL;
            case RSA_2048, RSA_3072, RSA_4096 -> RsaSigner.PROTOCOL;
            case SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512 ->
                throw new IllegalArgumentException(spec + " keys do not sign");
        };
        return Objects.requireNonNull(signers.get(protocol), protocol);
    }
}
