package org.keymoot.crypto.sharing;

/// A received commitment to a polynomial has the wrong number of points, or one that is not allowed.
public final class InvalidCommitmentException extends Exception {
    public InvalidCommitmentException(String what) {
        super(what);
    }

    public InvalidCommitmentException(String what, Throwable cause) {
        super(what, cause);
    }
}
