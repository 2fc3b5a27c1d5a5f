package org.keymoot.access.policy;

/// A policy document is not accepted; the message says which statement and why.
public final class MalformedPolicyException extends Exception {
    MalformedPolicyException(String what) {
        super(what);
    }
}
