package org.keymoot.access.ethereum;

/// Something that is not in the form that Ethereum gives it. The message says what was expected and what was found.
public final class InvalidEthereumData extends Exception {
    private static final long serialVersionUID = 1L;

    public InvalidEthereumData(String what) {
        super(what);
    }
}
