package org.keymoot.crypto.ot;

/// A peer's message is well formed but fails the check that catches cheating.
///
/// That it failed may tell the peer a bit of a long-lived secret, so whoever catches this makes the burning of
/// the pair's set-up durable before anything leaves that could show the failure.
public final class CheckFailedException extends Exception {
    /// Which check failed.
    public enum Check {
        /// The consistency of the all-but-one transfer, while the pair is set up.
        ALL_BUT_ONE,
        /// The consistency of the extension's rows.
        COTE,
        /// The consistency of the multiplication's corrections.
        RVOLE
    }

    private final Check check;

    public CheckFailedException(Check check, String what) {
        super(what);
        this.check = check;
    }

    public Check check() {
        return check;
    }
}
