package org.keymoot.party.operations;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Decision;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.Material;
import org.keymoot.access.NewMaterial;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RequestContext;
import org.keymoot.access.SignedRequest;
import org.keymoot.api.party.v1.MakeKeyInvitation;
import org.keymoot.api.party.v1.RegisterVersion;
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
import org.keymoot.protocol.rsa.RsaDealer;
import org.keymoot.protocol.rsa.RsaDealing;
import org.keymoot.protocol.rsa.RsaKeyShare;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// Makes keys, and new material of keys, among all parties of the cluster. An RSA key is dealt by the party
/// that leads.
///
/// It keeps true: each party takes part only in the making of what it read out of the client's own request,
/// or of the key's schedule, and its share is durable, as pending, before it confirms, and as confirmed once
/// all have; key and material exist once the directory has committed them, which takes confirmed shares; a
/// dealer has erased all but its own share by then.
final class KeyMaking {
    private static final String DISTRIBUTED = "dkg";
    private static final Duration TIME = Duration.ofSeconds(20);

    private final Mesh mesh;
    private final Judge judge;
    private final KeyShares shares;
    private final Environment environment;
    private final RsaPrimes primes;
    private final AuditTrail audit;

    KeyMaking(Mesh mesh, Judge judge, KeyShares shares, Environment environment, RsaPrimes primes, AuditTrail audit) {
        this.primes = primes;
        this.mesh = mesh;
        this.judge = judge;
        this.shares = shares;
        this.environment = environment;
        this.audit = audit;
    }

    /// What every party holds a pending share of, and has said so.
    ///
    /// @param publicSide as [Material#publicKeyBytes()] gives it
    record Made(byte[] publicSide, String session) {}

    /// What is to be made, as each party finds it for itself.
    ///
    /// @param key its record before
    /// @param name the shares' own name, which no other material of the key has
    /// @param reason what every party must have decided on: the request, or the schedule's instant
    /// @param context null where no client asked
    private record Making(
            KeyRecord key,
            String name,
            String reason,
            KeyShares.Keeping keeping,
            @Nullable RequestContext context) {
        String protocol() {
            return key.spec().isRsa() ? RsaDealing.PROTOCOL : DISTRIBUTED;
        }
    }

    void start() {
        mesh.sessions().serve(DISTRIBUTED, this::join);
        mesh.sessions().serve(RsaDealing.PROTOCOL, this::join);
    }

    /// The primes for an RSA key that this party is going to deal, once they are found. That takes its time,
    /// in which no other party is kept busy.
    ///
    /// @throws Unavailable when not all parties are there, so that no key can be made anyway
    /// @throws RsaPrimes.NotYet when they are not found in a request's time
    RsaPrimes.Pair primes(KeyRecord draft) throws Unavailable, RsaPrimes.NotYet, InterruptedException {
        requireEveryone(draft.parties());
        return primes.take(draft.spec().modulusBits());
    }

    /// Deals the RSA key of `make` to all other parties.
    ///
    /// @param pair closed by the caller
    Made deal(
            SignedRequest request,
            Judge.Judgement judgement,
            Decision.MakeKey make,
            Instant decidedAt,
            RsaPrimes.Pair pair)
            throws Unavailable {
        Making making = of(make);
        return lead(making, invitation(request, judgement, decidedAt), hosted -> deal(hosted, making, pair));
    }

    /// Makes the key of `make` with all other parties.
    Made lead(SignedRequest request, Judge.Judgement judgement, Decision.MakeKey make, Instant decidedAt)
            throws Unavailable {
        return generate(of(make), invitation(request, judgement, decidedAt));
    }

    /// Makes the new material of `make` with all other parties.
    Made lead(SignedRequest request, Judge.Judgement judgement, Decision.MakeMaterial make, Instant decidedAt)
            throws Unavailable {
        return generate(of(make.material(), make.context()), invitation(request, judgement, decidedAt));
    }

    /// Makes the new material that a key's schedule asks for with all other parties.
    Made lead(NewMaterial due) throws Unavailable {
        return generate(
                of(due, null),
                MakeKeyInvitation.newBuilder()
                        .setRotationDue(due.key().name().text())
                        .addReliedOn(RegisterVersion.newBuilder()
                                .setName(due.key().name().text())
                                .setVersion(due.version()))
                        .setDecidedAtMillis(due.at().toEpochMilli())
                        .build()
                        .toByteArray());
    }

    static byte[] invitation(SignedRequest request, Judge.Judgement judgement, Instant decidedAt) {
        return MakeKeyInvitation.newBuilder()
                .setRequest(ClientRequests.toWire(request))
                .addAllReliedOn(judgement.reliedOn())
                .setDecidedAtMillis(decidedAt.toEpochMilli())
                .build()
                .toByteArray();
    }

    /// What the opener of a session invites to, whose time must be near this party's own.
    static MakeKeyInvitation read(Invitation invitation, HostedSession hosted, Judge judge) throws Declined {
        MakeKeyInvitation body;
        try {
            body = MakeKeyInvitation.parseFrom(invitation.body());
        } catch (InvalidProtocolBufferException e) {
            throw new Declined("malformed", "the invitation is malformed");
        }
        if (!judge.isNear(Instant.ofEpochMilli(body.getDecidedAtMillis()))) {
            throw new Declined(
                    "clock",
                    "the clocks of parties %d and %d differ by more than %s"
                            .formatted(invitation.opener(), hosted.self(), Judge.CLOCK_TOLERANCE));
        }
        return body;
    }

    /// What peers said when they left, in one text; empty when none did.
    static String told(Map<Integer, HostedSession.Refusal> refusals) {
        return refusals.entrySet().stream()
                .map(entry -> "party %d: %s"
                        .formatted(entry.getKey(), entry.getValue().detail()))
                .collect(Collectors.joining("; "));
    }

    private Making of(Decision.MakeKey make) {
        KeyRecord draft = make.draft();
        return new Making(draft, draft.keyId(), make.context().requestDigest(), shares.keeping(draft), make.context());
    }

    private Making of(NewMaterial material, @Nullable RequestContext context) {
        KeyRecord key = material.key();
        return new Making(
                key,
                key.keyId() + "/" + key.materials().size(),
                context == null ? "schedule " + material.at() : context.requestDigest(),
                shares.keeping(material),
                context);
    }

    /// One way for this party to lead the making of a key; the result is its public side.
    @FunctionalInterface
    private interface Way {
        byte[] run(HostedSession hosted) throws Cheated, Silent;
    }

    private Made generate(Making making, byte[] invitation) throws Unavailable {
        return lead(making, invitation, hosted -> generate(hosted, making));
    }

    private Made lead(Making making, byte[] invitation, Way way) throws Unavailable {
        requireEveryone(making.key().parties());
        List<Integer> everyone = everyone(making.key());
        try (HostedSession hosted = mesh.sessions().open(making.protocol(), everyone, invitation, TIME)) {
            record(making, hosted, hosted.self());
            try {
                return new Made(way.run(hosted), hosted.id());
            } catch (Cheated e) {
                audit.cheated(making.protocol(), hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
                hosted.abandon("cheated", "a check failed");
                throw new Unavailable(
                        "the key was not made: a check failed on what parties %s sent".formatted(e.culprits()), false);
            } catch (Silent e) {
                String refusals = told(hosted.refusals());
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
        MakeKeyInvitation body = read(invitation, hosted, judge);
        Instant decidedAt = Instant.ofEpochMilli(body.getDecidedAtMillis());
        Making making = body.getRotationDue().isEmpty()
                ? decided(invitation, hosted, body, decidedAt)
                : due(invitation, body, decidedAt);
        if (!invitation.parties().equals(everyone(making.key()))
                || !invitation.protocol().equals(making.protocol())) {
            throw new Declined("quorum", "a key is made by all parties of the cluster, in the way that is its spec's");
        }
        record(making, hosted, invitation.opener());
        try {
            if (making.key().spec().isRsa()) {
                receive(hosted, making, invitation.opener());
            } else {
                generate(hosted, making);
            }
        } catch (Cheated e) {
            audit.cheated(making.protocol(), hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
            throw new Declined("cheated", "a check failed");
        }
    }

    private Making decided(Invitation invitation, HostedSession hosted, MakeKeyInvitation body, Instant decidedAt)
            throws Declined {
        Decision decision = judge.decideAsPeer(invitation, body.getRequest(), body.getReliedOnList(), decidedAt);
        if (decision instanceof Decision.MakeKey make) {
            return of(make);
        }
        if (decision instanceof Decision.MakeMaterial make) {
            return of(make.material(), make.context());
        }
        throw judge.declines(decision, invitation, hosted, "the request makes no key here");
    }

    private Making due(Invitation invitation, MakeKeyInvitation body, Instant decidedAt) throws Declined {
        judge.catchUp(invitation.opener(), body.getReliedOnList());
        NewMaterial due;
        try {
            due = judge.rotation(new RegisterName(body.getRotationDue()), decidedAt);
        } catch (IllegalArgumentException e) {
            throw new Declined("malformed", "there is no register of this name");
        }
        if (due == null) {
            throw new Declined(QuorumRuns.DENIED, "no rotation is due here");
        }
        return of(due, null);
    }

    private void record(Making making, HostedSession hosted, int opener) {
        RequestContext context = making.context();
        if (context == null) {
            audit.rotates(making.key().arn(), making.protocol(), hosted.id(), opener, hosted.parties());
        } else {
            audit.joins(context, making.protocol(), hosted.id(), opener, hosted.parties());
        }
    }

    private byte[] generate(HostedSession hosted, Making making) throws Cheated, Silent {
        KeyRecord key = making.key();
        KeyTerms terms = new KeyTerms(
                key.spec().group(),
                KeyShares.useOf(key),
                making.name().getBytes(StandardCharsets.US_ASCII),
                KeyShares.FIRST_EPOCH,
                key.parties(),
                new ReconstructionThreshold(key.reconstructionThreshold()));
        Session session =
                Session.fresh(Dkg.setUp(terms, purpose(making), hosted.idBytes()), hosted.self(), hosted, environment);
        try (KeyShare share = Dkg.run(session, terms, making.keeping()::pending)) {
            making.keeping().confirmed();
            return Material.encode(share.publicKey());
        }
    }

    /// The dealer's side.
    private byte[] deal(HostedSession hosted, Making making, RsaPrimes.Pair pair) throws Cheated, Silent {
        RsaDealing.Terms terms = rsaTerms(making, hosted.self());
        Session session = rsaSession(hosted, making, terms);
        List<RsaKeyShare> dealt = session.compute(() -> RsaDealer.deal(
                terms.keyId(),
                pair.prime(0),
                pair.prime(1),
                terms.parties(),
                terms.reconstructionThreshold(),
                environment.random()));
        pair.close();
        try (RsaKeyShare own = RsaDealing.deal(session, terms, dealt, making.keeping()::pending)) {
            making.keeping().confirmed();
            audit.dealt(making.key().arn(), hosted.id(), hosted.self());
            return own.publicShares().publicKey().encode();
        }
    }

    /// The side of a party that is dealt to.
    private void receive(HostedSession hosted, Making making, int dealer) throws Cheated, Silent {
        RsaDealing.Terms terms = rsaTerms(making, dealer);
        Session session = rsaSession(hosted, making, terms);
        try (RsaKeyShare own = RsaDealing.receive(session, terms, making.keeping()::pending)) {
            making.keeping().confirmed();
            audit.dealt(making.key().arn(), hosted.id(), dealer);
        }
    }

    private static RsaDealing.Terms rsaTerms(Making making, int dealer) {
        KeyRecord key = making.key();
        return new RsaDealing.Terms(
                (making.name() + KeyShares.rsaUseOf(key)).getBytes(StandardCharsets.US_ASCII),
                key.spec().modulusBits(),
                key.parties(),
                new ReconstructionThreshold(key.reconstructionThreshold()),
                dealer);
    }

    private Session rsaSession(HostedSession hosted, Making making, RsaDealing.Terms terms) throws Cheated, Silent {
        return Session.fresh(
                RsaDealing.setUp(terms, purpose(making), hosted.idBytes()), hosted.self(), hosted, environment);
    }

    private static KeyPurpose purpose(Making making) {
        return new KeyPurpose(making.key().spec().name(), making.reason().getBytes(StandardCharsets.US_ASCII));
    }

    private void requireEveryone(int parties) throws Unavailable {
        requireEveryone(mesh, parties);
    }

    /// @throws Unavailable naming the parties without which no key can be made
    static void requireEveryone(Mesh mesh, int parties) throws Unavailable {
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

    static List<Integer> everyone(KeyRecord draft) {
        return IntStream.rangeClosed(1, draft.parties()).boxed().toList();
    }
}
