package org.keymoot.platform.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

/// TLS as the cluster uses it: version 1.3, both ends named, X25519MLKEM768 for the key exchange with X25519
/// behind it.
///
/// What was recorded today stays secret when X25519 falls, because the mesh combines it with ML-KEM. The JDK's
/// own TLS has no such group, so the mesh uses BoringSSL through Netty; without that library the node refuses
/// to start rather than fall back unnoticed.
public final class ClusterTls {
    private static final String VERSION = "TLSv1.3";
    private static final String[] GROUPS = {"X25519MLKEM768", "X25519"};
    private static final List<String> CIPHERS =
            List.of("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256");
    private static final ApplicationProtocolConfig HTTP2 = new ApplicationProtocolConfig(
            ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
            "h2");

    private final Supplier<NodeIdentity> identity;
    private final ClusterTrust trust;

    /// @param identity asked at each handshake, so that a renewed certificate is used from then on
    public ClusterTls(Supplier<NodeIdentity> identity, ClusterTrust trust) {
        this.identity = identity;
        this.trust = trust;
    }

    /// For a gRPC server that admits those whom `admitted` names and demands a certificate of everyone.
    ///
    /// @param expectation whom that is, for the message of a refusal
    public SslContext grpcServer(Predicate<SpiffeId> admitted, String expectation) throws SSLException {
        return build(SslContextBuilder.forServer(keyManager())
                .clientAuth(ClientAuth.REQUIRE)
                .trustManager(trustManager(admitted, expectation)));
    }

    /// For a gRPC client that talks to `expected` and no one else.
    public SslContext grpcClient(SpiffeId expected) throws SSLException {
        return grpcClient(expected::equals, expected.toString());
    }

    /// For a gRPC client that talks to any of those whom `admitted` names.
    public SslContext grpcClient(Predicate<SpiffeId> admitted, String expectation) throws SSLException {
        return build(SslContextBuilder.forClient()
                .keyManager(keyManager())
                .trustManager(trustManager(admitted, expectation))
                // The peer is known by its name in the cluster, which the trust manager checks, not by its host name.
                .endpointIdentificationAlgorithm(null));
    }

    /// For HTTP listeners and clients within the cluster, on the JDK's TLS.
    public SSLContext jdk(Predicate<SpiffeId> admitted, String expectation) {
        try {
            SSLContext context = SSLContext.getInstance(VERSION);
            context.init(
                    new KeyManager[] {keyManager()},
                    new TrustManager[] {trustManager(admitted, expectation)},
                    new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no TLS 1.3", e);
        }
    }

    /// The identity in force.
    public NodeIdentity identity() {
        return identity.get();
    }

    private KeyManager keyManager() {
        return new IdentityKeyManager(identity);
    }

    private TrustManager trustManager(Predicate<SpiffeId> admitted, String expectation) {
        return new PeerTrustManager(trust, admitted, expectation);
    }

    private static SslContext build(SslContextBuilder builder) throws SSLException {
        if (!OpenSsl.isAvailable()) {
            throw new IllegalStateException(
                    "the TLS library for post-quantum connections does not load on this platform (Linux on x86-64 or ARM64 with glibc has it)",
                    OpenSsl.unavailabilityCause());
        }
        return builder.sslProvider(SslProvider.OPENSSL)
                .protocols(VERSION)
                .ciphers(CIPHERS)
                .option(OpenSslContextOption.GROUPS, GROUPS)
                .applicationProtocolConfig(HTTP2)
                .build();
    }
}
