package org.keymoot.party.mesh;

/// A peer answered that it will not: a code from a closed list of the method, and a sentence for people.
public final class PeerRefused extends Exception {
    private final String code;

    public PeerRefused(String code, String detail) {
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
