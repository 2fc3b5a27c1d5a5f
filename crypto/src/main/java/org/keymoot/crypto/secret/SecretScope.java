package org.keymoot.crypto.secret;

import java.util.ArrayDeque;
import java.util.Deque;

/// Owns secrets that live exactly as long as one computation, and erases them all when it closes.
///
/// A method that makes an intermediate secret takes a scope, so that no exception path can leave one behind:
/// `try (var scope = new SecretScope()) { … }`. A scope belongs to one thread at a time.
public final class SecretScope implements AutoCloseable {
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();

    /// Hands `secret` over to this scope and returns it.
    public <T extends AutoCloseable> T own(T secret) {
        owned.push(secret);
        return secret;
    }

    public SecretBytes allocate(int length) {
        return own(SecretBytes.allocate(length));
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new IllegalStateException("a secret could not be erased", e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
