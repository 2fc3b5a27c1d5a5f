package org.keymoot.party.directory;

import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.keymoot.platform.tls.ClusterTrust;
import org.keymoot.platform.tls.NodeIdentity;
import org.keymoot.platform.tls.SpiffeId;

/// The cluster's certificates as its authority issues them: each party's leaf is signed by the authority's
/// intermediate, which this party knows from its own chain.
public final class ClusterPartyCertificates implements PartyCertificates {
    private final Supplier<NodeIdentity> identity;
    private final ClusterTrust trust;

    public ClusterPartyCertificates(Supplier<NodeIdentity> identity, ClusterTrust trust) {
        this.identity = identity;
        this.trust = trust;
    }

    @Override
    public X509Certificate own() {
        return identity.get().leaf();
    }

    @Override
    public List<X509Certificate> chain() {
        return identity.get().chain();
    }

    @Override
    public byte[] sign(byte[] statement) throws GeneralSecurityException {
        return identity.get().sign(statement);
    }

    @Override
    public int party(X509Certificate certificate) throws GeneralSecurityException {
        SpiffeId id = SpiffeId.of(certificate);
        SpiffeId self = identity.get().id();
        if (id.role() != SpiffeId.Role.PARTY || !id.cluster().equals(self.cluster())) {
            throw new CertificateException("%s is not a party of cluster %s".formatted(id, self.cluster()));
        }
        for (X509Certificate authority : authorities()) {
            if (authority.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
                certificate.verify(authority.getPublicKey());
                return id.index();
            }
        }
        throw new CertificateException("%s was issued by %s, which is not this cluster's authority"
                .formatted(id, certificate.getIssuerX500Principal()));
    }

    private List<X509Certificate> authorities() {
        List<X509Certificate> chain = identity.get().chain();
        List<X509Certificate> authorities = new ArrayList<>(chain.subList(1, chain.size()));
        authorities.addAll(trust.roots());
        return authorities;
    }
}
