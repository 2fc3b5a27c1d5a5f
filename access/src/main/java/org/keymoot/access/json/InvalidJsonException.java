package org.keymoot.access.json;

/// A text is not JSON that every reader understands alike; the message says why and at which line and column.
public final class InvalidJsonException extends Exception {
    InvalidJsonException(String what) {
        super(what);
    }
}
