package org.keymoot.access;

/// Carries an [AwsError] out of the checks; it never leaves this module, and has no stack trace because a refusal
/// is an answer.
public final class AwsException extends RuntimeException {
    private final transient AwsError error;

    public AwsException(AwsError error) {
        super(error.type() + ": " + error.message(), null, false, false);
        this.error = error;
    }

    public AwsError error() {
        return error;
    }
}
