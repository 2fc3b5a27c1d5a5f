package org.keymoot.cli.aws;

/// The endpoint refused a call. [#type()] is the name of AWS's exception, such as NotFoundException.
public final class AwsCallFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String action;
    private final String type;
    private final int status;

    AwsCallFailure(String action, String type, String message, int status) {
        super(message.isEmpty() ? type : message);
        this.action = action;
        this.type = type;
        this.status = status;
    }

    public String action() {
        return action;
    }

    public String type() {
        return type;
    }

    public int status() {
        return status;
    }

    public boolean is(String exception) {
        return type.equals(exception);
    }

    /// Whether the same request may succeed later.
    boolean isPassing() {
        return status >= 500 || type.equals("ThrottlingException") || type.equals("LimitExceededException");
    }
}
