package org.keymoot.protocol.key;

/// A stored share does not fit its own public key.
public final class InvalidKeyShareException extends Exception {
    public InvalidKeyShareException(String what) {
        super(what);
    }
}
