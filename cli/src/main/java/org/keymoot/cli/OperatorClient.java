package org.keymoot.cli;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.keymoot.api.gateway.v1.OperatorGrpc;
import org.keymoot.platform.config.HostPort;
import org.keymoot.platform.disk.InsecurePermissions;
import org.keymoot.platform.tls.ClusterTls;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.SpiffeId;

/// An operator's connection to one party, under the operator's own certificate.
final class OperatorClient implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 5;

    private final ManagedChannel channel;

    private OperatorClient(ManagedChannel channel) {
        this.channel = channel;
    }

    static OperatorClient connect(OperatedCluster cluster, int party, HostPort address) {
        try {
            NodeIdentity identity = NodeIdentity.load(cluster.certificate(), cluster.key());
            ClusterTrust trust = ClusterTrust.load(cluster.roots(), InstantSource.system());
            ClusterTls tls = new ClusterTls(() -> identity, trust);
            return new OperatorClient(NettyChannelBuilder.forAddress(address.resolve())
                    .sslContext(tls.grpcClient(SpiffeId.party(cluster.clusterId(), party)))
                    .overrideAuthority("party-" + party)
                    .build());
        } catch (IOException | InsecurePermissions e) {
            throw new CliFailure(
                    ExitCode.AUTHENTICATION,
                    "the operator's certificate %s cannot be used: %s".formatted(cluster.certificate(), e.getMessage()),
                    "name the certificate, its key and the cluster's root; the key must be readable by you alone",
                    e);
        }
    }

    OperatorGrpc.OperatorBlockingStub calls() {
        return OperatorGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /// Why a call failed, in a few words.
    static String reason(StatusRuntimeException failure) {
        return switch (failure.getStatus().getCode()) {
            case UNAVAILABLE -> "not reachable";
            case DEADLINE_EXCEEDED -> "no answer in %d s".formatted(DEADLINE_SECONDS);
            case UNAUTHENTICATED, PERMISSION_DENIED -> "refuses this operator";
            default -> failure.getStatus().getCode().name().toLowerCase(java.util.Locale.ROOT);
        };
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
