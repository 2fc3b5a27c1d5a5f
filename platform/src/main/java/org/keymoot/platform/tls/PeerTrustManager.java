package org.keymoot.platform.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Lets a TLS handshake pass only when the peer's certificate names someone of the cluster whom the caller
/// expects. Host names play no part, since a party is known by its name in the cluster and may move.
final class PeerTrustManager extends X509ExtendedTrustManager {
    private final ClusterTrust trust;
    private final Predicate<SpiffeId> admitted;
    private final String expectation;

    /// @param expectation whom the predicate admits, for the message of a refusal
    PeerTrustManager(ClusterTrust trust, Predicate<SpiffeId> admitted, String expectation) {
        this.trust = trust;
        this.admitted = admitted;
        this.expectation = expectation;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, ClusterTrust.End.CLIENT);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, ClusterTrust.End.SERVER);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain, ClusterTrust.End.CLIENT);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain, ClusterTrust.End.SERVER);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, ClusterTrust.End.CLIENT);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain, ClusterTrust.End.SERVER);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.rootArray();
    }

    private void check(X509Certificate[] chain, ClusterTrust.End end) throws CertificateException {
        SpiffeId peer = trust.verify(ClusterTrust.list(chain), end);
        if (!admitted.test(peer)) {
            throw new CertificateException("expected %s, found %s".formatted(expectation, peer));
        }
    }
}
