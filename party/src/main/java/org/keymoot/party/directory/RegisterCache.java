package org.keymoot.party.directory;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
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

    private volatile Generation current;

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
            long length = ENTRY_CHARACTERS + (value == null ? 0 : value.json().length());
            if (characters.addAndGet(length) <= MAXIMUM_CHARACTERS) {
                values.put(name, Optional.ofNullable(value));
            } else {
                characters.addAndGet(-length);
            }
        }
    }
}
