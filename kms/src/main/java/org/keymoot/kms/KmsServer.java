package org.keymoot.kms;

import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.keymoot.platform.http.HttpOptions;
import org.keymoot.platform.http.HttpServer;
import org.keymoot.platform.http.HttpTls;
import org.keymoot.platform.telemetry.Telemetry;
import org.keymoot.platform.tls.ClusterTls;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.PublicTls;
import org.keymoot.platform.tls.SpiffeId;

/// A running endpoint with its listeners and its connections to the parties.
public final class KmsServer implements AutoCloseable {
    private static final int MAXIMUM_CONNECTIONS = 4096;

    private final List<GrpcPartyLink> links;
    private final @Nullable Telemetry telemetry;
    private final HttpServer http;
    private final boolean tls;
    private final CountDownLatch closed = new CountDownLatch(1);

    private KmsServer(List<GrpcPartyLink> links, @Nullable Telemetry telemetry, HttpServer http, boolean tls) {
        this.links = links;
        this.telemetry = telemetry;
        this.http = http;
        this.tls = tls;
    }

    /// Connects to the parties as `config` says and listens. Parties that are down are tried again at each
    /// request.
    ///
    /// @throws IOException when a certificate cannot be read or an address cannot be listened on
    public static KmsServer start(KmsConfig config, InstantSource clock) throws IOException {
        KmsConfig.Identity names = config.identity();
        NodeIdentity identity = NodeIdentity.load(names.certificate(), names.key());
        ClusterTls cluster = new ClusterTls(() -> identity, ClusterTrust.load(names.roots(), clock));
        HttpOptions options = HttpOptions.plain("kms", config.listen().resolve());
        if (config.clientTls().isPresent()) {
            KmsConfig.ClientTls shown = config.clientTls().get();
            options = options.withTls(HttpTls.server(PublicTls.server(shown.certificate(), shown.key())));
        }
        List<GrpcPartyLink> links = new ArrayList<>();
        Telemetry telemetry = null;
        try {
            for (KmsConfig.Party party : config.parties()) {
                SslContext context = cluster.grpcClient(SpiffeId.party(config.cluster(), party.index()));
                links.add(new GrpcPartyLink(
                        "party " + party.index(),
                        party.gateway().host(),
                        party.gateway().port(),
                        context));
            }
            telemetry = Telemetry.start(config.telemetry().resolve());
            return start(config, options, links, telemetry);
        } catch (IOException | RuntimeException e) {
            links.forEach(GrpcPartyLink::close);
            if (telemetry != null) {
                telemetry.close();
            }
            throw e;
        }
    }

    private static KmsServer start(
            KmsConfig config, HttpOptions options, List<GrpcPartyLink> links, Telemetry telemetry) throws IOException {
        PartyPool pool =
                new PartyPool(List.copyOf(links), config.requestTimeout(), config.attemptTimeout(), System::nanoTime);
        telemetry.watch("parties", () -> pool.answering() > 0 ? "" : "no party answers");
        KmsEndpoint endpoint = new KmsEndpoint(pool, new KmsMetrics(telemetry.registry()), config.maximumConcurrent());
        // Twice as many as may wait for parties, so that what is too much is turned away by the endpoint itself.
        HttpOptions limited = options.withMaximumBodyBytes(KmsEndpoint.MAXIMUM_BODY_BYTES)
                .withConcurrency(MAXIMUM_CONNECTIONS, 2 * config.maximumConcurrent());
        HttpServer http = HttpServer.start(limited, endpoint);
        return new KmsServer(links, telemetry, http, config.clientTls().isPresent());
    }

    public InetSocketAddress address() {
        return http.address();
    }

    /// What clients set as AWS_ENDPOINT_URL.
    public String url() {
        return (tls ? "https://" : "http://") + address().getHostString() + ":"
                + address().getPort();
    }

    /// Returns when [#close] has been called.
    public void awaitClose() throws InterruptedException {
        closed.await();
    }

    @Override
    public void close() {
        http.close();
        links.forEach(GrpcPartyLink::close);
        if (telemetry != null) {
            telemetry.close();
        }
        closed.countDown();
    }
}
