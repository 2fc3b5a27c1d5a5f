package org.keymoot.access;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the encryption context of a call must be for a grant to allow it.
///
/// It keeps true: contexts are compared with regard to case, as associated data is; an absent constraint allows every
/// context, the empty one included.
///
/// @param subset pairs that the context must have, with or without others; null when there is no such constraint
/// @param equals the very context that is allowed; null when there is no such constraint
public record GrantConstraints(
        @Nullable NavigableMap<String, String> subset,
        @Nullable NavigableMap<String, String> equals) {
    /// Allows every context.
    static final GrantConstraints NONE = new GrantConstraints(null, null);

    public GrantConstraints {
        subset = subset == null ? null : Collections.unmodifiableNavigableMap(new TreeMap<>(subset));
        equals = equals == null ? null : Collections.unmodifiableNavigableMap(new TreeMap<>(equals));
    }

    boolean any() {
        return subset != null || equals != null;
    }

    boolean allow(Map<String, String> context) {
        return (subset == null || context.entrySet().containsAll(subset.entrySet()))
                && (equals == null || context.equals(equals));
    }

    /// Whether every context that `other` allows is allowed here.
    boolean allowAllOf(GrantConstraints other) {
        if (equals != null) {
            return equals.equals(other.equals)
                    && (subset == null || equals.entrySet().containsAll(subset.entrySet()));
        }
        if (subset == null) {
            return true;
        }
        NavigableMap<String, String> always = new TreeMap<>();
        if (other.subset != null) {
            always.putAll(other.subset);
        }
        if (other.equals != null) {
            always.putAll(other.equals);
        }
        return always.entrySet().containsAll(subset.entrySet());
    }
}
