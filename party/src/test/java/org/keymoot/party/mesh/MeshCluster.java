package org.keymoot.party.mesh;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// Meshes of several parties in one process, over mutual TLS on loopback ports.
final class MeshCluster implements AutoCloseable {
    static final MeshLimits LIMITS = new MeshLimits(
            1 << 20,
            2 << 20,
            64,
            256 << 10,
            16,
            Duration.ofSeconds(5),
            4,
            16,
            8,
            Duration.ofSeconds(20),
            Duration.ofSeconds(2),
            Duration.ofMillis(200),
            Duration.ofSeconds(2),
            Duration.ofMillis(20),
            Duration.ofMillis(200));
    private static final String CLUSTER = "test";

    final TestAuthority authority = new TestAuthority();
    private final int parties;
    private final int[] ports;
    private final Map<Integer, Node> nodes = new HashMap<>();

    static final class Node {
        final Mesh mesh;
        final Server server;
        final SimpleMeterRegistry metrics;

        Node(Mesh mesh, Server server, SimpleMeterRegistry metrics) {
            this.mesh = mesh;
            this.server = server;
            this.metrics = metrics;
        }

        double dropped(String reason) {
            return metrics.get("keymoot.mesh.dropped")
                    .tag("reason", reason)
                    .counter()
                    .count();
        }
    }

    MeshCluster(int parties) {
        this.parties = parties;
        this.ports = freePorts(parties);
    }

    /// A cluster whose meshes are all linked.
    static MeshCluster linked(int parties) {
        MeshCluster cluster = new MeshCluster(parties);
        for (int party = 1; party <= parties; party++) {
            cluster.start(party);
        }
        cluster.awaitLinks();
        return cluster;
    }

    Node start(int party) {
        return start(party, m -> m, spiffe(party));
    }

    Node start(int party, UnaryOperator<Membership> changed, String certificate) {
        Membership membership = changed.apply(new Membership(
                CLUSTER,
                party,
                parties,
                2,
                1,
                IntStream.rangeClosed(1, parties).mapToObj(MeshCluster::spiffe).toList(),
                "0.1.0",
                ByteString.copyFromUtf8(
                        Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE))));
        TestAuthority.Identity identity = authority.identity(certificate);
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        Mesh mesh = new Mesh(membership, new Loopback(identity), LIMITS, Clock.systemUTC(), metrics);
        try {
            Server server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", ports[party - 1]))
                    .sslContext(GrpcSslContexts.configure(io.netty.handler.ssl.SslContextBuilder.forServer(
                                            identity.keys().getPrivate(), identity.certificate())
                                    .trustManager(authority.certificate())
                                    .clientAuth(ClientAuth.REQUIRE))
                            .build())
                    .maxInboundMessageSize(LIMITS.frameBytes())
                    .executor(Executors.newVirtualThreadPerTaskExecutor())
                    .addService(mesh.service())
                    .build()
                    .start();
            mesh.start();
            Node node = new Node(mesh, server, metrics);
            nodes.put(party, node);
            return node;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// Ends a party as a crash would: sockets close, nothing is said.
    void kill(int party) {
        Node node = Objects.requireNonNull(nodes.remove(party));
        node.server.shutdownNow();
        node.mesh.close();
        try {
            node.server.awaitTermination();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    Node node(int party) {
        return Objects.requireNonNull(nodes.get(party));
    }

    Mesh mesh(int party) {
        return node(party).mesh;
    }

    void awaitLinks() {
        await(
                "all links",
                () -> nodes.values().stream().allMatch(n -> n.mesh.linked().size() == nodes.size() - 1));
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what);
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    ManagedChannel dial(int party, TestAuthority.Identity as) {
        return new Loopback(as).channel(party);
    }

    static String spiffe(int party) {
        return "spiffe://%s/party/%d".formatted(CLUSTER, party);
    }

    @Override
    public void close() {
        List.copyOf(nodes.keySet()).forEach(this::kill);
    }

    private static int[] freePorts(int count) {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            int[] ports = new int[count];
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0);
                sockets.add(socket);
                ports[i] = socket.getLocalPort();
            }
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new AssertionError(Arrays.toString(new int[] {count}), e);
        }
    }

    private final class Loopback implements MeshTransport {
        private final SslContext tls;

        Loopback(TestAuthority.Identity identity) {
            try {
                tls = GrpcSslContexts.forClient()
                        .keyManager(identity.keys().getPrivate(), identity.certificate())
                        .trustManager(authority.certificate())
                        .build();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public ManagedChannel channel(int peer) {
            return NettyChannelBuilder.forAddress("127.0.0.1", ports[peer - 1])
                    .sslContext(tls)
                    .maxInboundMessageSize(LIMITS.frameBytes())
                    .executor(Executors.newVirtualThreadPerTaskExecutor())
                    .build();
        }

        @Override
        public OptionalInt party(SSLSession session) {
            try {
                X509Certificate peer = (X509Certificate) session.getPeerCertificates()[0];
                return peer.getSubjectAlternativeNames().stream()
                        .filter(name -> Objects.equals(name.get(0), 6))
                        .map(name -> String.valueOf(name.get(1)))
                        .filter(uri -> uri.startsWith("spiffe://" + CLUSTER + "/party/"))
                        .mapToInt(uri -> Integer.parseInt(uri.substring(uri.lastIndexOf('/') + 1)))
                        .findFirst();
            } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
                return OptionalInt.empty();
            }
        }
    }
}
