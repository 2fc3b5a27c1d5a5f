package org.keymoot.access.policy;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.policy.PolicyDocument.Kind;

/// Documents that were read lately, by their text.
///
/// It keeps true: it changes no result, since reading depends on the text and kind alone; and it holds a bounded
/// number of characters. When the newer of two generations is full, the older one is dropped, which takes no lock
/// from readers and keeps what is in use.
final class ParsedPolicies {
    /// Most characters of one of the two generations.
    static final int MAXIMUM_CHARACTERS = 4 << 20;

    private volatile Generation young = new Generation();
    private volatile Generation old = new Generation();

    private record Key(String text, Kind kind) {}

    private static final class Generation {
        private final ConcurrentHashMap<Key, PolicyDocument> documents = new ConcurrentHashMap<>();
        private final AtomicLong characters = new AtomicLong();
    }

    @Nullable PolicyDocument find(String text, Kind kind) {
        Key key = new Key(text, kind);
        PolicyDocument document = young.documents.get(key);
        if (document == null) {
            document = old.documents.get(key);
            if (document != null) {
                keep(document);
            }
        }
        return document;
    }

    void keep(PolicyDocument document) {
        Generation into = young;
        if (into.documents.putIfAbsent(new Key(document.text(), document.kind()), document) == null
                && into.characters.addAndGet(document.text().length()) > MAXIMUM_CHARACTERS) {
            turn(into);
        }
    }

    private synchronized void turn(Generation full) {
        if (young == full) {
            old = full;
            young = new Generation();
        }
    }
}
