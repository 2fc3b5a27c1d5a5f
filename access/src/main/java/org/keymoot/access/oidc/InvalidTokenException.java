package org.keymoot.access.oidc;

/// A text is no token or no set of keys; the message says why, without anything of the text.
public final class InvalidTokenException extends Exception {
    InvalidTokenException(String why) {
        super(why);
    }

    InvalidTokenException(String why, Throwable cause) {
        super(why, cause);
    }
}
