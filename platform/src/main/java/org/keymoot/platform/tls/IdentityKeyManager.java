package org.keymoot.platform.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Shows the identity that is current at the moment of each handshake, so that a renewed certificate needs no
/// restart.
///
/// The identity is asked for once a handshake, when the alias is chosen; a renewal between that and the reading
/// of chain and key could otherwise mix two of them.
final class IdentityKeyManager extends X509ExtendedKeyManager {
    private static final String ALIAS = "node";

    private final Supplier<NodeIdentity> identity;
    private final ThreadLocal<NodeIdentity> chosen = new ThreadLocal<>();

    IdentityKeyManager(Supplier<NodeIdentity> identity) {
        this.identity = identity;
    }

    @Override
    public String chooseEngineClientAlias(
            String @Nullable [] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return choose();
    }

    @Override
    public String chooseEngineServerAlias(
            @Nullable String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return choose();
    }

    @Override
    public String chooseClientAlias(
            String @Nullable [] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return choose();
    }

    @Override
    public String chooseServerAlias(@Nullable String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return choose();
    }

    @Override
    public String[] getClientAliases(@Nullable String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String[] getServerAliases(@Nullable String keyType, Principal @Nullable [] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public X509Certificate[] getCertificateChain(@Nullable String alias) {
        return current().chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(@Nullable String alias) {
        return current().key();
    }

    private String choose() {
        chosen.set(identity.get());
        return ALIAS;
    }

    private NodeIdentity current() {
        NodeIdentity now = chosen.get();
        return now == null ? identity.get() : now;
    }
}
