package org.keymoot.party.operations;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.Decision;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.Kms;
import org.keymoot.access.NewMaterial;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;
import org.keymoot.access.RequestContext;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.iam.StsAction;
import org.keymoot.api.gateway.v1.ClientRequest;
import org.keymoot.api.party.v1.RegisterVersion;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.mesh.Declined;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.party.mesh.Invitation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides about clients' requests by this party's own registers and clock.
final class Judge {
    /// How far a peer's clock may be from this party's where its time becomes part of a value.
    static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(60);

    private static final int MAX_RELIED_ON = 256;
    private static final Logger log = LoggerFactory.getLogger(Judge.class);

    private final ReplicatedDirectory directory;
    private final SecretFetching secrets;
    private final InstantSource clock;
    private final AuditTrail audit;

    Judge(ReplicatedDirectory directory, SecretFetching secrets, InstantSource clock, AuditTrail audit) {
        this.directory = directory;
        this.secrets = secrets;
        this.clock = clock;
        this.audit = audit;
    }

    /// A decision and the registers that it stands on.
    record Judgement(Decision decision, List<RegisterVersion> reliedOn) {}

    Instant now() {
        return clock.instant();
    }

    /// Decides; when a secret is missing on which the decision stands, it is fetched from a peer first.
    Judgement decide(SignedRequest request, Instant now) {
        record Attempt(Judgement judgement, List<RelyingView.Missing> missing) {}
        Function<DirectoryView, Attempt> attempt = view -> {
            RelyingView relying = new RelyingView(view);
            Decision decision = decision(request, relying, now);
            return new Attempt(new Judgement(decision, relying.wire()), relying.missing());
        };
        Attempt first = directory.read(attempt);
        boolean fetched = false;
        for (RelyingView.Missing missing : first.missing()) {
            fetched |= secrets.fetch(missing.register(), missing.commitment());
        }
        return fetched ? directory.read(attempt).judgement() : first.judgement();
    }

    /// What [Kms#decide] says. A decision that needs more stack than there is is a refusal: what cannot be
    /// evaluated allows nothing.
    static Decision decision(SignedRequest request, DirectoryView view, Instant now) {
        try {
            return Kms.decide(request, view, now);
        } catch (StackOverflowError e) {
            log.atError()
                    .addKeyValue("request_id", request.requestId())
                    .log("a request or a policy nests too deeply to be decided by");
            return new Decision.Refused(
                    RequestContext.ofUndecided(request),
                    AwsError.internal("The request, or a policy that it is decided by, nests too deeply."));
        }
    }

    /// Decides on a client's request that a peer passed on, after catching up with what the peer's decision
    /// stands on.
    ///
    /// @throws Declined when what the peer passed on is beyond the limits of a request
    Decision decideAsPeer(Invitation invitation, ClientRequest request, List<RegisterVersion> reliedOn)
            throws Declined {
        return decideAsPeer(invitation, request, reliedOn, now());
    }

    /// As [#decideAsPeer(Invitation, ClientRequest, List)], at the instant that the peer named.
    Decision decideAsPeer(Invitation invitation, ClientRequest request, List<RegisterVersion> reliedOn, Instant at)
            throws Declined {
        if (!ClientRequests.isWithinLimits(request)) {
            throw new Declined("malformed", "the request is beyond its limits");
        }
        catchUp(invitation.opener(), reliedOn);
        return decide(ClientRequests.fromWire(request), at).decision();
    }

    /// The refusal to take part in what this party decided otherwise, once it is on record.
    Declined declines(Decision decision, Invitation invitation, HostedSession hosted, String otherwise) {
        String reason =
                decision instanceof Decision.Refused refused ? refused.error().type() : otherwise;
        audit.declines(decision.context(), invitation.protocol(), hosted.id(), invitation.opener(), reason);
        return new Declined(QuorumRuns.DENIED, reason);
    }

    /// The material that the schedule of a key asks for by this party's registers; null when none is due.
    @Nullable NewMaterial rotation(RegisterName key, Instant at) {
        return directory.read(view -> Kms.rotation(view, key, at));
    }

    /// Catches up with a peer whose decision stands on newer registers than this party has.
    void catchUp(int peer, List<RegisterVersion> reliedOn) {
        if (reliedOn.size() <= MAX_RELIED_ON && isBehind(reliedOn)) {
            directory.followNow(peer);
        }
    }

    /// Catches up with a peer that decided otherwise; true when a register on which the judgement stands is
    /// newer now.
    boolean learnsFrom(int peer, Judgement judgement) {
        directory.followNow(peer);
        return directory.read(view -> judgement.reliedOn().stream().anyMatch(register -> {
            RegisterValue known = view.read(new RegisterName(register.getName()));
            return known != null && known.version() > register.getVersion();
        }));
    }

    /// Takes over what peers have committed and this party has not.
    void catchUpWithAll() throws InterruptedException {
        directory.catchUpNow();
    }

    /// Whether what an answer stands on is the newest that any client was told of: its grants, and of one that gives
    /// out a session everything, since nobody asks later by what the session was made. A quorum's signers hold a
    /// party that knows; an answer that this party gives alone has to be asked for.
    ReplicatedDirectory.Freshness freshness(Judgement judgement) throws InterruptedException {
        boolean all = judgement.decision().context().action() instanceof StsAction action && action.makesSession();
        Map<RegisterName, Long> registers = new HashMap<>();
        for (RegisterVersion register : judgement.reliedOn()) {
            RegisterName name = new RegisterName(register.getName());
            if (all || name.kind() == RegisterName.Kind.GRANT) {
                registers.put(name, register.getVersion());
            }
        }
        return registers.isEmpty() ? ReplicatedDirectory.Freshness.NEWEST : directory.freshness(registers);
    }

    /// Whether a time that a peer names is near this party's own.
    boolean isNear(Instant instant) {
        return Duration.between(instant, clock.instant()).abs().compareTo(CLOCK_TOLERANCE) <= 0;
    }

    private boolean isBehind(List<RegisterVersion> reliedOn) {
        Map<String, Long> wanted = new HashMap<>();
        reliedOn.forEach(register -> wanted.merge(register.getName(), register.getVersion(), Math::max));
        return directory.read(view -> wanted.entrySet().stream().anyMatch(entry -> {
            try {
                RegisterValue known = view.read(new RegisterName(entry.getKey()));
                return (known == null ? 0 : known.version()) < entry.getValue();
            } catch (IllegalArgumentException e) {
                return false;
            }
        }));
    }
}
