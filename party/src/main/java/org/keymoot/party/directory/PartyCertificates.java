package org.keymoot.party.directory;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;

/// What receipts need of the cluster's certificates: this party's own, and the judgement of others'.
public interface PartyCertificates {
    X509Certificate own();

    /// This party's certificate and those that lead from it to the authority.
    default List<X509Certificate> chain() {
        return List.of(own());
    }

    /// This party's signature, SHA256withECDSA, under the key of its own certificate.
    byte[] sign(byte[] statement) throws GeneralSecurityException;

    /// The index of the party that `certificate` was issued to by the cluster's authority. The time of validity is not
    /// judged: a receipt stays true after its signer's certificate has ended.
    ///
    /// @throws GeneralSecurityException when it does not chain to the authority, or is not a party's
    int party(X509Certificate certificate) throws GeneralSecurityException;
}
