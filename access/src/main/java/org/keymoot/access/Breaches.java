package org.keymoot.access;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What is wrong with the parameters of a request, in the words of AWS.
///
/// It keeps true: all of it is counted, and however much it is, the message stays short.
public final class Breaches {
    /// Most that are told one by one.
    public static final int MOST_TOLD = 10;

    private static final int SHOWN_VALUE_LENGTH = 1024;

    private final List<String> told = new ArrayList<>();
    private int count;

    /// Something is missing.
    public void absent(String path) {
        tell("Value null at '" + path + "' failed to satisfy constraint: Member must not be null");
    }

    /// @param value null when it is not to be shown
    public void add(@Nullable String value, String path, String rule) {
        String shown = value == null || value.length() > SHOWN_VALUE_LENGTH ? "Value" : "Value '" + value + "'";
        tell(shown + " at '" + path + "' failed to satisfy constraint: " + rule);
    }

    /// Checks a text against a length, in characters, and a pattern.
    public void constrain(String text, String path, int minimum, int maximum, @Nullable Pattern pattern) {
        int length = text.codePointCount(0, text.length());
        if (length < minimum) {
            add(text, path, "Member must have length greater than or equal to " + minimum);
        }
        if (length > maximum) {
            add(text, path, "Member must have length less than or equal to " + maximum);
        }
        if (pattern != null && !pattern.matcher(text).matches()) {
            add(text, path, "Member must satisfy regular expression pattern: " + pattern.pattern());
        }
    }

    private void tell(String breach) {
        count++;
        if (told.size() < MOST_TOLD) {
            told.add(breach);
        }
    }

    /// All of it; null when nothing is wrong.
    public @Nullable String message() {
        return count == 0
                ? null
                : count + (count == 1 ? " validation error" : " validation errors") + " detected: "
                        + String.join("; ", told);
    }
}
