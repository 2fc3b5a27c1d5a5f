package org.keymoot.platform.seal;

/// Sealed bytes, or the key file itself, are not what was written: damaged, moved to another place, or sealed
/// by another key. Nothing of the content is released.
public final class SealBroken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SealBroken(String message) {
        super(message);
    }
}
