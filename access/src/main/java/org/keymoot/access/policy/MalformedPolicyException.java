package org.keymoot.access.policy;

/// A policy document is not accepted; the message is AWS's where AWS has one.
public final class MalformedPolicyException extends Exception {
    MalformedPolicyException(String what) {
        super(what, null, false, false);
    }

    static MalformedPolicyException syntax() {
        return new MalformedPolicyException("Syntax errors in policy.");
    }

    static MalformedPolicyException legacy() {
        return new MalformedPolicyException("The policy failed legacy parsing");
    }
}
