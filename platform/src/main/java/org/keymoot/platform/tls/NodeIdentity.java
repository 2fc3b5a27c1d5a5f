package org.keymoot.platform.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/// The certificate by which a process names itself, with the chain to the cluster's root and its private key.
///
/// It keeps true: the private key belongs to the first certificate.
public final class NodeIdentity {
    private static final byte[] PROBE = {'k', 'e', 'y', 'm', 'o', 'o', 't'};

    private final List<X509Certificate> chain;
    private final PrivateKey key;
    private final SpiffeId id;

    private NodeIdentity(List<X509Certificate> chain, PrivateKey key, SpiffeId id) {
        this.chain = chain;
        this.key = key;
        this.id = id;
    }

    /// @throws IOException when the files do not make an identity
    /// @throws org.keymoot.platform.disk.InsecurePermissions when others have access to the key
    public static NodeIdentity load(Path chainFile, Path keyFile) throws IOException {
        try {
            return of(Pem.certificates(chainFile), Pem.privateKey(keyFile));
        } catch (CertificateException e) {
            throw new IOException(
                    "%s and %s do not make an identity: %s".formatted(chainFile, keyFile, e.getMessage()), e);
        }
    }

    /// @throws CertificateException when the key is of another certificate, or that names no one of a cluster
    public static NodeIdentity of(List<X509Certificate> chain, PrivateKey key) throws CertificateException {
        X509Certificate leaf = chain.getFirst();
        if (!belong(key, leaf.getPublicKey())) {
            throw new CertificateException("the private key does not belong to the first certificate");
        }
        return new NodeIdentity(List.copyOf(chain), key, SpiffeId.of(leaf));
    }

    public SpiffeId id() {
        return id;
    }

    /// The leaf first.
    public List<X509Certificate> chain() {
        return chain;
    }

    public X509Certificate leaf() {
        return chain.getFirst();
    }

    public Instant notAfter() {
        return leaf().getNotAfter().toInstant();
    }

    /// This identity's signature of `statement`, SHA256withECDSA, so that the key itself stays here.
    ///
    /// @throws GeneralSecurityException when the key is of another kind
    public byte[] sign(byte[] statement) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(statement);
        return signature.sign();
    }

    PrivateKey key() {
        return key;
    }

    @Override
    public String toString() {
        return id + " until " + notAfter();
    }

    private static boolean belong(PrivateKey key, PublicKey publicKey) {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
        };
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(PROBE);
            byte[] signature = signer.sign();
            signer.initVerify(publicKey);
            signer.update(PROBE);
            return signer.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
