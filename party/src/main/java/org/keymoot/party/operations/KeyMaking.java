package org.keymoot.party.operations;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.keymoot.access.Decision;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.SignedRequest;
import org.keymoot.api.party.v1.MakeKeyInvitation;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.party.mesh.Declined;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.party.mesh.Invitation;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerState;
import org.keymoot.protocol.dkg.Dkg;
import org.keymoot.protocol.dkg.KeyPurpose;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// Makes keys among all parties of the cluster.
///
/// It keeps true: each party takes part only in the making of the key that it read out of the client's own request, and
/// its share is durable, as pending, before it confirms; the key exists once the directory has committed it, not
/// before.
final class KeyMaking {
    private static final String PROTOCOL = "dkg";
    private static final Duration TIME = Duration.ofSeconds(20);

    private final Mesh mesh;
    private final Judge judge;
    private final KeyShares shares;
    private final Environment environment;
    private final AuditTrail audit;

    KeyMaking(Mesh mesh, Judge judge, KeyShares shares, Environment environment, AuditTrail audit) {
        this.mesh = mesh;
        this.judge = judge;
        this.shares = shares;
        this.environment = environment;
        this.audit = audit;
    }

    /// A key that every party holds a pending share of.
    record Made(Point publicKey, String session) {}

    void start() {
        mesh.sessions().serve(PROTOCOL, this::join);
    }

    /// Makes the key of `make` with all other parties.
    Made lead(SignedRequest request, Judge.Judgement judgement, Decision.MakeKey make, Instant decidedAt)
            throws Unavailable {
        requireEveryone(make.draft().parties());
        byte[] invitation = MakeKeyInvitation.newBuilder()
                .setRequest(ClientRequests.toWire(request))
                .addAllReliedOn(judgement.reliedOn())
                .setDecidedAtMillis(decidedAt.toEpochMilli())
                .build()
                .toByteArray();
        List<Integer> everyone = everyone(make.draft());
        try (HostedSession hosted = mesh.sessions().open(PROTOCOL, everyone, invitation, TIME)) {
            audit.joins(make.context(), PROTOCOL, hosted.id(), hosted.self(), everyone);
            try {
                return new Made(run(hosted, make), hosted.id());
            } catch (Cheated e) {
                audit.cheated(PROTOCOL, hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
                hosted.abandon("cheated", "a check failed");
                throw new Unavailable(
                        "the key was not made: a check failed on what parties %s sent".formatted(e.culprits()), false);
            } catch (Silent e) {
                String refusals = hosted.refusals().entrySet().stream()
                        .map(entry -> "party %d: %s"
                                .formatted(entry.getKey(), entry.getValue().detail()))
                        .collect(Collectors.joining("; "));
                hosted.abandon("silent", "others fell silent");
                throw new Unavailable(
                        "the key was not made, which needs every party: "
                                + (refusals.isEmpty() ? e.getMessage() : refusals),
                        refusals.isEmpty());
            }
        } catch (Silent e) {
            throw new Unavailable("the key was not made, which needs every party: " + e.getMessage(), true);
        }
    }

    private void join(Invitation invitation, HostedSession hosted) throws Declined, Silent {
        MakeKeyInvitation body;
        try {
            body = MakeKeyInvitation.parseFrom(invitation.body());
        } catch (InvalidProtocolBufferException e) {
            throw new Declined("malformed", "the invitation is malformed");
        }
        if (!ClientRequests.isWithinLimits(body.getRequest())) {
            throw new Declined("malformed", "the request is beyond its limits");
        }
        Instant decidedAt = Instant.ofEpochMilli(body.getDecidedAtMillis());
        if (!judge.isNear(decidedAt)) {
            throw new Declined(
                    "clock",
                    "the clocks of parties %d and %d differ by more than %s"
                            .formatted(invitation.opener(), hosted.self(), Judge.CLOCK_TOLERANCE));
        }
        judge.catchUp(invitation.opener(), body.getReliedOnList());
        Decision decision = judge.decide(ClientRequests.fromWire(body.getRequest()), decidedAt)
                .decision();
        if (!(decision instanceof Decision.MakeKey make)) {
            String reason = decision instanceof Decision.Refused refused
                    ? refused.error().type()
                    : "the request makes no key here";
            audit.declines(decision.context(), PROTOCOL, hosted.id(), invitation.opener(), reason);
            throw new Declined("denied", reason);
        }
        if (!invitation.parties().equals(everyone(make.draft()))) {
            throw new Declined("quorum", "a key is made by all parties of the cluster");
        }
        audit.joins(make.context(), PROTOCOL, hosted.id(), invitation.opener(), invitation.parties());
        try {
            run(hosted, make);
        } catch (Cheated e) {
            audit.cheated(PROTOCOL, hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
            throw new Declined("cheated", "a check failed");
        }
    }

    private Point run(HostedSession hosted, Decision.MakeKey make) throws Cheated, Silent {
        KeyRecord draft = make.draft();
        KeyTerms terms = new KeyTerms(
                draft.spec().group(),
                draft.keyId().getBytes(StandardCharsets.US_ASCII),
                KeyShares.FIRST_EPOCH,
                draft.parties(),
                new ReconstructionThreshold(draft.reconstructionThreshold()));
        KeyPurpose purpose = new KeyPurpose(
                draft.spec().name(), make.context().requestDigest().getBytes(StandardCharsets.US_ASCII));
        Session session =
                Session.fresh(Dkg.setUp(terms, purpose, hosted.idBytes()), hosted.self(), hosted, environment);
        try (KeyShare share = Dkg.run(session, terms, pending -> shares.pending(draft, pending))) {
            return share.publicKey();
        }
    }

    private void requireEveryone(int parties) throws Unavailable {
        List<PeerState> missing =
                mesh.states().stream().filter(peer -> !peer.linked()).toList();
        if (!missing.isEmpty()) {
            throw new Unavailable(
                    "making a key needs all %d parties; missing: %s"
                            .formatted(
                                    parties,
                                    missing.stream()
                                            .map(peer -> "party %d (last seen %s)"
                                                    .formatted(
                                                            peer.party(),
                                                            peer.lastSeen() == null ? "never" : peer.lastSeen()))
                                            .collect(Collectors.joining(", "))),
                    false);
        }
    }

    private static List<Integer> everyone(KeyRecord draft) {
        return IntStream.rangeClosed(1, draft.parties()).boxed().toList();
    }
}
