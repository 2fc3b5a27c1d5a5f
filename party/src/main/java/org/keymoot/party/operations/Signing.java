package org.keymoot.party.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signs clients' messages with a quorum.
///
/// It keeps true: each party of the quorum has decided on the client's own request, by its own registers, and has that
/// in
/// its audit log, before anything of its share is used; a signature is returned only after it verified.
final class Signing {
    private static final Duration REQUEST_TIME = Duration.ofSeconds(12);
    private static final Duration FIRST_ATTEMPT = Duration.ofSeconds(2);
    private static final Duration LATER_ATTEMPT = Duration.ofSeconds(5);
    private static final int MAX_ATTEMPTS = 6;
    private static final String DENIED = "denied";
    private static final String NO_PRESIGNATURE = "no_presignature";
    private static final String QUARANTINE = "quarantine";
    private static final Logger log = LoggerFactory.getLogger(Signing.class);

    private final Mesh mesh;
    private final Judge judge;
    private final Quorums quorums;
    private final KeyShares shares;
    private final Pairs pairs;
    private final Stock stock;
    private final Map<String, Signer> signers;
    private final AuditTrail audit;

    Signing(
            Mesh mesh,
            Judge judge,
            Quorums quorums,
            KeyShares shares,
            Pairs pairs,
            Stock stock,
            List<Signer> signers,
            AuditTrail audit) {
        this.mesh = mesh;
        this.judge = judge;
        this.quorums = quorums;
        this.shares = shares;
        this.pairs = pairs;
        this.stock = stock;
        this.signers = signers.stream()
                .collect(java.util.stream.Collectors.toUnmodifiableMap(Signer::protocol, signer -> signer));
        this.audit = audit;
    }

    /// A signature and who made it.
    record Signed(byte[] signature, String session, List<Integer> participants) {}

    void start() {
        signers.keySet().forEach(protocol -> mesh.sessions().serve(protocol, this::join));
    }

    /// Signs, with another quorum when a peer is silent or will not.
    ///
    /// @throws Unavailable when no quorum brought it about in time
    /// @throws DecidedOtherwise when a peer refused what this party allowed
    Signed lead(SignedRequest request, Judge.Judgement judgement, Decision.SignWith sign)
            throws Unavailable, DecidedOtherwise {
        long deadline = System.nanoTime() + REQUEST_TIME.toNanos();
        Set<Integer> excluded = new HashSet<>();
        boolean useStock = true;
        String last = "";
        for (int attempt = 0; attempt < MAX_ATTEMPTS && deadline - System.nanoTime() > 0; attempt++) {
            List<Integer> quorum;
            try {
                quorum = choose(sign, excluded);
            } catch (Unavailable e) {
                throw new Unavailable(
                        last.isEmpty() ? String.valueOf(e.getMessage()) : e.getMessage() + "; " + last,
                        !last.isEmpty());
            }
            stock.used(sign.key(), quorum);
            byte[] presignature = useStock ? stock.pick(sign.key(), quorum) : new byte[0];
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            Duration time = attempt == 0 ? FIRST_ATTEMPT : LATER_ATTEMPT;
            try (HostedSession hosted = mesh.sessions()
                    .open(
                            signer(sign.key().spec()).protocol(),
                            quorum,
                            invitation(request, judgement, presignature),
                            time.compareTo(left) < 0 ? time : left)) {
                Outcome outcome = attempt(hosted, sign, presignature);
                switch (outcome) {
                    case Outcome.Done done -> {
                        return new Signed(done.signature(), hosted.id(), quorum);
                    }
                    case Outcome.Without without -> {
                        excluded.addAll(without.parties());
                        last = without.why();
                    }
                    case Outcome.WithoutStock withoutStock -> useStock = false;
                    case Outcome.Denied denied -> throw new DecidedOtherwise(denied.party(), denied.why());
                }
            } catch (Silent e) {
                e.parties().forEach(quorums::suspect);
                excluded.addAll(e.parties());
                last = String.valueOf(e.getMessage());
            }
        }
        throw new Unavailable("no quorum signed within %s: %s".formatted(REQUEST_TIME, last), true);
    }

    /// What came of one attempt.
    private sealed interface Outcome {
        record Done(byte[] signature) implements Outcome {}

        /// Try again without these parties.
        record Without(List<Integer> parties, String why) implements Outcome {}

        /// Try again with a nonce made in line.
        record WithoutStock() implements Outcome {}

        /// A peer decided otherwise.
        record Denied(int party, String why) implements Outcome {}
    }

    private Outcome attempt(HostedSession hosted, Decision.SignWith sign, byte[] presignature) {
        try {
            return new Outcome.Done(run(hosted, sign, hosted.self(), presignature));
        } catch (Silent e) {
            Outcome known = outcomeOf(hosted.refusals());
            if (known == null) {
                e.parties().forEach(quorums::suspect);
                hosted.abandon("silent", "others fell silent");
                return new Outcome.Without(e.parties(), String.valueOf(e.getMessage()));
            }
            hosted.abandon("retry", "the quorum is chosen anew");
            return known;
        } catch (Cheated e) {
            audit.cheated(
                    hosted.parties().toString(), hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
            log.atWarn()
                    .addKeyValue("session", hosted.id())
                    .addKeyValue("step", e.step())
                    .addKeyValue("culprits", e.culprits())
                    .log("session ended by a failed check");
            hosted.abandon("cheated", "a check failed");
            List<Integer> peers =
                    hosted.parties().stream().filter(p -> p != hosted.self()).toList();
            return new Outcome.Without(e.culprits().isEmpty() ? peers : e.culprits(), String.valueOf(e.getMessage()));
        } catch (PairQuarantined e) {
            hosted.abandon(QUARANTINE, "a pair is out of use");
            if (!pairs.isBurned(e.peer())) {
                Thread.ofVirtual().name("pair-" + e.peer()).start(() -> pairs.make(e.peer()));
            }
            return new Outcome.Without(List.of(e.peer()), String.valueOf(e.getMessage()));
        } catch (Declined e) {
            hosted.abandon(e.code(), "the opener cannot go on");
            return new Outcome.WithoutStock();
        }
    }

    private static @org.jspecify.annotations.Nullable Outcome outcomeOf(Map<Integer, HostedSession.Refusal> refusals) {
        for (Map.Entry<Integer, HostedSession.Refusal> entry : refusals.entrySet()) {
            String why =
                    "party %d: %s".formatted(entry.getKey(), entry.getValue().detail());
            switch (entry.getValue().code()) {
                case DENIED -> {
                    return new Outcome.Denied(entry.getKey(), why);
                }
                case NO_PRESIGNATURE -> {
                    return new Outcome.WithoutStock();
                }
                case "unreachable", "retry", "silent" -> {}
                default -> {
                    return new Outcome.Without(List.of(entry.getKey()), why);
                }
            }
        }
        return null;
    }

    private void join(Invitation invitation, HostedSession hosted) throws Declined, Silent {
        SignInvitation body;
        try {
            body = SignInvitation.parseFrom(invitation.body());
        } catch (InvalidProtocolBufferException e) {
            throw new Declined("malformed", "the invitation is malformed");
        }
        if (!ClientRequests.isWithinLimits(body.getRequest())) {
            throw new Declined("malformed", "the request is beyond its limits");
        }
        judge.catchUp(invitation.opener(), body.getReliedOnList());
        Decision decision = judge.decide(ClientRequests.fromWire(body.getRequest()), judge.now())
                .decision();
        if (!(decision instanceof Decision.SignWith sign)) {
            String reason = decision instanceof Decision.Refused refused
                    ? refused.error().type()
                    : "the request signs nothing here";
            audit.declines(decision.context(), invitation.protocol(), hosted.id(), invitation.opener(), reason);
            throw new Declined(DENIED, reason);
        }
        if (!signer(sign.key().spec()).protocol().equals(invitation.protocol())
                || invitation.parties().size() != sign.key().reconstructionThreshold()
                || invitation.parties().getLast() > sign.key().parties()) {
            throw new Declined("quorum", "protocol or quorum is not the key's");
        }
        stock.used(sign.key(), invitation.parties());
        try {
            run(hosted, sign, invitation.opener(), body.getPresignatureId().toByteArray());
        } catch (Cheated e) {
            audit.cheated(invitation.protocol(), hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
            throw new Declined("cheated", "a check failed");
        } catch (PairQuarantined e) {
            throw new Declined(QUARANTINE, "a pair of party %d is out of use".formatted(hosted.self()));
        }
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
            return signer.sign(hosted, sign.key(), lease.share(), sign.payload(), presignature);
        } catch (Signer.NoPresignature e) {
            throw new Declined(NO_PRESIGNATURE, "the presignature is spent or unknown");
        }
    }

    private List<Integer> choose(Decision.SignWith sign, Set<Integer> excluded) throws Unavailable {
        Signer signer = signer(sign.key().spec());
        return quorums.choose(sign.key(), excluded, peer -> !signer.needsPair() || !pairs.isBurned(peer));
    }

    private Signer signer(KeySpec spec) {
        String protocol = switch (spec) {
            case ECC_SECG_P256K1, ECC_NIST_P256 -> EcdsaSigner.PROTOCOL;
            case ECC_NIST_EDWARDS25519 -> FrostSigner.PROTOCOL;
            case SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512 ->
                throw new IllegalArgumentException(spec + " keys do not sign");
        };
        return java.util.Objects.requireNonNull(signers.get(protocol), protocol);
    }

    private static byte[] invitation(SignedRequest request, Judge.Judgement judgement, byte[] presignature) {
        return SignInvitation.newBuilder()
                .setRequest(ClientRequests.toWire(request))
                .addAllReliedOn(judgement.reliedOn())
                .setPresignatureId(ByteString.copyFrom(presignature))
                .build()
                .toByteArray();
    }
}
