package org.keymoot.party.gateway;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.keymoot.access.Principal;
import org.keymoot.access.iam.AccessKeyRecord;
import org.keymoot.access.iam.Simulation;
import org.keymoot.api.gateway.v1.AuditRequest;
import org.keymoot.api.gateway.v1.ContextEntry;
import org.keymoot.api.gateway.v1.OperatorGrpc;
import org.keymoot.api.gateway.v1.PeerStatus;
import org.keymoot.api.gateway.v1.PutRootKeyAnswer;
import org.keymoot.api.gateway.v1.PutRootKeyRequest;
import org.keymoot.api.gateway.v1.RecoverWithoutAnswer;
import org.keymoot.api.gateway.v1.RecoverWithoutRequest;
import org.keymoot.api.gateway.v1.ReleasePairAnswer;
import org.keymoot.api.gateway.v1.ReleasePairRequest;
import org.keymoot.api.gateway.v1.RemoveRootKeyAnswer;
import org.keymoot.api.gateway.v1.RemoveRootKeyRequest;
import org.keymoot.api.gateway.v1.SimulateAccessAnswer;
import org.keymoot.api.gateway.v1.SimulateAccessRequest;
import org.keymoot.api.gateway.v1.SimulatedAccess;
import org.keymoot.api.gateway.v1.StatusAnswer;
import org.keymoot.api.gateway.v1.StatusRequest;
import org.keymoot.party.directory.Recovery;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.mesh.Membership;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerState;
import org.keymoot.party.operations.Pairs;
import org.keymoot.party.store.CredentialStore;
import org.keymoot.party.store.PresignatureStore;
import org.keymoot.platform.audit.AuditCorrupt;
import org.keymoot.platform.audit.AuditLog;
import org.keymoot.platform.audit.AuditRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What an operator asks of a party.
public final class OperatorService extends OperatorGrpc.OperatorImplBase {
    private static final int MAX_AUDIT_RECORDS = 100_000;
    private static final int AUDIT_PAGE = 256;
    private static final int SECRET_CHARACTERS_MIN = 16;
    private static final int SECRET_CHARACTERS_MAX = 128;
    private static final int MAX_REASON_CHARACTERS = 512;
    private static final Logger log = LoggerFactory.getLogger(OperatorService.class);

    private final Mesh mesh;
    private final ReplicatedDirectory directory;
    private final Pairs pairs;
    private final PresignatureStore presignatures;
    private final CredentialStore credentials;
    private final AuditLog audit;
    private final Supplier<Instant> certificateEnd;
    private final InstantSource clock;

    public OperatorService(
            Mesh mesh,
            ReplicatedDirectory directory,
            Pairs pairs,
            PresignatureStore presignatures,
            CredentialStore credentials,
            AuditLog audit,
            Supplier<Instant> certificateEnd,
            InstantSource clock) {
        this.mesh = mesh;
        this.directory = directory;
        this.pairs = pairs;
        this.presignatures = presignatures;
        this.credentials = credentials;
        this.audit = audit;
        this.certificateEnd = certificateEnd;
        this.clock = clock;
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusAnswer> answers) {
        Membership membership = mesh.membership();
        AuditLog.Head head = audit.head();
        answers.onNext(StatusAnswer.newBuilder()
                .setParty(membership.self())
                .setName("party-" + membership.self())
                .setSoftwareVersion(membership.softwareVersion())
                .setClusterId(membership.clusterId())
                .setEpoch(membership.epoch())
                .setParties(membership.parties())
                .setReconstructionThreshold(membership.reconstructionThreshold())
                .addAllPeers(mesh.states().stream().map(OperatorService::peer).toList())
                .setLag(directory.lag())
                .setKeys(directory.keys())
                .setAuditSequence(head.sequence())
                .setAuditHead(ByteString.copyFrom(head.hash()))
                .setPresignatures(presignatures.countAvailable())
                .addAllQuarantinedPairs(pairs.quarantined())
                .setCertificateNotAfter(certificateEnd.get().getEpochSecond())
                .setClockMillis(clock.millis())
                .setRecovering(directory.recovery().trouble())
                .addAllAwaited(directory.recovery().awaited())
                .build());
        answers.onCompleted();
    }

    @Override
    public void audit(AuditRequest request, StreamObserver<org.keymoot.api.gateway.v1.AuditRecord> answers) {
        long next = Math.max(1, request.getFirstSequence());
        long left = request.getLimit() == 0
                ? MAX_AUDIT_RECORDS
                : Math.min(MAX_AUDIT_RECORDS, Integer.toUnsignedLong(request.getLimit()));
        var out = (ServerCallStreamObserver<org.keymoot.api.gateway.v1.AuditRecord>) answers;
        try {
            while (left > 0 && !out.isCancelled()) {
                var page = audit.read(next, (int) Math.min(AUDIT_PAGE, left));
                if (page.isEmpty()) {
                    break;
                }
                for (AuditRecord record : page) {
                    answers.onNext(org.keymoot.api.gateway.v1.AuditRecord.newBuilder()
                            .setSequence(record.sequence())
                            .setJson(ByteString.copyFrom(record.json()))
                            .setHash(ByteString.copyFrom(record.hash()))
                            .build());
                }
                next += page.size();
                left -= page.size();
            }
            answers.onCompleted();
        } catch (IOException | AuditCorrupt e) {
            log.atError().setCause(e).log("audit log cannot be read");
            answers.onError(Status.DATA_LOSS
                    .withDescription("the audit log cannot be read from record %d on; run `keymoot audit verify`"
                            .formatted(next))
                    .asRuntimeException());
        }
    }

    @Override
    public void releasePair(ReleasePairRequest request, StreamObserver<ReleasePairAnswer> answers) {
        int peer = request.getPeer();
        String reason = request.getReason().strip();
        if (!mesh.membership().others().contains(peer)) {
            answers.onError(Status.INVALID_ARGUMENT
                    .withDescription("party %d is no peer of party %d"
                            .formatted(peer, mesh.membership().self()))
                    .asRuntimeException());
            return;
        }
        if (reason.isEmpty() || reason.length() > MAX_REASON_CHARACTERS) {
            answers.onError(Status.INVALID_ARGUMENT
                    .withDescription(
                            "a release needs a reason of at most %d characters".formatted(MAX_REASON_CHARACTERS))
                    .asRuntimeException());
            return;
        }
        boolean released = pairs.release(peer, RoleGuard.CALLER.get().toString(), reason);
        answers.onNext(ReleasePairAnswer.newBuilder()
                .setReleased(released)
                .setDetail(
                        released
                                ? "released at party %d; release it at party %d as well if it is in quarantine there"
                                        .formatted(mesh.membership().self(), peer)
                                : "the pair is not in quarantine at party %d"
                                        .formatted(mesh.membership().self()))
                .build());
        answers.onCompleted();
    }

    @Override
    public void recoverWithout(RecoverWithoutRequest request, StreamObserver<RecoverWithoutAnswer> answers) {
        int peer = request.getPeer();
        String reason = request.getReason().strip();
        if (reason.isEmpty() || reason.length() > MAX_REASON_CHARACTERS) {
            refuse(
                    answers,
                    "giving a party up needs a reason of at most %d characters".formatted(MAX_REASON_CHARACTERS));
            return;
        }
        Recovery recovery = directory.recovery();
        boolean awaited = recovery.awaited().contains(peer);
        if (awaited) {
            audit.append(
                    "party.recovery.without",
                    Map.of(
                            "peer", peer,
                            "operator", RoleGuard.CALLER.get().toString(),
                            "reason", reason));
            recovery.endWithout(peer);
        }
        String trouble = recovery.trouble();
        int self = mesh.membership().self();
        answers.onNext(RecoverWithoutAnswer.newBuilder()
                .setGivenUp(awaited)
                .setDetail(
                        !awaited
                                ? "party %d does not wait for party %d".formatted(self, peer)
                                : trouble.isEmpty()
                                        ? "party %d takes part again".formatted(self)
                                        : "party %d still waits for parties %s".formatted(self, recovery.awaited()))
                .build());
        answers.onCompleted();
    }

    @Override
    public void putRootKey(PutRootKeyRequest request, StreamObserver<PutRootKeyAnswer> answers) {
        String id = request.getAccessKeyId();
        byte[] secret = request.getSecretAccessKey().toByteArray();
        Principal root;
        try {
            root = Principal.root(request.getAccount());
        } catch (IllegalArgumentException e) {
            refuse(answers, "an account is twelve digits");
            return;
        }
        if (!request.getAccount().equals(AccessKeyRecord.accountOf(id))
                || secret.length < SECRET_CHARACTERS_MIN
                || secret.length > SECRET_CHARACTERS_MAX) {
            refuse(answers, "an access key id names its account, and its secret has 16 to 128 characters");
            return;
        }
        List<String> present = credentials.accessKeyIdsOf(root);
        boolean stored = present.contains(id) || present.isEmpty() || request.getAdditional();
        if (stored) {
            audit.append(
                    "account.key.stored",
                    Map.of(
                            "account", request.getAccount(),
                            "access_key", id,
                            "operator", RoleGuard.CALLER.get().toString()));
            credentials.put(id, root, true, secret);
        }
        Arrays.fill(secret, (byte) 0);
        answers.onNext(PutRootKeyAnswer.newBuilder().setStored(stored).build());
        answers.onCompleted();
    }

    @Override
    public void removeRootKey(RemoveRootKeyRequest request, StreamObserver<RemoveRootKeyAnswer> answers) {
        String account = AccessKeyRecord.accountOf(request.getAccessKeyId());
        boolean known = account != null
                && credentials.accessKeyIdsOf(Principal.root(account)).contains(request.getAccessKeyId());
        if (known) {
            audit.append(
                    "account.key.removed",
                    Map.of(
                            "access_key", request.getAccessKeyId(),
                            "operator", RoleGuard.CALLER.get().toString()));
            credentials.remove(request.getAccessKeyId());
        }
        answers.onNext(RemoveRootKeyAnswer.newBuilder().setRemoved(known).build());
        answers.onCompleted();
    }

    @Override
    public void simulateAccess(SimulateAccessRequest request, StreamObserver<SimulateAccessAnswer> answers) {
        Map<String, List<String>> context = new TreeMap<>();
        for (ContextEntry entry : request.getContextList()) {
            context.computeIfAbsent(entry.getName(), name -> new ArrayList<>()).add(entry.getValue());
        }
        Simulation.Question question = new Simulation.Question(
                request.getPrincipal(), request.getAction(), request.getResource(), context, request.getPoliciesList());
        Simulation.Told told = directory.read(view -> Simulation.of(view, question, clock.instant()));
        SimulateAccessAnswer.Builder answer = SimulateAccessAnswer.newBuilder()
                .setKnown(told.problem().isEmpty())
                .setProblem(told.problem());
        if (!told.findings().isEmpty()) {
            Simulation.Result first = told.findings().getFirst().result();
            answer.setDecision(first.decision()).setDecidedBy(first.decidedBy());
        }
        told.findings()
                .forEach(finding -> answer.addResults(SimulatedAccess.newBuilder()
                        .setPrincipal(finding.principal())
                        .setDecision(finding.result().decision())
                        .setDecidedBy(finding.result().decidedBy())));
        answers.onNext(answer.build());
        answers.onCompleted();
    }

    private static void refuse(StreamObserver<?> answers, String why) {
        answers.onError(Status.INVALID_ARGUMENT.withDescription(why).asRuntimeException());
    }

    private static PeerStatus peer(PeerState state) {
        PeerStatus.Builder peer =
                PeerStatus.newBuilder().setParty(state.party()).setLinked(state.linked());
        if (state.softwareVersion() != null) {
            peer.setSoftwareVersion(state.softwareVersion());
        }
        if (state.lastSeen() != null) {
            peer.setLastSeenMillis(state.lastSeen().toEpochMilli());
        }
        if (state.refusal() != null) {
            peer.setRefusal(state.refusal());
        }
        return peer.build();
    }
}
