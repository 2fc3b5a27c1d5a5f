package org.keymoot.party.gateway;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.keymoot.api.gateway.v1.AuditRequest;
import org.keymoot.api.gateway.v1.OperatorGrpc;
import org.keymoot.api.gateway.v1.PeerStatus;
import org.keymoot.api.gateway.v1.ReleasePairAnswer;
import org.keymoot.api.gateway.v1.ReleasePairRequest;
import org.keymoot.api.gateway.v1.StatusAnswer;
import org.keymoot.api.gateway.v1.StatusRequest;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.mesh.Membership;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerState;
import org.keymoot.party.operations.Pairs;
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
    private static final int MAX_REASON_CHARACTERS = 512;
    private static final Logger log = LoggerFactory.getLogger(OperatorService.class);

    private final Mesh mesh;
    private final ReplicatedDirectory directory;
    private final Pairs pairs;
    private final PresignatureStore presignatures;
    private final AuditLog audit;
    private final Supplier<Instant> certificateEnd;
    private final InstantSource clock;

    public OperatorService(
            Mesh mesh,
            ReplicatedDirectory directory,
            Pairs pairs,
            PresignatureStore presignatures,
            AuditLog audit,
            Supplier<Instant> certificateEnd,
            InstantSource clock) {
        this.mesh = mesh;
        this.directory = directory;
        this.pairs = pairs;
        this.presignatures = presignatures;
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
