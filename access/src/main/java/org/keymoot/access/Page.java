package org.keymoot.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.json.CanonicalJson;

/// Paging: the limit and marker of a request, and the end of an answer. A marker is the name of the last element
/// shown, so pages neither repeat nor skip elements that exist throughout, whatever is made or deleted in between.
///
/// @param after the last element of the page before; empty for the first page
record Page(int limit, String after) {
    private static final Pattern MARKER = Pattern.compile("[\\x20-\\xff]*");

    /// @param standard elements of a page when the request says nothing
    /// @param maximum elements of a page at most
    static Page read(Input input, int standard, int maximum) {
        Integer limit = input.number("Limit", 1, 1000);
        String marker = input.text("Marker", 1, 1024, MARKER);
        input.check();
        return new Page(limit == null ? standard : Math.min(limit, maximum), marker == null ? "" : open(marker));
    }

    private static String open(String marker) {
        try {
            return new String(Base64.getUrlDecoder().decode(marker), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Call.refuse("InvalidMarkerException", "Could not deserialize marker '" + marker + "'");
        }
    }

    /// Closes an answer.
    ///
    /// @param last the last element shown when more follow, otherwise null
    static void close(CanonicalJson.ObjectBuilder answer, @Nullable String last) {
        answer.put("Truncated", last != null);
        if (last != null) {
            byte[] raw = last.getBytes(StandardCharsets.UTF_8);
            answer.put("NextMarker", Base64.getUrlEncoder().withoutPadding().encodeToString(raw));
        }
    }
}
