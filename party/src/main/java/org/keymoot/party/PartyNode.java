package org.keymoot.party;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import javax.net.ssl.SSLException;
import org.keymoot.api.gateway.v1.GatewayGrpc;
import org.keymoot.party.directory.ClusterPartyCertificates;
import org.keymoot.party.directory.MeshPeers;
import org.keymoot.party.directory.Recovery;
import org.keymoot.party.directory.ReplicatedDirectory;
import org.keymoot.party.gateway.GatewayService;
import org.keymoot.party.gateway.OperatorService;
import org.keymoot.party.gateway.RoleGuard;
import org.keymoot.party.mesh.Membership;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.MeshLimits;
import org.keymoot.party.mesh.MeshTransport;
import org.keymoot.party.operations.AuditTrail;
import org.keymoot.party.operations.Operations;
import org.keymoot.party.operations.SystemRandom;
import org.keymoot.party.store.NodeStore;
import org.keymoot.party.store.Owner;
import org.keymoot.platform.audit.AuditLog;
import org.keymoot.platform.audit.AuditOptions;
import org.keymoot.platform.disk.DataDirectory;
import org.keymoot.platform.disk.FailStop;
import org.keymoot.platform.seal.KeyRing;
import org.keymoot.platform.seal.SealBroken;
import org.keymoot.platform.seal.Sealer;
import org.keymoot.platform.telemetry.RequestMeter;
import org.keymoot.platform.telemetry.Telemetry;
import org.keymoot.platform.tls.ClusterTls;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.SpiffeId;
import org.keymoot.protocol.session.Environment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One party, put together: read [#start] aloud and you know what a party consists of.
public final class PartyNode implements AutoCloseable {
    public static final String SOFTWARE_VERSION = "0.1.0";
    private static final int STOP_SECONDS = 5;
    private static final int CALL_BYTES = 1 << 20;
    private static final Logger log = LoggerFactory.getLogger(PartyNode.class);

    private final List<AutoCloseable> closing = new ArrayList<>();
    private final Mesh mesh;
    private final Server server;
    private final Operations operations;

    private PartyNode(Mesh mesh, Server server, Operations operations) {
        this.mesh = mesh;
        this.server = server;
        this.operations = operations;
    }

    /// Starts a party.
    ///
    /// @param failStop what happens when its disk fails
    /// @throws IOException when a file or port is not to be had; nothing is left open then
    public static PartyNode start(PartyConfig config, InstantSource clock, FailStop failStop) throws IOException {
        return start(config, clock, failStop, UnaryOperator.identity());
    }

    /// Starts a party whose links to peers go through what `network` makes of them.
    static PartyNode start(
            PartyConfig config, InstantSource clock, FailStop failStop, UnaryOperator<MeshTransport> network)
            throws IOException {
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            PartyNode node = start(config, clock, failStop, network, opened);
            node.closing.addAll(opened.reversed());
            return node;
        } catch (IOException | RuntimeException e) {
            closeAll(opened.reversed());
            throw e;
        }
    }

    private static PartyNode start(
            PartyConfig config,
            InstantSource clock,
            FailStop failStop,
            UnaryOperator<MeshTransport> network,
            List<AutoCloseable> opened)
            throws IOException {
        // What takes long to load and waits for nothing begins first.
        CompletableFuture<Telemetry> figures = CompletableFuture.supplyAsync(() -> telemetry(config));
        opened.add(() -> figures.thenAccept(Telemetry::close).join());

        // Who this party is, and whom it believes.
        NodeIdentity identity =
                NodeIdentity.load(config.tls().certificate(), config.tls().key());
        SpiffeId self = SpiffeId.party(config.cluster(), config.party());
        if (!identity.id().equals(self)) {
            throw new IOException("certificate %s names %s, but the configuration is that of %s"
                    .formatted(config.tls().certificate(), identity.id(), self));
        }
        ClusterTrust trust = ClusterTrust.load(config.tls().roots(), clock);
        ClusterTls tls = new ClusterTls(() -> identity, trust);
        // Loading the TLS library takes as long as opening the store; the two do not wait for each other.
        CompletableFuture<SslContext> listenerTls = CompletableFuture.supplyAsync(() -> listenerTls(config, tls));

        // What it keeps on disk.
        SecureRandom random = new SecureRandom();
        DataDirectory directoryOnDisk = own(opened, DataDirectory.open(config.data()));
        Sealer sealer = new Sealer(sealKey(config, random), random);
        Owner owner = new Owner(config.cluster(), config.party(), config.mode() == PartyConfig.Mode.PRODUCTION);
        NodeStore store = own(opened, NodeStore.open(directoryOnDisk.path(), owner, sealer, clock, random, failStop));
        AuditLog audit = own(opened, AuditLog.open(AuditOptions.of(directoryOnDisk.resolve("audit")), clock, failStop));
        AuditTrail trail = new AuditTrail(audit);
        if (config.accessKeys().isPresent()) {
            AccessKeys.load(config.accessKeys().get(), store.credentials());
        }

        // What it shows of itself.
        Telemetry telemetry = await(figures);
        telemetry.watch("store", () -> store.database().trouble());
        telemetry.watch("audit", audit::trouble);
        telemetry.watchCertificate("party", identity::notAfter, clock);

        // Where it computes.
        ExecutorService algebra = own(opened, algebra());
        ExecutorService callbacks = own(opened, Executors.newVirtualThreadPerTaskExecutor());
        Environment environment = new Environment(
                new SystemRandom(),
                algebra,
                (session, protocol, stage) -> log.atDebug()
                        .addKeyValue("session", session.abbreviated())
                        .addKeyValue("protocol", protocol)
                        .addKeyValue("stage", stage)
                        .log("session stage"));

        // How it reaches its peers.
        MeshLimits limits = MeshLimits.standard();
        Membership membership = membership(config, store.bootEpoch());
        MeshTransport transport =
                network.apply(new ClusterTransport(config.cluster(), tls, config::addressOf, limits, callbacks));
        Mesh mesh = own(opened, new Mesh(membership, transport, limits, clock, telemetry.registry()));

        // What it knows and does.
        MeshPeers peers = new MeshPeers(mesh);
        Operations operations = own(
                opened,
                new Operations(
                        mesh,
                        store,
                        trail,
                        environment,
                        clock,
                        config.stock(),
                        new ClusterPartyCertificates(() -> identity, trust),
                        new RequestMeter(telemetry.registry(), "keymoot.party"),
                        check -> new ReplicatedDirectory(
                                config.party(),
                                config.parties().size(),
                                config.reconstructionThreshold(),
                                store.database(),
                                store.runs(),
                                store.credentials(),
                                store.secrets(),
                                new ClusterPartyCertificates(() -> identity, trust),
                                check,
                                peers)));
        peers.serve(operations.directory());
        Recovery recovery = operations.directory().recovery();
        mesh.declineWhile(() -> recovery.keepsOut() ? recovery.trouble() : "");
        telemetry.watch("recovery", recovery::trouble);
        if (recovery.isUnderWay()) {
            trail.lifecycle("party.recovering", Map.of("party", config.party(), "why", recovery.trouble()));
        }
        store.runs()
                .onRecovery(why -> trail.lifecycle(
                        why.isEmpty() ? "party.recovered" : "party.recovering",
                        Map.of("party", config.party(), "why", why)));
        operations.start();

        // Where others reach it.
        GatewayService gateway = new GatewayService(operations.requests());
        Server server = NettyServerBuilder.forAddress(config.listen().resolve())
                .sslContext(listenerTls.join())
                .maxInboundMessageSize(CALL_BYTES)
                .maxInboundMetadataSize(16 << 10)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .executor(callbacks)
                .callExecutor(executorOf(callbacks))
                .addService(mesh.service())
                .addService(
                        ServerInterceptors.intercept(gateway, new RoleGuard(config.cluster(), SpiffeId.Role.ENDPOINT)))
                .addService(ServerInterceptors.intercept(
                        new OperatorService(
                                mesh,
                                operations.directory(),
                                operations.pairs(),
                                store.presignatures(),
                                store.credentials(),
                                audit,
                                identity::notAfter,
                                clock),
                        new RoleGuard(config.cluster(), SpiffeId.Role.OPERATOR)))
                .build()
                .start();
        opened.add(() -> {
            // Links and conversations are streams that never end by themselves, so they go before the listener waits
            // for its calls.
            gateway.close();
            mesh.close();
            stop(server);
            trail.lifecycle("party.stopped", Map.of("party", config.party()));
        });
        mesh.start();
        trail.lifecycle(
                "party.started",
                Map.of(
                        "party", config.party(),
                        "version", SOFTWARE_VERSION,
                        "boot", store.bootEpoch()));
        return new PartyNode(mesh, server, operations);
    }

    /// A conversation hands each request to a thread of its own, so its callbacks need none.
    private static ServerCallExecutorSupplier executorOf(Executor others) {
        return new ServerCallExecutorSupplier() {
            @Override
            public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata headers) {
                return call.getMethodDescriptor() == GatewayGrpc.getConverseMethod() ? Runnable::run : others;
            }
        };
    }

    /// Where this party listens.
    public InetSocketAddress address() {
        return (InetSocketAddress) server.getListenSockets().getFirst();
    }

    public Mesh mesh() {
        return mesh;
    }

    public Operations operations() {
        return operations;
    }

    /// Stops cleanly: no new work, links closed, what is in memory erased, the store closed last.
    @Override
    public void close() {
        closeAll(closing);
        closing.clear();
    }

    private static Telemetry telemetry(PartyConfig config) {
        try {
            return Telemetry.start(config.metrics().resolve());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof UncheckedIOException unchecked) {
                throw new IOException(unchecked.getCause());
            }
            throw e;
        }
    }

    private static SslContext listenerTls(PartyConfig config, ClusterTls tls) {
        try {
            return tls.grpcServer(
                    id -> id.cluster().equals(config.cluster()), "a certificate of cluster " + config.cluster());
        } catch (SSLException e) {
            throw new IllegalStateException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    private static Membership membership(PartyConfig config, String bootEpoch) {
        int parties = config.parties().size();
        return new Membership(
                config.cluster(),
                config.party(),
                parties,
                config.reconstructionThreshold(),
                config.epoch(),
                IntStream.rangeClosed(1, parties)
                        .mapToObj(
                                party -> SpiffeId.party(config.cluster(), party).toString())
                        .toList(),
                SOFTWARE_VERSION,
                ByteString.fromHex(bootEpoch));
    }

    /// A key is made together with the store only: one that is made for a store that is there would open nothing in it,
    /// and what it sealed would be lost once the right file is back.
    private static KeyRing sealKey(PartyConfig config, SecureRandom random) throws IOException {
        Path file = config.sealKey();
        if (Files.exists(file)) {
            return KeyRing.load(file);
        }
        if (NodeStore.isIn(config.data())) {
            throw new SealBroken(
                    "%s is not there, but %s holds what was sealed under it; mount its volume or restore it from its backup"
                            .formatted(file, config.data()));
        }
        return KeyRing.create(file, random);
    }

    private static ExecutorService algebra() {
        int cores = Runtime.getRuntime().availableProcessors();
        return Executors.newFixedThreadPool(
                cores, Thread.ofPlatform().name("algebra-", 0).daemon().factory());
    }

    private static <T extends AutoCloseable> T own(List<AutoCloseable> opened, T part) {
        opened.add(part);
        return part;
    }

    private static void stop(Server server) throws InterruptedException {
        server.shutdown();
        if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
            server.shutdownNow();
            server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static void closeAll(List<AutoCloseable> parts) {
        for (AutoCloseable part : parts) {
            try {
                if (part instanceof ExecutorService executor) {
                    executor.shutdownNow();
                } else {
                    part.close();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                log.atWarn().setCause(e).log("a part did not stop cleanly");
            }
        }
    }
}
