package org.keymoot.control.ca;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.keymoot.platform.tls.Fingerprint;

/// Trusts a server only when its chain ends in the root whose fingerprint the operator typed, and its
/// certificate is the authority's own for admissions: a node's certificate of the same authority does not pass
/// for it.
final class PinnedAuthority extends X509ExtendedTrustManager {
    private static final int DNS_NAME = 2;
    private static final int URI_NAME = 6;

    private final Fingerprint expected;
    private final InstantSource clock;

    PinnedAuthority(Fingerprint expected, InstantSource clock) {
        this.expected = expected;
        this.clock = clock;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(Arrays.asList(chain));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(Arrays.asList(chain));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(Arrays.asList(chain));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("a joining node has no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("a joining node has no clients");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("a joining node has no clients");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private void check(List<X509Certificate> chain) throws CertificateException {
        X509Certificate root = chain.getLast();
        Fingerprint found = Fingerprint.of(root);
        if (!found.equals(expected)) {
            throw new CertificateException(
                    "the authority's fingerprint was expected to be %s, but the server showed %s: check the fingerprint with the authority's operator; if it is right, someone else answers at this address"
                            .formatted(expected, found));
        }
        requirePath(chain, root);
        requireAdmission(chain.getFirst());
    }

    private void requirePath(List<X509Certificate> chain, X509Certificate root) throws CertificateException {
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(clock.instant()));
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509")
                                    .generateCertPath(chain.subList(0, chain.size() - 1)),
                            parameters);
        } catch (GeneralSecurityException e) {
            throw new CertificateException(
                    "the server's certificate was not signed by the authority: " + e.getMessage(), e);
        }
    }

    private static void requireAdmission(X509Certificate leaf) throws CertificateException {
        boolean admission = false;
        boolean node = false;
        try {
            Collection<List<?>> names = leaf.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                admission |= name.getFirst().equals(DNS_NAME)
                        && String.valueOf(name.get(1)).startsWith(Admission.HOST_PREFIX);
                node |= name.getFirst().equals(URI_NAME);
            }
        } catch (CertificateParsingException e) {
            throw new CertificateException("the server's certificate cannot be read", e);
        }
        if (!admission || node) {
            throw new CertificateException("the server is a node of the cluster, not its authority");
        }
    }
}
