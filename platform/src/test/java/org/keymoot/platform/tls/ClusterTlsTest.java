package org.keymoot.platform.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetSocketAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLSession;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.keymoot.platform.tls.TestAuthority.Leaf;

/// Shakes hands over real sockets, and asserts what each end says when it refuses.
class ClusterTlsTest {
    private static final SpiffeId PARTY_1 = SpiffeId.party("alpha", 1);
    private static final SpiffeId PARTY_2 = SpiffeId.party("alpha", 2);

    @SuppressWarnings("NullAway.Init")
    private static MultiThreadIoEventLoopGroup loops;

    @SuppressWarnings("NullAway.Init")
    private static TestAuthority authority;

    @BeforeAll
    static void start() throws Exception {
        loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
        authority = new TestAuthority();
    }

    @AfterAll
    static void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /// How a handshake ended at both ends.
    private record Outcome(
            @Nullable Throwable client,
            @Nullable Throwable server,
            @Nullable SSLSession session) {}

    @Test
    void connectsPartiesOfOneClusterWithTls13AndHttp2() throws Exception {
        Outcome outcome = shake(client(leaf(PARTY_1), PARTY_2), server(leaf(PARTY_2)));
        assertThat(outcome.client()).isNull();
        assertThat(outcome.server()).isNull();
        assertThat(Objects.requireNonNull(outcome.session()).getProtocol()).isEqualTo("TLSv1.3");
    }

    @Test
    void agreesOnTheHybridGroupAndFallsBackToX25519Only() throws Exception {
        SslContext server = server(leaf(PARTY_2));
        assertThat(shake(raw(leaf(PARTY_1), "X25519MLKEM768"), server).client()).isNull();
        assertThat(shake(raw(leaf(PARTY_1), "X25519"), server).client()).isNull();
        assertThat(shake(raw(leaf(PARTY_1), "P-256"), server).client()).isNotNull();
    }

    @Test
    void refusesAServerWithAnotherName() throws Exception {
        Outcome outcome = shake(client(leaf(PARTY_1), PARTY_2), server(leaf(SpiffeId.party("alpha", 3))));
        assertThat(all(outcome.client())).contains("expected spiffe://alpha/party/2, found spiffe://alpha/party/3");
        assertThat(outcome.server()).isNotNull();
    }

    @Test
    void refusesAClientOfAnotherClusterOrRole() throws Exception {
        for (SpiffeId stranger : List.of(SpiffeId.party("beta", 1), SpiffeId.operator("alpha", "eve"))) {
            Outcome outcome = shake(client(leaf(stranger), PARTY_2), server(leaf(PARTY_2)));
            assertThat(all(outcome.server())).contains("expected a party of alpha, found " + stranger);
        }
    }

    @Test
    void refusesExpiredAndNotYetValidCertificatesSayingSo() throws Exception {
        Instant now = Instant.now();
        Leaf expired = Leaf.of(PARTY_2.toString()).during(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)));
        Leaf early = Leaf.of(PARTY_2.toString()).during(now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(2)));
        assertThat(all(shake(client(leaf(PARTY_1), PARTY_2), server(authority.identity(expired)))
                        .client()))
                .contains("the certificate expired at");
        assertThat(all(shake(client(leaf(PARTY_1), PARTY_2), server(authority.identity(early)))
                        .client()))
                .contains("the certificate is valid from");
    }

    @Test
    void refusesCertificatesOfAnotherAuthorityAndSelfSignedOnes() throws Exception {
        TestAuthority other = new TestAuthority();
        NodeIdentity foreign = other.identity(Leaf.of(PARTY_2.toString()));
        assertThat(all(shake(client(leaf(PARTY_1), PARTY_2), server(foreign)).client()))
                .contains("does not lead to a root of this cluster")
                .contains(Fingerprint.of(authority.root).text());
        NodeIdentity intruder = other.identity(Leaf.of(PARTY_1.toString()));
        assertThat(all(shake(client(intruder, PARTY_2), server(leaf(PARTY_2))).server()))
                .contains("does not lead to a root of this cluster");
    }

    @Test
    void refusesAClientsCertificateAsAServersAndTheReverse() throws Exception {
        NodeIdentity clientOnly = authority.identity(Leaf.of(PARTY_2.toString()).only(KeyPurposeId.id_kp_clientAuth));
        assertThat(all(shake(client(leaf(PARTY_1), PARTY_2), server(clientOnly)).client()))
                .contains("was not issued for a server");
        NodeIdentity serverOnly = authority.identity(Leaf.of(PARTY_1.toString()).only(KeyPurposeId.id_kp_serverAuth));
        assertThat(all(shake(client(serverOnly, PARTY_2), server(leaf(PARTY_2))).server()))
                .contains("was not issued for a client");
    }

    @Test
    void refusesAClientWithoutACertificateAndOneWithOldTls() throws Exception {
        SslContext naked = SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .build();
        assertThat(shake(naked, server(leaf(PARTY_2))).server()).isNotNull();
        NodeIdentity identity = leaf(PARTY_1);
        for (String version : List.of("TLSv1.2", "TLSv1.1")) {
            SslContext old = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.OPENSSL)
                    .protocols(version)
                    .keyManager(identity.key(), identity.chain())
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .build();
            assertThat(shake(old, server(leaf(PARTY_2))).server()).isNotNull();
        }
    }

    @Test
    void usesARenewedCertificateFromTheNextHandshakeOn() throws Exception {
        AtomicReference<NodeIdentity> current = new AtomicReference<>(leaf(PARTY_2));
        SslContext server = new ClusterTls(current::get, trust()).grpcServer(id -> true, "anyone");
        SslContext client = client(leaf(PARTY_1), PARTY_2);
        assertThat(peer(shake(client, server))).isEqualTo(current.get().leaf());
        X509Certificate before = current.get().leaf();
        current.set(leaf(PARTY_2));
        assertThat(peer(shake(client, server))).isEqualTo(current.get().leaf()).isNotEqualTo(before);
    }

    @Test
    void namesExactlyOneNodeInACertificate() throws Exception {
        for (String[] names : new String[][] {
            {"spiffe://alpha/party/1", "spiffe://alpha/party/2"},
            {"spiffe://alpha/party/0"},
            {"spiffe://alpha/party/01"},
            {"spiffe://Alpha/party/1"},
            {"spiffe://alpha/party/1/"},
            {"https://alpha/party/1"},
            {"spiffe://alpha/admin/eve"}
        }) {
            assertThatThrownBy(() -> authority.identity(Leaf.of("x").named(names)))
                    .as(String.join(" ", names))
                    .isInstanceOf(CertificateException.class);
        }
        assertThat(SpiffeId.parse("spiffe://alpha/endpoint/web-1").role()).isEqualTo(SpiffeId.Role.ENDPOINT);
    }

    @Test
    void readsFingerprintsAsPeopleTypeThem() {
        Fingerprint fingerprint = Fingerprint.of(authority.root);
        assertThat(fingerprint.text()).matches("([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}");
        String typed =
                fingerprint.text().toLowerCase(Locale.ROOT).replace('-', ' ').replace('0', 'o');
        assertThat(Fingerprint.parse(typed)).isEqualTo(fingerprint);
        for (String bad : List.of("", "7K3M", fingerprint.text() + "A", "UUUU-UUUU-UUUU-UUUU-UUUU")) {
            assertThatThrownBy(() -> Fingerprint.parse(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static NodeIdentity leaf(SpiffeId id) throws Exception {
        return authority.identity(Leaf.of(id.toString()));
    }

    private static ClusterTrust trust() {
        return new ClusterTrust(List.of(authority.root), InstantSource.system());
    }

    private static SslContext client(NodeIdentity identity, SpiffeId expected) throws Exception {
        return new ClusterTls(() -> identity, trust()).grpcClient(expected);
    }

    private static SslContext server(NodeIdentity identity) throws Exception {
        return new ClusterTls(() -> identity, trust())
                .grpcServer(id -> id.cluster().equals("alpha") && id.role() == SpiffeId.Role.PARTY, "a party of alpha");
    }

    /// A client that offers one key exchange group only.
    private static SslContext raw(NodeIdentity identity, String group) throws Exception {
        return SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .keyManager(identity.key(), identity.chain())
                .trustManager(authority.root)
                .endpointIdentificationAlgorithm(null)
                .option(OpenSslContextOption.GROUPS, new String[] {group})
                .build();
    }

    private static X509Certificate peer(Outcome outcome) throws Exception {
        SSLSession session = outcome.session();
        if (session == null) {
            throw new AssertionError("no session", outcome.client());
        }
        return (X509Certificate) session.getPeerCertificates()[0];
    }

    private static String all(@Nullable Throwable failure) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            text.append(cause.getMessage()).append('\n');
        }
        return text.toString();
    }

    private static Outcome shake(SslContext client, SslContext server) throws Exception {
        BlockingQueue<Object> atServer = new ArrayBlockingQueue<>(10);
        BlockingQueue<Object> atClient = new ArrayBlockingQueue<>(10);
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(initializer(server, atServer))
                .bind(new InetSocketAddress("127.0.0.1", 0))
                .sync()
                .channel();
        try {
            Channel channel = new Bootstrap()
                    .group(loops)
                    .channel(NioSocketChannel.class)
                    .handler(initializer(client, atClient))
                    .connect(listener.localAddress())
                    .sync()
                    .channel();
            Object serverEnd = take(atServer);
            Object clientEnd = take(atClient);
            SSLSession session =
                    clientEnd instanceof SslHandler handler ? handler.engine().getSession() : null;
            channel.close().sync();
            return new Outcome(
                    clientEnd instanceof Throwable c ? c : null, serverEnd instanceof Throwable s ? s : null, session);
        } finally {
            listener.close().sync();
        }
    }

    private static Object take(BlockingQueue<Object> queue) throws InterruptedException {
        Object event = queue.poll(10, TimeUnit.SECONDS);
        return event == null ? new AssertionError("the handshake did not end") : event;
    }

    private static ChannelInitializer<Channel> initializer(SslContext context, BlockingQueue<Object> events) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                SslHandler handler = context.newHandler(channel.alloc());
                channel.pipeline().addLast(handler).addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                        if (event instanceof SslHandshakeCompletionEvent end) {
                            var unused = events.offer(end.isSuccess() ? handler : end.cause());
                        }
                    }

                    @Override
                    @SuppressWarnings("deprecation") // The only place where Netty reports it.
                    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                        ctx.close();
                    }
                });
            }
        };
    }
}
