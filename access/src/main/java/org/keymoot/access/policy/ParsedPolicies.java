package org.keymoot.access.policy;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
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
    static final int MAXIMUM_CHARACTERS = 1 << 20;

    private volatile Generation young = new Generation();
    private volatile Generation old = new Generation();

    /// A map for each kind, with the texts themselves as keys: they are ordered, so that texts which were made to have
    /// the same hash are still found quickly.
    private static final class Generation {
        private final Map<Kind, ConcurrentHashMap<String, PolicyDocument>> documents = new EnumMap<>(Kind.class);
        private final AtomicLong characters = new AtomicLong();

        Generation() {
            for (Kind kind : Kind.values()) {
                documents.put(kind, new ConcurrentHashMap<>());
            }
        }

        ConcurrentHashMap<String, PolicyDocument> of(Kind kind) {
            return Objects.requireNonNull(documents.get(kind));
        }
    }

    @Nullable PolicyDocument find(String text, Kind kind) {
        PolicyDocument document = young.of(kind).get(text);
        if (document == null) {
            document = old.of(kind).get(text);
            if (document != null) {
                keep(document);
            }
        }
        return document;
    }

    void keep(PolicyDocument document) {
        Generation into = young;
        if (into.of(document.kind()).putIfAbsent(document.text(), document) == null
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
