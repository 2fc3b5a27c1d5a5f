package org.keymoot.party.directory;

import org.keymoot.api.directory.v1.Entry;

/// A party's own judgement of an entry: does the reason it carries, the client's signed request above all, justify this
/// value for this register now? An acceptor asks before it accepts.
public interface TransitionCheck {
    /// Whether the entry's time is near enough to now to be a new proposal. An entry that other parties accepted before
    /// is judged without this.
    enum Freshness {
        REQUIRED,
        SHOWN_BY_A_RECEIPT
    }

    /// @throws Refused when the entry is not justified; the message says why
    void check(Entry entry, Freshness freshness) throws Refused;

    /// As [#check], of an entry that this party is about to accept for the first time and that another
    /// party brought: a client's change is on record when this returns.
    ///
    /// @param proposer the party that brought it
    default void checkForTheRecord(Entry entry, Freshness freshness, int proposer) throws Refused {
        check(entry, freshness);
    }

    /// The entry is not justified in the eyes of this party.
    final class Refused extends Exception {
        public Refused(String why) {
            super(why);
        }
    }
}
