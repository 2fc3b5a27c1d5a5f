package org.keymoot.protocol.frost;

import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.SecretScope;

/// The two secret nonces of one signer for one signature.
///
/// It keeps true: they serve at most one signature share and are erased by it; they are never stored.
public final class Nonces implements AutoCloseable {
    private final SecretScope scope;
    private final SecretScalar hiding;
    private final SecretScalar binding;
    private final NonceCommitment commitment;
    private boolean spent;

    Nonces(SecretScope scope, SecretScalar hiding, SecretScalar binding, NonceCommitment commitment) {
        this.scope = scope;
        this.hiding = hiding;
        this.binding = binding;
        this.commitment = commitment;
    }

    public NonceCommitment commitment() {
        return commitment;
    }

    /// The hiding nonce, for [SigningPackage] and for comparing with published vectors.
    public SecretScalar hiding() {
        return hiding;
    }

    /// The binding nonce, likewise.
    public SecretScalar binding() {
        return binding;
    }

    /// Marks the nonces as used.
    ///
    /// @throws IllegalStateException when they were used before
    synchronized void spend() {
        if (spent) {
            throw new IllegalStateException("these nonces have served a signature share already");
        }
        spent = true;
    }

    @Override
    public synchronized void close() {
        spent = true;
        scope.close();
    }

    @Override
    public String toString() {
        return "[redacted nonces of P" + commitment.identifier() + "]";
    }
}
