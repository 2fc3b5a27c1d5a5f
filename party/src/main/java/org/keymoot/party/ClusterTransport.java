package org.keymoot.party;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.keymoot.party.gateway.RoleGuard;
import org.keymoot.party.mesh.MeshLimits;
import org.keymoot.party.mesh.MeshTransport;
import org.keymoot.platform.config.HostPort;
import org.keymoot.platform.tls.ClusterTls;
import org.keymoot.platform.tls.SpiffeId;

/// The mesh's way to peers: gRPC over the cluster's TLS, to a peer that must name itself by its certificate.
final class ClusterTransport implements MeshTransport {
    private static final int KEEP_ALIVE_SECONDS = 10;

    private final String cluster;
    private final ClusterTls tls;
    private final IntFunction<HostPort> addresses;
    private final MeshLimits limits;
    private final Executor executor;

    ClusterTransport(
            String cluster, ClusterTls tls, IntFunction<HostPort> addresses, MeshLimits limits, Executor executor) {
        this.cluster = cluster;
        this.tls = tls;
        this.addresses = addresses;
        this.limits = limits;
        this.executor = executor;
    }

    @Override
    public ManagedChannel channel(int peer) {
        HostPort address = addresses.apply(peer);
        try {
            return NettyChannelBuilder.forAddress(address.host(), address.port())
                    .sslContext(tls.grpcClient(SpiffeId.party(cluster, peer)))
                    .maxInboundMessageSize(limits.frameBytes())
                    .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .keepAliveTimeout(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                    .executor(executor)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("TLS to party %d cannot be set up: %s".formatted(peer, e.getMessage()), e);
        }
    }

    @Override
    public OptionalInt party(@Nullable SSLSession session) {
        SpiffeId id = RoleGuard.caller(session);
        return id != null && id.role() == SpiffeId.Role.PARTY && id.cluster().equals(cluster)
                ? OptionalInt.of(id.index())
                : OptionalInt.empty();
    }
}
