package org.keymoot.protocol.message;

/// Bytes are not the encoding of the message that was expected.
public final class Malformed extends Exception {
    public Malformed(String what) {
        super(what);
    }
}
