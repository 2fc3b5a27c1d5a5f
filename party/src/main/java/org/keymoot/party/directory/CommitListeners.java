package org.keymoot.party.directory;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.keymoot.api.directory.v1.Entry;

/// Tells the rest of the party that entries were committed, after they are durable and visible.
final class CommitListeners {
    private final List<Consumer<Entry>> listeners = new CopyOnWriteArrayList<>();

    void add(Consumer<Entry> listener) {
        listeners.add(listener);
    }

    void committed(List<Entry> entries) {
        entries.forEach(entry -> listeners.forEach(listener -> listener.accept(entry)));
    }
}
