package org.keymoot.access.policy;

/// What comes of a test: it may also not be possible to tell, and then a policy denies.
enum Answer {
    YES,
    NO,
    /// The values cannot be compared: a number that is none, a name that stands for two tags.
    FAULT;

    static Answer of(boolean holds) {
        return holds ? YES : NO;
    }

    Answer not() {
        return switch (this) {
            case YES -> NO;
            case NO -> YES;
            case FAULT -> FAULT;
        };
    }
}
