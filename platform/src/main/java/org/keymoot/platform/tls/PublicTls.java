package org.keymoot.platform.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/// TLS with ordinary host names: what an endpoint shows to clients of the world, and how its authority is
/// trusted.
public final class PublicTls {
    private static final char[] NO_PASSWORD = new char[0];

    private PublicTls() {}

    /// For a server that shows the certificates of `chainFile`.
    ///
    /// @throws IOException when the files do not make an identity
    /// @throws org.keymoot.platform.disk.InsecurePermissions when others have access to the key
    public static SSLContext server(Path chainFile, Path keyFile) throws IOException {
        return server(Pem.certificates(chainFile), Pem.privateKey(keyFile));
    }

    /// As the other, from memory.
    public static SSLContext server(List<X509Certificate> chain, PrivateKey key) throws IOException {
        try {
            KeyStore store = emptyStore();
            store.setKeyEntry("server", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, NO_PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), new TrustManager[0], new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate and its key do not make a TLS server: " + e.getMessage(), e);
        }
    }

    /// For a client that trusts `roots` and checks host names.
    public static SSLContext client(List<X509Certificate> roots) throws IOException {
        try {
            KeyStore store = emptyStore();
            for (int i = 0; i < roots.size(); i++) {
                store.setCertificateEntry("root" + i, roots.get(i));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, trust.getTrustManagers(), new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the roots cannot be trusted: " + e.getMessage(), e);
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
