package org.keymoot.party.mesh;

/// This party will not take part in a session it was invited to. The code and the detail are told to every party of the
/// session, so they name nothing that an authenticated peer may not know.
public final class Declined extends Exception {
    private final String code;

    public Declined(String code, String detail) {
        super(detail);
        if (code.isEmpty()) {
            throw new IllegalArgumentException("a refusal has a code");
        }
        this.code = code;
    }

    public String code() {
        return code;
    }
}
