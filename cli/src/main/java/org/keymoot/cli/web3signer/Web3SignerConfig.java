package org.keymoot.cli.web3signer;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.keymoot.platform.config.Default;
import org.keymoot.platform.config.Doc;
import org.keymoot.platform.config.HostPort;

/// The settings of a web3signer listener. The KMS endpoint and its access key come from the environment or the profile,
/// as for any AWS client.
public record Web3SignerConfig(
        @Doc("Where clients connect.") @Default("127.0.0.1:9000")
        HostPort listen,

        @Doc("Ids, ARNs or aliases of the keys that may be used.")
        List<String> keys,

        @Doc("Chain of transactions that name none; 0 refuses them.") @Default("0")
        long chainId,

        @Doc(
                "Name under which the nonce lease of a key and chain is taken before a transaction is signed, and kept while"
                        + " transactions come; without it no key signs here whose rules demand a lease.")
        Optional<String> leaseHolder,

        @Doc("A file with the token that clients send as `Authorization: Bearer`, readable by this user only.")
        Optional<Path> tokenFile,

        @Doc("Certificate shown to clients; without it the listener speaks plain HTTP.")
        Optional<Tls> tls) {

    private static final String HOLDER = "[a-zA-Z0-9+=,.@:/_-]{1,128}";

    public Web3SignerConfig {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("keys: must name at least one key");
        }
        if (chainId < 0) {
            throw new IllegalArgumentException("chainId: must not be negative");
        }
        if (leaseHolder.isPresent() && !leaseHolder.get().matches(HOLDER)) {
            throw new IllegalArgumentException("leaseHolder: must be 1 to 128 letters, digits or any of +=,.@:/_-");
        }
        boolean byCertificate = tls.isPresent() && tls.get().clientRoots().isPresent();
        if (tokenFile.isEmpty() && !byCertificate) {
            throw new IllegalArgumentException(
                    "tokenFile or tls.clientRoots: one of them must be given, or anyone could sign");
        }
    }

    /// Files of PEM.
    public record Tls(
            @Doc("The certificate with its chain.") Path certificate,

            @Doc("Its private key, readable by this user only.")
            Path key,

            @Doc("Roots of the certificates that clients must show.")
            Optional<Path> clientRoots) {}
}
