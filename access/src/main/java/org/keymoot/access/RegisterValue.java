package org.keymoot.access;

import org.keymoot.access.json.CanonicalJson;

/// A register's content at one version.
///
/// It keeps true: versions start at 1 and grow by one; the content is canonical JSON (sorted members, no white
/// space, ASCII), so that equal contents are equal texts.
public record RegisterValue(long version, String json) {
    public RegisterValue {
        if (version < 1) {
            throw new IllegalArgumentException("versions start at 1, found " + version);
        }
    }

    /// False for a tombstone, which stands for "deleted" and takes no part in listings.
    public boolean live() {
        return isLive(json);
    }

    /// Tells a live content from a tombstone.
    public static boolean isLive(String json) {
        return !CanonicalJson.isTombstone(json);
    }
}
