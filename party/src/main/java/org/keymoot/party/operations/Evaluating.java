package org.keymoot.party.operations;

import com.google.protobuf.InvalidProtocolBufferException;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.keymoot.access.Decision;
import org.keymoot.access.Evaluation;
import org.keymoot.access.KeyRecord;
import org.keymoot.access.Material;
import org.keymoot.access.SignedRequest;
import org.keymoot.api.party.v1.EvaluateInvitation;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.party.mesh.Declined;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.party.mesh.Invitation;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.prf.Inputs;
import org.keymoot.protocol.rsa.RsaKeyShare;
import org.keymoot.protocol.rsa.RsaPower;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.Silent;

/// Evaluates keys at what clients' requests ask for, with a quorum.
///
/// It keeps true: each party of the quorum has decided on the client's own request, by its own registers,
/// and has that in its audit log, before its share is multiplied with anything; only the party that the
/// request reached learns outputs.
final class Evaluating {
    private static final String PROTOCOL = org.keymoot.protocol.prf.Evaluation.PROTOCOL;

    /// The sessions in which an RSA key decrypts; they run the protocol of its signatures.
    private static final String RSA_PROTOCOL = RsaPower.PROTOCOL + "-decrypt";

    private final Mesh mesh;
    private final Judge judge;
    private final QuorumRuns runs;
    private final KeyShares shares;
    private final Environment environment;
    private final AuditTrail audit;

    Evaluating(Mesh mesh, Judge judge, QuorumRuns runs, KeyShares shares, Environment environment, AuditTrail audit) {
        this.mesh = mesh;
        this.judge = judge;
        this.runs = runs;
        this.shares = shares;
        this.environment = environment;
        this.audit = audit;
    }

    /// The outputs of all evaluations of a request, in their order, and who made them. Closing it erases
    /// them.
    record Evaluated(List<byte[]> outputs, String sessions, List<Integer> participants) implements AutoCloseable {
        @Override
        public void close() {
            outputs.forEach(output -> Arrays.fill(output, (byte) 0));
        }
    }

    void start() {
        mesh.sessions().serve(PROTOCOL, this::join);
        mesh.sessions().serve(RSA_PROTOCOL, this::join);
    }

    /// Evaluates everything that the decision needs, one session for each material.
    ///
    /// @throws Unavailable when no quorum brought it about in time
    /// @throws DecidedOtherwise as [QuorumRuns#lead] says
    Evaluated lead(SignedRequest request, Judge.Judgement judgement, Decision.Evaluate evaluate, Deadline deadline)
            throws Unavailable, DecidedOtherwise {
        byte[][] outputs = new byte[evaluate.evaluations().size()][];
        List<String> sessions = new ArrayList<>();
        TreeSet<Integer> participants = new TreeSet<>();
        boolean done = false;
        try {
            for (Part part : parts(evaluate)) {
                QuorumRuns.Done<List<byte[]>> made =
                        runs.lead(part.key(), new Leading(request, judgement, evaluate, part), deadline);
                for (int i = 0; i < part.places().size(); i++) {
                    outputs[part.places().get(i)] = made.result().get(i);
                }
                sessions.add(made.session());
                participants.addAll(made.participants());
            }
            done = true;
            return new Evaluated(List.of(outputs), String.join(",", sessions), List.copyOf(participants));
        } finally {
            if (!done) {
                Arrays.stream(outputs).filter(Objects::nonNull).forEach(output -> Arrays.fill(output, (byte) 0));
            }
        }
    }

    /// What one session evaluates: one material of one key, at the inputs of some of the request's
    /// evaluations.
    ///
    /// @param places where the evaluations stand in the request's list
    private record Part(KeyRecord key, Material material, List<byte[]> inputs, List<Integer> places) {
        boolean isRsa() {
            return key.spec().isRsa();
        }

        String protocol() {
            return isRsa() ? RSA_PROTOCOL : PROTOCOL;
        }

        /// The one input of an RSA key: no request needs more.
        byte[] rsaInput() {
            if (inputs.size() != 1) {
                throw new IllegalStateException("%d private operations of one request".formatted(inputs.size()));
            }
            return inputs.getFirst();
        }
    }

    private static List<Part> parts(Decision.Evaluate evaluate) {
        Map<String, Part> parts = new LinkedHashMap<>();
        for (int place = 0; place < evaluate.evaluations().size(); place++) {
            Evaluation evaluation = evaluate.evaluations().get(place);
            KeyRecord key = evaluation.key();
            Part part = parts.computeIfAbsent(
                    key.name().text() + " " + evaluation.materialId(),
                    any -> new Part(key, material(key, evaluation.materialId()), new ArrayList<>(), new ArrayList<>()));
            part.inputs().add(evaluation.input());
            part.places().add(place);
        }
        return List.copyOf(parts.values());
    }

    private static Material material(KeyRecord key, String id) {
        Material material = key.material(id);
        if (material == null) {
            throw new IllegalStateException("%s has no material %s".formatted(key.arn(), id));
        }
        return material;
    }

    /// One session that this party leads.
    private final class Leading implements QuorumRuns.Work<List<byte[]>> {
        private final byte[] invitation;
        private final Judge.Judgement judgement;
        private final Decision.Evaluate evaluate;
        private final Part part;

        Leading(SignedRequest request, Judge.Judgement judgement, Decision.Evaluate evaluate, Part part) {
            this.judgement = judgement;
            this.evaluate = evaluate;
            this.part = part;
            this.invitation = EvaluateInvitation.newBuilder()
                    .setRequest(ClientRequests.toWire(request))
                    .addAllReliedOn(judgement.reliedOn())
                    .setRegister(part.key().name().text())
                    .setMaterial(part.material().id())
                    .build()
                    .toByteArray();
        }

        @Override
        public String protocol() {
            return part.protocol();
        }

        @Override
        public Duration firstAttempt() {
            return part.isRsa() ? QuorumRuns.FIRST_ATTEMPT_OF_SLOW_WORK : QuorumRuns.FIRST_ATTEMPT;
        }

        @Override
        public boolean isUsable(int peer) {
            return true;
        }

        @Override
        public boolean learnsFrom(int peer) {
            return judge.learnsFrom(peer, judgement);
        }

        @Override
        public byte[] invitation(List<Integer> quorum) {
            return invitation;
        }

        @Override
        public List<byte[]> run(HostedSession hosted) throws Cheated, Silent, Declined {
            try (KeyShares.Lease lease = lease(hosted, part);
                    SecretScope scope = new SecretScope()) {
                audit.joins(evaluate.context(), part.protocol(), hosted.id(), hosted.self(), hosted.parties());
                if (part.isRsa()) {
                    RsaKeyShare share = lease.rsaShare();
                    byte[] input = part.rsaInput();
                    return List.of(RsaPower.lead(session(hosted, share, hosted.self(), input), share, input));
                }
                Inputs inputs = inputs(lease.share(), part);
                return org.keymoot.protocol.prf.Evaluation.lead(
                                session(hosted, lease.share(), hosted.self(), inputs), lease.share(), inputs, scope)
                        .stream()
                        .map(Evaluating::copy)
                        .toList();
            }
        }
    }

    private void join(Invitation invitation, HostedSession hosted) throws Declined, Silent {
        EvaluateInvitation body;
        try {
            body = EvaluateInvitation.parseFrom(invitation.body());
        } catch (InvalidProtocolBufferException e) {
            throw new Declined("malformed", "the invitation is malformed");
        }
        Decision decision = judge.decideAsPeer(invitation, body.getRequest(), body.getReliedOnList());
        if (!(decision instanceof Decision.Evaluate evaluate)) {
            throw judge.declines(decision, invitation, hosted, "the request evaluates nothing here");
        }
        Part part = parts(evaluate).stream()
                .filter(one -> one.key().name().text().equals(body.getRegister())
                        && one.material().id().equals(body.getMaterial()))
                .findFirst()
                .orElse(null);
        if (part == null) {
            throw judge.declines(decision, invitation, hosted, "the request does not evaluate that material here");
        }
        if (!invitation.protocol().equals(part.protocol())
                || invitation.parties().size() != part.key().reconstructionThreshold()
                || invitation.parties().getLast() > part.key().parties()) {
            throw new Declined("quorum", "protocol or quorum is not the key's");
        }
        runs.help(part.protocol(), hosted, () -> {
            try (KeyShares.Lease lease = lease(hosted, part)) {
                audit.joins(
                        evaluate.context(), part.protocol(), hosted.id(), invitation.opener(), invitation.parties());
                if (part.isRsa()) {
                    RsaKeyShare share = lease.rsaShare();
                    byte[] input = part.rsaInput();
                    RsaPower.help(
                            session(hosted, share, invitation.opener(), input), share, invitation.opener(), input);
                    return;
                }
                Inputs inputs = inputs(lease.share(), part);
                org.keymoot.protocol.prf.Evaluation.help(
                        session(hosted, lease.share(), invitation.opener(), inputs),
                        lease.share(),
                        invitation.opener(),
                        inputs);
            }
        });
    }

    private KeyShares.Lease lease(HostedSession hosted, Part part) throws Declined {
        return shares.lease(part.key(), part.material())
                .orElseThrow(
                        () -> new Declined("no_share", "party %d has no share of this key".formatted(hosted.self())));
    }

    private Session session(HostedSession hosted, KeyShare share, int leader, Inputs inputs) {
        return Session.withFreshMessages(
                org.keymoot.protocol.prf.Evaluation.setUp(share, hosted.parties(), leader, inputs, hosted.idBytes()),
                hosted.self(),
                hosted,
                environment);
    }

    private Session session(HostedSession hosted, RsaKeyShare share, int leader, byte[] input) {
        return Session.withFreshMessages(
                RsaPower.setUp(share.publicShares(), hosted.parties(), leader, input, hosted.idBytes()),
                hosted.self(),
                hosted,
                environment);
    }

    private static Inputs inputs(KeyShare share, Part part) {
        try {
            return Inputs.of(share.terms(), part.inputs());
        } catch (InvalidEncodingException e) {
            throw new IllegalStateException("a point that was decided on is none: " + e.getMessage(), e);
        }
    }

    private static byte[] copy(SecretBytes output) {
        return output.segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
    }
}
