package org.keymoot.platform.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Decides whether a certificate names someone of this cluster.
///
/// It keeps true: the name is believed only when the certificate is in force, leads to a root of the cluster's
/// authority and was issued for that side of a connection.
public final class ClusterTrust {
    private static final int LONGEST_CHAIN = 4;

    private final List<X509Certificate> roots;
    private final InstantSource clock;

    /// Which end of a connection the holder of a certificate is.
    public enum End {
        SERVER("1.3.6.1.5.5.7.3.1", "a server"),
        CLIENT("1.3.6.1.5.5.7.3.2", "a client");

        private final String usage;
        private final String words;

        End(String usage, String words) {
            this.usage = usage;
            this.words = words;
        }
    }

    public ClusterTrust(List<X509Certificate> roots, InstantSource clock) {
        if (roots.isEmpty()) {
            throw new IllegalArgumentException("a cluster has at least one root certificate");
        }
        this.roots = List.copyOf(roots);
        this.clock = clock;
    }

    /// Trusts the roots of a PEM file.
    public static ClusterTrust load(Path rootsFile, InstantSource clock) throws IOException {
        return new ClusterTrust(Pem.certificates(rootsFile), clock);
    }

    public List<X509Certificate> roots() {
        return roots;
    }

    /// Returns whom the first certificate of `chain` names.
    ///
    /// @throws CertificateException saying which rule it breaks
    public SpiffeId verify(List<X509Certificate> chain, End end) throws CertificateException {
        if (chain.isEmpty() || chain.size() > LONGEST_CHAIN) {
            throw new CertificateException(
                    "expected a chain of 1 to %d certificates, found %d".formatted(LONGEST_CHAIN, chain.size()));
        }
        X509Certificate leaf = chain.getFirst();
        Instant now = clock.instant();
        requireInForce(leaf, now);
        requirePath(chain, now);
        if (leaf.getBasicConstraints() >= 0) {
            throw new CertificateException("the certificate is an authority's, not a node's");
        }
        List<String> usages = leaf.getExtendedKeyUsage();
        if (usages == null || !usages.contains(end.usage)) {
            throw new CertificateException("the certificate was not issued for " + end.words);
        }
        return SpiffeId.of(leaf);
    }

    X509Certificate[] rootArray() {
        return roots.toArray(X509Certificate[]::new);
    }

    private static void requireInForce(X509Certificate leaf, Instant now) throws CertificateException {
        Instant from = leaf.getNotBefore().toInstant();
        Instant until = leaf.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            throw new CertificateException(
                    "the certificate is valid from %s, but this machine's clock says %s".formatted(from, now));
        }
        if (now.isAfter(until)) {
            throw new CertificateException(
                    "the certificate expired at %s; this machine's clock says %s".formatted(until, now));
        }
    }

    private void requirePath(List<X509Certificate> chain, Instant now) throws CertificateException {
        Set<TrustAnchor> anchors = new HashSet<>();
        roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
        // A root that the peer sent along proves nothing, and path validation does not expect it.
        List<X509Certificate> path = chain.stream()
                .filter(certificate -> !roots.contains(certificate))
                .toList();
        try {
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        } catch (CertPathValidatorException e) {
            throw new CertificateException(
                    "the certificate %s, issued by '%s', does not lead to a root of this cluster (%s): %s"
                            .formatted(
                                    Fingerprint.of(chain.getFirst()),
                                    chain.getLast().getIssuerX500Principal(),
                                    roots.stream()
                                            .map(root -> Fingerprint.of(root).text())
                                            .collect(Collectors.joining(", ")),
                                    e.getMessage()),
                    e);
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the chain cannot be checked: " + e.getMessage(), e);
        }
    }

    static List<X509Certificate> list(X509Certificate[] chain) {
        return Arrays.asList(chain);
    }
}
