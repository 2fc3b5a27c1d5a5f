package org.keymoot.cli.ethereum;

/// A node answered a call with an error of its own.
public final class RpcRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    RpcRefusal(String method, int code, String message) {
        super("%s: %s (%d)".formatted(method, message, code));
        this.code = code;
    }

    public int code() {
        return code;
    }
}
