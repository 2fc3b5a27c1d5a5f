package org.keymoot.party.operations;

import java.util.List;

/// Peers refused what this party allowed.
final class DecidedOtherwise extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean newer;

    private DecidedOtherwise(String why, boolean newer) {
        super(why);
        this.newer = newer;
    }

    /// A peer did so by registers that this party has as well by now.
    static DecidedOtherwise byNewerRegisters(String why) {
        return new DecidedOtherwise(why, true);
    }

    /// Throws when the parties that are missing are missing because they refused, at least some of them.
    ///
    /// @param denials who refused and why
    /// @param missing what stands against a quorum without them
    static void throwIfAny(List<String> denials, Unavailable missing) throws DecidedOtherwise {
        if (!denials.isEmpty()) {
            throw new DecidedOtherwise(
                    "%s; without those that refused, %s".formatted(String.join("; ", denials), missing.getMessage()),
                    false);
        }
    }

    /// Whether there is something newer to decide by.
    boolean newer() {
        return newer;
    }
}
