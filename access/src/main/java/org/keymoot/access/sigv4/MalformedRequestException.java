package org.keymoot.access.sigv4;

/// A request has no canonical form; the message says why.
public final class MalformedRequestException extends Exception {
    MalformedRequestException(String what) {
        super(what);
    }
}
