package org.keymoot.access.policy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The condition keys of one request with their values.
///
/// It keeps true: names differ by more than the case of their ASCII letters, as AWS compares them. Two tags or
/// members of an encryption context whose names differ only so leave a name that has no usable value:
/// [#isAmbiguous] tells, and a condition on it fails to evaluate.
public final class RequestValues {
    /// Most steps of comparing patterns with texts in one decision; some milliseconds.
    static final int MAXIMUM_STEPS = 4_000_000;

    private final Work work;
    private int steps;
    private final Map<String, Supplier<List<String>>> values = new HashMap<>();
    private final Map<String, String> spelling = new HashMap<>();
    private final Set<String> ambiguous = new HashSet<>();

    public RequestValues() {
        this(new Work());
    }

    /// @param work that the decisions about these values share with others
    public RequestValues(Work work) {
        this.work = work;
    }

    /// What several decisions may cost together.
    public static final class Work {
        /// Most steps of all of them.
        private static final int MAXIMUM_STEPS = 10 * RequestValues.MAXIMUM_STEPS;

        private int steps;

        private boolean take(int more) {
            steps += more;
            return steps <= MAXIMUM_STEPS;
        }

        /// Whether it was too much, so that nothing can be told any more.
        public boolean isTooMuch() {
            return steps > MAXIMUM_STEPS;
        }
    }

    /// How a name is compared with others: without the case of its ASCII letters.
    public static String folded(String name) {
        return Text.lowerAscii(name);
    }

    public RequestValues put(String name, String value) {
        return put(name, List.of(value));
    }

    public RequestValues put(String name, boolean value) {
        return put(name, Boolean.toString(value));
    }

    public RequestValues put(String name, long value) {
        return put(name, Long.toString(value));
    }

    /// @param several of a key with several values; none counts as absent, except for set operators
    public RequestValues put(String name, List<String> several) {
        List<String> copy = List.copyOf(several);
        return later(name, () -> copy);
    }

    /// Sets values that are worth finding out only when a policy asks for them.
    ///
    /// @param source called at most once for each condition; it must give the same values each time
    public RequestValues later(String name, Supplier<List<String>> source) {
        String folded = Text.lowerAscii(name);
        String before = spelling.put(folded, name);
        if (before != null && !before.equals(name)) {
            ambiguous.add(folded);
        }
        values.put(folded, source);
        return this;
    }

    /// @return null when the request has no such key
    public @Nullable List<String> get(String name) {
        return getFolded(Text.lowerAscii(name));
    }

    /// @param folded in lower case already
    @Nullable List<String> getFolded(String folded) {
        Supplier<List<String>> source = values.get(folded);
        return source == null ? null : source.get();
    }

    /// The keys that begin with `prefix`, without it and as they were spelt, with the first value of each.
    ///
    /// @return null when two of them differ in the case of their letters only, of which one is lost
    public @Nullable Map<String, String> withPrefix(String prefix) {
        Map<String, String> found = new HashMap<>();
        for (Map.Entry<String, String> name : spelling.entrySet()) {
            Supplier<List<String>> source = values.get(name.getKey());
            if (!name.getValue().startsWith(prefix) || source == null) {
                continue;
            }
            if (ambiguous.contains(name.getKey())) {
                return null;
            }
            List<String> several = source.get();
            if (!several.isEmpty()) {
                found.put(name.getValue().substring(prefix.length()), several.getFirst());
            }
        }
        return found;
    }

    /// Whether the name stands for two keys that differ in the case of their letters only.
    public boolean isAmbiguous(String name) {
        return isAmbiguousFolded(Text.lowerAscii(name));
    }

    boolean isAmbiguousFolded(String folded) {
        return !ambiguous.isEmpty() && ambiguous.contains(folded);
    }

    /// Forgets the keys that begin with `prefix`.
    public RequestValues without(String prefix) {
        String folded = Text.lowerAscii(prefix);
        values.keySet().removeIf(name -> name.startsWith(folded));
        spelling.keySet().removeIf(name -> name.startsWith(folded));
        ambiguous.removeIf(name -> name.startsWith(folded));
        return this;
    }

    /// A decision begins.
    void begin() {
        steps = 0;
    }

    /// Counts what comparing costs, so that no policy keeps a party busy with patterns made to be slow.
    ///
    /// @throws TooMuchWork when one decision needs more than [#MAXIMUM_STEPS]
    void spend(int more) {
        steps += more;
        if (!work.take(more) || steps > MAXIMUM_STEPS) {
            throw new TooMuchWork();
        }
    }

    /// A policy takes too long to evaluate, and therefore denies.
    static final class TooMuchWork extends RuntimeException {
        TooMuchWork() {
            super("too many comparisons", null, false, false);
        }
    }

    /// Copies these values, so that one decision can ask with others.
    public RequestValues copy() {
        RequestValues copy = new RequestValues();
        copy.values.putAll(values);
        copy.spelling.putAll(spelling);
        copy.ambiguous.addAll(ambiguous);
        return copy;
    }
}
