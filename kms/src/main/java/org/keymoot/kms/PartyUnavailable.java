package org.keymoot.kms;

/// A party gave no answer. Another may be asked the same, because what a request changes is named by its
/// signature: the second execution of a request finds the first.
final class PartyUnavailable extends Exception {
    private final boolean late;

    /// @param late true when the time ran out, false when the party could not be reached
    PartyUnavailable(String what, boolean late, Throwable cause) {
        super(what, cause);
        this.late = late;
    }

    boolean late() {
        return late;
    }
}
