package org.keymoot.party.directory;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.DirectoryView;
import org.keymoot.access.RegisterName;
import org.keymoot.access.RegisterValue;

/// Registers that were read lately, so that a decision about a signature need not ask the database.
///
/// It keeps true: the values of one [Generation] are those of one position in this party's order of commits, so that
/// what is read from it is a snapshot; a commit begins a new generation before it is visible to anyone.
final class RegisterCache {
    /// Characters of values that one generation keeps; further ones are read from the database.
    private static final long MAXIMUM_CHARACTERS = 8L << 20;
    /// What an entry costs beside its value.
    private static final int ENTRY_CHARACTERS = 256;

    /// Entries of the longest listing that is kept.
    private static final int MAXIMUM_LISTING = 64;

    private volatile Generation current;

    /// What was listed: by the beginning of names, or by a term.
    record Listing(String what, String after, int limit) {}

    /// @param position of the newest commit
    RegisterCache(long position) {
        this.current = new Generation(position);
    }

    Generation current() {
        return current;
    }

    /// Called by the commit at `position` within its transaction.
    void begin(long position) {
        current = new Generation(position);
    }

    /// What was read at one position.
    static final class Generation {
        private final long position;
        private final ConcurrentHashMap<RegisterName, Optional<RegisterValue>> values = new ConcurrentHashMap<>();
        private final ConcurrentHashMap<Listing, List<DirectoryView.Entry>> listings = new ConcurrentHashMap<>();
        private final AtomicLong characters = new AtomicLong();

        private Generation(long position) {
            this.position = position;
        }

        long position() {
            return position;
        }

        /// Null when it is not known; empty when there is no such register.
        @Nullable Optional<RegisterValue> find(RegisterName name) {
            return values.get(name);
        }

        void remember(RegisterName name, @Nullable RegisterValue value) {
            if (hasRoom(ENTRY_CHARACTERS + (value == null ? 0 : value.json().length()))) {
                values.put(name, Optional.ofNullable(value));
            }
        }

        /// Null when it is not known.
        @Nullable List<DirectoryView.Entry> find(Listing listing) {
            return listings.get(listing);
        }

        /// Keeps a short listing, such as the grants of one grantee for one key.
        void remember(Listing listing, List<DirectoryView.Entry> entries) {
            if (entries.size() > MAXIMUM_LISTING) {
                return;
            }
            long length = ENTRY_CHARACTERS;
            for (DirectoryView.Entry entry : entries) {
                length += ENTRY_CHARACTERS + entry.value().json().length();
            }
            if (hasRoom(length)) {
                listings.put(listing, List.copyOf(entries));
            }
        }

        private boolean hasRoom(long length) {
            if (characters.addAndGet(length) <= MAXIMUM_CHARACTERS) {
                return true;
            }
            characters.addAndGet(-length);
            return false;
        }
    }
}
