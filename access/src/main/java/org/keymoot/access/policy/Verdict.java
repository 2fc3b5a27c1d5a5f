package org.keymoot.access.policy;

/// What a policy says about one request.
///
/// @param effect what follows
/// @param statement which statement decided, in words
public record Verdict(Effect effect, String statement) {
    /// The possible outcomes of evaluating a key policy.
    public enum Effect {
        /// A statement allows the principal itself, or everybody.
        ALLOWED,
        /// A statement allows the principal's account, so the account's own policies decide.
        DELEGATED,
        /// No statement applies.
        NOT_ALLOWED,
        /// A statement forbids it.
        DENIED
    }
}
