package org.keymoot.access.policy;

/// What one policy says about one request.
///
/// @param effect what follows
/// @param statement which statement decided, in words; empty when none did
record Verdict(Effect effect, String statement) {
    static final Verdict SILENT = new Verdict(Effect.SILENT, "");

    /// The possible outcomes, from the one that the others override to the one that overrides the others.
    enum Effect {
        /// No statement applies.
        SILENT,
        /// A statement allows the caller's account, so the account's own policies decide.
        ALLOWS_ACCOUNT,
        /// A statement allows the role that the caller is a session of.
        ALLOWS_ROLE,
        /// A statement allows the caller itself, or everybody. Policies without principals allow nothing else.
        ALLOWS,
        /// A statement forbids it, or it cannot be told whether one does.
        DENIES
    }
}
