package org.keymoot.crypto.group;

/// Bytes received from outside are not the canonical encoding of a value of the group or field.
public final class InvalidEncodingException extends Exception {
    public InvalidEncodingException(String what) {
        super(what);
    }
}
