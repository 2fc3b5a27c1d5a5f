package org.keymoot.protocol.simulation;

import java.util.Optional;

/// Something that holds in every run, whatever goes wrong. An instance serves one run and may remember.
public interface Invariant {
    /// The rule in a few words, such as `no innocent is blamed`.
    String name();

    /// What is broken after `happening`, if anything.
    default Optional<String> after(Happening happening, World world) {
        return Optional.empty();
    }

    /// What is broken once nothing more can happen, if anything.
    default Optional<String> atEnd(World world) {
        return Optional.empty();
    }
}
